"""What a server sees of a cancelled call: its connection closed if it was in use, and nothing more."""

import asyncio
import random
from collections.abc import Awaitable

import pytest

from lightfield import AsyncLightfield
from tests.cancelling.sweep import QUICK
from tests.client.both import KEY
from tests.faults.calls import Call, read, write
from tests.faults.server import ID, OPPORTUNITY, STALL, FaultServer, Reply, http

PATIENCE = 10.0

BODY_STALLS: Reply = [http(200, b"{", length=99), STALL]


@pytest.fixture(params=[read, write], ids=["read", "write"])
def call(request: pytest.FixtureRequest) -> Call:
    kind: Call = request.param
    return kind


def at(server: FaultServer) -> AsyncLightfield:
    return AsyncLightfield(api_key=KEY, base_url=server.base_url, rate_limits=None)


async def cancel(call: Awaitable[object], server: FaultServer) -> None:
    """Cancel a call when its first request has arrived."""
    task = asyncio.ensure_future(call)
    assert await asyncio.to_thread(server.arrived.wait, PATIENCE)
    assert not task.done()
    task.cancel("by the test")
    with pytest.raises(asyncio.CancelledError, match="by the test"):
        await task


@pytest.mark.parametrize("fault", [STALL, BODY_STALLS], ids=["response", "body"])
async def test_cancelled_on_the_wire(call: Call, fault: Reply) -> None:
    with FaultServer(fault, http(200, OPPORTUNITY)) as server:
        async with at(server) as client:
            await cancel(call(client), server)
            assert await asyncio.to_thread(server.hung_up.wait, PATIENCE)
            assert len(server.requests) == 1
            assert (await call(client)).id == ID
    assert server.connections == 2


async def test_cancelled_before_a_retry(call: Call) -> None:
    random.seed(QUICK)  # so that the pause is as long as the server asks
    with FaultServer(http(503, headers={"Retry-After": "0.3"}), http(200, OPPORTUNITY)) as server:
        async with at(server) as client:
            await cancel(call(client), server)
            await asyncio.sleep(0.4)
            assert len(server.requests) == 1
            assert (await call(client)).id == ID
    assert len(server.requests) == 2
