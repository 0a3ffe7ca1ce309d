"""Does whoever stops waiting at a gate, for whatever reason, lose nobody a slot? On a virtual clock."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield import APITimeoutError, ClientClosedError
from lightfield._config.options import Priority
from lightfield._pacing.registry import lane_status
from lightfield._pacing.schedule import Slot
from tests.clock import START, VirtualClockLoop, run
from tests.unit.pacing.gates import fill, new_gate, now, ranks, walk, walks

SLOT = 1 / 25
PLACES = 64
PRIORITIES: tuple[Priority, ...] = ("interactive", "bulk")


def test_a_wait_ends_at_its_deadline() -> None:
    async def scenario() -> None:
        gate = new_gate(1.0)
        await fill(gate, 1)
        with pytest.raises(
            APITimeoutError, match=r"^The deadline passed while waiting for a slot of the rate limit\."
        ) as caught:
            await gate.admit(9, "interactive", START + 0.5)
        assert now() == 0.5
        assert (caught.value.sent, caught.value.deadline_exceeded) == (False, True)
        assert caught.value.__cause__ is None
        status = lane_status(gate.lane)
        assert (status.waiting, status.in_flight, status.granted) == (0, 1, 1)
        assert not gate.lane.waiting

    run(scenario())


def test_a_deadline_that_has_passed_ends_the_wait_at_once() -> None:
    async def scenario() -> None:
        gate = new_gate(1.0)
        await fill(gate, 1)
        with pytest.raises(APITimeoutError):
            await gate.admit(9, "interactive", START - 1.0)
        assert now() == 0.0

    run(scenario())


def test_waiters_that_ran_out_of_time_lose_no_slot() -> None:
    async def scenario() -> float:
        gate = new_gate(1.0)
        hasty = walks(gate, 6, due=0.5)
        patient = walks(gate, 1)[0]
        results = await asyncio.gather(*hasty, return_exceptions=True)
        assert sum(isinstance(result, APITimeoutError) for result in results) == 5
        return await patient

    assert run(scenario()) == 1.0


def test_a_call_that_gives_up_leaves_the_slot_to_the_other_priority() -> None:
    async def scenario() -> list[float]:
        gate = new_gate(1.0)
        await walk(gate)
        bulk = walks(gate, 2, "bulk")
        interactive = walks(gate, 2, due=0.9)
        results = await asyncio.gather(*interactive, return_exceptions=True)
        assert all(isinstance(result, APITimeoutError) for result in results)
        return await asyncio.gather(*bulk)

    assert run(scenario()) == [1.0, 2.0]


def test_a_slot_that_comes_too_late_is_the_next_ones_at_once() -> None:
    async def wait(waiter: asyncio.Future[Any], _: float | None) -> None:
        await waiter
        raise TimeoutError

    async def scenario() -> float:
        gate = new_gate(1.0)
        await walk(gate)
        late = asyncio.ensure_future(gate.admit(next(ranks), wait=wait))
        following = walks(gate, 1)[0]
        with pytest.raises(APITimeoutError):
            await late
        return await following

    assert run(scenario()) == 1.0


@pytest.mark.parametrize("limit", [1.0, None])
@pytest.mark.parametrize("granted", [True, False])
def test_a_wait_that_times_out_as_its_slot_comes_gives_the_slot_back(limit: float | None, granted: bool) -> None:
    async def wait(waiter: asyncio.Future[Any], _: float | None) -> None:
        if granted:
            await waiter
        raise TimeoutError

    async def scenario() -> None:
        gate = new_gate(limit)
        await fill(gate, PLACES)
        late = asyncio.ensure_future(gate.admit(next(ranks), wait=wait))
        await asyncio.sleep(4.0)
        gate.leave()
        with pytest.raises(APITimeoutError):
            await late
        before = now()
        await gate.admit(next(ranks))
        assert now() == before
        status = lane_status(gate.lane)
        assert (status.in_flight, status.granted) == (PLACES, PLACES + 1)

    run(scenario())


@settings(max_examples=100)
@given(
    calls=st.lists(
        st.tuples(st.floats(0, 3) | st.integers(0, 60).map(lambda n: n * SLOT), st.sampled_from(PRIORITIES)),
        min_size=1,
        max_size=40,
    ),
    leaving=st.sets(st.integers(0, 39)),
)
def test_whoever_waits_gets_a_slot_in_time_or_none_and_the_books_balance(
    calls: list[tuple[float, Priority]], leaving: set[int]
) -> None:
    async def scenario() -> None:
        gate = new_gate(25.0)
        tasks = [asyncio.ensure_future(walk(gate, priority, due=due)) for due, priority in calls]
        await asyncio.sleep(0.2)
        for number in leaving & set(range(len(tasks))):
            tasks[number].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        passed = [(due, result) for (due, _), result in zip(calls, results, strict=True) if isinstance(result, float)]
        assert all(moment <= due + 1e-6 for due, moment in passed if due > 0)
        assert all(isinstance(result, float | APITimeoutError | asyncio.CancelledError) for result in results)
        await asyncio.sleep(10.0)
        status = lane_status(gate.lane)
        assert (status.granted, status.waiting, status.in_flight) == (len(passed), 0, 0)
        assert not gate.lane.waiting

    run(scenario())


def test_whatever_else_ends_the_wait_passes_unchanged_and_loses_no_slot() -> None:
    closed = ClientClosedError("closed")

    async def wait(_: asyncio.Future[Any], due: float | None) -> None:
        assert due == START + 9.0
        raise closed

    async def scenario() -> None:
        gate = new_gate(1.0)
        await fill(gate, 1)
        with pytest.raises(ClientClosedError) as caught:
            await gate.admit(9, "interactive", START + 9.0, wait)
        assert caught.value is closed
        status = lane_status(gate.lane)
        assert (status.granted, status.waiting, status.in_flight) == (1, 0, 1)
        assert await walk(gate) == 1.0

    run(scenario())


def test_a_call_that_ends_after_its_loop_leaves_the_gate_quietly() -> None:
    gate, loop = new_gate(1.0), VirtualClockLoop()

    async def wait(waiter: asyncio.Future[Any], _: float | None) -> None:
        waiter.add_done_callback(lambda _: None)  # as a task does, which a closed loop cannot tell any more
        await waiter

    async def begin() -> Coroutine[Any, Any, Slot]:
        await fill(gate, 1)
        call = gate.admit(next(ranks), wait=wait)
        call.send(None)
        return call

    call = loop.run_until_complete(begin())
    loop.close()
    call.close()
    assert lane_status(gate.lane).waiting == 0
    assert not gate.lane.waiting
