"""Do relationships in the sandbox change as in the API, and at both ends?"""

from collections.abc import AsyncIterator

import pytest

from tests.unit.testing.sandbox_calls import Api, calling

ACCOUNT, OTHER = "acc_northwind_traders", "acc_bramblewick_foods"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling() as opened:
        yield opened


async def _related(api: Api, path: str, key: str) -> list[str]:
    values: list[str] = (await api.get(path))["relationships"][key]["values"]
    return values


async def test_relationship_is_written_with_one_id_or_several(api: Api) -> None:
    one = await api.post("/v1/notes", {"fields": {"$title": "x"}, "relationships": {"$account": ACCOUNT}})
    assert one["relationships"]["$account"] == {
        "cardinality": "HAS_MANY",
        "objectType": "account",
        "values": [ACCOUNT],
    }
    sent = {"fields": {"$title": "x"}, "relationships": {"$account": [ACCOUNT, OTHER, ACCOUNT]}}
    assert (await api.post("/v1/notes", sent))["relationships"]["$account"]["values"] == [ACCOUNT, OTHER]


async def test_add_remove_and_replace(api: Api) -> None:
    made = await api.post("/v1/contacts", {"fields": {}, "relationships": {"$account": ACCOUNT}})
    path = f"/v1/contacts/{made['id']}"
    for operation, expected in (
        ({"add": OTHER}, [ACCOUNT, OTHER]),
        ({"add": [OTHER]}, [ACCOUNT, OTHER]),
        ({"remove": ACCOUNT}, [OTHER]),
        ({"remove": ACCOUNT}, [OTHER]),
        ({"add": ACCOUNT, "remove": [OTHER]}, [ACCOUNT]),
        ({"replace": OTHER}, [OTHER]),
        ({"replace": None}, []),
    ):
        updated = await api.post(path, {"relationships": {"$account": operation}})
        assert updated["relationships"]["$account"]["values"] == expected
        assert await _related(api, path, "$account") == expected


@pytest.mark.parametrize(
    "operation",
    [{}, "acc_northwind_traders", {"replace": ["x"]}, {"replace": "x", "add": "y"}, {"add": None}],
)
async def test_malformed_operation_is_refused(api: Api, operation: object) -> None:
    path = f"/v1/accounts/{ACCOUNT}"
    refused = await api.refused(path, {"relationships": {"$owner": operation}})
    assert refused == ("invalid_type", "relationships.$owner")


async def test_types_allow_different_operations(api: Api) -> None:
    note, meeting = (api.sandbox.ids(name)[0] for name in ("notes", "meetings"))
    replace = {"relationships": {"$account": {"replace": ACCOUNT}}}
    assert await api.refused(f"/v1/notes/{note}", replace) == ("invalid_type", "relationships.$account")
    assert await api.refused(f"/v1/meetings/{meeting}", replace) == (None, "relationships.$account")
    for operation in ({"replace": None}, {"add": "fil_1"}):
        sent = {"relationships": {"$transcript": operation}}
        assert await api.refused(f"/v1/meetings/{meeting}", sent) == ("invalid_type", "relationships.$transcript")


async def test_transcripts_of_a_meeting_pile_up(api: Api) -> None:
    meeting = f"/v1/meetings/{api.sandbox.ids('meetings')[0]}"
    announced = {"filename": "a.txt", "mimeType": "text/plain", "sizeBytes": 1}
    first, second = [(await api.post("/v1/files", announced))["id"] for _ in range(2)]
    for file in (first, second):
        await api.post(meeting, {"relationships": {"$transcript": {"replace": file}}})
    assert await _related(api, meeting, "$transcript") == [second]
    assert await _related(api, meeting, "$transcripts") == [first, second]


async def test_single_relationship_holds_one(api: Api) -> None:
    path = f"/v1/accounts/{OTHER}"
    await api.post(path, {"relationships": {"$owner": {"replace": "mem_larkspur"}}})
    sent = {"relationships": {"$owner": {"add": "mem_saffron"}}}
    assert await api.refused(path, sent, 422) == (None, "relationships.$owner")
    sent["relationships"]["$owner"]["remove"] = "mem_larkspur"
    assert (await api.post(path, sent))["relationships"]["$owner"]["values"] == ["mem_saffron"]


async def test_target_must_be_there_and_in_use(api: Api) -> None:
    path, param = f"/v1/opportunities/{api.sandbox.opportunity_ids[0]}", "relationships.$champion"
    for missing in ("con_unknown", ACCOUNT):
        sent = {"relationships": {"$champion": {"replace": missing}}}
        assert await api.refused(path, sent) == ("referenced_resource_missing", param)
    contact = api.sandbox.ids("contacts")[0]
    await api.delete(f"/v1/contacts/{contact}")
    sent = {"relationships": {"$champion": {"replace": contact}}}
    assert await api.refused(path, sent, 422) == ("relationship_entity_inactive", param)


async def test_relationships_kept_by_the_other_side_cannot_be_written(api: Api) -> None:
    task = api.sandbox.ids("tasks")[0]
    sent = {"relationships": {"$task": {"add": task}}}
    assert await api.refused(f"/v1/accounts/{ACCOUNT}", sent) == (None, "relationships.$task")


