"""Does a record hold exactly what the API sent, and give it back unchanged?"""

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import Decoder

from lightfield.models import Address, FieldValue, FullName, Opportunity, Relationship
from lightfield.types import OpportunityRetrieveResponse

DECODER = Decoder(Opportunity)
DOCUMENTED = (
    '{"id":"id","createdAt":"createdAt","fields":{"foo":{"value":"string","valueType":"ADDRESS"}},"httpLink":"httpLink",'
    '"relationships":{"foo":{"cardinality":"cardinality","objectType":"objectType","values":["string"]}}}'
)
# composed from shapes that the API documents one by one
FULL = """{"id": "opp_cm9uvw890xyz123", "createdAt": "2026-09-14T08:30:12.345Z",
"updatedAt": "2026-10-02T11:05:00.000Z", "externalId": null,
"httpLink": "https://crm.lightfield.app/crm/opportunities/opp_cm9uvw890xyz123",
"fields": {"$name": {"value": "Enterprise Platform Deal", "valueType": "TEXT"},
 "$stage": {"value": "opt_01abc2def3ghi4jkl5mno6pqr", "valueType": "SINGLE_SELECT"},
 "$opportunityStatus": {"value": "opt_0status0open", "valueType": "SINGLE_SELECT"},
 "$amount": {"value": 180000, "valueType": "CURRENCY"},
 "$closeDate": {"value": "2026-12-15T10:00:00.000Z", "valueType": "DATETIME"},
 "$nextStep": {"value": "Final pricing sign-off with legal", "valueType": "TEXT"},
 "$lastInteractionAt": {"value": null, "valueType": "DATETIME"},
 "priority": {"value": 1, "valueType": "NUMBER"},
 "products": {"value": ["opt_p1", "opt_p2"], "valueType": "MULTI_SELECT"},
 "approved": {"value": false, "valueType": "CHECKBOX"}},
"relationships": {"$account": {"cardinality": "HAS_ONE", "objectType": "account", "values": ["acc_cm4stu901uvw234"]},
 "$owner": {"cardinality": "HAS_ONE", "objectType": "member", "values": ["mem_abc"]},
 "$createdBy": {"cardinality": "HAS_ONE", "objectType": "member", "values": ["mem_abc"]},
 "$champion": {"cardinality": "HAS_ONE", "objectType": "contact", "values": ["con_abc"]},
 "$evaluator": {"cardinality": "HAS_ONE", "objectType": "contact", "values": []},
 "$task": {"cardinality": "HAS_MANY", "objectType": "task", "values": ["tsk_1", "tsk_2"]},
 "$note": {"cardinality": "HAS_MANY", "objectType": "note", "values": []},
 "$meeting": {"cardinality": "HAS_MANY", "objectType": "meeting", "values": ["mtg_1"]}}}"""

VALUE_TYPES = """ADDRESS CHECKBOX CURRENCY DATETIME EMAIL FULL_NAME MARKDOWN MULTI_SELECT NUMBER SINGLE_SELECT
SOCIAL_HANDLE TELEPHONE TEXT URL HTML"""
UNKNOWN_TYPES = ["READONLY_MARKDOWN", "HOLOGRAM", "", "text", "é"]
VALUES: list[Any] = ["Acme", "", 42.5, 0, -1, True, False, ["a", "b"], [], {}, {"street": 5}]
NESTED: list[Any] = [None, [[1], {"a": []}], 1e300, {"firstName": ["x"]}, {"a": {"b": [1, None]}}]


def document(**changes: Any) -> dict[str, Any]:
    return {"id": "opp_1", "createdAt": "2026-05-01T16:00:00Z", "fields": {}, "relationships": {}, **changes}


def decode(value: Any) -> Opportunity:
    return DECODER.decode(json.dumps(value))


def with_field(value: Any, value_type: str) -> Opportunity:
    return decode(document(fields={"k": {"value": value, "valueType": value_type}}))


def test_the_documented_example_decodes_to_exactly_its_parts() -> None:
    record = DECODER.decode(DOCUMENTED)
    assert (record.id, record.created_at, record.http_link) == ("id", "createdAt", "httpLink")
    assert (record.updated_at, record.external_id) == (None, None)
    assert set(record.fields) == set(record.relationships) == {"foo"}
    assert (record.fields["foo"].value, record.fields["foo"].value_type) == ("string", "ADDRESS")
    relationship = record.relationships["foo"]
    assert (relationship.cardinality, relationship.object_type) == ("cardinality", "objectType")
    assert (relationship.values, relationship.directions) == (["string"], None)


@pytest.mark.parametrize("text", [DOCUMENTED, FULL], ids=["documented", "full"])
def test_examples_round_trip_exactly(text: str) -> None:
    record = DECODER.decode(text)
    assert record.to_dict() == json.loads(text)
    assert json.loads(record.to_json()) == json.loads(text)


@pytest.mark.parametrize("value", [*VALUES, *NESTED], ids=repr)
@pytest.mark.parametrize("value_type", [*VALUE_TYPES.split(), *UNKNOWN_TYPES])
def test_any_value_under_any_type_decodes_and_round_trips(value: Any, value_type: str) -> None:
    record = with_field(value, value_type)
    assert record.fields["k"].value_type == value_type
    assert record.to_dict()["fields"] == {"k": {"value": value, "valueType": value_type}}
    if not isinstance(value, dict):
        assert record.fields["k"].value == value
        assert type(record.fields["k"].value) is type(value)


@pytest.mark.parametrize("number", [2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**40, -(10**40)])
def test_integers_stay_exact(number: int) -> None:
    record = DECODER.decode(json.dumps(document(fields={"k": {"value": number, "valueType": "NUMBER"}})))
    assert record.fields["k"].value == number
    assert type(record.fields["k"].value) is int
    assert json.loads(record.to_json())["fields"]["k"]["value"] == number


