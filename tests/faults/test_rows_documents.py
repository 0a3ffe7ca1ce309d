"""Rows 69 to 71 of the fault matrix: JSON whose numbers, types or words are not those of the API's documents."""

import json
from decimal import Decimal
from typing import Any

import pytest

from lightfield import APIResponseValidationError, LightfieldTypeError
from lightfield.models import Opportunity
from tests.client.both import Connect
from tests.faults.calls import Call
from tests.faults.rows import once
from tests.faults.server import OPPORTUNITY, FaultServer, http
from tests.faults.test_rows_decoding import DOCUMENT, valued


def changed(**keys: object) -> bytes:
    return json.dumps({**OPPORTUNITY, **keys}).encode()


def without(key: str) -> bytes:
    return json.dumps({name: value for name, value in OPPORTUNITY.items() if name != key}).encode()


async def read(connect: Connect, call: Call, body: bytes) -> Opportunity:
    """Make the call at its first attempt, and the way back to the wire."""
    with FaultServer(http(200, body)) as server:
        async with connect(server.base_url, max_retries=0) as client:
            record: Opportunity = await call(client)
    json.loads(record.to_json())
    assert len(server.requests) == 1
    return record


NUMBERS: dict[str, int | float] = {
    "18446744073709551616": 2**64,
    "-" + "9" * 40: -(10**40 - 1),
    "1" * 4_300: int("1" * 4_300),
    "1.0": 1.0,
    "0.1000000000000000000001": 0.1,
    "1e-999": 0.0,
    "-0": 0,
    "1E5": 1e5,
}


@pytest.mark.parametrize(("text", "number"), NUMBERS.items(), ids=lambda each: str(each)[:16])
async def test_row_69_numbers_of_any_size_are_read(connect: Connect, call: Call, text: str, number: float) -> None:
    found = (await read(connect, call, valued(text.encode()))).number("n")
    assert found == number
    assert type(found) is type(number)


@pytest.mark.parametrize("text", ["1e999", "-1e999", "1" * 5_000], ids=lambda text: text[:6])
async def test_row_69_a_number_that_python_has_not_is_a_validation_error(
    connect: Connect, call: Call, text: str
) -> None:
    error = await once(connect, call, APIResponseValidationError, http(200, valued(text.encode())))
    assert "the body is not what the API documents: it " in str(error)


async def test_row_69_money_is_exact(connect: Connect, call: Call) -> None:
    assert (await read(connect, call, valued(b"1234567.89"))).decimal("n") == Decimal("1234567.89")


RELATED = {"cardinality": "HAS_ONE", "objectType": "account", "values": ["acc_1"]}
WRONG: dict[str, tuple[bytes, str]] = {
    "id-int": (changed(id=1), "$.id does not fit: "),
    "id-null": (changed(id=None), "$.id does not fit: "),
    "id-missing": (without("id"), "$.id is missing; "),
    "created-at-int": (changed(createdAt=5), "$.createdAt does not fit: "),
    "link-list": (changed(httpLink=[]), "$.httpLink does not fit: "),
    "fields-missing": (without("fields"), "$.fields is missing; "),
    "fields-null": (changed(fields=None), "$.fields does not fit: "),
    "fields-list": (changed(fields=[]), "$.fields does not fit: "),
    "field-null": (changed(fields={"a": None}), "$.fields[...] does not fit: "),
    "field-text": (changed(fields={"a": "x"}), "$.fields[...] does not fit: "),
    "type-of-value-int": (
        changed(fields={"a": {"value": 1, "valueType": 3}}),
        "$.fields[...].valueType does not fit: ",
    ),
    "type-of-value-missing": (changed(fields={"a": {"value": 1}}), "$.fields[...].valueType is missing; "),
    "relationships-missing": (without("relationships"), "$.relationships is missing; "),
    "relationship-null": (changed(relationships={"a": None}), "$.relationships[...] does not fit: "),
    "related-null": (
        changed(relationships={"a": {**RELATED, "values": None}}),
        "$.relationships[...].values does not fit: ",
    ),
    "related-int": (
        changed(relationships={"a": {**RELATED, "values": [1]}}),
        "$.relationships[...].values[0] does not fit: ",
    ),
    "list": (b"[" + DOCUMENT + b"]", "$ does not fit: "),
    "null": (b"null", "$ does not fit: "),
    "text": (b'"opp_1"', "$ does not fit: "),
    "empty": (b"{}", "$.id is missing; "),
}


