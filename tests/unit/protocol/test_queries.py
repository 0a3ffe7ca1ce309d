"""Are pages asked for within the API's bounds, and is a history walked to its end?"""

from typing import Any

import pytest

from lightfield import LightfieldTypeError, LightfieldValueError
from lightfield._bulk.history import history_pages
from lightfield._protocol.queries import history_query, page_query
from lightfield.models import FieldChange, FieldHistory
from tests.clock import run


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

    async def fetch(field_key: str, *, id: str, after: str | None, limit: int) -> FieldHistory:
        assert (field_key, id, limit) == ("$stage", "opp_1", 100)
        assert len(asked) < 10, "the walk does not end"
        asked.append(after)
        more, cursor = pages[after]
        return history(len(asked), more=more, cursor=cursor)

    async def collect() -> list[object]:
        return [change.value async for page in history_pages(fetch, "$stage", "opp_1") for change in page.data]

    assert run(collect()) == list(range(1, values + 1))
    assert asked == list(pages)
