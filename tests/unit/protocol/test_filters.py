"""Do conditions become the queries that the API documents, and is what cannot be one refused?"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any
from urllib.parse import parse_qsl

import pytest

from lightfield import F, Filter, LightfieldTypeError, LightfieldValueError
from lightfield._protocol.filters import filter_pairs
from lightfield._protocol.queries import page_query


class Stage(StrEnum):
    WON = "opt_won"


class Mixed(str, Enum):  # noqa: UP042 # what users of older Pythons have
    LOST = "opt_lost"


class Size(int, Enum):
    BIG = 1000


class Nowhere(tzinfo):
    def utcoffset(self, _moment: datetime | None, /) -> timedelta | None:
        return None

    dst = utcoffset

    def tzname(self, _moment: datetime | None, /) -> str | None:
        return None


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("condition", "pair"),
    [
        (F("$amount") >= 100_000, ("$amount[greaterThanOrEqual]", "100000")),
        (F("$amount") > 1.5, ("$amount[greaterThan]", "1.5")),
        (F("$amount") < Decimal("0.10"), ("$amount[lessThan]", "0.10")),
        (F("$amount") <= Decimal("1E+3"), ("$amount[lessThanOrEqual]", "1000")),
        (F("$name") == "Acme", ("$name[equal]", "Acme")),
        (F("$name") != "Acme", ("$name[-equal]", "Acme")),
        (~(F("$account") == "acc_1"), ("$account[-equal]", "acc_1")),
        (~~(F("$account") == "acc_1"), ("$account[equal]", "acc_1")),
        (F("$doNotContact") == False, ("$doNotContact[equal]", "false")),  # noqa: E712
        (F("approved") == True, ("approved[equal]", "true")),  # noqa: E712
        (F("$title").startswith("Chief"), ("$title[startsWith]", "Chief")),
        (F("$instagram").startswith(""), ("$instagram[startsWith]", "")),
        (F("$email").contains("x@y.z"), ("$email[contains]", "x@y.z")),
        (F("parent").as_source == "acc_1", ("parent:asSource[equal]", "acc_1")),
        (F("parent").as_destination.contains("acc_1"), ("parent:asDestination[contains]", "acc_1")),
        (F("$stage") == Stage.WON, ("$stage[equal]", "opt_won")),
        (F("$stage") == Mixed.LOST, ("$stage[equal]", "opt_lost")),
        (F("$headcount") >= Size.BIG, ("$headcount[greaterThanOrEqual]", "1000")),
        (F("$closeDate") < NOON, ("$closeDate[lessThan]", "2026-03-01T12:00:00+00:00")),
    ],
    ids=repr,
)
def test_a_condition_is_named_as_the_api_names_it(condition: Filter, pair: tuple[str, str]) -> None:
    assert filter_pairs(condition) == [pair]
    assert filter_pairs([condition]) == [pair]
    assert filter_pairs({condition.name: condition.value}) == [pair]


@pytest.mark.parametrize(
    "name", ["$account", "status", "$account[-equal]", "$task-account[contains]", "a:asSource[equal]"]
)
def test_a_mapping_is_passed_through_unchanged(name: str) -> None:
    assert filter_pairs({name: "x"}) == [(name, "x")]


def test_encoding_is_that_of_a_form() -> None:
    plus = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    filters: dict[str, str | datetime] = {
        "$name[equal]": "Acme & Co",
        "$headcount[equal]": "10001+",
        "x[equal]": "Zoë=?#/",
        "$d[lessThan]": plus,
    }
    query = page_query(25, 0, None, filters)
    assert query == (
        "limit=25&offset=0&%24name%5Bequal%5D=Acme+%26+Co&%24headcount%5Bequal%5D=10001%2B"
        "&x%5Bequal%5D=Zo%C3%AB%3D%3F%23%2F&%24d%5BlessThan%5D=2026-03-01T12%3A00%3A00%2B02%3A00"
    )
    assert dict(parse_qsl(query))["$d[lessThan]"] == "2026-03-01T12:00:00+02:00"


def test_conditions_come_from_any_iterable_in_order() -> None:
    conditions = (condition for condition in [F("b") == 1, F("a") >= 2])
    assert filter_pairs(conditions) == [("b[equal]", "1"), ("a[greaterThanOrEqual]", "2")]
    assert filter_pairs(None) == filter_pairs([]) == filter_pairs({}) == []


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"$amount[between]": 1}, "must use an operator of contains, "),
        ({"$amount[--equal]": 1}, "must use an operator of contains, "),
        ({"$amount[]": 1}, "must use an operator of contains, "),
        ({"$amount[equal": 1}, "must look like"),
        ({"[equal]": 1}, "must look like"),
        ({"": 1}, "must look like"),
        ({"limit": 5}, "pass limit="),
        ({"offset": 5}, "pass offset="),
        ({"$d[equal]": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001
        ({"$d[equal]": datetime(2026, 1, 1, tzinfo=Nowhere())}, "time zone"),
        ({"$amount[equal]": float("nan")}, "must be finite"),
        ({"$amount[equal]": Decimal("sNaN")}, "must be finite"),
        ({"$amount[equal]": 10**400}, "must be finite"),
        ({"$amount[equal]": Decimal("inf")}, "must be finite"),
        ([F("$name") != "a", F("$name") != "b"], "Two conditions are named"),
    ],
)
def test_what_cannot_be_sent_is_a_value_error(filters: Any, words: str) -> None:
    with pytest.raises(LightfieldValueError, match=words):
        page_query(filters=filters)


@pytest.mark.parametrize(
    "filters",
    ["$name", 5, [("$name", "a")], [F("$name")], {"$name": None}, {"$name": ["a"]}, {5: "a"}, {"$name": b"a"}],
)
def test_what_is_no_condition_is_a_type_error(filters: Any) -> None:
    with pytest.raises(LightfieldTypeError):
        page_query(filters=filters)


@pytest.mark.parametrize(
    "make",
    [
        lambda: F("$amount") >= True,
        lambda: F("$name").startswith(5),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: F("$name").contains(None),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: F("$name") == None,  # noqa: E711
        lambda: F("$name") < ["a"],  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
        lambda: F(5),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: bool(F("a") == 1),
        lambda: (F("a") >= 1) and (F("b") == 2),
        lambda: 1 <= F("a") <= 5,
    ],
)
def test_an_operator_that_fits_no_value_of_the_kind_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(LightfieldTypeError):
        make()


@pytest.mark.parametrize(
    "make",
    [lambda: F(""), lambda: F(" "), lambda: F("$a[equal]"), lambda: F("a]"), lambda: F("a") == float("inf")],
)
def test_a_key_or_value_that_cannot_be_one_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(LightfieldValueError):
        make()


def test_a_field_shows_itself_and_can_be_a_key_of_a_dict() -> None:
    assert repr(F("$name")) == "F('$name')"
    assert hash(F("$name")) == hash(F("$name"))