@pytest.mark.parametrize(("body", "reason"), WRONG.values(), ids=WRONG)
async def test_row_70_what_a_record_cannot_do_without_is_a_validation_error_that_says_where(
    connect: Connect, call: Call, body: bytes, reason: str
) -> None:
    error = await once(connect, call, APIResponseValidationError, http(200, body))
    assert f"the body is not what the API documents: {reason}" in str(error)
    assert error.body == body


VALUES: list[Any] = [None, 1, 1.0, True, "x", [], ["x", None], {}, {"street": 5}, {"firstName": ["x"]}]


@pytest.mark.parametrize("kind", ["NUMBER", "TEXT", "CHECKBOX", "MULTI_SELECT", "ADDRESS", "FULL_NAME"])
async def test_row_70_the_value_of_a_field_may_be_of_any_type(connect: Connect, call: Call, kind: str) -> None:
    fields = {f"f{number}": {"value": value, "valueType": kind} for number, value in enumerate(VALUES)}
    record = await read(connect, call, changed(fields=fields))
    assert record.to_dict()["fields"] == fields
    assert record.number("f1") == 1
    with pytest.raises(LightfieldTypeError, match="'f4' does not hold a number but str"):
        record.number("f4")


OPTIONAL = {"httpLink": "http_link", "updatedAt": "updated_at", "externalId": "external_id"}


@pytest.mark.parametrize(("key", "name"), OPTIONAL.items(), ids=OPTIONAL)
async def test_row_70_what_is_optional_may_be_null_or_missing(
    connect: Connect, call: Call, key: str, name: str
) -> None:
    assert getattr(await read(connect, call, changed(**{key: None})), name) is None
    assert getattr(await read(connect, call, without(key)), name) is None


async def test_row_71_words_yet_to_come_are_kept_as_they_are(connect: Connect, call: Call) -> None:
    fields = {"a": {"value": {"x": 1}, "valueType": "HOLOGRAM", "new": True}}
    relationships = {"b": {"cardinality": "HAS_SEVEN", "objectType": "martian", "values": ["mar_1"]}}
    record = await read(connect, call, changed(fields=fields, relationships=relationships))
    value: Any = record.fields["a"].value
    assert (record.fields["a"].value_type, value) == ("HOLOGRAM", {"x": 1})
    assert (record.relationships["b"].cardinality, record.relationships["b"].object_type) == ("HAS_SEVEN", "martian")
    assert record.related("b") == ["mar_1"]


async def test_row_71_keys_yet_to_come_are_ignored(connect: Connect, call: Call) -> None:
    record = await read(connect, call, changed(accessLevel="FULL", future={"a": [None]}, fields_=1))
    assert record.to_dict() == OPPORTUNITY


async def test_row_71_all_that_came_is_in_the_raw_response(connect: Connect) -> None:
    body = changed(future={"a": [None]})
    with FaultServer(http(200, body)) as server:
        async with connect(server.base_url) as client:
            response = await client.opportunity.with_raw_response.retrieve("opp_1")
            assert await response.read() == body


async def test_row_71_of_two_equal_keys_the_last_counts(connect: Connect, call: Call) -> None:
    record = await read(connect, call, DOCUMENT[:-1] + b', "httpLink": "a", "httpLink": "b"}')
    assert record.http_link == "b"
