"""Does the sandbox take the values that a type allows, refuse the others, and read them back in the API's shape?"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.testing.sandbox_calls import Api, calling

NOWHERE = dict.fromkeys(
    ("street", "street2", "city", "state", "postalCode", "country", "latitude", "longitude"),
)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=2) as opened:
        yield opened


@pytest.mark.parametrize(
    ("key", "sent", "read"),
    [
        ("$nextStep", "Grüße", "Grüße"),
        ("priority", 3, 3),
        ("priority", -2.25, -2.25),
        ("$amount", 9007199254740991, 9007199254740991),
        ("approved", False, False),
        ("$closeDate", "2026-03-16T12:00:00+02:00", "2026-03-16T10:00:00.000Z"),
        ("$closeDate", "2026-03-16T12:00:00.1234Z", "2026-03-16T12:00:00.123Z"),
        ("documents", "https://a.example", ["https://a.example"]),
        ("documents", ["https://a.example", "https://b.example"], ["https://a.example", "https://b.example"]),
        ("billing-contacts", [], []),
        ("billing-address", {"city": "Town", "latitude": 5}, NOWHERE | {"city": "Town", "latitude": 5}),
        ("signatory", {"lastName": "Example"}, {"firstName": None, "lastName": "Example"}),
        ("$stage", "opt_stage_demo", "opt_stage_demo"),
        ("$stage", "Demo", "opt_stage_demo"),
        ("products", ["core", "opt_product_archive", "opt_product_core"], ["opt_product_core", "opt_product_archive"]),
        ("priority", None, None),
    ],
)
async def test_value_is_read_in_the_shape_of_its_type(api: Api, key: str, sent: object, read: object) -> None:
    path = f"/v1/opportunities/{api.sandbox.opportunity_ids[0]}"
    fields = (await api.post(path, {"fields": {key: sent}}))["fields"]
    definition = (await api.get("/v1/opportunities/definitions"))["fieldDefinitions"][key]
    assert fields[key] == {"value": read, "valueType": definition["valueType"]}


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        ("$nextStep", 5),
        ("$nextStep", ["x"]),
        ("priority", "3"),
        ("priority", True),
        ("priority", 1.005),
        ("$amount", 9007199254740992),
        ("approved", "true"),
        ("approved", 1),
        ("$closeDate", "2026-03-16T12:00:00"),
        ("$closeDate", "2026-03-16"),
        ("$closeDate", "soon"),
        ("$closeDate", ""),
        ("$closeDate", "0001-01-01T00:00:00+14:00"),
        ("$closeDate", 1700000000),
        ("documents", [5]),
        ("documents", {"url": "x"}),
        ("billing-address", "1 Lane"),
        ("billing-address", {"latitude": "north"}),
        ("signatory", "Buyer Example"),
        ("$stage", "Nothing"),
        ("$stage", ["Demo"]),
        ("products", "core"),
        ("products", ["nothing"]),
    ],
)
async def test_value_of_another_type_is_refused(api: Api, key: str, sent: object) -> None:
    path = f"/v1/opportunities/{api.sandbox.opportunity_ids[0]}"
    before = await api.get(path)
    assert await api.refused(path, {"fields": {key: sent}}) == ("invalid_type", f"fields.{key}")
    assert await api.get(path) == before


async def test_single_addresses_are_no_lists(api: Api) -> None:
    sent: dict[str, Any] = {"fields": {"$profilePhotoUrl": "https://a.example/1.png", "$email": "a@b.example"}}
    fields = (await api.post("/v1/contacts", sent))["fields"]
    assert fields["$profilePhotoUrl"]["value"] == "https://a.example/1.png"
    assert fields["$email"]["value"] == ["a@b.example"]
    sent["fields"]["$profilePhotoUrl"] = ["https://a.example/1.png", "https://a.example/2.png"]
    assert await api.refused("/v1/contacts", sent) == ("invalid_type", "fields.$profilePhotoUrl")


async def test_a_type_that_the_sandbox_does_not_know_takes_anything(api: Api) -> None:
    api.sandbox.definitions("accounts")["fieldDefinitions"]["shape"] = {
        "label": "Shape",
        "description": None,
        "valueType": "GEOMETRY",
        "typeConfiguration": {},
    }
    made = await api.post("/v1/accounts", {"fields": {"$name": "x", "shape": [1, {"a": None}]}})
    assert made["fields"]["shape"] == {"value": [1, {"a": None}], "valueType": "GEOMETRY"}


async def test_a_meeting_has_500_attendees_at_most(api: Api) -> None:
    times = {"$startDate": "2026-01-05T09:00:00Z", "$endDate": "2026-01-05T10:00:00Z"}
    attendees = [f"p{number}@a.example" for number in range(501)]
    sent = {"fields": {"$title": "x", **times, "$attendeeEmails": attendees}}
    assert await api.refused("/v1/meetings", sent, 422) == (None, "fields.$attendeeEmails")
    attendees.pop()
    assert (await api.post("/v1/meetings", sent))["fields"]["$attendeeEmails"]["value"] == attendees


async def test_meetings_lie_in_the_past(api: Api) -> None:
    times = {"$startDate": "2026-01-05T09:00:00Z", "$endDate": "2999-01-05T10:00:00Z"}
    sent = {"fields": {"$title": "x", **times}}
    assert await api.refused("/v1/meetings", sent, 422) == (None, "fields.$endDate")
    sent["fields"]["$endDate"] = "2026-01-05T08:00:00Z"
    assert await api.refused("/v1/meetings", sent, 422) == (None, "fields.$endDate")


async def test_definitions_describe_every_field_of_the_seeded_records() -> None:
    async with calling(opportunities=30) as api:
        for name in ("accounts", "contacts", "opportunities", "meetings", "notes", "tasks", "objects/project"):
            defined = await api.get(f"/v1/{name}/definitions")
            records = list(api.sandbox.records(name.removeprefix("objects/")).values())
            assert records
            for record in records:
                types = {key: each["valueType"] for key, each in record["fields"].items()}
                assert types == {key: each["valueType"] for key, each in defined["fieldDefinitions"].items()}
                for key, related in record["relationships"].items():
                    expected = defined["relationshipDefinitions"][key]
                    assert expected["cardinality"] == related["cardinality"]
                    assert expected["objectType"] == related["objectType"]
                _selects(record["fields"], defined["fieldDefinitions"])


def _selects(fields: Any, definitions: Any) -> None:
    for key, definition in definitions.items():
        value: Any = fields[key]["value"]
        chosen: list[Any] = [value] if isinstance(value, str) else value or []
        if "SELECT" in definition["valueType"]:
            assert set(chosen) <= {option["id"] for option in definition["typeConfiguration"]["options"]}


async def test_everything_that_seeded_opportunities_point_at_is_there() -> None:
    async with calling(opportunities=60) as api:
        for opportunity in api.sandbox.opportunities.values():
            for key, name in {
                "$account": "accounts",
                "$owner": "members",
                "$createdBy": "members",
                "$champion": "contacts",
                "$evaluator": "contacts",
            }.items():
                assert set(opportunity["relationships"][key]["values"]) <= set(api.sandbox.ids(name))
        for account in api.sandbox.records("accounts").values():
            for identifier in account["relationships"]["$opportunity"]["values"]:
                related = api.sandbox.opportunities[identifier]["relationships"]
                assert related["$account"]["values"] == [account["id"]]
        for name in ("tasks", "notes", "meetings"):
            for identifier, record in api.sandbox.records(name).items():
                for at in record["relationships"]["$account"]["values"]:
                    account = api.sandbox.records("accounts")[at]
                    assert identifier in account["relationships"][f"${name[:-1]}"]["values"]
                for at in record["relationships"]["$opportunity"]["values"]:
                    related = api.sandbox.opportunities[at]["relationships"]
                    assert identifier in related[f"${name[:-1]}"]["values"]
