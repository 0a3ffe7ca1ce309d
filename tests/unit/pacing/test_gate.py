"""Does a gate let calls through at the pace, in order, and no more than may be under way? On a virtual clock."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield._config.options import Priority
from lightfield._pacing.lane import Gate, Lane
from lightfield._pacing.pace import Pace
from lightfield._pacing.queue import IN_FLIGHT
from lightfield._pacing.registry import lane_status
from tests.clock import START, run
from tests.unit.pacing.gates import fill, gaps, new_gate, now, ranks, walk, walk_all, walks
from tests.unit.pacing.paces import ALONE

PLACES = 64


def test_a_free_gate_lets_through_without_waiting() -> None:
    async def scenario() -> None:
        gate = new_gate(25.0)
        with pytest.raises(StopIteration) as over:
            gate.admit(0).send(None)  # it did not suspend
        assert (over.value.value.waited, over.value.value.at) == (0.0, START)
        status = lane_status(gate.lane)
        assert (status.granted, status.in_flight, status.waiting) == (1, 1, 0)

    run(scenario())


def test_a_slot_is_free_from_the_moment_it_is_due() -> None:
    async def scenario() -> None:
        gate = new_gate(4.0)
        found: list[bool] = []
        await fill(gate, 1)
        for _ in range(2):
            found.append(gate.try_admit("interactive", None) is not None)
            await asyncio.sleep(0.25)
        assert found == [False, True]

    run(scenario())


@pytest.mark.parametrize("limit", [1.0, 5.0, 25.0, 400.0])
def test_calls_go_evenly_where_bursts_are_refused(limit: float) -> None:
    moments = run(walk_all(new_gate(limit), 100))
    assert [round(moment, 6) for moment in moments] == [round(number / limit, 6) for number in range(100)]


def test_calls_that_come_together_go_at_once_as_far_as_the_limit_allows() -> None:
    moments = run(walk_all(Gate(Lane(Pace(25.0))), 50))
    assert [round(moment, 6) for moment in moments] == [0.0] * 25 + [1.005] * 25


def test_calls_go_at_once_again_after_a_rest() -> None:
    async def scenario() -> list[float]:
        gate = Gate(Lane(Pace(25.0)))
        await walk_all(gate, 60)
        await asyncio.sleep(1.1)
        began = now()
        return [moment - began for moment in await walk_all(gate, 50)]

    assert [round(moment, 6) for moment in run(scenario())] == [0.0] * 25 + [1.005] * 25


def test_time_in_which_calls_wait_saves_up_nothing() -> None:
    async def scenario() -> list[float]:
        gate = Gate(Lane(Pace(25.0)))
        first = walks(gate, 100)
        await asyncio.sleep(0.5)
        later = walks(gate, 30)  # nobody rested: 75 wait
        return await asyncio.gather(*first, *later)

    moments = run(scenario())
    assert gaps(moments)[:24] == [0.0] * 24
    assert set(gaps(moments)[25:]) == {0.005, 0.885}
    assert [sum(second < moment < second + 1 for moment in moments) for second in range(1, 6)] == [25] * 4 + [5]


def test_a_call_says_how_long_it_waited() -> None:
    async def scenario() -> list[float]:
        gate = new_gate(25.0)
        await asyncio.sleep(7.0)
        return [slot.waited for slot in await asyncio.gather(*(gate.admit(number) for number in range(5)))]

    assert [round(waited, 6) for waited in run(scenario())] == [0.0, 0.04, 0.08, 0.12, 0.16]


def test_an_older_call_goes_first() -> None:
    async def scenario() -> list[int]:
        gate, passed = new_gate(25.0), list[int]()
        await walk(gate)

        async def one(order: int) -> None:
            await walk(gate, order=order)
            passed.append(order)

        await asyncio.gather(*(one(order) for order in (5, 3, 9, 1, 4)))
        return passed

    assert run(scenario()) == [1, 3, 4, 5, 9]


def test_an_older_call_passes_those_that_wait_already() -> None:
    async def scenario() -> tuple[float, list[float]]:
        gate = new_gate(25.0)
        young = [asyncio.ensure_future(walk(gate, order=1_000 + number)) for number in range(50)]
        await asyncio.sleep(0.5)
        old = await walk(gate, order=7)
        return old, await asyncio.gather(*young)

    old, young = run(scenario())
    assert round(old, 6) == 0.52
    assert old not in young
    assert gaps([old, *young]) == [0.04] * 50


def test_nobody_passes_those_that_wait_by_coming_when_a_slot_is_due() -> None:
    async def scenario() -> tuple[float, float]:
        gate, loop = new_gate(1.0), asyncio.get_running_loop()
        await fill(gate, 1)
        late: asyncio.Future[asyncio.Task[float]] = loop.create_future()
        loop.call_at(gate.lane.pace.due(loop.time(), ALONE), lambda: late.set_result(walks(gate, 1)[0]))
        waiting = walks(gate, 1)[0]
        return await waiting, await (await late)

    assert run(scenario()) == (1.0, 2.0)


def test_cancelled_waiters_lose_no_slot() -> None:
    async def scenario() -> list[float]:
        gate = new_gate(25.0)
        tasks = walks(gate, 21)
        await asyncio.sleep(0.0)
        for task in tasks[1::2]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert sum(isinstance(result, asyncio.CancelledError) for result in results) == 10
        status = lane_status(gate.lane)
        assert (status.granted, status.waiting, status.in_flight) == (11, 0, 0)
        return [result for result in results if isinstance(result, float)]

    assert gaps(run(scenario())) == [0.04] * 10


def test_who_waits_is_counted_without_those_that_left() -> None:
    async def scenario() -> None:
        gate = new_gate(25.0)
        tasks = [*walks(gate, 12, "bulk"), *walks(gate, 10)]
        await asyncio.sleep(0.01)
        assert lane_status(gate.lane).waiting == 21
        tasks[7].cancel()
        tasks[-1].cancel()
        await asyncio.sleep(0.01)
        assert lane_status(gate.lane).waiting == 19
        await asyncio.gather(*tasks, return_exceptions=True)
        assert lane_status(gate.lane).waiting == 0
        assert not gate.lane.waiting

    run(scenario())


def test_one_timer_is_enough_for_all_that_wait() -> None:
    async def scenario() -> int:
        gate, loop = new_gate(25.0), asyncio.get_running_loop()
        tasks = walks(gate, 100)
        await asyncio.sleep(1)
        timers: list[asyncio.TimerHandle] = getattr(loop, "_scheduled")  # noqa: B009
        count = sum(not timer.cancelled() for timer in timers)
        await asyncio.gather(*tasks)
        return count

    assert run(scenario()) == 1


def test_a_call_that_is_just_leaving_is_not_granted_the_second_of_two_slots() -> None:
    async def scenario() -> list[float | BaseException]:
        gate, loop = Gate(Lane(Pace(25.0))), asyncio.get_running_loop()
        slot = await gate.admit(next(ranks))
        gate.learn(slot, 429, {"Retry-After": "5"})
        tasks = walks(gate, 3)
        moment = gate.lane.pace.due(loop.time(), ALONE)
        loop.call_at(moment - 5e-10, tasks[1].cancel)  # it has not left yet when the slots come
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, second, third = run(scenario())
    assert (first, third) == (5.0, 5.0)
    assert isinstance(second, asyncio.CancelledError)


@pytest.mark.parametrize("limit", [25.0, None])
def test_a_slot_granted_to_a_waiter_that_is_just_cancelled_goes_to_the_next(limit: float | None) -> None:
    async def scenario() -> None:
        gate = new_gate(limit)
        await fill(gate, PLACES)
        first, second = (asyncio.ensure_future(gate.admit(next(ranks))) for _ in range(2))
        await asyncio.sleep(1.0)
        gate.leave()  # grants a slot to the first, which has not run yet
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        before = now()
        await second
        assert now() == before
        status = lane_status(gate.lane)
        assert (status.granted, status.in_flight, status.waiting) == (PLACES + 1, PLACES, 0)

    run(scenario())


def test_slots_given_back_keep_the_pace() -> None:
    async def scenario() -> list[float]:
        gate, moments, loop = new_gate(25.0), list[float](), asyncio.get_running_loop()
        await walk_all(gate, 10)
        for _ in range(20):
            task = walks(gate, 1)[0]
            await asyncio.sleep(0)
            loop.call_at(gate.lane.pace.due(loop.time(), ALONE), task.cancel)  # as its slot comes
            moments.append(await walk(gate))
            await asyncio.gather(task, return_exceptions=True)
        return moments

    assert set(gaps(run(scenario()))) == {0.04}


@pytest.mark.parametrize("limit", [None, 10_000.0])
def test_no_more_than_64_are_under_way_at_once(limit: float | None) -> None:
    async def scenario() -> None:
        gate = new_gate(limit)
        tasks, peak = walks(gate, 200, hold=1.0), 0
        while not all(task.done() for task in tasks):
            peak = max(peak, lane_status(gate.lane).in_flight)
            await asyncio.sleep(0.05)
        assert peak == PLACES == IN_FLIGHT["interactive"]
        assert 4.0 <= now() < 5.0

    run(scenario())


def test_without_a_limit_nothing_waits_and_no_limit_is_learnt() -> None:
    async def scenario() -> None:
        gate = new_gate(None)
        for _ in range(1_000):
            slot = await gate.admit(next(ranks))
            assert slot.waited == now() == 0.0
            gate.leave()
            gate.learn(slot, 429, {"X-RateLimit-Limit": "5"})
        status = lane_status(gate.lane)
        assert (status.limit, status.rate, status.granted, status.throttled) == (None, None, 1_000, 1_000)

    run(scenario())


def test_what_is_learnt_sets_the_pace_of_those_already_waiting() -> None:
    async def scenario() -> list[float]:
        gate = new_gate(25.0)
        slot = await gate.admit(next(ranks))
        tasks = walks(gate, 12)
        await asyncio.sleep(0.0)
        gate.learn(slot, 200, {"X-RateLimit-Limit": "5"})
        return await asyncio.gather(*tasks)

    assert gaps(run(scenario()))[-6:] == [0.2] * 6


def test_a_status_tells_what_the_server_told() -> None:
    async def scenario() -> None:
        gate = new_gate(25.0)
        slot = await gate.admit(next(ranks))
        gate.learn(slot, 200, {"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "17"})
        gate.learn(slot, 429, {})
        status = lane_status(gate.lane)
        assert (status.limit, status.remaining, status.throttled) == (20.0, 0, 1)
        assert status.rate == pytest.approx(20 * 0.85 * 0.85)

    run(scenario())


def test_those_that_wait_are_held_as_long_as_a_429_asks() -> None:
    async def scenario() -> list[float]:
        gate = new_gate(25.0)
        slot = await gate.admit(next(ranks))
        tasks = walks(gate, 20)
        await asyncio.sleep(0.3)
        gate.learn(slot, 429, {"Retry-After": "5"})
        return await asyncio.gather(*tasks)

    moments = run(scenario())
    assert [moment for moment in moments if 0.3 < moment < 5.3] == []
    assert [round(moment - 5.3, 6) for moment in moments[7:]] == [round(number / 21.25, 6) for number in range(13)]


@settings(max_examples=60)
@given(
    limit=st.integers(1, 60),
    arrivals=st.lists(
        st.tuples(st.integers(1, 60), st.sampled_from(["interactive", "bulk"]), st.floats(0, 3), st.booleans()),
        max_size=20,
    ),
)
def test_no_second_ever_sees_more_than_the_limit_whatever_arrives(
    limit: int, arrivals: list[tuple[int, Priority, float, bool]]
) -> None:
    async def scenario() -> list[float]:
        gate, tasks = Gate(Lane(Pace(float(limit)))), list[asyncio.Task[float]]()
        for crowd, priority, rest, leaving in arrivals:
            tasks += walks(gate, crowd, priority)
            await asyncio.sleep(rest)
            if leaving:
                tasks.pop().cancel()
        return sorted(await asyncio.gather(*tasks))

    moments = run(scenario())
    for first, begin in enumerate(moments):
        assert sum(moment < begin + 1 - 1e-6 for moment in moments[first:]) <= limit
