"""Does a lane let requests through evenly, in order, and no more than are allowed? On a virtual clock."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield import RateLimits
from lightfield._limits import HEADROOM, IN_FLIGHT, Lane, lanes
from tests.clock import START, run

SLOT = 1 / (HEADROOM * 25)
EARLY = 0.01
"""Seconds by which the first gap after a rest may be shorter: what a timer may have been late."""


def now() -> float:
    return asyncio.get_running_loop().time() - START


async def walk(lane: Lane, hold: float = 0.0, due: float | None = None) -> float:
    """Go through the lane once and say when the slot came."""
    await lane.admit(None if due is None else START + due)
    granted = now()
    await asyncio.sleep(hold)
    lane.leave()
    return granted


def test_a_free_lane_lets_through_without_waiting() -> None:
    async def scenario() -> None:
        lane = Lane(25.0)
        with pytest.raises(StopIteration):
            lane.admit(None).send(None)  # it did not suspend
        assert (lane.status().granted, lane.status().in_flight) == (1, 1)

    run(scenario())


@pytest.mark.parametrize("limit", [1.0, 5.0, 25.0, 400.0])
def test_slots_are_evenly_spaced_at_96_percent_of_the_limit(limit: float) -> None:
    async def scenario() -> list[float]:
        lane = Lane(limit)
        return await asyncio.gather(*(walk(lane) for _ in range(100)))

    slot = 1 / (0.96 * limit)
    gaps = [later - earlier for earlier, later in pairwise(run(scenario()))]
    credit = int(EARLY / slot) + 1
    assert all(abs(gap - slot) < 1e-6 for gap in gaps[credit:])
    assert abs(sum(gaps) - (99 * slot - EARLY)) < 1e-6


def test_slots_are_granted_first_come_first_served() -> None:
    async def scenario() -> list[int]:
        lane, order = Lane(25.0), list[int]()

        async def one(number: int) -> None:
            await walk(lane)
            order.append(number)

        await asyncio.gather(*(one(number) for number in range(50)))
        return order

    assert run(scenario()) == list(range(50))


def test_a_rest_is_not_saved_up_for_a_burst() -> None:
    async def scenario() -> list[float]:
        lane = Lane(25.0)
        await walk(lane)
        await asyncio.sleep(3_600.0)
        began = now()
        return [moment - began for moment in await asyncio.gather(*(walk(lane) for _ in range(3)))]

    moments = run(scenario())
    assert moments[0] == 0.0
    assert moments[1] >= SLOT - EARLY - 1e-6
    assert round(moments[2] - moments[1], 6) == round(SLOT, 6)


@settings(max_examples=60)
@given(limit=st.integers(1, 200), rests=st.lists(st.floats(0, 3), min_size=2, max_size=40), crowd=st.integers(1, 4))
def test_no_second_ever_sees_more_than_the_limit(limit: int, rests: list[float], crowd: int) -> None:
    async def scenario() -> list[float]:
        lane, walks = Lane(float(limit)), list[asyncio.Future[float]]()
        for rest in rests:
            walks += [asyncio.ensure_future(walk(lane)) for _ in range(crowd)]
            await asyncio.sleep(rest)
        return await asyncio.gather(*walks)

    moments = run(scenario())
    assert moments == sorted(moments)
    for first, moment in enumerate(moments):
        assert sum(moment <= other < moment + 1 - 1e-6 for other in moments[first:]) <= limit


def test_cancelled_waiters_lose_no_slot() -> None:
    async def scenario() -> list[float]:
        lane = Lane(25.0)
        walks = [asyncio.ensure_future(walk(lane)) for _ in range(20)]
        await asyncio.sleep(0.0)
        for number, task in enumerate(walks):
            if number % 2:
                task.cancel()
        results = await asyncio.gather(*walks, return_exceptions=True)
        assert sum(isinstance(result, asyncio.CancelledError) for result in results) == 10
        assert (lane.status().granted, lane.status().waiting, lane.status().in_flight) == (10, 0, 0)
        return [result for result in results if isinstance(result, float)]

    moments = run(scenario())
    assert round(moments[-1], 6) == round(9 * SLOT - EARLY, 6)


@pytest.mark.parametrize("limit", [25.0, None])
def test_a_slot_granted_to_a_waiter_that_is_just_cancelled_goes_to_the_next(limit: float | None) -> None:
    async def scenario() -> None:
        lane = Lane(limit)
        for _ in range(IN_FLIGHT):
            await lane.admit(None)
        first, second = (asyncio.ensure_future(lane.admit(None)) for _ in range(2))
        await asyncio.sleep(1.0)
        lane.leave()  # grants a slot to the first, which has not run yet
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        before = now()
        await second
        assert now() == before
        status = lane.status()
        assert (status.granted, status.in_flight, status.waiting) == (IN_FLIGHT + 1, IN_FLIGHT, 0)

    run(scenario())


@pytest.mark.parametrize("limit", [None, 10_000.0])
def test_no_more_than_64_are_under_way_at_once(limit: float | None) -> None:
    async def scenario() -> None:
        lane = Lane(limit)
        walks = [asyncio.ensure_future(walk(lane, hold=1.0)) for _ in range(200)]
        peak = 0
        while not all(task.done() for task in walks):
            peak = max(peak, lane.status().in_flight)
            await asyncio.sleep(0.05)
        assert peak == IN_FLIGHT == 64
        assert 3.0 <= now() < 5.0

    run(scenario())


def test_without_a_limit_nothing_waits_and_nothing_is_learnt() -> None:
    async def scenario() -> None:
        lane = Lane(None)
        for _ in range(1_000):
            assert await walk(lane) == 0.0
            lane.learn(200, {"X-RateLimit-Limit": "5"})
        assert (lane.status().limit, lane.status().rate, lane.status().granted) == (None, None, 1_000)

    run(scenario())


def test_each_category_has_a_lane_of_its_own() -> None:
    async def scenario() -> None:
        found = lanes(RateLimits(read=1.0, write=2.0, search=3.0))
        await found["Read"].admit(None)
        for category in ("Write", "Search"):
            assert await walk(found[category]) == 0.0
        assert {name: lane.status().limit for name, lane in found.items()} == {"Read": 1.0, "Write": 2.0, "Search": 3.0}

    run(scenario())


def test_lanes_without_limits() -> None:
    assert [lane.status().limit for lane in lanes(None).values()] == [None, None, None]
