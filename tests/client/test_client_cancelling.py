"""A cancelled call is over at once: nothing more is sent, its place is free, and its connection is closed."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from lightfield import AsyncLightfield, RateLimits
from tests.client.both import KEY, until
from tests.faults.server import ID, OPPORTUNITY, STALL, FaultServer, Reply, http

PATIENCE = 10.0

BODY_STALLS: Reply = [http(200, b"{", length=99), STALL]


async def cancel(call: Awaitable[object], server: FaultServer) -> None:
    """Cancel a call when its first request has arrived."""
    task = asyncio.ensure_future(call)
    assert await asyncio.to_thread(server.arrived.wait, PATIENCE)
    await cancel_now(task)


async def cancel_now(task: asyncio.Future[Any]) -> None:
    assert not task.done()
    task.cancel("by the test")
    with pytest.raises(asyncio.CancelledError, match="by the test"):
        await task


def at(server: FaultServer, **options: RateLimits) -> AsyncLightfield:
    return AsyncLightfield(api_key=KEY, base_url=server.base_url, rate_limits=options.get("rate_limits"))


@pytest.mark.parametrize("fault", [STALL, BODY_STALLS], ids=["response", "body"])
async def test_cancelled_on_the_wire(fault: Reply) -> None:
    with FaultServer(fault, http(200, OPPORTUNITY)) as server:
        async with at(server) as client:
            await cancel(client.opportunity.retrieve(ID), server)
            assert await asyncio.to_thread(server.hung_up.wait, PATIENCE)
            assert client.rate_limits["Read"].in_flight == 0
            assert len(server.requests) == 1
            assert (await client.opportunity.retrieve(ID)).id == ID


async def test_cancelled_before_a_retry() -> None:
    with FaultServer(http(503, headers={"Retry-After": "50"})) as server:
        async with at(server) as client:
            await cancel(client.opportunity.retrieve(ID), server)
            assert client.rate_limits["Read"].in_flight == 0
    assert len(server.requests) == 1


async def test_cancelled_in_the_queue() -> None:
    with FaultServer() as server:
        async with at(server, rate_limits=RateLimits(read=0.05)) as client:
            await client.opportunity.retrieve(ID)
            task = asyncio.ensure_future(client.opportunity.retrieve(ID))
            await until(lambda: client.rate_limits["Read"].waiting == 1)
            await cancel_now(task)
            lane = client.rate_limits["Read"]
    assert (lane.waiting, lane.in_flight, lane.granted) == (0, 0, 1)
    assert len(server.requests) == 1


async def test_time_limit_of_the_caller_is_the_callers_own_error() -> None:
    with FaultServer(STALL) as server:
        async with at(server) as client:

            async def hurried() -> None:
                async with asyncio.timeout(0.2):
                    await client.opportunity.retrieve(ID)

            with pytest.raises(TimeoutError) as caught:
                await hurried()
            assert type(caught.value) is TimeoutError
            assert client.rate_limits["Read"].in_flight == 0


async def test_one_failure_in_a_task_group_cancels_the_others() -> None:
    with FaultServer(STALL, http(404)) as server:
        async with at(server) as client:

            async def both() -> None:
                async with asyncio.TaskGroup() as group:
                    group.create_task(client.opportunity.retrieve("opp_stalls"))
                    assert await asyncio.to_thread(server.arrived.wait, PATIENCE)
                    group.create_task(client.opportunity.retrieve("opp_fails"))

            with pytest.raises(ExceptionGroup) as caught:
                await both()
            assert [type(error).__name__ for error in caught.value.exceptions] == ["NotFoundError"]
            assert client.rate_limits["Read"].in_flight == 0
