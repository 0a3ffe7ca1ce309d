"""Is a single value sent as the same in a body, a filter and a query, or refused in all of them?"""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import parse_qsl
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from freezegun import freeze_time

from lightfield import F, LightfieldTypeError, LightfieldValueError
from lightfield._protocol.builders import describe
from lightfield._protocol.codec import encode
from lightfield._protocol.filters import filter_pairs
from lightfield._protocol.merging import query_of
from lightfield._protocol.queries import history_query, page_query

np: Any = import_module("numpy")
pd: Any = import_module("pandas")

BERLIN = ZoneInfo("Europe/Berlin")


class Choice(Enum):
    TEXT = "opt_won"
    NUMBER = 1
    MOMENT = datetime(2026, 5, 1, 16, tzinfo=UTC)
    NAN = float("nan")


class Word(StrEnum):
    WON = "opt_won"


class Size(IntEnum):
    BIG = 1000


class Mixed(int, Enum):
    BIG = 1000


class Day(date):
    """As a library has that replaces the clock."""


class Moment(datetime):
    pass


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "wrong"


class Number(int):
    def __str__(self) -> str:
        return "wrong"

    __repr__ = __str__


class Id(UUID):
    pass


class Held(Enum):
    """Values that are not of Python's own types."""

    NUMPY = np.int64(5)
    PRECISE = np.float32(0.5)
    LETTERS = np.str_("x")
    FLAG = np.bool_(True)
    TEXT = Text("right")
    NUMBER = Number(7)
    DAY = Day(2026, 5, 1)
    MOMENT = Moment(2026, 5, 1, 16, tzinfo=UTC)
    PANDAS = pd.Timestamp("2026-05-01T16:00:00.123456789Z")
    ID = Id(int=1)
    MEMBER = Choice.TEXT
    NAN = np.float32("nan")
    NAN_OF_A_MEMBER = Choice.NAN
    NA = pd.NA
    NAT = pd.NaT
    NAIVE = pd.Timestamp("2026-05-01")
    BYTES = np.bytes_(b"bytes")
    SPAN = pd.Timedelta("1D")
    OBJECT = object()


class Sent(NamedTuple):
    value: Any
    json: bytes
    text: str


