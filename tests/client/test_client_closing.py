"""Closing: once is enough, twice is harmless, and nobody is left waiting."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from lightfield import APIConnectionError, AsyncLightfield, ClientClosedError, LaneStatus, RateLimits
from lightfield.testing import Sandbox
from tests.client.both import Connect, until
from tests.faults.server import ID, STALL, FaultServer, http

PATIENCE = 5.0
"""Seconds that closing, and the end of what it ends, may take; the faults here last longer."""


async def test_close_is_idempotent(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        await client.opportunity.retrieve(sandbox.opportunity_ids[0])
        for _ in range(3):
            await client.close()


async def test_client_that_was_never_used_closes(connect: Connect) -> None:
    async with connect("http://localhost:1") as client:
        await client.close()
        with pytest.raises(ClientClosedError):
            await client.opportunity.retrieve(ID)


async def test_closed_client_says_so_and_sends_nothing(connect: Connect, sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    async with connect(sandbox.base_url) as client:
        await client.opportunity.retrieve(id)
        await client.close()
        with pytest.raises(ClientClosedError, match="The client is closed"):
            await client.opportunity.retrieve(id)
        with pytest.raises(ClientClosedError):
            await client.opportunity.with_raw_response.retrieve(id)
        with pytest.raises(ClientClosedError):
            await client.request("POST", "/v1/things")
        assert client.plan.opportunity.retrieve(id)
        assert client.rate_limits["Read"].granted == 1
    assert len(sandbox.requests) == 1


async def test_closed_client_refuses_bulks(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        await client.close()
        with pytest.raises(ClientClosedError):
            await client.opportunity.retrieve_many(sandbox.opportunity_ids)
        with pytest.raises(ClientClosedError):
            async for _ in client.opportunity.iter_many(sandbox.opportunity_ids):
                pass


async def test_closing_closes_the_connections(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            await client.opportunity.retrieve(ID)
            await client.close()
            assert await asyncio.to_thread(server.hung_up.wait, PATIENCE)


async def closed_when(
    ready: Callable[[], bool],
    client: AsyncLightfield,
    *calls: Awaitable[object],
) -> list[object]:
    """Close a client when its calls have come so far, and give what became of them."""
    tasks = [asyncio.ensure_future(call) for call in calls]
    await until(ready)
    async with asyncio.timeout(PATIENCE):
        await client.close()
        return [*await asyncio.gather(*tasks, return_exceptions=True)]


def lane(client: AsyncLightfield) -> LaneStatus:
    return client.rate_limits["Read"]


def kinds(outcomes: list[object]) -> set[type]:
    return {type(outcome) for outcome in outcomes} - {APIConnectionError}


async def test_closing_ends_the_calls_under_way(connect: Connect) -> None:
    with FaultServer(STALL) as server:
        async with connect(server.base_url, rate_limits=None) as client:
            calls = [client.opportunity.retrieve(ID) for _ in range(5)]
            outcomes = await closed_when(lambda: len(server.requests) == 5, client, *calls)
    assert kinds(outcomes) <= {ClientClosedError}
    assert len(server.requests) == 5


async def test_closing_ends_the_calls_that_look_up_the_host(connect: Connect) -> None:
    with FaultServer(STALL) as server:
        async with connect(server.base_url) as client:
            outcomes = await closed_when(lambda: lane(client).in_flight == 1, client, client.opportunity.retrieve(ID))
    assert kinds(outcomes) <= {ClientClosedError}


async def test_closing_ends_the_calls_that_wait_for_a_slot(connect: Connect) -> None:
    with FaultServer(STALL) as server:
        async with connect(server.base_url, rate_limits=RateLimits(read=0.05)) as client:
            calls = [client.opportunity.retrieve(ID) for _ in range(3)]
            outcomes = await closed_when(lambda: len(server.requests) == 1, client, *calls)
    assert kinds(outcomes) <= {ClientClosedError}
    assert len(server.requests) == 1


async def test_closing_ends_the_calls_that_wait_for_a_retry(connect: Connect) -> None:
    with FaultServer(http(503, headers={"Retry-After": "40"})) as server:
        async with connect(server.base_url) as client:

            def waits() -> bool:
                return lane(client).granted == 1 and not lane(client).in_flight

            outcomes = await closed_when(waits, client, client.opportunity.retrieve(ID))
    assert kinds(outcomes) == {ClientClosedError}
    assert len(server.requests) == 1


@pytest.mark.parametrize("count", [1, 50])
async def test_closing_ends_a_bulk(connect: Connect, count: int) -> None:
    with FaultServer(STALL) as server:
        async with connect(server.base_url, rate_limits=None) as client:
            call = client.opportunity.retrieve_many([f"opp_{number}" for number in range(count)])
            (outcome,) = await closed_when(lambda: bool(server.requests), client, call)
    assert isinstance(outcome, ClientClosedError), outcome


async def test_context_manager_closes(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        await client.opportunity.retrieve(sandbox.opportunity_ids[0])
    with pytest.raises(ClientClosedError):
        await client.opportunity.retrieve(sandbox.opportunity_ids[0])
