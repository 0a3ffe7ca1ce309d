"""What becomes of the slots of one lane: asked for one at a time, kept for a moment, given back."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest

from lightfield._pacing.schedule import Demand
from lightfield.integrations.redis import LEAD, MAX_SLOT_AGE, RedisLimits, RedisPace
from tests.client.both import until
from tests.sharing.server import RedisServer
from tests.unit.pacing.paces import ALONE, LONG, learn


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.fixture
async def pace(redis_server: RedisServer) -> AsyncIterator[RedisPace]:
    made = RedisLimits(redis_server.url).lane("a lane", 25).pace
    assert isinstance(made, RedisPace)
    yield made
    await made.close()


async def ready(pace: RedisPace) -> None:
    await until(lambda: pace.due(now(), ALONE) <= now())


async def test_one_slot_is_asked_for_at_a_time(pace: RedisPace, redis_server: RedisServer) -> None:
    await ready(pace)
    asked = redis_server.slots()
    for _ in range(10):
        pace.due(now(), ALONE)
        await asyncio.sleep(0.01)
    assert redis_server.slots() == asked


async def test_a_slot_that_was_given_back_is_the_next_to_be_taken(pace: RedisPace, redis_server: RedisServer) -> None:
    await ready(pace)
    asked = redis_server.slots()
    slot = pace.take(now())
    pace.due(now(), ALONE)  # asks for another
    await asyncio.sleep(0.05)
    pace.refund(slot)
    for _ in range(2):
        await ready(pace)
        pace.take(now())
    assert redis_server.slots() == asked + 1


async def test_a_slot_is_not_kept_for_long(pace: RedisPace, redis_server: RedisServer) -> None:
    await ready(pace)
    asked = redis_server.slots()
    assert pace.due(now() + 0.9 * MAX_SLOT_AGE, ALONE) <= now()
    assert pace.due(now() + 1.1 * MAX_SLOT_AGE, ALONE) > now()
    await ready(pace)
    assert redis_server.slots() == asked + 1


async def test_no_slot_is_asked_for_while_the_server_wants_to_be_left_alone(
    pace: RedisPace, redis_server: RedisServer
) -> None:
    moment = now()
    learn(pace, moment, 429, {"Retry-After": "30"})
    assert pace.due(moment, ALONE) == pace.due(moment + 29, ALONE) == moment + 30 - LEAD
    await asyncio.sleep(0.05)
    assert redis_server.slots() == 0


async def test_no_process_spends_the_reserve_of_a_bucket_alone(pace: RedisPace) -> None:
    for second in range(6):
        learn(pace, float(second), 200, {"X-RateLimit-Limit": "25", "X-RateLimit-Remaining": "25"})
    assert pace.rate == 25
    learn(pace, 6.0, 200, {"X-RateLimit-Remaining": "0"})
    assert (pace.rate or 0) < 25


async def take_all(pace: RedisPace, demand: Demand, count: int) -> list[float]:
    """Take slots as soon as they are due, and say when they were."""
    moments: list[float] = []
    while len(moments) < count:
        due = pace.due(now(), demand)
        if due <= now():
            moments.append(due)
            pace.take(now())
        else:
            await asyncio.sleep(min(0.002, due - now()))
    return moments


async def test_after_a_rest_a_fleet_has_the_limit_at_once_and_no_more_in_a_second(redis_server: RedisServer) -> None:
    limits = RedisLimits(redis_server.url)
    fleet = [cast("RedisPace", limits.lane("a lane", 25).pace) for _ in range(2)]
    taken = await asyncio.gather(*(take_all(pace, ALONE, 30) for pace in fleet))
    for pace in fleet:
        await pace.close()
    moments = sorted(moment for moments in taken for moment in moments)
    assert moments[24] - moments[0] < 0.5
    for first, begin in enumerate(moments):
        assert sum(moment < begin + 0.999 for moment in moments[first:]) <= 25  # a reply takes its time
    assert moments[49] - moments[0] < 1.5


async def test_a_long_bulk_goes_evenly(pace: RedisPace) -> None:
    moments = await take_all(pace, LONG, 12)
    assert 11 / 25 - 0.02 <= moments[-1] - moments[0] < 1


async def test_a_process_whose_bursts_are_refused_goes_evenly(pace: RedisPace) -> None:
    await ready(pace)
    pace.take(now())
    await ready(pace)
    slot = pace.take(now())
    assert slot.in_burst
    pace.learn(now(), 429, {}, slot)
    moments = await take_all(pace, ALONE, 12)
    assert 10 / 25 - 0.02 <= moments[-1] - moments[0] < 1


async def test_a_process_whose_rate_was_lowered_slows_no_other(redis_server: RedisServer) -> None:
    limits = RedisLimits(redis_server.url)
    fast, slow = (cast("RedisPace", limits.lane("a lane", 25).pace) for _ in range(2))
    for second in range(20):
        learn(slow, now() - 20 + second, 429, {})
    assert (slow.rate or 25) < 2
    hindrance = asyncio.ensure_future(take_all(slow, LONG, 3))
    await asyncio.sleep(0.1)
    moments = await take_all(fast, LONG, 12)
    hindrance.cancel()
    await asyncio.gather(hindrance, return_exceptions=True)
    for pace in (fast, slow):
        await pace.close()
    assert moments[-1] - moments[0] < 1