MOMENT = datetime(2026, 5, 1, 16, 0, 0, 123_456, tzinfo=UTC)
SENT = [
    Sent("Zoë", '"Zoë"'.encode(), "Zoë"),
    Sent(Text("right"), b'"right"', "right"),
    Sent(np.str_("x"), b'"x"', "x"),
    Sent(7, b"7", "7"),
    Sent(Number(7), b"7", "7"),
    Sent(10**30, b"1" + b"0" * 30, "1" + "0" * 30),
    Sent(1.5, b"1.5", "1.5"),
    Sent(-0.0, b"-0.0", "-0.0"),
    Sent(Decimal("0.10"), b"0.10", "0.10"),
    Sent(Decimal("1E-100"), b"1E-100", "0." + "0" * 99 + "1"),
    Sent(UUID(int=1), b'"00000000-0000-0000-0000-000000000001"', "00000000-0000-0000-0000-000000000001"),
    Sent(Id(int=1), b'"00000000-0000-0000-0000-000000000001"', "00000000-0000-0000-0000-000000000001"),
    Sent(date(2026, 5, 1), b'"2026-05-01"', "2026-05-01"),
    Sent(Day(2026, 5, 1), b'"2026-05-01"', "2026-05-01"),
    Sent(MOMENT, b'"2026-05-01T16:00:00.123456Z"', "2026-05-01T16:00:00.123456+00:00"),
    Sent(datetime(2026, 5, 1, 16, tzinfo=BERLIN), b'"2026-05-01T16:00:00+02:00"', "2026-05-01T16:00:00+02:00"),
    Sent(pd.Timestamp(MOMENT), b'"2026-05-01T16:00:00.123456Z"', "2026-05-01T16:00:00.123456+00:00"),
    Sent(
        pd.Timestamp("2026-05-01T16:00:00.123456789Z"),
        b'"2026-05-01T16:00:00.123456Z"',
        "2026-05-01T16:00:00.123456+00:00",
    ),
    Sent(
        pd.Timestamp("2026-10-25T02:30", tz="UTC").tz_convert(BERLIN),
        b'"2026-10-25T03:30:00+01:00"',
        "2026-10-25T03:30:00+01:00",
    ),
    Sent(
        pd.Timestamp("2026-10-25T01:30", tz="UTC").tz_convert(BERLIN),  # the second 2:30 of that night
        b'"2026-10-25T02:30:00+01:00"',
        "2026-10-25T02:30:00+01:00",
    ),
    Sent(Choice.TEXT, b'"opt_won"', "opt_won"),
    Sent(Choice.NUMBER, b"1", "1"),
    Sent(Choice.MOMENT, b'"2026-05-01T16:00:00Z"', "2026-05-01T16:00:00+00:00"),
    Sent(Word.WON, b'"opt_won"', "opt_won"),
    Sent(Size.BIG, b"1000", "1000"),
    Sent(Mixed.BIG, b"1000", "1000"),
    Sent(Held.NUMPY, b"5", "5"),
    Sent(Held.PRECISE, b"0.5", "0.5"),
    Sent(Held.LETTERS, b'"x"', "x"),
    Sent(Held.TEXT, b'"right"', "right"),
    Sent(Held.NUMBER, b"7", "7"),
    Sent(Held.DAY, b'"2026-05-01"', "2026-05-01"),
    Sent(Held.MOMENT, b'"2026-05-01T16:00:00Z"', "2026-05-01T16:00:00+00:00"),
    Sent(Held.PANDAS, b'"2026-05-01T16:00:00.123456Z"', "2026-05-01T16:00:00.123456+00:00"),
    Sent(Held.ID, b'"00000000-0000-0000-0000-000000000001"', "00000000-0000-0000-0000-000000000001"),
    Sent(Held.MEMBER, b'"opt_won"', "opt_won"),
    Sent(np.int64(-5), b"-5", "-5"),
    Sent(np.uint64(2**64 - 1), b"18446744073709551615", "18446744073709551615"),
    Sent(np.float64(1.5), b"1.5", "1.5"),
    Sent(np.float32(0.5), b"0.5", "0.5"),
    Sent(np.float16(0.5), b"0.5", "0.5"),
    Sent(np.longdouble(1.5), b"1.5", "1.5"),
    Sent(np.array(5), b"5", "5"),
]
FLAGS = [
    Sent(True, b"true", "true"),
    Sent(False, b"false", "false"),
    Sent(np.bool_(True), b"true", "true"),
    Sent(np.bool_(False), b"false", "false"),
    Sent(Held.FLAG, b"true", "true"),
]
INVALID: list[Any] = [
    float("nan"),
    float("-inf"),
    Decimal("sNaN"),
    Choice.NAN,
    Held.NAN,
    Held.NAN_OF_A_MEMBER,
    Held.NA,
    Held.NAT,
    Held.NAIVE,
    np.float32("nan"),
    np.float64("inf"),
    np.longdouble("1e400"),
    datetime(2026, 5, 1),  # noqa: DTZ001
    datetime(2026, 5, 1, tzinfo=timezone(timedelta(minutes=53, seconds=28))),
    datetime(1880, 5, 1, tzinfo=BERLIN),
    pd.Timestamp("2026-05-01"),
    pd.NaT,
    pd.NA,
    np.datetime64("2026-05-01T16:00:00.123456789"),
    np.datetime64("2026-05-01"),
    np.datetime64("NaT"),
]
OF_NO_KIND: list[Any] = [
    b"bytes",
    bytearray(b"bytes"),
    memoryview(b"bytes"),
    np.bytes_(b"bytes"),
    time(1, 2, tzinfo=UTC),
    timedelta(1),
    pd.Timedelta("1D"),
    np.timedelta64(1, "D"),
    Fraction(1, 3),
    1j,
    np.complex128(1),
    np.array([1, 2]),
    np.array(["a"]),
    pd.Series([1]),
    object(),
    Held.BYTES,
    Held.SPAN,
    Held.OBJECT,
]

IN_A_BODY: dict[str, Callable[[Any], object]] = {
    "member": lambda value: {"a": value},
    "list": lambda value: [value],
    "deep": lambda value: {"a": [({"b": value},)]},
    "dataclass or Struct": lambda value: {"a": Plain(value)},
}
IN_A_QUERY: dict[str, Callable[[Any], str]] = {
    "==": lambda value: filter_pairs(F("a") == value)[0][1],
    "!=": lambda value: filter_pairs([F("a") != value])[0][1],
    "mapping": lambda value: filter_pairs({"a[equal]": value})[0][1],
    "page": lambda value: dict(parse_qsl(page_query(filters={"a": value})))["a"],
    "extra_query": lambda value: dict(parse_qsl(query_of("extra_query", {"a": value})))["a"],
    "extra_query in a list": lambda value: dict(parse_qsl(query_of("extra_query", {"a": [value]})))["a"],
    "extra_query in a mapping": lambda value: dict(parse_qsl(query_of("extra_query", {"a": {"b": value}})))["a[b]"],
    "request": lambda value: dict(parse_qsl(plain_query(value)))["a"],
}


