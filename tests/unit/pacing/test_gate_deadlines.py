"""Does whoever stops waiting at a gate, for whatever reason, lose nobody a slot? On a virtual clock."""

import asyncio
import weakref
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield import APITimeoutError, ClientClosedError
from lightfield._config.options import Priority
from lightfield._pacing.lane import Gate, Lane
from lightfield._pacing.pace import Pace
from lightfield._pacing.registry import lane_status
from lightfield._pacing.schedule import Slot
from tests.clock import START, VirtualClockLoop, run, stall
from tests.unit.pacing.gates import fill, new_gate, now, ranks, walk, walks
from tests.unit.pacing.paces import learn

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


def test_a_lane_that_other_programs_slow_to_one_slot_in_five_seconds_keeps_deadlines_too() -> None:
    async def scenario() -> None:
        gate = new_gate(25.0)
        for second in range(40):
            learn(gate.lane.pace, START - 40 + second, 429, {})
        hasty, *patient = [*walks(gate, 1, "bulk", due=4.0), *walks(gate, 3, "bulk", due=11.0)]
        await asyncio.gather(hasty, *patient, return_exceptions=True)
        assert [task.exception() is None for task in (hasty, *patient)] == [True, True, True, False]
        assert [round(task.result(), 6) for task in (hasty, *patient[:2])] == [0.0, 5.0, 10.0]
        assert now() == 11.0

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


async def dawdle(waiter: asyncio.Future[Any]) -> None:
    """Await a slot on a loop that is busy for a second before the call goes on."""
    await waiter
    stall(1.0)


def test_a_slot_that_comes_too_late_is_the_next_ones_at_once() -> None:
    async def scenario() -> float:
        gate = new_gate(1.0)
        await walk(gate)
        late = asyncio.ensure_future(gate.admit(next(ranks), deadline=START + 1.5, wait=dawdle))
        following = walks(gate, 1)[0]
        with pytest.raises(APITimeoutError):
            await late
        return await following

    assert run(scenario()) == 2.0


@pytest.mark.parametrize("limit", [1.0, None])
@pytest.mark.parametrize("due", [3.0, 4.0, 4.5, 5.0])
def test_a_wait_that_times_out_as_its_slot_comes_gives_the_slot_back(limit: float | None, due: float) -> None:
    async def scenario() -> None:
        gate = new_gate(limit)
        await fill(gate, PLACES)
        late = asyncio.ensure_future(gate.admit(next(ranks), deadline=now() + START + due, wait=dawdle))
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


def test_a_call_whose_deadline_has_passed_takes_no_free_slot() -> None:
    async def scenario() -> None:
        gate = new_gate(1.0)
        for due in (-1.0, 0.0):
            with pytest.raises(APITimeoutError):
                await walk(gate, due=due)
        assert await walk(gate, due=0.1) == 0.0
        assert lane_status(gate.lane).granted == 1

    run(scenario())


def test_a_busy_loop_ends_calls_in_the_order_of_their_deadlines_and_grants_slots_to_the_others() -> None:
    async def scenario() -> list[tuple[float, float]]:
        gate, ended = new_gate(1.0), list[tuple[float, float]]()

        async def wait(due: float) -> None:
            try:
                await walk(gate, due=due)
            except APITimeoutError:
                ended.append((due, now()))

        await walk(gate)
        calls = [wait(due) for due in (1.6, 1.2, 9.0, 1.4, 0.3)]
        asyncio.get_running_loop().call_at(START + 0.5, stall, 1.5)
        await asyncio.gather(*calls)
        assert now() == 2.0
        assert lane_status(gate.lane).granted == 2
        return ended

    assert run(scenario()) == [(0.3, 0.3), (1.2, 2.0), (1.4, 2.0), (1.6, 2.0)]