async def test_request_may_name_25_records(api: Api) -> None:
    contacts = api.sandbox.ids("contacts")
    path = f"/v1/accounts/{ACCOUNT}"
    sent = {"relationships": {"$contact": {"add": contacts[:20], "remove": contacts[20:26]}}}
    assert await api.refused(path, sent, 422) == ("relationship_write_limit_exceeded", "relationships")
    sent["relationships"]["$contact"]["remove"].pop()
    await api.post(path, sent)
    created = {"fields": {"$name": "New"}, "relationships": {"$contact": contacts[:26]}}
    assert await api.refused("/v1/accounts", created, 422) == ("relationship_write_limit_exceeded", "relationships")


async def test_other_end_knows(api: Api) -> None:
    sent = {"fields": {"$name": "New"}, "relationships": {"$account": ACCOUNT}}
    made = (await api.post("/v1/opportunities", sent))["id"]
    assert made in await _related(api, f"/v1/accounts/{ACCOUNT}", "$opportunity")
    await api.post(f"/v1/opportunities/{made}", {"relationships": {"$account": {"replace": OTHER}}})
    assert made not in await _related(api, f"/v1/accounts/{ACCOUNT}", "$opportunity")
    assert made in await _related(api, f"/v1/accounts/{OTHER}", "$opportunity")
    task = {"fields": {"$title": "x", "$status": "TODO"}, "relationships": {"$assignedTo": "mem_larkspur"}}
    task["relationships"]["$opportunity"] = made
    tasked = (await api.post("/v1/tasks", task))["id"]
    assert await _related(api, f"/v1/opportunities/{made}", "$task") == [tasked]
    note = {"fields": {"$title": "x"}, "relationships": {"$meeting": api.sandbox.ids("meetings")[:1]}}
    noted = (await api.post("/v1/notes", note))["id"]
    assert noted in await _related(api, f"/v1/meetings/{api.sandbox.ids('meetings')[0]}", "$note")


async def test_other_end_that_was_put_in_by_hand_may_lack_the_relationship(api: Api) -> None:
    del api.sandbox.records("accounts")[ACCOUNT]["relationships"]["$opportunity"]
    sent = {"fields": {"$name": "New"}, "relationships": {"$account": ACCOUNT}}
    made = await api.post("/v1/opportunities", sent)
    assert made["relationships"]["$account"]["values"] == [ACCOUNT]
    assert "$opportunity" not in (await api.get(f"/v1/accounts/{ACCOUNT}"))["relationships"]


async def test_relationship_that_both_ends_write_is_one(api: Api) -> None:
    contact = (await api.post("/v1/contacts", {"fields": {}}))["id"]
    await api.post(f"/v1/accounts/{ACCOUNT}", {"relationships": {"$contact": {"add": contact}}})
    assert await _related(api, f"/v1/contacts/{contact}", "$account") == [ACCOUNT]
    await api.post(f"/v1/contacts/{contact}", {"relationships": {"$account": {"remove": ACCOUNT}}})
    assert contact not in await _related(api, f"/v1/accounts/{ACCOUNT}", "$contact")


async def test_relationship_with_the_own_type_has_two_ends(api: Api) -> None:
    made: list[str] = []
    for name in "abc":
        sent = {"fields": {"$name": name}, "relationships": {"$account": ACCOUNT}}
        made.append((await api.post("/v1/opportunities", sent))["id"])
    first, second, third = made
    for follower in (second, third):
        await api.post(f"/v1/opportunities/{follower}", {"relationships": {"follows": {"add": first}}})
    await api.post(f"/v1/opportunities/{first}", {"relationships": {"follows": {"add": third}}})
    follows = (await api.get(f"/v1/opportunities/{first}"))["relationships"]["follows"]
    assert follows["values"] == [third, second]
    assert {end: each["values"] for end, each in follows["directions"].items()} == {
        "asSource": [third],
        "asDestination": [second, third],
    }
    await api.post(f"/v1/opportunities/{third}", {"relationships": {"follows": {"replace": None}}})
    assert await _related(api, f"/v1/opportunities/{first}", "follows") == [third, second]
    assert await _related(api, f"/v1/opportunities/{third}", "follows") == [first]


async def test_somebody_acts_where_nobody_is_named(api: Api) -> None:
    sent = {"fields": {"$name": "New"}, "relationships": {"$account": ACCOUNT}}
    made = await api.post("/v1/opportunities", sent)
    assert made["relationships"]["$createdBy"]["values"] == ["mem_larkspur"]
    assert made["fields"]["$stage"]["value"] == "opt_stage_lead"
    staged = {"fields": {"$name": "New", "$stage": "Demo"}, "relationships": {"$account": ACCOUNT}}
    assert (await api.post("/v1/opportunities", staged))["fields"]["$stage"]["value"] == "opt_stage_demo"
    update = {"relationships": {"$createdBy": {"replace": "mem_saffron"}}}
    assert await api.refused(f"/v1/opportunities/{made['id']}", update) == (None, "relationships.$createdBy")
    sent["relationships"]["$createdBy"] = "mem_saffron"
    assert (await api.post("/v1/opportunities", sent))["relationships"]["$createdBy"]["values"] == ["mem_saffron"]
