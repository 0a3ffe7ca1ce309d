"""Do the readers give a value in its Python form, None where it is unset, and a clear error where it is another?"""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import Decoder

from lightfield.errors import LightfieldError, LightfieldTypeError
from lightfield.models import Address, FullName, Opportunity

READERS = ["text", "texts", "number", "decimal", "flag", "datetime", "option", "options", "address", "full_name"]
DECODER = Decoder(Opportunity)


def record(value: Any = None, value_type: str = "TEXT", **relationships: list[str]) -> Opportunity:
    links = {
        key: {"cardinality": "HAS_MANY", "objectType": "account", "values": ids} for key, ids in relationships.items()
    }
    fields = {"k": {"value": value, "valueType": value_type}}
    return DECODER.decode(
        json.dumps({"id": "opp_1", "createdAt": "2026", "fields": fields, "relationships": links}),
    )


def read(reader: str, value: Any, value_type: str = "TEXT") -> Any:
    return getattr(record(value, value_type), reader)("k")


@pytest.mark.parametrize(
    ("reader", "value_type", "value", "expected"),
    [
        ("text", "TEXT", "Acme", "Acme"),
        ("text", "MARKDOWN", "# A", "# A"),
        ("text", "EMAIL", "a@x.test", "a@x.test"),
        ("text", "TEXT", "", ""),
        ("texts", "EMAIL", ["a@x.test", "b@x.test"], ["a@x.test", "b@x.test"]),
        ("texts", "URL", "https://x.test", ["https://x.test"]),
        ("texts", "TELEPHONE", [], []),
        ("number", "NUMBER", 42.5, 42.5),
        ("number", "CURRENCY", 0, 0),
        ("number", "NUMBER", 2**70, 2**70),
        ("decimal", "CURRENCY", 0.1, Decimal("0.1")),
        ("decimal", "CURRENCY", 180000, Decimal(180000)),
        ("decimal", "NUMBER", 2**70, Decimal(2**70)),
        ("flag", "CHECKBOX", True, True),
        ("flag", "CHECKBOX", False, False),
        ("option", "SINGLE_SELECT", "opt_1", "opt_1"),
        ("options", "MULTI_SELECT", ["opt_1", "opt_2"], ["opt_1", "opt_2"]),
        ("options", "MULTI_SELECT", [], []),
        ("address", "ADDRESS", {"city": "Sampleton"}, Address(city="Sampleton")),
        ("address", "ADDRESS", {}, Address()),
        ("full_name", "FULL_NAME", {"firstName": "Ada"}, FullName(first_name="Ada")),
    ],
)
def test_a_reader_gives_the_value(reader: str, value_type: str, value: Any, expected: Any) -> None:
    found = read(reader, value, value_type)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-01T16:00:00.000Z", dt.datetime(2026, 5, 1, 16, tzinfo=dt.UTC)),
        ("2026-05-01T16:00:00.123456Z", dt.datetime(2026, 5, 1, 16, 0, 0, 123456, tzinfo=dt.UTC)),
        ("2026-05-01T16:00:00+02:00", dt.datetime(2026, 5, 1, 14, tzinfo=dt.UTC)),
        ("2026-05-01T16:00:00", dt.datetime(2026, 5, 1, 16, tzinfo=dt.UTC)),
        ("2026-05-01", dt.datetime(2026, 5, 1, tzinfo=dt.UTC)),
    ],
)
def test_a_datetime_is_read_aware_and_in_utc(text: str, expected: dt.datetime) -> None:
    found = read("datetime", text, "DATETIME")
    assert found == expected
    assert found.tzinfo is dt.UTC


@pytest.mark.parametrize("reader", READERS)
def test_an_unset_field_reads_as_none(reader: str) -> None:
    assert read(reader, None) is None


@pytest.mark.parametrize("reader", READERS)
def test_an_absent_field_reads_as_none(reader: str) -> None:
    assert getattr(record(), reader)("$none") is None


WRONG: dict[str, list[Any]] = {
    "text": [5, True, ["a"], {"a": 1}],
    "texts": [5, True, [1], ["a", None], {"a": 1}],
    "number": ["5", True, [5], {"a": 1}],
    "decimal": ["5", False, [5]],
    "flag": ["true", 1, 0, 1.0, [True]],
    "datetime": ["soon", "", "5", 5, True, "2026-13-01", ["2026-05-01"]],
    "option": [5, True, ["opt_1"]],
    "options": ["opt_1", [5], True],
    "address": ["1 Invented Lane", 5, [], {"street": 5}],
    "full_name": ["Ada", 5, {"firstName": 5}],
}


@pytest.mark.parametrize(
    ("reader", "value"),
    [pytest.param(reader, value, id=f"{reader}-{value!r}") for reader, values in WRONG.items() for value in values],
)
def test_a_value_of_another_type_is_an_error_that_names_key_expectation_and_find(reader: str, value: Any) -> None:
    value_type = "ADDRESS" if reader == "address" else "FULL_NAME" if reader == "full_name" else "HOLOGRAM"
    with pytest.raises(LightfieldTypeError) as caught:
        read(reader, value, value_type)
    message = str(caught.value)
    assert isinstance(caught.value, TypeError)
    assert "'k'" in message
    assert f"{type(value).__name__} ({value_type})" in message
    assert "does not hold" in message


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+14:00"])
def test_a_moment_outside_of_pythons_calendar_is_our_error(text: str) -> None:
    with pytest.raises(LightfieldTypeError):
        read("datetime", text, "DATETIME")


@given(text=st.text(max_size=30) | st.datetimes(timezones=st.timezones()).map(dt.datetime.isoformat))
def test_any_text_reads_as_a_moment_in_utc_or_is_our_error(text: str) -> None:
    try:
        found = read("datetime", text)
    except LightfieldError as error:
        assert isinstance(error, LightfieldTypeError)  # noqa: PT017
    else:
        assert found.tzinfo is dt.UTC


@pytest.mark.parametrize("value_type", ["NUM\nBER", "A\u2028B", "\x1b[31m"])
def test_the_error_stays_on_one_line_whatever_the_type_is_called(value_type: str) -> None:
    with pytest.raises(LightfieldTypeError) as caught:
        read("text", 5, value_type)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(("ids", "one"), [([], None), (["acc_1"], "acc_1")])
def test_related_gives_the_ids_and_related_one_the_only_one(ids: list[str], one: str | None) -> None:
    found = record(account=ids)
    assert found.related("account") == ids
    assert found.related_one("account") == one


def test_a_relationship_the_record_does_not_have_reads_as_none() -> None:
    assert record().related("account") is None
    assert record().related_one("account") is None


def test_related_one_refuses_to_choose() -> None:
    with pytest.raises(LightfieldTypeError, match=r"'account' holds 2 ids, not one"):
        record(account=["acc_1", "acc_2"]).related_one("account")


@pytest.mark.parametrize("reader", ["texts", "options"])
def test_changing_a_list_that_was_read_does_not_change_the_record(reader: str) -> None:
    found = record(["a", "b"], "MULTI_SELECT")
    getattr(found, reader)("k").append("c")
    assert getattr(found, reader)("k") == ["a", "b"]


def test_changing_related_ids_does_not_change_the_record() -> None:
    found = record(account=["acc_1"])
    ids = found.related("account")
    assert ids is not None
    ids.append("acc_2")
    assert found.related("account") == ["acc_1"]