class Plain(msgspec.Struct):
    value: object


def member_of(value: object) -> Enum:
    kind: Any = Enum
    member: Enum = kind("Member", {"A": value}).A
    return member


def plain_query(value: Any) -> str:
    return describe("GET", "/v1/things", decoder=msgspec.json.Decoder(), query={"a": value}).query


def send(value: object, place: str) -> None:
    if place in IN_A_BODY:
        encode(IN_A_BODY[place](value))
    else:
        IN_A_QUERY[place](value)


def name(value: object) -> str:
    shown = value.value if isinstance(value, Sent) else value
    return shown.name if isinstance(shown, Held) else f"{type(shown).__module__}.{type(shown).__name__}"


@pytest.mark.parametrize("sent", [*SENT, *FLAGS], ids=name)
@pytest.mark.parametrize("place", IN_A_BODY)
def test_a_value_of_a_body_is_plain_json(sent: Sent, place: str) -> None:
    with_none = encode(IN_A_BODY[place](None))
    assert encode(IN_A_BODY[place](sent.value)) == with_none.replace(b"null", sent.json)


@pytest.mark.parametrize("sent", [*SENT, *FLAGS], ids=name)
@pytest.mark.parametrize("place", IN_A_QUERY)
def test_a_value_of_a_query_is_plain_text(sent: Sent, place: str) -> None:
    assert IN_A_QUERY[place](sent.value) == sent.text


FROZEN: dict[str, Callable[[], Any]] = {
    "now": lambda: datetime.now(UTC),
    "combine": lambda: datetime.combine(date(2031, 5, 1), time(), UTC),
    "Enum": lambda: member_of(datetime.now(UTC)),
    "made before": partial(datetime, 2031, 5, 1, tzinfo=UTC),
    "pandas": lambda: pd.Timestamp(datetime.now(UTC)),
    "today": lambda: date.today(),  # noqa: DTZ011, PLW0108
    "today of an Enum": lambda: member_of(date.today()),  # noqa: DTZ011
    "today made before": partial(date, 2031, 5, 1),
}


@pytest.mark.parametrize("make", FROZEN)
def test_a_moment_of_frozen_time_is_sent_like_any_other(make: str) -> None:
    json, text = b'"2031-05-01T00:00:00Z"', "2031-05-01T00:00:00+00:00"
    if "today" in make:
        json, text = b'"2031-05-01"', "2031-05-01"
    with freeze_time("2031-05-01"):
        value = FROZEN[make]()
        for body in IN_A_BODY.values():
            assert encode(body(value)) == encode(body(None)).replace(b"null", json)
        assert {query(value) for query in IN_A_QUERY.values()} == {text}
        assert encode({date.today(): 1}) == b'{"2031-05-01":1}'  # noqa: DTZ011
        assert type((F("a") == value).value).__module__ == "datetime"
    assert encode([value]) == b"[" + json + b"]"


def test_a_moment_without_a_time_zone_is_refused_in_frozen_time() -> None:
    with freeze_time("2031-05-01"):
        for place in (*IN_A_BODY, *IN_A_QUERY):
            with pytest.raises(LightfieldValueError, match="time zone"):
                send(datetime.now(), place)  # noqa: DTZ005


@pytest.mark.parametrize("sent", SENT, ids=name)
def test_every_comparison_takes_it(sent: Sent) -> None:
    field = F("a")
    conditions = [field >= sent.value, field > sent.value, field <= sent.value, field < sent.value]
    assert {pair[1] for pair in filter_pairs(conditions)} == {sent.text}


@pytest.mark.parametrize("sent", FLAGS, ids=name)
def test_no_comparison_but_equality_takes_a_boolean(sent: Sent) -> None:
    with pytest.raises(LightfieldTypeError, match=f"greaterThan does not take {type(sent.value).__name__}"):
        _ = F("a") > sent.value


@pytest.mark.parametrize("value", [Word.WON, Choice.TEXT, np.str_("opt_won"), Text("opt_won")], ids=name)
def test_a_prefix_is_any_kind_of_text(value: Any) -> None:
    assert filter_pairs(F("a").startswith(value)) == [("a[startsWith]", "opt_won")]
    assert type(F("a").contains(value).value) is str


@pytest.mark.parametrize("value", INVALID, ids=name)
@pytest.mark.parametrize("place", [*IN_A_BODY, *IN_A_QUERY])
def test_a_value_that_cannot_be_sent_is_a_value_error(value: object, place: str) -> None:
    with pytest.raises(LightfieldValueError, match=r"finite|time zone|missing value"):
        send(value, place)


