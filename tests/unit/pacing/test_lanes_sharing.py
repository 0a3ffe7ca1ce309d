"""Do several gates to one lane keep its pace together, and its order? On a virtual clock."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield._config.options import Priority
from lightfield._pacing.lane import Gate
from lightfield._pacing.registry import lane_status
from lightfield._pacing.schedule import MAX_WAKE_DELAY, Slot
from tests.clock import START, VirtualClockLoop, run
from tests.unit.pacing.gates import even_lane, fill, gaps, now, ranks, walk, walk_all, walks

PRIORITIES: tuple[Priority, ...] = ("interactive", "bulk")


def new_gates(number: int, limit: float = 25.0) -> list[Gate]:
    lane = even_lane(limit)
    return [Gate(lane) for _ in range(number)]


async def forever(waiter: asyncio.Future[Any]) -> None:
    await waiter


def test_together_they_keep_the_pace() -> None:
    async def scenario() -> list[list[float]]:
        return await asyncio.gather(*(walk_all(gate, 40) for gate in new_gates(3)))

    moments = run(scenario())
    assert gaps(moment for each in moments for moment in each) == [0.04] * 119


def test_the_oldest_call_goes_first_wherever_it_waits() -> None:
    async def scenario() -> list[float]:
        one, other = new_gates(2)
        await walk(one)
        calls = [(one, 4), (other, 1), (one, 2), (other, 3), (other, 6), (one, 5)]
        return await asyncio.gather(*(walk(gate, order=order) for gate, order in calls))

    assert [round(moment / 0.04, 3) for moment in run(scenario())] == [4, 1, 2, 3, 6, 5]


def test_one_hands_over_to_another_without_delay() -> None:
    async def scenario() -> list[float]:
        found = new_gates(3, limit=500.0)
        return await asyncio.gather(*(walk(found[number % 3]) for number in range(300)))

    moments = run(scenario())
    assert moments == sorted(moments)
    assert [round(moment, 6) for moment in moments] == [round(0.002 * number, 6) for number in range(300)]


def test_an_interactive_call_passes_a_thousand_bulk_calls_of_another_client() -> None:
    async def scenario() -> list[float]:
        one, other = new_gates(2)
        bulk, waits = walks(one, 1_000, "bulk"), list[float]()
        for _ in range(50):
            await asyncio.sleep(0.3 + 0.007 * len(waits))
            before = now()
            waits.append(await walk(other) - before)
        await asyncio.gather(*bulk)
        return waits

    assert max(run(scenario())) <= 0.04 + 1e-6


def test_bulk_of_one_client_gets_every_fifth_slot_under_the_load_of_another() -> None:
    async def scenario() -> tuple[list[float], list[float]]:
        one, other = new_gates(2)
        interactive = walks(one, 200)
        return await walk_all(other, 30, "bulk"), await asyncio.gather(*interactive)

    bulk, interactive = run(scenario())
    assert set(gaps(bulk)) == {0.2}
    assert set(gaps([*bulk, *interactive])) == {0.04}


def test_a_call_does_not_pass_older_ones_that_wait_elsewhere() -> None:
    async def scenario() -> float:
        one, other = new_gates(2, limit=1.0)
        await fill(one, 1)
        waiting = walks(one, 4)
        await asyncio.sleep(0.999)
        young = await walk(other)
        await asyncio.gather(*waiting)
        return young

    assert run(scenario()) == 5.0


def test_what_one_learns_counts_for_all() -> None:
    async def scenario() -> list[float]:
        one, other = new_gates(2)
        slot = await one.admit(next(ranks))
        one.learn(slot, 200, {"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "4"})
        assert lane_status(one.lane) == lane_status(other.lane)
        return await walk_all(other, 6)

    assert gaps(run(scenario())) == [0.2] * 5


@pytest.mark.parametrize("priority", PRIORITIES)
def test_each_has_64_places_of_its_own(priority: Priority) -> None:
    async def scenario() -> list[list[float]]:
        one, other = new_gates(2, limit=10_000.0)
        full = walks(one, 100, priority, hold=60.0)
        await asyncio.sleep(1)
        moments = await walk_all(other, 50, priority)
        assert (lane_status(one.lane).in_flight, lane_status(one.lane).waiting) == (
            64 - 8 * (priority == "bulk"),
            100 - 64 + 8 * (priority == "bulk"),
        )
        await asyncio.gather(*full)
        return [moments]

    assert max(run(scenario())[0]) < 1.1


def test_a_client_that_gives_up_leaves_the_slots_to_the_others() -> None:
    async def scenario() -> list[float]:
        one, other = new_gates(2)
        await walk(one)
        leaving = walks(one, 10)
        staying = walks(other, 10)
        await asyncio.sleep(0.0)
        for task in leaving:
            task.cancel()
        moments = await asyncio.gather(*staying)
        assert one.lane.waiting == set()
        return moments

    assert [round(moment, 6) for moment in run(scenario())] == [round(0.04 * (n + 1), 6) for n in range(10)]


def test_a_loop_that_sleeps_through_its_turn_is_passed_over_after_a_hundredth_of_a_second() -> None:
    asleep, awake = VirtualClockLoop(), VirtualClockLoop()
    one, other = new_gates(2)
    waiting = asleep.create_task(walk_all(one, 10))
    asleep.run_until_complete(asyncio.sleep(0.0))  # one has passed, nine wait
    moments = awake.run_until_complete(walk_all(other, 10))
    assert MAX_WAKE_DELAY == 0.01
    # it waited for the other once, and not again
    assert [round(moment, 6) for moment in moments] == [round(0.05 + 0.04 * n, 6) for n in range(10)]
    assert (one.unresponsive, other.unresponsive) == (True, False)
    last = asleep.run_until_complete(waiting)
    assert not one.unresponsive
    assert gaps([*moments, *last[1:]]) == [0.04] * 18
    for loop in (asleep, awake):
        loop.close()


def test_a_loop_that_was_passed_over_gets_its_turn_when_it_is_back() -> None:
    asleep, awake = VirtualClockLoop(), VirtualClockLoop()
    one, other = new_gates(2)
    old = asleep.create_task(walk_all(one, 6))
    asleep.run_until_complete(asyncio.sleep(0.0))
    young = awake.create_task(walk_all(other, 20))
    awake.run_until_complete(asyncio.sleep(0.3))
    assert one.unresponsive
    asleep.run_until_complete(asyncio.sleep(0.3))  # it wakes up and takes the next slots
    assert not one.unresponsive
    awake.run_until_complete(young)
    asleep.run_until_complete(old)
    assert gaps([*old.result(), *young.result()])[-10:] == [0.04] * 10
    for loop in (asleep, awake):
        loop.close()


@settings(max_examples=60)
@given(
    calls=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(PRIORITIES), st.floats(0, 0.3), st.none() | st.floats(0, 2)),
        min_size=1,
        max_size=60,
    )
)
def test_whatever_happens_together_they_keep_the_pace_and_the_books_balance(
    calls: list[tuple[int, Priority, float, float | None]],
) -> None:
    async def scenario() -> list[float]:
        found, tasks = new_gates(3), list[asyncio.Task[float]]()
        for which, priority, rest, patience in calls:
            due = None if patience is None else now() + patience
            tasks += walks(found[which], 1, priority, due=due)
            await asyncio.sleep(rest)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        moments = sorted(result for result in results if isinstance(result, float))
        status = lane_status(found[0].lane)
        assert (status.granted, status.waiting, status.in_flight) == (len(moments), 0, 0)
        assert not found[0].lane.waiting
        return moments

    moments = run(scenario())
    for first, begin in enumerate(moments):
        assert all(end - begin >= more * 0.04 - 0.002 - 1e-6 for more, end in enumerate(moments[first:]))


def test_a_lane_can_have_every_gate_look_again() -> None:
    async def scenario() -> list[float]:
        one, other = new_gates(2, limit=1.0)
        slot = await one.admit(next(ranks))
        waiting = walks(other, 2)
        await asyncio.sleep(0.5)
        one.lane.pace.refund(slot)
        one.lane.wake_all()
        return await asyncio.gather(*waiting)

    assert run(scenario()) == [0.5, 1.5]


def test_a_slot_that_one_client_does_not_use_goes_to_another_at_once() -> None:
    async def wait(waiter: asyncio.Future[Any]) -> None:
        await waiter
        await asyncio.sleep(0.0)  # the other has looked whether the next slot is due: as it may on its own thread
        await asyncio.sleep(0.0)
        raise TimeoutError

    async def scenario() -> tuple[Slot | BaseException | float, ...]:
        one, other = new_gates(2, limit=1.0)
        await walk(one)
        late = one.admit(next(ranks), wait=wait)
        return tuple(await asyncio.gather(late, walk(other), return_exceptions=True))

    late, following = run(scenario())
    assert isinstance(late, TimeoutError)
    assert following == 1.0


def test_a_slot_given_back_goes_to_the_interactive_call_of_another_client_first() -> None:
    async def scenario() -> str:
        one, other = new_gates(2, limit=1.0)
        errors = list[object]()
        asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
        slot = await one.admit(next(ranks))
        bulk, interactive = walks(one, 1, "bulk")[0], walks(other, 1)[0]
        await asyncio.sleep(0.3)
        one.lane.refund(one, slot)
        await asyncio.wait([bulk, interactive], return_when=asyncio.FIRST_COMPLETED)
        done = "bulk" * bulk.done() + "interactive" * interactive.done()
        assert await bulk == 1.3
        assert errors == []
        return done

    assert {run(scenario()) for _ in range(10)} == {"interactive"}


@pytest.mark.parametrize("capped", [False, True])
def test_nobody_passes_those_that_wait_by_coming_when_a_slot_is_due(*, capped: bool) -> None:
    """Neither those at the gate of another client, nor those of a capped client at its own."""

    async def scenario() -> float:
        lane, loop = even_lane(1.0), asyncio.get_running_loop()
        one = Gate(lane, max_rps=1.0) if capped else Gate(lane)
        await fill(one, 1)

        def come() -> None:
            call = (one if capped else Gate(lane)).admit(next(ranks), wait=forever)
            call.send(None)  # it would be over if it had its slot
            call.close()

        loop.call_at(START + 1.0, come)  # before the timer of those that wait
        return await walk(one)

    assert run(scenario()) == 1.0


def test_who_leaves_a_gate_of_a_closed_loop_forgets_those_that_waited_there() -> None:
    loop = VirtualClockLoop()
    (gate,) = new_gates(1)
    loop.run_until_complete(fill(gate, 1))
    loop.run_until_complete(fill(gate, 1))
    waiting = gate.admit(next(ranks), wait=forever)
    loop.call_soon(lambda: waiting.send(None))
    loop.run_until_complete(asyncio.sleep(0.0))
    assert gate.lane.waiting == {gate}
    loop.close()
    gate.leave()
    assert (gate.lane.waiting, lane_status(gate.lane).in_flight) == (set(), 1)
    waiting.close()


def test_a_call_that_waits_for_nobody_is_said_not_to_have_waited() -> None:
    async def scenario() -> float:
        one, other = new_gates(2)
        await fill(one, 64)
        waiting = walks(one, 1)[0]
        await asyncio.sleep(5)
        slot = await other.admit(next(ranks))
        waiting.cancel()
        return slot.waited

    assert run(scenario()) == 0.0
