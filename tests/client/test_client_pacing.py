"""The client keeps to the server's pace by itself."""

import asyncio
import socket
import time
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest
import trustme

from lightfield import APIStatusError, RateLimits, SlotWait
from lightfield.testing import Sandbox
from tests.client.both import Connect, awaited, until
from tests.faults.certificates import certified, trusting
from tests.faults.server import ID, OPPORTUNITY, FaultServer, http

if TYPE_CHECKING:
    from collections.abc import Coroutine


async def test_sixty_at_once_are_not_throttled(connect: Connect) -> None:
    async with Sandbox(opportunities=60, rate_limit=25) as sandbox, connect(sandbox.base_url) as client:
        got = await asyncio.gather(*(client.opportunity.retrieve(id) for id in sandbox.opportunity_ids))
        lane = client.rate_limits["Read"]
    assert [opportunity.id for opportunity in got] == sandbox.opportunity_ids
    assert (len(sandbox.requests), sandbox.throttled) == (60, 0)
    assert (lane.granted, lane.throttled, lane.waiting, lane.in_flight) == (60, 0, 0, 0)


async def test_a_small_job_goes_at_once(connect: Connect) -> None:
    """Evenly, the last would wait 0.96 s. One may wait a little if requests reach the server in another order."""
    waits: list[SlotWait] = []
    async with (
        Sandbox(opportunities=25, rate_limit=25) as sandbox,
        connect(sandbox.base_url, on_wait=waits.append) as client,
    ):
        await asyncio.gather(*(client.opportunity.retrieve(id) for id in sandbox.opportunity_ids))
        lane = client.rate_limits["Read"]
    assert (lane.granted, lane.throttled, [wait for wait in waits if wait.seconds > 0.5]) == (25, 0, [])


async def test_no_second_sees_more_than_the_limit(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url, rate_limits=RateLimits(read=10)) as client:
        started = time.monotonic()
        await asyncio.gather(*(client.opportunity.retrieve(sandbox.opportunity_ids[0]) for _ in range(11)))
        elapsed = time.monotonic() - started
    assert elapsed >= 1


async def test_a_lower_limit_is_learnt_from_the_first_response(connect: Connect) -> None:
    async with Sandbox(opportunities=1, rate_limit=5) as sandbox, connect(sandbox.base_url) as client:
        before = client.rate_limits
        await client.opportunity.retrieve(sandbox.opportunity_ids[0])
        after = client.rate_limits
    assert {name: lane.limit for name, lane in before.items()} == {"Read": 25, "Write": 25, "Search": 25}
    assert {name: lane.limit for name, lane in after.items()} == {"Read": 5, "Write": 25, "Search": 25}
    assert (after["Read"].rate or 99) <= 5


async def test_a_lower_limit_is_learnt_in_time_for_a_burst(connect: Connect) -> None:
    async with Sandbox(opportunities=14, rate_limit=20) as sandbox, connect(sandbox.base_url) as client:
        await asyncio.gather(*(client.opportunity.retrieve(id) for id in sandbox.opportunity_ids))
    assert (len(sandbox.requests), sandbox.throttled) == (14, 0)


async def test_a_higher_limit_is_believed_at_the_third_sight(connect: Connect) -> None:
    limits: list[float | None] = []
    async with Sandbox(opportunities=1, rate_limit=100) as sandbox, connect(sandbox.base_url) as client:
        for _ in range(3):
            await client.opportunity.retrieve(sandbox.opportunity_ids[0])
            limits.append(client.rate_limits["Read"].limit)
    assert limits == [25, 25, 100]


async def test_pacing_can_be_switched_off(connect: Connect) -> None:
    options = {"rate_limits": None, "max_retries": 0}
    async with Sandbox(opportunities=1, rate_limit=2) as sandbox, connect(sandbox.base_url, **options) as client:
        calls = (client.opportunity.retrieve(sandbox.opportunity_ids[0]) for _ in range(20))
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        lane = client.rate_limits["Read"]
    throttled = [each for each in outcomes if isinstance(each, APIStatusError) and each.status_code == 429]
    assert len(throttled) == sandbox.throttled > 0
    assert (lane.limit, lane.rate, lane.granted) == (None, None, 20)


