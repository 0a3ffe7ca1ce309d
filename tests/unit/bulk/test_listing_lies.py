"""Does a walk end, give what it can get and say what was wrong, whatever the server says?"""

from collections.abc import Callable

import pytest

from lightfield._bulk.pages import STALE, WINDOW
from lightfield._protocol.queries import MAX_PAGE
from lightfield.models import Opportunity, Page
from tests.unit.bulk.listed import Listing

SLOWER = [(0.0, 9.0), (5.0, 1.0), (0.0, 0.0), (2.0, 7.0)]
"""Answers that overtake each other."""

Lie = Callable[[int], int]
LIES: dict[str, tuple[Lie, int, str]] = {
    "zero": (lambda _: 0, 0, "total too low"),
    "negative": (lambda _: -1, 0, "negative total"),
    "too-low": (lambda honest: honest - 7, 0, "total too low"),
    "a-page-too-low": (lambda honest: honest - 26, 0, "total too low"),
    "too-high": (lambda honest: honest + 3, 3, "total too high"),
    "far-too-high": (lambda honest: honest + 10**9, 10**9, "total too high"),
}


@pytest.mark.parametrize("size", [30, 60, 75])
@pytest.mark.parametrize("name", LIES)
def test_a_wrong_total_neither_ends_a_walk_nor_prolongs_it_for_ever(name: str, size: int) -> None:
    lie, missing, anomaly = LIES[name]
    listing = Listing(range(size), total=lie)
    found, report = listing.walk()
    assert found == list(range(size))
    assert report.missing == missing
    assert anomaly in report.anomalies
    assert len(listing.offsets) <= size // MAX_PAGE + STALE + WINDOW + 3


@pytest.mark.parametrize("missing", [0, 3])
def test_a_total_that_is_wrong_on_the_first_page_only_costs_nothing(missing: int) -> None:
    listing = Listing(range(130))

    def total(honest: int) -> int:
        return honest + missing if len(listing.offsets) > 1 else 0

    listing.total = total
    found, report = listing.walk()
    assert found == list(range(130))
    assert listing.offsets == [0, 25, 50, 75, 100, 125] + [130, 130] * (missing > 0)
    assert report.missing == missing


def test_a_total_that_goes_up_and_down_does_not_double_the_requests() -> None:
    listing = Listing(range(10_000))

    def total(honest: int) -> int:
        return honest + 500 * (listing.looks % 2)

    listing.total = total
    assert listing.walk()[0] == list(range(10_000))
    assert len(listing.offsets) <= 400 + 150 + 200 + 2 * (STALE + WINDOW)


@pytest.mark.parametrize("size", [60, 75])
def test_a_total_that_changes_all_the_time_ends_a_walk(size: int) -> None:
    totals = [10**9, 60, 0, -5, 70, 10**6]
    listing = Listing(range(size))

    def total(_: int) -> int:
        return totals[listing.looks % len(totals)]

    listing.total = total
    found, report = listing.walk()
    assert found == list(range(size))
    assert report.anomalies
    assert len(listing.offsets) < 500


@pytest.mark.parametrize("most", [1, 7, 10, 24])
def test_a_server_with_smaller_pages_loses_nothing(most: int) -> None:
    listing = Listing(range(210), size=most, delays=SLOWER)
    found, report = listing.walk()
    assert found == list(range(210))
    assert listing.offsets == list(range(0, 210, most))
    assert (report.missing, report.anomalies) == (0, ("page shorter than its limit",))


def test_a_page_that_is_short_is_read_on_from_where_it_ends() -> None:
    class Short(Listing):
        def look(self, offset: int) -> Page[Opportunity]:
            return self.page(self.numbers[offset : offset + (10 if offset == 50 else self.size)])

    listing = Short(range(110), delays=SLOWER)
    found, report = listing.walk()
    assert found == list(range(110))
    assert sorted(listing.offsets) == [0, 25, 50, 60, 75, 100]
    assert (report.missing, report.repeated, report.anomalies) == (0, 10, ("page shorter than its limit",))


def test_a_short_page_at_the_beginning_does_not_make_all_pages_short() -> None:
    class Short(Listing):
        def look(self, offset: int) -> Page[Opportunity]:
            return self.page(self.numbers[offset : offset + (3 if offset == 0 else self.size)])

    listing = Short(range(5_000))
    assert listing.walk()[0] == list(range(5_000))
    assert len(listing.offsets) <= 200 + 1 + WINDOW


