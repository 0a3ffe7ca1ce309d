"""Are definitions, options, histories and merges pleasant to read?"""

import pytest
from msgspec.json import decode

from lightfield import LightfieldValueError
from lightfield.models import (
    Account,
    Address,
    Definitions,
    FieldHistory,
    FileUpload,
    FileURL,
    FullName,
    MergeResult,
    Option,
)

STAGES = b"""{
  "objectType": "opportunity",
  "fieldDefinitions": {
    "$name": {"label": "Name", "valueType": "TEXT", "typeConfiguration": {}, "description": null},
    "$stage": {
      "label": "Stage", "valueType": "SINGLE_SELECT", "readOnly": false, "typeConfiguration": {"options": [
        {"id": "opt_1", "label": "Qualified"},
        {"id": "opt_2", "label": "Closed  Won", "description": "Signed"},
        {"id": "opt_3", "label": "Stra\xc3\x9fe"},
        {"id": "opt_4", "label": "Lost", "parentId": "opt_a"},
        {"id": "opt_5", "label": "lost", "parentId": "opt_b"}
      ]}
    }
  },
  "relationshipDefinitions": {
    "$account": {"label": "Account", "cardinality": "HAS_ONE", "objectType": "account", "description": null},
    "parent": {"label": "Parent", "cardinality": "HAS_MANY", "objectType": "opportunity", "directions": {
      "asSource": {"cardinality": "HAS_ONE", "label": "Parent"},
      "asDestination": {"cardinality": "HAS_MANY", "label": "Children"}
    }}
  }
}"""
DEFINITIONS = decode(STAGES, type=Definitions)
STAGE = DEFINITIONS.field_definitions["$stage"]


@pytest.mark.parametrize(
    ("label", "id"),
    [("Qualified", "opt_1"), ("qualified", "opt_1"), (" closed won ", "opt_2"), ("STRASSE", "opt_3")],
)
def test_an_option_is_found_by_its_label(label: str, id: str) -> None:
    assert STAGE.by_label(label).id == id


def test_a_label_that_is_none_or_several_is_a_clear_error() -> None:
    with pytest.raises(
        LightfieldValueError, match=r"'Stage' has no option labelled 'Won'. It has 'Qualified', 'Closed"
    ):
        STAGE.by_label("Won")
    with pytest.raises(LightfieldValueError, match=r"'Stage' has 2 options labelled 'Lost' \(opt_4, opt_5\)"):
        STAGE.by_label("Lost")
    with pytest.raises(LightfieldValueError, match=r"'Name' has no option labelled 'x'. It has no options"):
        DEFINITIONS.field_definitions["$name"].by_label("x")


def test_an_option_is_found_by_the_id_that_a_record_holds() -> None:
    assert STAGE.by_id("opt_2") == Option(id="opt_2", label="Closed  Won", description="Signed")
    assert STAGE.by_id("opt_9") is None
    assert STAGE.by_id(None) is None
    assert DEFINITIONS.field_definitions["$name"].options == []


def test_a_relationship_with_its_own_type_has_directions() -> None:
    parent = DEFINITIONS.relationship_definitions["parent"]
    assert parent.directions is not None
    assert parent.directions.as_destination.label == "Children"
    assert DEFINITIONS.relationship_definitions["$account"].directions is None


def test_definitions_go_back_to_the_wire_as_they_came() -> None:
    assert DEFINITIONS.to_dict() == decode(STAGES)


def test_values_of_a_history_are_typed_like_those_of_a_record() -> None:
    change = (
        '{"value": %s, "valueType": "%s", "displayValue": "x", "isCreate": false, "recordedAt": "2026-05-01T16:00:00Z"}'
    )
    values = [('{"city": "Oslo"}', "ADDRESS"), ('{"lastName": "Li"}', "FULL_NAME"), ("5", "NUMBER"), ("null", "TEXT")]
    data = ", ".join(change % value for value in values)
    history = decode(f'{{"data": [{data}], "hasMore": false}}', type=FieldHistory)
    assert [found.value for found in history.data] == [Address(city="Oslo"), FullName(last_name="Li"), 5, None]
    assert history.next_cursor is None


def test_a_merge_holds_the_record_that_remains() -> None:
    primary = '{"id": "acc_1", "createdAt": "2026-05-01T16:00:00Z", "fields": {}, "relationships": {}}'
    document = (
        f'{{"merge": {{"id": "mrg_1", "status": "done"}}, "primary": {primary}, '
        '"summary": {"fieldWriteCount": 1, "syncRepointedCount": 0, "warnings": []}}'
    )
    result = decode(document.encode(), type=MergeResult[Account])
    assert isinstance(result.primary, Account)
    assert (result.merge.status, result.summary.field_write_count) == ("done", 1)


def test_signed_addresses_are_not_shown() -> None:
    ticket = FileUpload(
        id="fil_1",
        created_at="2026-05-01T16:00:00Z",
        filename="a.txt",
        mime_type="text/plain",
        size_bytes=1,
        status="PENDING",
        upload_url="https://h/?signature=5ecret",
        upload_headers={},
    )
    link = FileURL(url="https://h/?signature=5ecret", expires_at="2026-05-01T16:00:00Z")
    for shown in (repr(ticket), str(ticket), f"{ticket}", repr(link), str(link), repr([ticket, link])):
        assert "5ecret" not in shown
    assert "a.txt" in repr(ticket)
