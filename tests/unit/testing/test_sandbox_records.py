"""Do records come, change and go in the sandbox as in the API?"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from lightfield.testing import Sandbox
from tests.unit.testing.sandbox_calls import HEADERS, Api, calling

ACCOUNT = "acc_northwind_traders"
CREATED: dict[str, dict[str, Any]] = {
    "/v1/accounts": {"fields": {"$name": "Acme"}},
    "/v1/contacts": {"fields": {}},
    "/v1/opportunities": {"fields": {"$name": "Acme"}, "relationships": {"$account": ACCOUNT}},
    "/v1/tasks": {"fields": {"$title": "Call", "$status": "TODO"}, "relationships": {"$assignedTo": "mem_larkspur"}},
    "/v1/notes": {"fields": {"$title": "Call"}, "relationships": {"$account": [ACCOUNT]}},
    "/v1/meetings": {
        "fields": {"$title": "Call", "$startDate": "2026-01-05T09:00:00Z", "$endDate": "2026-01-05T10:00:00Z"}
    },
    "/v1/lists": {"fields": {"$name": "Best", "$objectType": "$account"}},
    "/v1/objects/project/values": {"fields": {"$name": "Move"}},
}
EACH = pytest.mark.parametrize("path", CREATED)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling() as opened:
        yield opened


@EACH
async def test_what_was_created_can_be_read_and_is_the_first_on_the_list(api: Api, path: str) -> None:
    made = await api.post(path, CREATED[path])
    assert await api.get(f"{path}/{made['id']}") == made
    assert (await api.listed(path.removesuffix("/values")))[0] == made["id"]
    for key, value in CREATED[path]["fields"].items():
        read = made["fields"][key]["value"]
        if made["fields"][key]["valueType"] == "DATETIME":
            assert datetime.fromisoformat(read) == datetime.fromisoformat(value)
        else:
            assert read == value


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("/v1/accounts", "fields.$name"),
        ("/v1/opportunities", "fields.$name"),
        ("/v1/opportunities", "relationships.$account"),
        ("/v1/tasks", "fields.$title"),
        ("/v1/tasks", "fields.$status"),
        ("/v1/tasks", "relationships.$assignedTo"),
        ("/v1/notes", "fields.$title"),
        ("/v1/meetings", "fields.$title"),
        ("/v1/meetings", "fields.$startDate"),
        ("/v1/meetings", "fields.$endDate"),
        ("/v1/lists", "fields.$name"),
        ("/v1/lists", "fields.$objectType"),
        ("/v1/accounts", "fields"),
    ],
)
async def test_what_is_required_cannot_be_left_out(api: Api, path: str, param: str) -> None:
    part, _, key = param.partition(".")
    sent = {name: dict(values) for name, values in CREATED[path].items()}
    if key:
        del sent[part][key]
    else:
        del sent[part]
    before = await api.get(path)
    assert await api.refused(path, sent) == ("parameter_missing", param)
    assert await api.get(path) == before


async def test_update_is_partial_and_null_clears(api: Api) -> None:
    made = await api.post("/v1/accounts", {"fields": {"$name": "Acme", "icp-score": 7, "tier": "Gold"}})
    updated = await api.post(f"/v1/accounts/{made['id']}", {"fields": {"tier": None, "icp-score": 8.25}})
    assert updated["fields"]["$name"]["value"] == "Acme"
    assert updated["fields"]["tier"] == {"value": None, "valueType": "SINGLE_SELECT"}
    assert updated["fields"]["icp-score"] == {"value": 8.25, "valueType": "NUMBER"}
    assert updated == await api.get(f"/v1/accounts/{made['id']}")


async def test_refused_update_changes_nothing(api: Api) -> None:
    path = f"/v1/accounts/{ACCOUNT}"
    before = await api.get(path)
    sent: dict[str, object] = {"fields": {"$name": "New", "bogus": 1}, "relationships": {"$owner": {"replace": None}}}
    assert await api.refused(path, sent) == ("unknown_field", "fields.bogus")
    assert await api.refused(path, {**sent, "fields": {"$name": 5}}) == ("invalid_type", "fields.$name")
    sent = {"fields": {"$name": "New"}, "relationships": {"$nothing": {"replace": None}}}
    assert await api.refused(path, sent) == ("unknown_relationship", "relationships.$nothing")
    assert await api.get(path) == before


@pytest.mark.parametrize("key", ["$nothing", "nothing"])
async def test_unknown_field_is_refused_on_creation(api: Api, key: str) -> None:
    sent = {"fields": {"$name": "Acme", key: "x"}}
    assert await api.refused("/v1/accounts", sent) == ("unknown_field", f"fields.{key}")


async def test_fields_that_the_api_sets_cannot_be_written(api: Api) -> None:
    path = f"/v1/opportunities/{api.sandbox.opportunity_ids[0]}"
    assert await api.refused(path, {"fields": {"$opportunityStatus": "Won"}}) == (None, "fields.$opportunityStatus")
    assert (await api.post(path, {"fields": {"$stage": "Won"}}))["fields"]["$opportunityStatus"]["value"] == (
        "opt_status_won"
    )
    meeting = f"/v1/meetings/{api.sandbox.ids('meetings')[0]}"
    assert await api.refused(meeting, {"fields": {"$title": "x"}}) == (None, "fields.$title")
    assert (await api.post(meeting, {"fields": {"$meetingPrep": "x"}}))["fields"]["$meetingPrep"]["value"] == "x"


@EACH
async def test_deleted_record_is_gone_until_it_is_restored(api: Api, path: str) -> None:
    made = await api.post(path, CREATED[path])
    here, name = f"{path}/{made['id']}", path.removesuffix("/values").rsplit("/", 1)[1]
    assert await api.delete(here) == made
    assert (await api.get(here, 404))["error"]["type"] == "not_found"
    assert made["id"] not in await api.listed(path.removesuffix("/values"))
    assert (made["id"] in api.sandbox.trash(name), made["id"] in api.sandbox.records(name)) == (True, False)
    if name == "meetings":
        await api.delete(here, 404)
    else:
        assert await api.delete(here) == made
    if name == "lists":
        await api.post(f"{here}/restore", status=404)
        return
    assert await api.post(f"{here}/restore") == made
    assert await api.post(f"{here}/restore", {}) == made
    assert await api.get(here) == made
    assert made["id"] in await api.listed(path.removesuffix("/values"))


async def test_trashed_records_have_a_list_of_their_own(api: Api) -> None:
    first, second, third = api.sandbox.ids("accounts")[:3]
    await api.delete(f"/v1/accounts/{second}")
    await api.delete(f"/v1/accounts/{first}")
    assert await api.listed("/v1/accounts", ("status", "trashed")) == [second, first]
    assert await api.listed("/v1/accounts", ("status", "trashed"), ("$name", "Northwind Traders")) == [first]
    assert (await api.listed("/v1/accounts", ("status", "active")))[-1] == third
    assert (await api.get("/v1/accounts?status=gone", 400))["error"]["param"] == "status"
    await api.post(f"/v1/accounts/{second}/restore")
    assert (await api.listed("/v1/accounts"))[-2:] == [third, second]


async def test_unknown_records_are_not_found(api: Api) -> None:
    await api.post("/v1/accounts/acc_unknown", {"fields": {}}, 404)
    await api.delete("/v1/accounts/acc_unknown", 404)
    await api.post("/v1/accounts/acc_unknown/restore", status=404)
    await api.get(f"/v1/contacts/{ACCOUNT}", 404)
    for path in ("/v1/objects/nothing", "/v1/objects/accounts", "/v1/objects/nothing/definitions"):
        await api.get(path, 404)


async def test_members_can_only_be_read(api: Api) -> None:
    member = await api.get("/v1/members/mem_larkspur")
    assert member["fields"]["$email"] == {"value": "larkspur@seller.example", "valueType": "EMAIL"}
    assert len((await api.get("/v1/members"))["data"]) == 5
    await api.post("/v1/members/mem_larkspur", {"fields": {}}, 405)
    await api.delete("/v1/members/mem_larkspur", 405)


async def test_body_must_be_json_and_say_so(api: Api) -> None:
    async def status(content: bytes, kind: str, method: str = "POST", path: str = f"/v1/accounts/{ACCOUNT}") -> int:
        headers = {**HEADERS, "Content-Type": kind}
        async with api.session.request(method, path, data=content, headers=headers) as response:
            return response.status

    assert await status(b'{"fields": {}}', "application/json") == 200
    assert await status(b'{"fields": {}}', "application/json; charset=utf-8") == 200
    assert await status(b"", "text/plain") == 200
    assert await status(b'{"fields": {}}', "text/plain") == 415
    assert await status(b"{", "application/json") == 400
    assert await status(b"\xff", "application/json") == 400
    assert await status(b"[]", "application/json") == 400
    assert await status(b'{"fields": []}', "application/json") == 400
    assert await status(b'{"fields": {"$name": ' + b"[" * 100_000, "application/json") == 400
    assert await status(b"{}", "text/plain", "DELETE") == 415
    assert await status(b"{}", "application/json", "DELETE") == 200


async def test_documents_put_in_by_hand_are_served_and_may_get_definitions() -> None:
    async with calling(opportunities=2) as api:
        field: Any = {"value": "platinum", "valueType": "TEXT"}
        api.sandbox.opportunities["opp_mine"] = {
            "id": "opp_mine",
            "createdAt": "2026-01-01T00:00:00.000Z",
            "httpLink": None,
            "fields": {"grade": field},
            "relationships": {},
        }
        assert (await api.get("/v1/opportunities/opp_mine"))["fields"] == {"grade": field}
        assert (await api.listed("/v1/opportunities"))[-1] == "opp_mine"
        path, sent = "/v1/opportunities/opp_mine", {"fields": {"grade": "gold"}}
        assert await api.refused(path, sent) == ("unknown_field", "fields.grade")
        api.sandbox.definitions("opportunities")["fieldDefinitions"]["grade"] = {
            "label": "Grade",
            "description": None,
            "valueType": "TEXT",
            "typeConfiguration": {},
        }
        assert await api.listed("/v1/opportunities", ("grade[equal]", "platinum")) == ["opp_mine"]
        assert (await api.post(path, sent))["fields"]["grade"]["value"] == "gold"
        assert "grade" not in Sandbox().definitions("opportunities")["fieldDefinitions"]