def test_a_server_that_leaves_records_out_of_its_pages_loses_no_other() -> None:
    class Filtered(Listing):
        def look(self, offset: int) -> Page[Opportunity]:
            return self.page([each for each in self.numbers[offset : offset + self.size] if each % 10])

    found, report = Filtered(range(210)).walk()
    assert found == [each for each in range(210) if each % 10]
    assert report.missing <= 21
    assert "page shorter than its limit" in report.anomalies


@pytest.mark.parametrize("most", [26, 60, 1000])
def test_a_page_longer_than_its_limit_is_taken_whole(most: int) -> None:
    listing = Listing(range(210), size=most)
    found, report = listing.walk()
    assert found == list(range(210))
    assert len(listing.offsets) <= 9
    assert (report.missing, report.anomalies) == (0, ("page longer than its limit",))


@pytest.mark.parametrize("total", [25, 1_000, 10**9])
def test_an_offset_that_is_ignored_ends_the_walk(total: int) -> None:
    class Stuck(Listing):
        def look(self, offset: int) -> Page[Opportunity]:  # noqa: ARG002
            return self.page(self.numbers[: self.size])

    listing = Stuck(range(25), total=lambda _: total)
    found, report = listing.walk()
    assert found == list(range(25))
    assert len(listing.offsets) <= 1 + STALE + WINDOW
    assert report.missing == total - 25
    assert ("page repeated" in report.anomalies) == (total > 25)


def test_a_full_page_that_comes_again_ends_a_walk_whose_total_is_too_low() -> None:
    class Stuck(Listing):
        def look(self, offset: int) -> Page[Opportunity]:  # noqa: ARG002
            return self.page(self.numbers[: self.size])

    listing = Stuck(range(25), total=lambda _: 20)
    found, report = listing.walk()
    assert (found, listing.offsets) == (list(range(25)), [0, 25])
    assert "total too low" in report.anomalies


def test_a_page_that_repeats_the_one_before_is_reported_and_ends_nothing() -> None:
    class Repeating(Listing):
        def look(self, offset: int) -> Page[Opportunity]:
            return super().look(offset - MAX_PAGE if offset == 100 else offset)

    found, report = Repeating(range(200)).walk()
    assert found == [each for each in range(200) if not 100 <= each < 125]
    assert (report.missing, report.repeated, report.anomalies) == (25, 25, ("page repeated",))


@pytest.mark.parametrize("offset", [0, 50, 75])
def test_a_page_that_was_empty_once_is_read_again(offset: int) -> None:
    class Blank(Listing):
        def look(self, offset: int) -> Page[Opportunity]:
            return self.page([]) if offset == empty and self.offsets.count(empty) == 1 else super().look(offset)

    empty = offset
    listing = Blank(range(100))
    found, report = listing.walk()
    assert found == list(range(100))
    assert (report.missing, report.anomalies) == (0, ("page without records",))


@pytest.mark.parametrize("offset", [0, 50, 75])
def test_a_page_that_stays_empty_costs_its_records_only(offset: int) -> None:
    class Blank(Listing):
        def look(self, offset: int) -> Page[Opportunity]:
            return self.page([]) if offset == empty else super().look(offset)

    empty = offset
    listing = Blank(range(100))
    found, report = listing.walk()
    assert found == [each for each in range(100) if not empty <= each < empty + 25]
    assert len(listing.offsets) <= 7
    assert report.missing == 25
    assert "page without records" in report.anomalies


def test_a_first_total_that_is_too_low_hides_no_gap() -> None:
    class Blank(Listing):
        def look(self, offset: int) -> Page[Opportunity]:
            return self.page([]) if 25 < offset < 75 else super().look(offset)

    def total(honest: int) -> int:
        return honest if listing.looks else 75

    listing = Blank(range(100), total=total)
    found, report = listing.walk()
    assert found == [*range(50), *range(75, 100)]
    assert report.missing == 25


def test_a_record_that_a_page_holds_twice_comes_once() -> None:
    found, report = Listing([1, 2, 2, 3, 1, 4]).walk()
    assert found == [1, 2, 3, 4]
    assert (report.records, report.repeated) == (4, 2)
