"""``Sandbox(log=...)``: one line for each request, with nothing secret in it."""

import asyncio
import re
from typing import Any, cast

import pytest

from lightfield.testing import Sandbox
from tests.unit.testing.sandbox_calls import calling


def without_time(lines: list[str]) -> list[str]:
    assert all(re.search(r" \d+\.\d ms$", line) for line in lines)
    return [line.rsplit(" ", 2)[0] for line in lines]


async def test_each_request_is_a_line() -> None:
    lines: list[str] = []
    async with calling(log=lines.append) as api:
        id = api.sandbox.opportunity_ids[0]
        await api.get(f"/v1/opportunities/{id}")
        await api.get("/v1/opportunities/opp_unknown", 404)
        await api.post("/v1/accounts", {"fields": {"$name": "Acme"}})
    assert without_time(lines) == [
        f"GET /v1/opportunities/{id} 200",
        "GET /v1/opportunities/opp_unknown 404",
        "POST /v1/accounts 200",
    ]


async def test_log_that_fails_is_told_and_does_not_fail_the_request(caplog: pytest.LogCaptureFixture) -> None:
    def fail(line: str) -> None:
        raise ZeroDivisionError(line)

    async with calling(log=fail) as api:
        await api.get("/v1/members")
        assert api.sandbox.requests.last.status == 200
    (record,) = caplog.records
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError
    assert "GET /v1/members 200" in record.getMessage()


async def test_neither_queries_nor_keys_nor_bodies_are_shown() -> None:
    lines: list[str] = []
    async with calling(log=lines.append, api_key="sk_lf_sandbox") as api:
        await api.get("/v1/accounts?api_key=sk_lf_sandbox", 400)
        name = {"filename": "a.txt", "mimeType": "text/plain", "sizeBytes": 5}
        made = await api.post("/v1/files", name)
        async with api.session.put(made["uploadUrl"], data=b"hello", headers=made["uploadHeaders"]) as response:
            assert response.status == 200
    assert without_time(lines) == ["GET /v1/accounts 400", "POST /v1/files 200", f"PUT /storage/{made['id']} 200"]


async def test_a_line_break_in_a_path_begins_no_line() -> None:
    lines: list[str] = []
    async with calling(log=lines.append) as api:
        await api.get("/v1/%0aGET%1b[31m", 404)
    (line,) = without_time(lines)
    assert line.upper() == "GET /V1/%0AGET%1B%5B31M 404"


async def test_a_request_without_a_response_has_no_status() -> None:
    lines: list[str] = []
    async with calling(log=lines.append, latency=600) as api:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await api.get("/v1/accounts")
    assert without_time(lines) == ["GET /v1/accounts no response"]


def test_what_cannot_be_called_is_refused() -> None:
    with pytest.raises(TypeError, match="log must be a function that takes a line, such as print, not str"):
        Sandbox(opportunities=0, log=cast("Any", "requests.log"))
