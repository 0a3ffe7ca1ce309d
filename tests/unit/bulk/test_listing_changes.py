"""Is every record given once while others come, and are those counted that may be missed while others go?"""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lightfield.models import Opportunity, Page
from tests.unit.bulk.listed import Listing

NEW = 1_000_000
DELAYS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12)
MOMENTS = st.integers(0, 20)


class Changing(Listing):
    """Is changed just before it looks for the nth time: so many records come, and those at these places go."""

    def __init__(
        self,
        numbers: Sequence[int],
        delays: Sequence[tuple[float, float]],
        *,
        come: Mapping[int, int] | None = None,
        go: Mapping[int, Sequence[int]] | None = None,
    ) -> None:
        super().__init__(numbers, delays=delays)
        self.come, self.go = come or {}, go or {}
        self.gone: set[int] = set()
        self.made = 0

    def look(self, offset: int) -> Page[Opportunity]:
        new = range(NEW + self.made, NEW + self.made + self.come.get(self.looks, 0))
        self.made += len(new)
        self.numbers[:0] = reversed(new)
        for place in self.go.get(self.looks, ()):
            if self.numbers:
                self.gone.add(self.numbers.pop(place % len(self.numbers)))
        return super().look(offset)


@example(71, [(0, 0), (0, 0), (0, 0), (1, 0), (0, 0), (0, 0), (0, 1)], {0: 30, 4: 1, 5: 38, 9: 24})
@given(st.integers(0, 300), DELAYS, st.dictionaries(MOMENTS, st.integers(1, 60), max_size=8))
def test_records_that_come_meanwhile_push_none_out(
    size: int, delays: list[tuple[int, int]], come: dict[int, int]
) -> None:
    found, report = Changing(range(size), delays, come=come).walk()
    assert [each for each in found if each < NEW] == list(range(size))
    assert len(found) == len(set(found)) == report.records
    assert (report.missing, report.anomalies) == (0, ())


@given(st.integers(0, 300), DELAYS, st.dictionaries(MOMENTS, st.lists(st.integers(0, 400), max_size=40), max_size=8))
def test_records_that_are_missed_while_others_go_are_counted(
    size: int, delays: list[tuple[int, int]], go: dict[int, list[int]]
) -> None:
    listing = Changing(range(size), delays, go=go)
    found, report = listing.walk()
    assert len(found) == len(set(found)) == report.records
    assert len(set(range(size)) - set(found) - listing.gone) <= report.missing


@given(
    st.integers(0, 300),
    DELAYS,
    st.dictionaries(MOMENTS, st.integers(1, 60), max_size=8),
    st.dictionaries(MOMENTS, st.lists(st.integers(0, 400), max_size=40), max_size=8),
)
def test_a_walk_ends_whatever_comes_and_goes(
    size: int, delays: list[tuple[int, int]], come: dict[int, int], go: dict[int, list[int]]
) -> None:
    found, report = Changing(range(size), delays, come=come, go=go).walk()
    assert len(found) == len(set(found)) == report.records


def test_records_that_go_one_by_one_leave_none_of_the_others_out() -> None:
    listing = Changing(range(500), [(0, 0)], go={each: [0] for each in range(1, 40)})
    found, report = listing.walk()
    assert set(range(500)) - set(found) <= listing.gone
    assert (report.missing, report.anomalies) == (0, ())


@pytest.mark.parametrize("many", [1_500, 2_400])
def test_records_that_go_all_at_once_leave_none_of_the_others_out(many: int) -> None:
    listing = Changing(range(2_500), [(0, 0)], go={10: [0] * many})
    found, report = listing.walk()
    assert set(found) == set(range(2_500)) - (listing.gone - set(range(250)))
    assert (report.missing, report.anomalies) == (0, ())


def test_a_record_that_goes_costs_one_request() -> None:
    listing = Changing(range(500), [(0, 0)], go={5: [0]})
    found, report = listing.walk()
    assert found == list(range(500))
    assert (len(listing.offsets), report.missing, report.anomalies) == (21, 0, ())


def test_a_page_full_of_new_records_is_nothing_strange() -> None:
    found, report = Changing(range(100), [(0, 0)], come={1: 25}).walk()
    assert found == list(range(100))
    assert (report.pages, report.repeated, report.missing, report.anomalies) == (5, 25, 0, ())


def test_what_is_created_and_deleted_while_one_page_is_late_hides_no_loss() -> None:
    # A page comes late: first ten are created and ten behind it are deleted. Later ten of the first page are deleted.
    class Late(Changing):
        async def fetch(self, offset: int) -> Page[Opportunity]:
            self.delays = [({50: 0.2, 475: 0.4}.get(offset, 0.0), 0.0)]
            return await super().fetch(offset)

        def look(self, offset: int) -> Page[Opportunity]:
            if offset == 50:
                self.come, self.go = {self.looks: 10}, {self.looks: [310] * 10}
            if offset == 475:
                self.go = {self.looks: [10] * 10}
            return super().look(offset)

    listing = Late(range(500), [(0, 0)])
    found, report = listing.walk()
    assert set(range(500)) - set(found) - listing.gone == set()
    assert len(found) == report.records
