"""What becomes of the slots of one lane: asked for one at a time, kept for a moment, given back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from lightfield.integrations.redis import MAX_SLOT_AGE, RedisLimits, RedisPace
from tests.client.both import until
from tests.sharing.server import RedisServer


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.fixture
async def pace(redis_server: RedisServer) -> AsyncIterator[RedisPace]:
    made = RedisLimits(redis_server.url).lane("a lane", 25).pace
    assert isinstance(made, RedisPace)
    yield made
    await made.close()


async def ready(pace: RedisPace) -> None:
    await until(lambda: pace.due(now()) <= now())


async def test_one_slot_is_asked_for_at_a_time(pace: RedisPace, redis_server: RedisServer) -> None:
    await ready(pace)
    asked = redis_server.slots()
    for _ in range(10):
        pace.due(now())
        await asyncio.sleep(0.01)
    assert redis_server.slots() == asked


async def test_a_slot_that_was_given_back_is_the_next_to_be_taken(pace: RedisPace, redis_server: RedisServer) -> None:
    await ready(pace)
    asked = redis_server.slots()
    pace.take(now())
    pace.due(now())  # asks for another
    await asyncio.sleep(0.05)
    pace.refund()
    for _ in range(2):
        await ready(pace)
        pace.take(now())
    assert redis_server.slots() == asked + 1


async def test_a_slot_is_not_kept_for_long(pace: RedisPace, redis_server: RedisServer) -> None:
    await ready(pace)
    asked = redis_server.slots()
    assert pace.due(now() + 0.9 * MAX_SLOT_AGE) <= now()
    assert pace.due(now() + 1.1 * MAX_SLOT_AGE) > now()
    await ready(pace)
    assert redis_server.slots() == asked + 1


async def test_no_slot_is_asked_for_while_the_server_wants_to_be_left_alone(
    pace: RedisPace, redis_server: RedisServer
) -> None:
    moment = now()
    pace.learn(moment, 429, {"Retry-After": "30"})
    assert pace.due(moment) == pace.due(moment + 29) == moment + 30
    await asyncio.sleep(0.05)
    assert redis_server.slots() == 0


async def test_no_process_spends_the_reserve_of_a_bucket_alone(pace: RedisPace) -> None:
    for second in range(6):
        pace.learn(float(second), 200, {"X-RateLimit-Limit": "25", "X-RateLimit-Remaining": "25"})
    assert pace.rate() == 25
    pace.learn(6.0, 200, {"X-RateLimit-Remaining": "0"})
    assert (pace.rate() or 0) < 25
