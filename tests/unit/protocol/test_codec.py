"""Is a body encoded faithfully or refused, and do absent keys differ from null?"""

import datetime as dt
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightfield._protocol.codec import ABSENT, absent_is_none, encode, read_through
from lightfield.errors import LightfieldError, LightfieldTypeError, LightfieldValueError

NAN, INFINITY = float("nan"), float("inf")
NAIVE = dt.datetime(2026, 5, 1, 16)  # noqa: DTZ001


@dataclass(frozen=True)
class Data:
    value: object


class Plain(msgspec.Struct, frozen=True):
    value: object


@pytest.mark.parametrize(
    ("body", "encoded"),
    [
        (None, b"null"),
        ({}, b"{}"),
        ({"a": [1, 2.5, True, None, "é"]}, '{"a":[1,2.5,true,null,"é"]}'.encode()),
        ({"n": 2**53 - 1, "m": -(2**53 - 1)}, b'{"n":9007199254740991,"m":-9007199254740991}'),
        ({"n": 10**30}, b'{"n":1000000000000000000000000000000}'),
        ({"money": Decimal("180000.10")}, b'{"money":180000.10}'),
        ({"at": dt.datetime(2026, 5, 1, 16, tzinfo=dt.UTC)}, b'{"at":"2026-05-01T16:00:00Z"}'),
        (
            {"at": dt.datetime(2026, 5, 1, 16, tzinfo=dt.timezone(dt.timedelta(hours=2)))},
            b'{"at":"2026-05-01T16:00:00+02:00"}',
        ),
        ({"on": dt.date(2026, 5, 1)}, b'{"on":"2026-05-01"}'),
        ({"id": UUID(int=1)}, b'{"id":"00000000-0000-0000-0000-000000000001"}'),
        ({"t": (1, 2), "s": frozenset([3])}, b'{"t":[1,2],"s":[3]}'),
        ({"r": range(3), "q": deque([1]), "k": {"a": 1}.keys()}, b'{"r":[0,1,2],"q":[1],"k":["a"]}'),
        ({"d": Data(1), "p": Plain(2)}, b'{"d":{"value":1},"p":{"value":2}}'),
    ],
)
def test_a_body_is_encoded_as_json(body: object, encoded: bytes) -> None:
    assert encode(body) == encoded


WRAPPERS: dict[str, Callable[[Any], object]] = {
    "bare": lambda value: value,
    "dict": lambda value: {"a": value},
    "nested": lambda value: {"a": [[{"b": value}]]},
    "tuple": lambda value: {"a": (value,)},
    "set": lambda value: {"a": {value}},
    "frozenset": lambda value: {"a": frozenset([value])},
    "dataclass": lambda value: {"a": Data(value)},
    "Struct": lambda value: {"a": Plain(value)},
}


@pytest.mark.parametrize("value", [NAN, INFINITY, -INFINITY], ids=str)
@pytest.mark.parametrize("place", WRAPPERS)
def test_a_number_that_json_does_not_have_is_refused_wherever_it_is(value: float, place: str) -> None:
    with pytest.raises(LightfieldValueError):
        encode(WRAPPERS[place](value))


@pytest.mark.parametrize("place", WRAPPERS)
def test_a_datetime_without_zone_is_refused_wherever_it_is(place: str) -> None:
    with pytest.raises(LightfieldValueError):
        encode(WRAPPERS[place](NAIVE))


@pytest.mark.parametrize("text", ["NaN", "-NaN", "sNaN", "Infinity", "-Infinity"])
def test_a_decimal_that_json_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(LightfieldValueError):
        encode({"amount": Decimal(text)})


def test_a_huge_decimal_is_sent_or_refused_with_our_error() -> None:
    try:
        encode({"amount": Decimal("1E+1000000")})
    except LightfieldError as error:
        assert isinstance(error, LightfieldValueError)  # noqa: PT017


@pytest.mark.parametrize("body", [{"a": "\ud800"}, {"\udfff": 1}, ["a\ud800"]], ids=ascii)
def test_text_that_is_no_unicode_is_refused(body: object) -> None:
    with pytest.raises(LightfieldValueError, match="The body contains text that is not valid Unicode"):
        encode(body)


@pytest.mark.parametrize("body", [object(), {"a": object()}, {"a": 1j}, {"a": iter([1])}, {None: 1}, {(1, 2): 3}])
def test_what_has_no_json_form_is_refused(body: object) -> None:
    with pytest.raises(LightfieldTypeError, match="The body contains a value that cannot be encoded as JSON") as caught:
        encode(body)
    assert isinstance(caught.value, TypeError)


def test_a_body_that_holds_itself_is_refused() -> None:
    body: list[object] = []
    body.append(body)
    with pytest.raises(
        LightfieldValueError, match="nested too deeply to be sent as JSON, or contains itself"
    ) as caught:
        encode(body)
    assert isinstance(caught.value, ValueError)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(body=JSON)
def test_any_json_value_arrives_unchanged(body: object) -> None:
    assert msgspec.json.decode(encode(body)) == body


@absent_is_none
class Sample(msgspec.Struct, frozen=True, kw_only=True):
    here: int
    there: int | None = ABSENT
    fixed: int = 5


@pytest.mark.parametrize(
    ("json", "there"),
    [(b'{"here":1}', None), (b'{"here":1,"there":null}', None), (b'{"here":1,"there":2}', 2)],
)
def test_absent_and_null_both_read_as_none(json: bytes, there: int | None) -> None:
    assert msgspec.json.decode(json, type=Sample).there == there


@pytest.mark.parametrize("json", [b'{"here":1,"fixed":5}', b'{"here":1,"there":null,"fixed":5}'])
def test_absent_and_null_stay_what_they_were_when_encoded(json: bytes) -> None:
    assert msgspec.json.encode(msgspec.json.decode(json, type=Sample)) == json


def test_other_defaults_are_left_alone() -> None:
    assert Sample(here=1).fixed == 5


def test_a_reader_sees_the_record_and_changes_only_what_is_read() -> None:
    class Doubled(msgspec.Struct):
        factor: int
        value: int = 1

    read_through(Doubled, "value", lambda record, value: record.factor * value)
    record = Doubled(3, 4)
    assert record.value == 12
    assert msgspec.to_builtins(record) == {"factor": 3, "value": 4}