def test_address_and_full_name_objects_read_as_structs() -> None:
    address = {"street": "1 Invented Lane", "postalCode": "97000", "country": "US", "latitude": 45, "longitude": -123.5}
    found = with_field(address, "ADDRESS").fields["k"].value
    assert found == Address(street="1 Invented Lane", postal_code="97000", country="US", latitude=45, longitude=-123.5)
    assert isinstance(found, Address)
    assert (found.postal_code, found.latitude, found.street2, found.city) == ("97000", 45.0, None, None)
    name = with_field({"firstName": "Ada", "lastName": None}, "FULL_NAME").fields["k"].value
    assert name == FullName(first_name="Ada", last_name=None)


@pytest.mark.parametrize("value", [{"street": 5}, {"latitude": "north"}, {"street": ["x"]}])
def test_an_object_of_another_shape_stays_as_it_came(value: dict[str, Any]) -> None:
    kept: Any = with_field(value, "ADDRESS").fields["k"].value
    assert kept == value


def test_objects_under_other_types_stay_objects() -> None:
    value: Any = with_field({"street": "x"}, "HOLOGRAM").fields["k"].value
    assert value == {"street": "x"}


@pytest.mark.parametrize("key", ["updatedAt", "externalId", "httpLink"])
@pytest.mark.parametrize("changes", [{}, {"value": None}, {"value": "x"}], ids=["absent", "null", "given"])
def test_absent_and_null_keys_read_as_none_and_stay_apart(key: str, changes: dict[str, str | None]) -> None:
    given = document(**({key: changes["value"]} if changes else {}))
    record = decode(given)
    attribute = {"updatedAt": "updated_at", "externalId": "external_id", "httpLink": "http_link"}[key]
    assert getattr(record, attribute) == changes.get("value")
    assert record.to_dict() == given
    assert json.loads(record.to_json()) == given


def test_a_field_without_a_value_reads_as_none_and_stays_without() -> None:
    record = decode(document(fields={"k": {"valueType": "TEXT"}}))
    assert record.fields["k"].value is None
    assert record.to_dict()["fields"] == {"k": {"valueType": "TEXT"}}


def test_unknown_keys_are_ignored_and_the_last_of_two_equal_keys_counts() -> None:
    text = json.dumps(document(accessLevel="FULL", future={"a": [1]}))[:-1] + ', "id": "opp_2"}'
    assert DECODER.decode(text).id == "opp_2"


def test_directions_of_a_relationship_to_its_own_type() -> None:
    ends = {"asSource": {"cardinality": "HAS_ONE", "values": ["acc_1"]}, "asDestination": None}
    given = {"cardinality": "has_many", "objectType": "account", "values": ["acc_1"], "directions": ends}
    relationship = decode(document(relationships={"parent": given})).relationships["parent"]
    assert relationship.directions is not None
    assert relationship.directions.as_source is not None
    assert relationship.directions.as_source.values == ["acc_1"]
    assert relationship.directions.as_destination is None
    assert msgspec.to_builtins(relationship) == given


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {},
        None,
        document(id=None),
        document(id=5),
        document(createdAt=5),
        document(fields=[]),
        document(fields={"k": 5}),
    ],
)
def test_documents_of_another_shape_are_refused(broken: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(broken)


DUPLICATES: dict[str, Callable[[Opportunity], Opportunity]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda record: pickle.loads(pickle.dumps(record)),
    "replace": msgspec.structs.replace,
}


@pytest.mark.parametrize("way", DUPLICATES)
@pytest.mark.parametrize("text", [DOCUMENTED, FULL], ids=["documented", "full"])
def test_a_copy_is_equal_and_keeps_absent_keys_absent(way: str, text: str) -> None:
    record = DECODER.decode(text)
    duplicate = DUPLICATES[way](record)
    assert duplicate == record
    assert duplicate.to_dict() == json.loads(text)


@pytest.mark.parametrize("frozen", [Opportunity, FieldValue, Relationship, Address, FullName])
def test_models_are_frozen(frozen: type[msgspec.Struct]) -> None:
    assert frozen.__struct_config__.frozen


def test_the_official_name_is_an_alias() -> None:
    assert OpportunityRetrieveResponse is Opportunity


TEXTS = st.text(max_size=8)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from(VALUE_TYPES.split()) | TEXTS
END = st.fixed_dictionaries({"cardinality": TEXTS, "values": st.lists(TEXTS, max_size=3)})
DIRECTIONS = st.none() | st.fixed_dictionaries(
    {}, optional={"asSource": END | st.none(), "asDestination": END | st.none()}
)
FIELDS = st.fixed_dictionaries({"valueType": TYPES}, optional={"value": JSON})
RELATIONSHIPS = st.fixed_dictionaries(
    {"cardinality": TEXTS, "objectType": TEXTS, "values": st.lists(TEXTS, max_size=3)},
    optional={"directions": DIRECTIONS},
)
DOCUMENTS = st.fixed_dictionaries(
    {
        "id": TEXTS,
        "createdAt": TEXTS,
        "fields": st.dictionaries(TEXTS, FIELDS, max_size=3),
        "relationships": st.dictionaries(TEXTS, RELATIONSHIPS, max_size=2),
    },
    optional={key: st.none() | TEXTS for key in ("httpLink", "updatedAt", "externalId")},
)


@given(given_document=DOCUMENTS)
def test_any_document_of_the_right_shape_round_trips(given_document: dict[str, Any]) -> None:
    record = decode(given_document)
    assert record.to_dict() == given_document
    assert json.loads(record.to_json()) == given_document
