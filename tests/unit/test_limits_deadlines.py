"""Does whoever stops waiting in a lane, for whatever reason, lose nobody a slot? On a virtual clock."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield import APITimeoutError, ClientClosedError
from lightfield._limits import HEADROOM, IN_FLIGHT, Lane
from tests.clock import START, run

SLOT = 1 / (HEADROOM * 25)
EARLY = 0.01
"""Seconds by which the first gap after a rest may be shorter: what a timer may have been late."""


def now() -> float:
    return asyncio.get_running_loop().time() - START


async def walk(lane: Lane, due: float | None = None) -> float:
    """Go through the lane once and say when the slot came."""
    await lane.admit(None if due is None else START + due)
    lane.leave()
    return now()


def test_a_wait_ends_at_its_deadline() -> None:
    async def scenario() -> None:
        lane = Lane(1.0)
        await lane.admit(None)
        with pytest.raises(APITimeoutError) as caught:
            await lane.admit(START + 0.5)
        assert round(now(), 6) == 0.5
        assert (caught.value.sent, caught.value.deadline_exceeded) == (False, True)
        assert caught.value.__cause__ is None
        assert (lane.status().waiting, lane.status().in_flight, lane.status().granted) == (0, 1, 1)

    run(scenario())


def test_a_deadline_that_has_passed_ends_the_wait_at_once() -> None:
    async def scenario() -> None:
        lane = Lane(1.0)
        await lane.admit(None)
        with pytest.raises(APITimeoutError):
            await lane.admit(START - 1.0)
        assert now() == 0.0

    run(scenario())


def test_waiters_that_ran_out_of_time_lose_no_slot() -> None:
    async def scenario() -> float:
        lane = Lane(1.0)
        hasty = [asyncio.ensure_future(walk(lane, due=0.5)) for _ in range(5)]
        patient = asyncio.ensure_future(walk(lane))
        results = await asyncio.gather(*hasty, return_exceptions=True)
        assert sum(isinstance(result, APITimeoutError) for result in results) == 4
        return await patient

    assert round(run(scenario()), 6) == round(1 / 0.96 - EARLY, 6)


@pytest.mark.parametrize("limit", [1.0, None])
@pytest.mark.parametrize("granted", [True, False])
def test_a_wait_that_times_out_as_its_slot_comes_gives_the_slot_back(limit: float | None, granted: bool) -> None:
    async def wait(waiter: asyncio.Future[None], _: float | None) -> None:
        if granted:
            await waiter
        raise TimeoutError

    async def scenario() -> None:
        lane = Lane(limit)
        while lane.status().in_flight < IN_FLIGHT:
            await lane.admit(None)
        late = asyncio.ensure_future(lane.admit(None, wait))
        await asyncio.sleep(2.0)
        lane.leave()
        with pytest.raises(APITimeoutError):
            await late
        before = now()
        await lane.admit(None)
        assert now() == before
        assert (lane.status().in_flight, lane.status().granted) == (IN_FLIGHT, IN_FLIGHT + 1)

    run(scenario())


@settings(max_examples=60)
@given(dues=st.lists(st.floats(0, 3) | st.integers(0, 60).map(lambda n: n * SLOT - EARLY), min_size=1, max_size=30))
def test_whoever_waits_gets_a_slot_in_time_or_none_and_the_books_balance(dues: list[float]) -> None:
    async def scenario() -> None:
        lane = Lane(25.0)
        walks = [asyncio.ensure_future(walk(lane, due=due)) for due in dues]
        results = await asyncio.gather(*walks, return_exceptions=True)
        passed = [(due, result) for due, result in zip(dues, results, strict=True) if isinstance(result, float)]
        assert all(moment <= due + 1e-6 for due, moment in passed if due > 0)
        assert all(isinstance(result, float | APITimeoutError) for result in results)
        await asyncio.sleep(10.0)
        status = lane.status()
        assert (status.granted, status.waiting, status.in_flight) == (len(passed), 0, 0)

    run(scenario())


def test_whatever_else_ends_the_wait_passes_unchanged_and_loses_no_slot() -> None:
    closed = ClientClosedError("closed")

    async def wait(_: asyncio.Future[None], due: float | None) -> None:
        assert due == START + 9.0
        raise closed

    async def scenario() -> None:
        lane = Lane(1.0)
        await lane.admit(None)
        with pytest.raises(ClientClosedError) as caught:
            await lane.admit(START + 9.0, wait)
        assert caught.value is closed
        assert (lane.status().granted, lane.status().waiting, lane.status().in_flight) == (1, 0, 1)

    run(scenario())
