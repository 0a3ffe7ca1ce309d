"""Clients that have nothing in common but a Redis keep one pace."""

import asyncio
import re
import time
from contextlib import suppress

from lightfield import AuthenticationError
from lightfield.integrations.redis import RedisLimits
from lightfield.testing import Sandbox
from tests.client.both import Connect, awaited, blocking
from tests.sharing.server import RedisServer

RATE = 50


async def test_two_clients_keep_one_pace(redis_server: RedisServer) -> None:
    limits = RedisLimits(redis_server.url, read=RATE)
    async with (
        Sandbox(opportunities=35, rate_limit=RATE) as sandbox,
        awaited(sandbox.base_url, rate_limits=limits) as one,
        blocking(sandbox.base_url, rate_limits=limits) as other,
    ):
        began = time.monotonic()
        calls = [client.opportunity.retrieve(id) for id in sandbox.opportunity_ids for client in (one, other)]
        await asyncio.gather(*calls)
        elapsed = time.monotonic() - began
        lanes = [client.rate_limits["Read"] for client in (one, other)]
    assert (len(sandbox.requests), sandbox.throttled) == (70, 0)
    assert 1 <= elapsed < 2  # all 50 of a second at once, and the others in the next
    assert [(lane.granted, lane.waiting, lane.in_flight) for lane in lanes] == [(35, 0, 0)] * 2
    assert redis_server.slots() <= 72  # one command for each slot; the first of each client brings the script


async def test_siblings_share_lane_and_connection(connect: Connect, redis_server: RedisServer) -> None:
    limits = RedisLimits(redis_server.url)
    async with (
        Sandbox(opportunities=1) as sandbox,
        connect(sandbox.base_url, rate_limits=limits) as client,
    ):
        id = sandbox.opportunity_ids[0]
        await client.opportunity.retrieve(id)
        await client.with_options(priority="bulk").opportunity.retrieve(id)
        assert client.rate_limits["Read"].granted == 2
        assert redis_server.connections() == 1
    assert redis_server.connections() == 0


async def test_categories_keys_and_servers_have_lanes_of_their_own(redis_server: RedisServer, connect: Connect) -> None:
    limits = RedisLimits(redis_server.url)

    async def seen(sandbox: Sandbox, *, write: bool = False, **options: object) -> set[str]:
        redis_server.do("FLUSHALL")
        async with connect(sandbox.base_url, rate_limits=limits, **options) as client:
            with suppress(AuthenticationError):
                if write:
                    await client.account.create(fields={"$name": "Acme"})
                else:
                    await client.opportunity.retrieve(sandbox.opportunity_ids[0])
        return set(redis_server.keys())

    async with Sandbox(opportunities=1) as one, Sandbox(opportunities=1) as other:
        lanes = [
            await seen(one),
            await seen(one, write=True),
            await seen(other),
            await seen(one, api_key="sk_lf_of_another_organisation"),
            await seen(one, rate_limit_group="acme"),
        ]
        assert [len(lane) for lane in lanes] == [1] * 5
        assert len({key for lane in lanes for key in lane}) == 5
        assert await seen(one) == lanes[0]
        assert await seen(one, api_key="sk_lf_another_key", rate_limit_group="acme") == lanes[4]


async def test_the_key_says_nothing_and_goes_by_itself(connect: Connect, redis_server: RedisServer) -> None:
    options = {"rate_limits": RedisLimits(redis_server.url), "rate_limit_group": "acme"}
    async with Sandbox(opportunities=1) as sandbox, connect(sandbox.base_url, **options) as client:
        await client.opportunity.retrieve(sandbox.opportunity_ids[0])
    (key,) = redis_server.keys()
    value, left = redis_server.do("LINDEX", key, "0"), int(redis_server.do("PTTL", key))
    assert re.fullmatch("lightfield:[0-9a-f]{32}", key)
    assert re.fullmatch(r"\d+ \d+ \d+", value)
    assert 0 < left <= 2100


async def test_the_limit_of_the_headers_is_shared(redis_server: RedisServer) -> None:
    limits = RedisLimits(redis_server.url, read=1000)
    async with (
        Sandbox(opportunities=1, rate_limit=20) as sandbox,
        awaited(sandbox.base_url, rate_limits=limits) as one,
        blocking(sandbox.base_url, rate_limits=limits) as other,
    ):
        id = sandbox.opportunity_ids[0]
        for client in (one, other):
            await client.opportunity.retrieve(id)
            assert client.rate_limits["Read"].limit == 20
        began = time.monotonic()
        await asyncio.gather(*(client.opportunity.retrieve(id) for _ in range(14) for client in (one, other)))
        elapsed = time.monotonic() - began
    assert (len(sandbox.requests), sandbox.throttled) == (30, 0)
    assert elapsed >= 1 - 0.1


async def test_an_interactive_call_of_one_client_passes_the_bulk_of_another(redis_server: RedisServer) -> None:
    limits = RedisLimits(redis_server.url, read=RATE)
    async with (
        Sandbox(opportunities=1000, rate_limit=RATE) as sandbox,
        blocking(sandbox.base_url, rate_limits=limits) as worker,
        awaited(sandbox.base_url, rate_limits=limits) as service,
    ):
        await service.opportunity.retrieve(sandbox.opportunity_ids[0])
        bulk = asyncio.gather(worker.opportunity.retrieve_many(sandbox.opportunity_ids), return_exceptions=True)
        passed: list[int] = []
        for _ in range(8):
            await asyncio.sleep(0.1)
            before = len(sandbox.requests)
            await service.opportunity.retrieve(sandbox.opportunity_ids[0])
            passed.append(len(sandbox.requests) - before - 1)
        await worker.close()
        await bulk
    assert sorted(passed)[4] <= 3  # the one at most that the bulk had taken, and those already on their way
    assert sandbox.throttled == 0


async def test_whoever_stops_waiting_loses_no_slot(redis_server: RedisServer) -> None:
    limits = RedisLimits(redis_server.url, read=RATE)
    async with (
        Sandbox(opportunities=1, rate_limit=RATE) as sandbox,
        awaited(sandbox.base_url, rate_limits=limits) as client,
    ):
        id = sandbox.opportunity_ids[0]
        for round in range(40):
            calls = [asyncio.ensure_future(client.opportunity.retrieve(id)) for _ in range(8)]
            await asyncio.sleep(round % 7 / 200)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        await client.opportunity.retrieve(id)
        lane = client.rate_limits["Read"]
    assert (lane.waiting, lane.in_flight, sandbox.throttled) == (0, 0, 0)
    assert redis_server.slots() <= lane.granted + 2  # one in hand, and one that brought the script


async def test_a_redis_whose_clock_is_behind_makes_nobody_wait(connect: Connect, redis_server: RedisServer) -> None:
    async with (
        Sandbox(opportunities=1) as sandbox,
        connect(sandbox.base_url, rate_limits=RedisLimits(redis_server.url), deadline=5) as client,
    ):
        id = sandbox.opportunity_ids[0]
        await client.opportunity.retrieve(id)
        (key,) = redis_server.keys()
        ahead = 10**6 * (int(redis_server.do("TIME").split()[0]) + 3600)
        redis_server.do("LPUSH", key, f"{ahead} 0 {ahead}")
        for _ in range(3):
            await client.opportunity.retrieve(id)
        assert redis_server.slots() >= 4