@pytest.mark.parametrize("priority", PRIORITIES)
def test_a_call_ends_at_its_deadline_wherever_it_is_in_the_queue(priority: Priority) -> None:
    async def scenario() -> dict[float, float]:
        gate, ended = Gate(Lane(Pace(0.1))), dict[float, float]()

        async def wait(due: float, priority: Priority) -> None:
            with pytest.raises(APITimeoutError):
                await walk(gate, priority, due=due)
            ended[due] = now()

        await walk(gate)
        others = [wait(due, priority) for due in (3.0, 7.0, 5.0, 2.0)]
        await asyncio.gather(wait(8.0, "interactive"), *others)
        return ended

    assert run(scenario()) == {due: due for due in (2.0, 3.0, 5.0, 7.0, 8.0)}


def test_a_call_waits_again_before_a_retry_with_the_same_order_and_deadline() -> None:
    async def scenario() -> list[float]:
        gate = new_gate(1.0)
        await walk(gate)
        others = walks(gate, 2, due=2.5)
        await asyncio.sleep(0)
        attempts = [await walk(gate, order=-1, due=9.0) for _ in range(2)]
        results = await asyncio.gather(*others, return_exceptions=True)
        assert [type(result) for result in results] == [APITimeoutError] * 2
        return attempts

    assert run(scenario()) == [1.0, 2.0]


@pytest.mark.parametrize("end", ["granted", "cancelled"])
def test_nothing_is_kept_of_a_call_that_ended_long_before_its_deadline(end: str) -> None:
    waiters = list["weakref.ref[asyncio.Future[Any]]"]()

    async def wait(waiter: asyncio.Future[Any]) -> None:
        waiters.append(weakref.ref(waiter))
        await waiter

    async def scenario() -> None:
        gate = new_gate(1.0)
        await fill(gate, PLACES)
        call = asyncio.ensure_future(gate.admit(next(ranks), deadline=START + 1e6, wait=wait))
        await asyncio.sleep(1.0)
        if end == "granted":
            gate.leave()
        else:
            call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        del call
        await asyncio.sleep(0)
        assert [waiter() for waiter in waiters] == [None]
        assert gate.timer is None

    run(scenario())


@settings(max_examples=100)
@given(
    calls=st.lists(
        st.tuples(st.floats(0, 3) | st.integers(0, 60).map(lambda n: n * SLOT), st.sampled_from(PRIORITIES)),
        min_size=1,
        max_size=40,
    ),
    leaving=st.sets(st.integers(0, 39)),
    stalls=st.lists(st.tuples(st.floats(0, 3), st.floats(0, 0.5)), max_size=5),
)
def test_whoever_waits_gets_a_slot_in_time_or_none_and_the_books_balance(
    calls: list[tuple[float, Priority]], leaving: set[int], stalls: list[tuple[float, float]]
) -> None:
    async def scenario() -> None:
        gate = new_gate(25.0)
        for moment, seconds in stalls:
            asyncio.get_running_loop().call_later(moment, stall, seconds)
        tasks = [asyncio.ensure_future(walk(gate, priority, due=due)) for due, priority in calls]
        await asyncio.sleep(0.2)
        for number in leaving & set(range(len(tasks))):
            tasks[number].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        passed = [(due, result) for (due, _), result in zip(calls, results, strict=True) if isinstance(result, float)]
        assert all(moment < due + 1e-6 for due, moment in passed)
        assert all(isinstance(result, float | APITimeoutError | asyncio.CancelledError) for result in results)
        await asyncio.sleep(10.0)
        status = lane_status(gate.lane)
        assert (status.granted, status.waiting, status.in_flight) == (len(passed), 0, 0)
        assert not gate.lane.waiting

    run(scenario())


def test_whatever_else_ends_the_wait_passes_unchanged_and_loses_no_slot() -> None:
    closed = ClientClosedError("closed")

    async def wait(_: asyncio.Future[Any]) -> None:
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

    async def wait(waiter: asyncio.Future[Any]) -> None:
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