async def test_without_pacing_a_throttled_crowd_loses_nothing(connect: Connect) -> None:
    options: dict[str, Any] = {"rate_limits": None, "retry_budget": 10}
    async with Sandbox(opportunities=60, rate_limit=25) as sandbox, connect(sandbox.base_url, **options) as client:
        got = await asyncio.gather(*(client.opportunity.retrieve(id) for id in sandbox.opportunity_ids))
        lane = client.rate_limits["Read"]
    assert [opportunity.id for opportunity in got] == sandbox.opportunity_ids
    assert lane.throttled == sandbox.throttled > 0
    assert (lane.limit, lane.rate, lane.waiting, lane.in_flight) == (None, None, 0, 0)


async def test_without_pacing_no_call_goes_before_the_time_that_a_429_tells(connect: Connect) -> None:
    refusal = http(429, headers={"Retry-After": "1"})
    with FaultServer(refusal, http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url, rate_limits=None) as client:
            first = asyncio.ensure_future(client.opportunity.retrieve(ID))
            await until(lambda: client.rate_limits["Read"].throttled == 1)
            began = time.monotonic()
            await client.opportunity.retrieve(ID)
            assert time.monotonic() - began > 0.8
            await first
    assert len(server.requests) == 3


async def test_a_second_begins_when_a_request_has_its_connection(connect: Connect) -> None:
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    context, moments = certified(authority.issue_cert("127.0.0.1")), list[float]()
    answer = msgspec.json.encode(OPPORTUNITY)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer)

    def serve() -> None:
        connection, _ = listener.accept()
        time.sleep(0.6)  # the handshake takes its time
        with context.wrap_socket(connection, server_side=True) as secured:
            while secured.recv(65_536):
                moments.append(time.monotonic())
                secured.sendall(head + answer)

    options: dict[str, Any] = {"ssl_context": trusting(authority), "rate_limits": RateLimits(read=1)}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = asyncio.ensure_future(asyncio.to_thread(serve))
        async with connect(f"https://127.0.0.1:{listener.getsockname()[1]}", **options) as client:
            for _ in range(2):
                await client.opportunity.retrieve(ID)
        await server
    assert moments[1] - moments[0] > 0.9


async def test_a_call_that_is_closed_while_connecting_leaves_nothing_in_the_pool() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"  # nobody answers the handshake
        async with awaited(url) as client:
            call = client.opportunity.retrieve(ID)
            task = asyncio.ensure_future(cast("Coroutine[Any, Any, object]", call))
            await until(lambda: client.rate_limits["Read"].in_flight == 1)
            other = cast("Coroutine[Any, Any, object]", client.opportunity.retrieve(ID))
            other.send(None)
            other.close()
            connecting = cast("Any", client)._transport.connecting
            assert list(connecting) == [task]
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert connecting == {}


async def test_pacing_can_be_switched_off_and_bounded(connect: Connect) -> None:
    options: dict[str, Any] = {"rate_limits": None, "max_rps": 20}
    async with Sandbox(opportunities=1, rate_limit=25) as sandbox, connect(sandbox.base_url, **options) as client:
        started = time.monotonic()
        await asyncio.gather(*(client.opportunity.retrieve(sandbox.opportunity_ids[0]) for _ in range(21)))
        elapsed = time.monotonic() - started
        lane = client.rate_limits["Read"]
    assert elapsed >= 1
    assert (lane.limit, lane.rate, sandbox.throttled) == (None, None, 0)


@pytest.mark.parametrize("options", [{"rate_limit_share": 0.5}, {"max_rps": 25}], ids=str)
async def test_a_client_keeps_to_its_own_bound(connect: Connect, options: dict[str, Any]) -> None:
    async with Sandbox(opportunities=1, rate_limit=50) as sandbox, connect(sandbox.base_url, **options) as client:
        for _ in range(3):
            await client.opportunity.retrieve(sandbox.opportunity_ids[0])
        assert client.rate_limits["Read"].limit == 50
        started = time.monotonic()
        await asyncio.gather(*(client.opportunity.retrieve(sandbox.opportunity_ids[0]) for _ in range(30)))
        elapsed = time.monotonic() - started
    assert elapsed >= 0.9  # three of the 25 of a second were used before
