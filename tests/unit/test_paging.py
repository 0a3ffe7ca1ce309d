"""Are pages asked for within the API's bounds, and does a walk end, whatever the server says?"""

from collections.abc import Sequence
from typing import Any

import pytest

from lightfield import LightfieldTypeError, LightfieldValueError
from lightfield._paging import LARGEST_PAGE, history_query, page_query, walk, walk_history
from lightfield.models import FieldChange, FieldHistory, Opportunity, Page
from tests.clock import run


def record(number: int) -> Opportunity:
    return Opportunity(id=f"opp_{number}", created_at="2026-05-01T16:00:00Z", fields={}, relationships={})


class Listing:
    """Serves pages of ids, and notes the offsets that it was asked for."""

    def __init__(self, numbers: Sequence[int], *, total: int | None = None, size: int = LARGEST_PAGE) -> None:
        self.numbers = list(numbers)
        self.total = total
        self.size = size
        self.offsets: list[int] = []

    async def fetch(self, offset: int) -> Page[Opportunity]:
        assert len(self.offsets) < 50, "the walk does not end"
        self.offsets.append(offset)
        data = [record(number) for number in self.numbers[offset : offset + self.size]]
        return Page(data=data, object="list", total_count=len(self.numbers) if self.total is None else self.total)

    def walk(self) -> list[int]:
        async def collect() -> list[int]:
            return [int(found.id.removeprefix("opp_")) async for found in walk(self.fetch)]

        return run(collect())


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        ({}, ""),
        ({"limit": 1, "offset": 0}, "limit=1&offset=0"),
        ({"limit": 25, "offset": 10**6, "status": "trashed"}, "limit=25&offset=1000000&status=trashed"),
        ({"status": "active", "filters": {"a": True}}, "status=active&a=true"),
    ],
)
def test_a_page_is_described(arguments: dict[str, Any], query: str) -> None:
    assert page_query(**arguments) == query


@pytest.mark.parametrize(
    "arguments",
    [
        {"limit": 0},
        {"limit": 26},
        {"limit": -1},
        {"offset": -1},
        {"offset": 10**5000},
        {"status": "deleted"},
        {"status": "active", "filters": {"status": "trashed"}},
        {"filters": {"a": "\ud800"}},
    ],
)
def test_a_page_that_cannot_be_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(LightfieldValueError):
        page_query(**arguments)


@pytest.mark.parametrize("arguments", [{"limit": "5"}, {"limit": True}, {"offset": 1.0}])
def test_a_number_must_be_an_int(arguments: dict[str, Any]) -> None:
    with pytest.raises(LightfieldTypeError):
        page_query(**arguments)


def test_history_has_bounds_of_its_own() -> None:
    assert history_query(None, None) == ""
    assert history_query(100, "a b") == "limit=100&after=a+b"
    assert history_query(1, None) == "limit=1"
    for limit in (0, 101):
        with pytest.raises(LightfieldValueError):
            history_query(limit, None)
    with pytest.raises(LightfieldTypeError):
        history_query(None, 5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("number", [0, 1, 24, 25, 26, 50, 137])
def test_a_walk_yields_every_record_in_order(number: int) -> None:
    listing = Listing(range(number))
    assert listing.walk() == list(range(number))
    assert len(listing.offsets) == number // LARGEST_PAGE + 1


def test_records_that_move_down_come_once() -> None:
    class Growing(Listing):
        async def fetch(self, offset: int) -> Page[Opportunity]:
            page = await super().fetch(offset)
            self.numbers.insert(0, 1000 + offset)  # a new record shifts all others down
            return page

    listing = Growing(range(60))
    assert listing.walk() == list(range(60))


@pytest.mark.parametrize("total", [0, -1, 10**9])
def test_a_wrong_total_neither_ends_nor_prolongs_a_walk_for_ever(total: int) -> None:
    assert Listing(range(60), total=total).walk() == list(range(60))


def test_a_server_with_smaller_pages_loses_nothing() -> None:
    assert Listing(range(60), size=10).walk() == list(range(60))


@pytest.mark.parametrize("total", [25, 1000, 10**9])
def test_a_page_that_repeats_ends_the_walk(total: int) -> None:
    class Stuck(Listing):
        async def fetch(self, offset: int) -> Page[Opportunity]:
            page = await super().fetch(0)
            self.offsets[-1] = offset
            return page

    stuck = Stuck(range(25), total=total)
    assert stuck.walk() == list(range(25))
    assert len(stuck.offsets) <= 21


def test_a_record_that_a_page_holds_twice_comes_once() -> None:
    assert Listing([1, 2, 2, 3, 1, 4]).walk() == [1, 2, 3, 4]


def test_a_page_full_of_new_records_does_not_end_the_walk() -> None:
    class Busy(Listing):
        async def fetch(self, offset: int) -> Page[Opportunity]:
            page = await super().fetch(offset)
            if offset == 0:
                self.numbers[:0] = range(1000, 1025)  # a page of them, all at once
            return page

    assert Busy(range(60)).walk() == list(range(60))


def history(number: int, *, more: bool, cursor: str | None) -> FieldHistory:
    change = FieldChange(
        value=number,
        value_type="NUMBER",
        display_value=str(number),
        is_create=False,
        recorded_at="2026-05-01T16:00:00Z",
    )
    return FieldHistory(data=[change], has_more=more, next_cursor=cursor)


@pytest.mark.parametrize(
    ("pages", "values"),
    [
        ({None: (True, "a"), "a": (True, "b"), "b": (False, "c")}, 3),
        ({None: (True, "a"), "a": (True, "a")}, 2),
        ({None: (True, None)}, 1),
        ({None: (False, None)}, 1),
    ],
    ids=["to-the-end", "cursor-repeats", "no-cursor", "one-page"],
)
def test_a_history_is_walked_by_its_cursor(pages: dict[str | None, tuple[bool, str | None]], values: int) -> None:
    asked: list[str | None] = []

    async def fetch(after: str | None) -> FieldHistory:
        assert len(asked) < 10, "the walk does not end"
        asked.append(after)
        more, cursor = pages[after]
        return history(len(asked), more=more, cursor=cursor)

    async def collect() -> list[object]:
        return [change.value async for change in walk_history(fetch)]

    assert run(collect()) == list(range(1, values + 1))
    assert asked == list(pages)