@pytest.mark.parametrize("value", OF_NO_KIND, ids=name)
@pytest.mark.parametrize("place", [*IN_A_BODY, *IN_A_QUERY])
def test_what_is_no_single_value_is_a_type_error(value: object, place: str) -> None:
    with pytest.raises(LightfieldTypeError):
        send(value, place)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (10**30 + 1, LightfieldValueError),
        (-(10**5000), LightfieldValueError),
        (Decimal("1E+999999999999999999"), LightfieldValueError),
        (Decimal("1E-999999999999999999"), LightfieldValueError),
        (Decimal("1E-101"), LightfieldValueError),
        (None, LightfieldTypeError),
        (Plain(1), LightfieldTypeError),
    ],
    ids=name,
)
@pytest.mark.parametrize("place", ["==", "mapping"])
def test_a_filter_is_kept_short_and_single(value: Any, kind: type[Exception], place: str) -> None:
    with pytest.raises(kind):
        IN_A_QUERY[place](value)


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (None, b"null"),
        ((1, np.int64(2)), b"[1,2]"),
        ({"b": [Text("right"), Held.NUMPY]}, b'{"b":["right",5]}'),
        (Plain(np.int64(1)), b'{"value":1}'),
    ],
    ids=str,
)
def test_an_enum_of_what_is_no_single_value_is_for_bodies_alone(value: object, encoded: bytes) -> None:
    member = member_of(value)
    assert encode({"a": member}) == b'{"a":' + encoded + b"}"
    with pytest.raises(LightfieldTypeError):
        _ = F("a") == member


@pytest.mark.parametrize(
    "held", [(float("nan"),), {"b": Choice.NAN}, frozenset({float("nan")}), Plain(np.float32("nan"))], ids=name
)
def test_values_within_an_enum_are_checked(held: object) -> None:
    with pytest.raises(LightfieldValueError, match="finite"):
        encode({"a": member_of(held)})


@pytest.mark.parametrize("key", [float("nan"), datetime(2026, 5, 1), b"bytes", pd.NaT, Held.NAN], ids=name)  # noqa: DTZ001
def test_a_key_of_a_body_is_checked_like_a_value(key: object) -> None:
    with pytest.raises((LightfieldValueError, LightfieldTypeError)):
        encode({"a": [{key: 1}]})


@pytest.mark.parametrize(
    ("key", "encoded"),
    [
        (1, b"1"),
        (date(2026, 5, 1), b"2026-05-01"),
        (np.int64(7), b"7"),
        (Word.WON, b"opt_won"),
        (Held.DAY, b"2026-05-01"),
        (Held.NUMPY, b"5"),
    ],
)
def test_a_key_of_a_body_is_text(key: object, encoded: bytes) -> None:
    assert encode({key: 1}) == b'{"' + encoded + b'":1}'


def test_the_numbers_and_words_of_a_page_may_be_of_a_subclass_or_of_numpy() -> None:
    class Status(Enum):
        TRASHED = "trashed"

    class State(str, Enum):  # noqa: UP042 # its str() is another
        TRASHED = "trashed"

    limits: list[Any] = [10, np.int64(10), Number(10)]
    for limit in limits:
        for status in (Status.TRASHED, State.TRASHED):
            assert page_query(limit, limit, status) == "limit=10&offset=10&status=trashed"  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    assert history_query(limits[1], Text("x")) == "limit=10&after=x"


@pytest.mark.parametrize("limit", [np.bool_(True), pd.NA, pd.NaT, float("nan"), np.float64(5), "5", [5]], ids=name)
def test_a_limit_that_is_no_int_is_refused(limit: Any) -> None:
    with pytest.raises((LightfieldValueError, LightfieldTypeError), match="limit"):
        page_query(limit)


@pytest.mark.parametrize("status", [pd.NA, np.array(["active"]), 5, float("nan")], ids=name)
def test_a_status_that_is_no_word_is_refused(status: Any) -> None:
    with pytest.raises((LightfieldValueError, LightfieldTypeError), match="status"):
        page_query(status=status)


def test_neither_library_is_imported() -> None:
    script = """
import sys
from lightfield import F, AsyncLightfield
plan = AsyncLightfield(api_key="key").plan
plan.opportunity.list(filters=F("$amount") >= 1)
plan.note.create(fields={"$title": "Kick-off"})
try:
    F("$amount") == object()
except TypeError:
    print({"numpy", "pandas"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"
