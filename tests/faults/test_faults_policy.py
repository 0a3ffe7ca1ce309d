"""The table of retries: which class of failure is tried again, for a read, a write with a key and an e-mail."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, NamedTuple

import pytest

from lightfield import APIError, APIStatusError, AsyncLightfield, BadRequestError
from tests.client.both import Connect
from tests.faults.calls import Call, read, write
from tests.faults.rows import healed
from tests.faults.server import FIN, OPPORTUNITY, RST, FaultServer, Reply, http


def send(client: AsyncLightfield) -> Awaitable[Any]:
    """Send an e-mail, which must not be done twice: its key is best effort."""
    return client.email.send(from_="a@x.com", to=["b@y.com"], subject="Hi", message_body={"content": "Hello"})


class Again(NamedTuple):
    read: bool
    write: bool
    send: bool


ALWAYS, UNLESS_UNCLEAR, NEVER = Again(True, True, True), Again(True, True, False), Again(False, False, False)


def refusal(status: int, kind: str) -> bytes:
    return http(status, {"error": {"type": kind, "message": "No."}})


CLASSES: dict[str, tuple[Again, dict[str, Reply]]] = {
    "throttled": (ALWAYS, {"429": http(429)}),
    "in-progress": (ALWAYS, {"409": refusal(409, "idempotency_conflict")}),
    "transient": (
        UNLESS_UNCLEAR,
        {
            **{str(status): http(status) for status in (408, 425, 500, 502, 503, 504, 522)},
            "fin": FIN,
            "rst": RST,
            "cut": [http(200, b"{", length=99), FIN],
        },
    ),
    "malformed": (UNLESS_UNCLEAR, {"html": http(200, b"<html>"), "empty": http(200)}),
    "final": (
        NEVER,
        {
            **{str(status): http(status) for status in (301, 307, 400, 401, 403, 404, 415, 422, 501, 505)},
            "conflict": refusal(409, "conflict"),
        },
    ),
}


@pytest.mark.parametrize(("again", "faults"), CLASSES.values(), ids=CLASSES)
async def test_each_class_of_failure_is_tried_again_as_the_table_says(
    connect: Connect, again: Again, faults: dict[str, Reply]
) -> None:
    """All faults of a class at once, because each retry takes its time."""
    done = {**OPPORTUNITY, "sentAt": "2026-05-01T16:00:00Z"}

    async def tried(call: Call, fault: Reply) -> bool:
        with FaultServer(fault, http(200, done)) as server:
            async with connect(server.base_url, max_retries=1) as client:
                with suppress(APIError):
                    await call(client)
        assert len(set(server.requests)) == 1
        return len(server.requests) == 2

    async def of_each(fault: Reply) -> Again:
        return Again(*await asyncio.gather(*(tried(call, fault) for call in (read, write, send))))

    made = await asyncio.gather(*map(of_each, faults.values()))
    assert dict(zip(faults, made, strict=True)) == dict.fromkeys(faults, again)


@pytest.mark.parametrize("call", [read, write, send])
async def test_what_was_never_sent_is_tried_again(connect: Connect, call: Call) -> None:
    with FaultServer() as server:
        base_url = server.base_url
    async with connect(base_url, max_retries=2) as client:  # nobody listens there any more
        with pytest.raises(APIError, match="cannot connect") as caught:
            await call(client)
    assert len(caught.value.attempts) == 3


async def test_the_server_may_ask_for_a_retry(connect: Connect, call: Call) -> None:
    await healed(connect, call, http(400, headers={"X-Should-Retry": "true"}))


@pytest.mark.parametrize("status", [409, 429, 503])
async def test_the_server_may_forbid_a_retry(connect: Connect, call: Call, status: int) -> None:
    with FaultServer(http(status, headers={"X-Should-Retry": "false"})) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(APIStatusError) as caught:
                await call(client)
    assert (caught.value.status_code, len(server.requests)) == (status, 1)


@pytest.mark.parametrize("call", [read, write])
async def test_a_raw_response_is_no_way_around_the_errors(connect: Connect, call: Call) -> None:
    def raw(client: AsyncLightfield) -> Awaitable[Any]:
        if call is read:
            return client.opportunity.with_raw_response.retrieve("opp_1")
        return client.opportunity.with_raw_response.create(fields={}, relationships={})

    with FaultServer(http(400)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(BadRequestError):
                await raw(client)
    assert len(server.requests) == 1
