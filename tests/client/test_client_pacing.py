"""The client keeps to the server's pace by itself."""

import asyncio
import time
from typing import Any

import pytest

from lightfield import APIStatusError, RateLimits
from lightfield.testing import Sandbox
from tests.client.both import Connect


async def test_sixty_at_once_are_not_throttled(connect: Connect) -> None:
    async with Sandbox(opportunities=60, rate_limit=25) as sandbox, connect(sandbox.base_url) as client:
        got = await asyncio.gather(*(client.opportunity.retrieve(id) for id in sandbox.opportunity_ids))
        lane = client.rate_limits["Read"]
    assert [opportunity.id for opportunity in got] == sandbox.opportunity_ids
    assert (sandbox.requests, sandbox.throttled) == (60, 0)
    assert (lane.granted, lane.throttled, lane.waiting, lane.in_flight) == (60, 0, 0, 0)


async def test_requests_are_never_closer_than_the_pace(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url, rate_limits=RateLimits(read=40)) as client:
        started = time.monotonic()
        await asyncio.gather(*(client.opportunity.retrieve(sandbox.opportunity_ids[0]) for _ in range(11)))
        elapsed = time.monotonic() - started
    assert elapsed >= 10 / 40 - 0.04  # 40 ms early, then one at a time


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
    assert (sandbox.requests, sandbox.throttled) == (14, 0)


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


async def test_pacing_can_be_switched_off_and_bounded(connect: Connect) -> None:
    options: dict[str, Any] = {"rate_limits": None, "max_rps": 20}
    async with Sandbox(opportunities=1, rate_limit=25) as sandbox, connect(sandbox.base_url, **options) as client:
        started = time.monotonic()
        await asyncio.gather(*(client.opportunity.retrieve(sandbox.opportunity_ids[0]) for _ in range(11)))
        elapsed = time.monotonic() - started
        lane = client.rate_limits["Read"]
    assert elapsed >= 10 / 20
    assert (lane.limit, lane.rate, sandbox.throttled) == (None, None, 0)


@pytest.mark.parametrize("options", [{"rate_limit_share": 0.5}, {"max_rps": 25}], ids=str)
async def test_a_client_keeps_to_its_own_bound(connect: Connect, options: dict[str, Any]) -> None:
    async with Sandbox(opportunities=1, rate_limit=50) as sandbox, connect(sandbox.base_url, **options) as client:
        for _ in range(3):
            await client.opportunity.retrieve(sandbox.opportunity_ids[0])
        assert client.rate_limits["Read"].limit == 50
        started = time.monotonic()
        await asyncio.gather(*(client.opportunity.retrieve(sandbox.opportunity_ids[0]) for _ in range(14)))
        elapsed = time.monotonic() - started
    assert elapsed >= 13 / 25
