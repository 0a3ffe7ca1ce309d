"""Does what takes its time in the API take a few looks in the sandbox?"""

from collections.abc import AsyncIterator

import pytest

from tests.unit.testing.sandbox_calls import Api, calling

ACCOUNT = "acc_northwind_traders"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=0) as opened:
        yield opened


async def test_key_may_do_everything(api: Api) -> None:
    assert await api.get("/v1/auth/validate") == {
        "active": True,
        "scopes": [],
        "subjectType": "user",
        "tokenType": "api_key",
    }


async def test_enrichment_is_queued_then_running_then_completed(api: Api) -> None:
    started = await api.post(f"/v1/enrichmentRun/accounts/{ACCOUNT}", {"fields": ["headcount"]})
    run = started["enrichmentRun"]
    assert (started["status"], started["reason"]) == ("started", None)
    assert (run["status"], run["entityId"], run["entityType"]) == ("queued", ACCOUNT, "account")
    assert (run["trigger"], run["targetFields"]) == ("manual", ["headcount"])
    seen = [await api.get(f"/v1/enrichmentRun/{run['id']}") for _ in range(4)]
    assert [each["status"] for each in seen] == ["queued", "running", "completed", "completed"]
    assert [each["startedAt"] is None for each in seen] == [True, False, False, False]
    assert [each["completedAt"] is None for each in seen] == [True, True, False, False]
    await api.get("/v1/enrichmentRun/run_unknown", 404)


async def test_record_is_enriched_once_at_a_time(api: Api) -> None:
    path = f"/v1/enrichmentRun/accounts/{ACCOUNT}"
    first = await api.post(path)
    again = await api.post(path, {})
    assert (again["status"], again["enrichmentRun"]) == ("already_running", first["enrichmentRun"])
    for _ in range(3):
        await api.get(f"/v1/enrichmentRun/{first['enrichmentRun']['id']}")
    later = await api.post(path)
    assert later["status"] == "started"
    assert later["enrichmentRun"]["id"] != first["enrichmentRun"]["id"]


async def test_enrichment_needs_something_to_look_for_and_something_to_go_by(api: Api) -> None:
    path = f"/v1/enrichmentRun/contacts/{api.sandbox.ids('contacts')[0]}"
    for fields in (["phone"], ["name", "email", "linkedIn", "title"]):
        assert await api.refused(path, {"fields": fields}) == ("enrichment_fields_not_enrichable", "fields")
    assert await api.refused(path, {"fields": ["bogus"]}) == ("unknown_field", "fields")
    skipped = await api.post(path, {"fields": []})
    assert skipped == {"status": "skipped", "reason": "no_targets", "enrichmentRun": None}
    assert (await api.post(path, {"fields": ["phone", "title"]}))["status"] == "started"
    assert await api.refused("/v1/enrichmentRun/tasks/tsk_1", {}) == (None, "entitySlug")
    await api.post("/v1/enrichmentRun/contacts/con_unknown", {}, 404)


async def test_workflow_runs_twice_and_is_completed_then(api: Api) -> None:
    for identifier in ("one", "two"):
        seen = [await api.get(f"/v1/workflowRun/{identifier}/status") for _ in range(4)]
        assert [each["status"] for each in seen] == ["running", "running", "completed", "completed"]
