"""Do the checks that every request passes hold for every operation, and does nothing slow the sandbox down?"""

import asyncio
import logging
import socket
import time
from collections.abc import Mapping
from functools import partial

import pytest

from lightfield.testing import Sandbox
from lightfield.testing._http.limits import RateLimits
from tests.unit.testing.sandbox_calls import HEADERS, calling

ACCOUNT = "/v1/accounts/acc_northwind_traders"


@pytest.mark.parametrize(
    ("method", "path", "category"),
    [
        ("GET", ACCOUNT, "Read"),
        ("GET", "/v1/accounts", "Search"),
        ("POST", ACCOUNT, "Write"),
        ("DELETE", ACCOUNT, "Write"),
        ("POST", f"{ACCOUNT}/restore", "Write"),
        ("GET", "/v1/accounts/definitions", "Read"),
        ("GET", f"{ACCOUNT}/fields/tier/history", "Read"),
        ("GET", "/v1/lists/lst_1/accounts", "Search"),
        ("GET", "/v1/objects", "Read"),
        ("GET", "/v1/objects/project", "Search"),
        ("POST", "/v1/objects/project/values", "Write"),
        ("GET", "/v1/objects/project/values/prj_1", "Read"),
        ("GET", "/v1/files", "Search"),
        ("POST", "/v1/files", "Write"),
        ("GET", "/v1/files/fil_1/url", "Read"),
        ("POST", "/v1/accounts/merge", "Write"),
        ("GET", "/v1/merges/mrg_1", "Read"),
        ("GET", "/v1/emails", "Search"),
        ("POST", "/v1/emails/send", "Write"),
        ("POST", "/v1/enrichmentRun/accounts/acc_1", "Write"),
        ("GET", "/v1/enrichmentRun/run_1", "Read"),
        ("GET", "/v1/workflowRun/run_1/status", "Read"),
        ("GET", "/v1/auth/validate", "Read"),
    ],
)
async def test_operation_pays_from_the_bucket_of_its_category(
    monkeypatch: pytest.MonkeyPatch, method: str, path: str, category: str
) -> None:
    still = partial(RateLimits, clock=lambda: 0, wall=lambda: 0)  # no time passes, so no token comes back
    monkeypatch.setattr("lightfield.testing._sandbox.RateLimits", still)
    probes = {"Read": ("GET", "/v1/auth/validate"), "Write": ("POST", "/v1/files"), "Search": ("GET", "/v1/members")}
    async with calling(opportunities=0, rate_limit=10) as api:
        left: dict[str, str] = {}
        for name, (verb, probe) in {"first": (method, path), **probes}.items():
            async with api.session.request(verb, probe, headers=HEADERS) as response:
                assert response.status != 405
                left[name] = response.headers["X-RateLimit-Remaining"]
    assert left == {"first": "9", "Read": "9", "Write": "9", "Search": "9", category: "8"}


async def test_key_is_asked_for_before_anything_is_written() -> None:
    async with calling(opportunities=0) as api:
        before = await api.get("/v1/accounts")
        for headers in ({}, {"Authorization": HEADERS["Authorization"]}):
            sent = {"fields": {"$name": "x"}}
            async with api.session.post("/v1/accounts", json=sent, headers=headers) as response:
                assert response.status in {400, 401}
        assert await api.get("/v1/accounts") == before


async def test_refused_key_does_not_use_up_an_idempotency_key() -> None:
    async with calling(opportunities=0) as api:
        headers = {"Lightfield-Version": "2026-03-01", "Idempotency-Key": "key"}
        async with api.session.post("/v1/accounts", json={"fields": {"$name": "x"}}, headers=headers) as response:
            assert response.status == 401
        assert (await api.post("/v1/accounts", {"fields": {"$name": "y"}}, key="key"))["fields"]["$name"][
            "value"
        ] == "y"


def _leave(sandbox: Sandbox, method: str, path: str, headers: Mapping[str, str]) -> None:
    """Send the head of a request and the first of ten bytes, go, and see that the sandbox works on."""
    host, port = sandbox.base_url.removeprefix("http://").split(":")
    before = len(sandbox.requests)
    lines = [f"{method} {path} HTTP/1.1", "Host: sandbox", "Content-Length: 10"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection((host, int(port)), timeout=10) as leaving:
        leaving.sendall("\r\n".join([*lines, "", "{"]).encode())
        deadline = time.monotonic() + 10
        while len(sandbox.requests) == before:
            assert time.monotonic() < deadline
    with socket.create_connection((host, int(port)), timeout=10) as asking:
        asking.sendall(b"GET /v1/nothing HTTP/1.1\r\nHost: sandbox\r\n\r\n")
        assert asking.recv(12) == b"HTTP/1.1 401"


async def test_caller_that_leaves_amid_its_body_is_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    async with calling(opportunities=0) as api:
        before = api.sandbox.ids("accounts")
        json = {**HEADERS, "Content-Type": "application/json"}
        await asyncio.to_thread(_leave, api.sandbox, "POST", "/v1/accounts", json)
        file = await api.post("/v1/files", {"filename": "a.txt", "mimeType": "text/plain", "sizeBytes": 10})
        address = file["uploadUrl"].removeprefix(api.sandbox.base_url)
        await asyncio.to_thread(_leave, api.sandbox, "PUT", address, file["uploadHeaders"])
        assert api.sandbox.content(file["id"]) is None
        assert api.sandbox.ids("accounts") == before
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_same_seed_gives_the_same_new_ids() -> None:
    made: list[str] = []
    for seed in (1, 1, 2):
        async with calling(opportunities=0, seed=seed) as api:
            made.append((await api.post("/v1/accounts", {"fields": {"$name": "x"}}))["id"])
    assert made[0] == made[1] != made[2]


async def test_last_page_of_many_records_is_found_quickly() -> None:
    async with calling(opportunities=3_000) as api:
        for offset in (0, 1_500, 2_975):
            page = await api.get(f"/v1/opportunities?offset={offset}")
            assert page["totalCount"] == 3_000
            expected = list(reversed(api.sandbox.opportunity_ids))[offset : offset + 25]
            assert [record["id"] for record in page["data"]] == expected


def test_sandbox_has_everything_a_script_might_read() -> None:
    sandbox = Sandbox(opportunities=0)
    for name in ("accounts", "contacts", "members", "tasks", "notes", "meetings", "project"):
        assert sandbox.ids(name) == list(sandbox.records(name))
        assert sandbox.ids(name)
    assert len(sandbox.ids("members")) == 5
    assert sandbox.records("opportunities") is sandbox.opportunities
    with pytest.raises(ValueError, match="there is no collection"):
        sandbox.records("nothing")


@pytest.mark.parametrize("body", [b'{"reason": "\xff"}', b"\xff", b'{"reason": "\xc3"}'])
async def test_body_that_is_not_utf8_is_refused_also_where_nothing_is_read_of_it(body: bytes) -> None:
    async with calling() as api:
        path = f"/v1/opportunities/{api.sandbox.opportunity_ids[0]}/restore"
        headers = {**HEADERS, "Content-Type": "application/json"}
        async with api.session.post(path, data=body, headers=headers) as response:
            assert response.status == 400
            assert (await response.json())["error"]["type"] == "bad_request"
