"""Does a repeated idempotency key get the first answer again, and nothing but that?"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.testing.sandbox_calls import HEADERS, Api, calling

MEETING = {"$title": "x", "$startDate": "2026-01-05T09:00:00Z", "$endDate": "2026-01-05T10:00:00Z"}
MESSAGE = {
    "from": "larkspur@seller.example",
    "to": ["a@b.example"],
    "subject": "x",
    "messageBody": {"content": "x"},
}
LOGGED = {"$from": "larkspur@seller.example", "$to": ["a@b.example"], "$sentAt": "2026-01-05T09:00:00Z"}
COVERED: dict[str, Any] = {
    "/v1/accounts": {"fields": {"$name": "x"}},
    "/v1/contacts": {"fields": {}},
    "/v1/opportunities": {"fields": {"$name": "x"}, "relationships": {"$account": "acc_northwind_traders"}},
    "/v1/tasks": {"fields": {"$title": "x", "$status": "TODO"}, "relationships": {"$assignedTo": "mem_larkspur"}},
    "/v1/notes": {"fields": {"$title": "x"}},
    "/v1/meetings": {"fields": MEETING},
    "/v1/lists": {"fields": {"$name": "x", "$objectType": "$account"}},
    "/v1/emails/log": {"fields": LOGGED},
    "/v1/emails/send": MESSAGE,
    "/v1/emails/draft": MESSAGE,
}


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=2) as opened:
        yield opened


@pytest.mark.parametrize("path", COVERED)
async def test_creation_happens_once_whatever_the_payload(api: Api, path: str) -> None:
    collection = path.removeprefix("/v1/").split("/")[0]
    first = await api.post(path, COVERED[path], key="key")
    made = len(api.sandbox.records(collection))
    broken = {"fields": {"bogus": 1}}
    await api.post(path, broken, 400, key="other")
    assert await api.post(path, broken, key="key") == first
    assert len(api.sandbox.records(collection)) == made


async def test_update_happens_once(api: Api) -> None:
    path = "/v1/accounts/acc_northwind_traders"
    first = await api.post(path, {"fields": {"icp-score": 1}}, key="key")
    assert await api.post(path, {"fields": {"icp-score": 2}}, key="key") == first
    assert (await api.get(path))["fields"]["icp-score"]["value"] == 1
    await api.post(path, {"fields": {"icp-score": 2}}, key="other")
    assert (await api.get(path))["fields"]["icp-score"]["value"] == 2


async def test_key_counts_for_one_operation(api: Api) -> None:
    account = await api.post("/v1/accounts", {"fields": {"$name": "x"}}, key="key")
    contact = await api.post("/v1/contacts", {"fields": {}}, key="key")
    assert contact["id"] in api.sandbox.records("contacts")
    updated = await api.post(f"/v1/accounts/{account['id']}", {"fields": {"$name": "y"}}, key="key")
    assert updated["fields"]["$name"]["value"] == "y"


async def test_failure_is_not_remembered(api: Api) -> None:
    await api.post("/v1/accounts", {"fields": {}}, 400, key="key")
    made = await api.post("/v1/accounts", {"fields": {"$name": "x"}}, key="key")
    assert await api.post("/v1/accounts", {"fields": {}}, key="key") == made


async def test_operation_without_support_runs_again(api: Api) -> None:
    path, sent = "/v1/objects/project/values", {"fields": {"$name": "x"}}
    assert await api.post(path, sent, key="key") != await api.post(path, sent, key="key")


async def test_key_may_have_255_characters(api: Api) -> None:
    await api.post("/v1/accounts", {"fields": {"$name": "x"}}, key="k" * 255)
    error = (await api.post("/v1/accounts", {"fields": {"$name": "x"}}, 400, key="k" * 256))["error"]
    assert (error["code"], error["param"]) == ("idempotency_key_too_long", "Idempotency-Key")


async def test_key_is_taken_until_its_call_has_been_answered() -> None:
    async with calling(opportunities=0, latency=0.05) as api:

        async def create() -> tuple[int, Any]:
            headers = {**HEADERS, "Idempotency-Key": "key"}
            sent = {"fields": {"$name": "x"}}
            async with api.session.post("/v1/accounts", json=sent, headers=headers) as response:
                return response.status, await response.json()

        before = len(api.sandbox.ids("accounts"))
        answers = sorted(await asyncio.gather(create(), create()), key=lambda answer: answer[0])
        assert [status for status, _ in answers] == [200, 409]
        assert answers[1][1]["type"] == "idempotency_conflict"
        assert await create() == answers[0]
        assert len(api.sandbox.ids("accounts")) == before + 1
