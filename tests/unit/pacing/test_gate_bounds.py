"""Does a client keep below the bounds it was given for itself, whatever the lane does? On a virtual clock."""

import asyncio
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield._pacing.lane import Gate, Lane
from lightfield._pacing.pace import Pace
from tests.clock import START, VirtualClockLoop, run
from tests.unit.pacing.gates import fill, gaps, new_gate, now, ranks, walk, walk_all, walks
from tests.unit.pacing.paces import ALONE


def free_gate(limit: float | None, **bounds: Any) -> Gate:
    """Make a gate to a lane whose bursts are not refused."""
    return Gate(Lane(Pace(limit)), **bounds)


def rounded(moments: list[float]) -> list[float]:
    return [round(moment, 6) for moment in moments]


@pytest.mark.parametrize(("share", "at_once"), [(0.8, 20), (0.2, 5), (0.04, 1)])
def test_a_share_of_the_limit_goes_at_once_and_again_a_second_later(share: float, at_once: int) -> None:
    moments = rounded(run(walk_all(free_gate(25.0, share=share), 2 * at_once)))
    later = 1.005 if at_once > 1 else 1.0
    assert moments == [0.0] * at_once + [later] * at_once


def test_a_fraction_of_a_share_is_used_too() -> None:
    moments = run(walk_all(free_gate(25.0, share=0.5), 137, "bulk"))
    assert rounded(moments)[:13] == [0.0] * 12 + [1.005]
    assert 10.9 < moments[-1] < 11.1
    assert sum(1.0 <= moment < 9.0 for moment in moments) == 100  # 12.5 a second


@pytest.mark.parametrize("options", [{"max_rps": 4.0}, {"share": 0.16}], ids=str)
def test_a_bulk_of_a_bound_client_goes_evenly(options: dict[str, float]) -> None:
    moments = run(walk_all(free_gate(25.0, **options), 40, "bulk"))
    assert rounded(moments)[:4] == [0.0] * 4
    assert set(gaps(moments)[5:]) <= {0.245, 0.25, 0.255}


@pytest.mark.parametrize("options", [{"max_rps": 4.0}, {"share": 0.16}], ids=str)
def test_a_bound_client_goes_evenly_where_bursts_are_refused(options: dict[str, float]) -> None:
    moments = run(walk_all(new_gate(25.0, **options), 12))
    assert rounded(moments)[:5] == [0.0, 0.04, 0.08, 0.12, 1.005]


def test_a_share_of_all_is_no_bound() -> None:
    moments = run(walk_all(new_gate(25.0, share=1.0), 20))
    assert gaps(moments) == [0.04] * 19


def test_a_share_follows_the_limit_that_is_learnt() -> None:
    async def scenario() -> list[list[float]]:
        gate, found = free_gate(25.0, share=0.5), list[list[float]]()
        for limit, calls in (("10", 10), ("50", 26)):
            slot = await gate.admit(next(ranks))
            gate.leave()
            for _ in range(3):
                gate.learn(slot, 200, {"X-RateLimit-Limit": limit})
            await asyncio.sleep(5)
            began = now()
            found.append(rounded([moment - began for moment in await walk_all(gate, calls)]))
        return found

    first, second = run(scenario())
    assert first == [0.0] * 5 + [1.005] * 5
    assert second == [0.0] * 25 + [1.005]


@pytest.mark.parametrize("limit", [25.0, None])
def test_max_rps_is_kept_with_and_without_a_limit(limit: float | None) -> None:
    moments = run(walk_all(free_gate(limit, max_rps=4.0), 20))
    assert rounded(moments)[:8] == [0.0] * 4 + [1.005, 1.03625, 1.0675, 1.09875]
    assert [sum(second <= moment < second + 1 for moment in moments) for second in range(5)] == [4] * 5


def test_a_max_rps_above_the_limit_changes_nothing_in_the_long_run() -> None:
    moments = run(walk_all(new_gate(25.0, max_rps=1_000.0), 50))
    assert gaps(moments)[5:] == [0.04] * 44


@pytest.mark.parametrize(("max_rps", "at_once"), [(4.0, 4), (20.0, 10)])
def test_the_lower_of_share_and_max_rps_counts(max_rps: float, at_once: int) -> None:
    moments = run(walk_all(free_gate(25.0, share=0.4, max_rps=max_rps), 11))
    assert sum(moment < 1 for moment in moments) == at_once


def test_a_share_of_no_limit_is_no_bound() -> None:
    assert run(walk_all(new_gate(None, share=0.1), 50)) == [0.0] * 50


def test_a_client_at_its_bound_leaves_its_slots_to_others() -> None:
    async def scenario() -> tuple[list[float], list[float]]:
        free = new_gate(25.0)
        bound = Gate(free.lane, max_rps=2.0)
        return await asyncio.gather(walk_all(bound, 10), walk_all(free, 120))

    bound, free = run(scenario())
    assert [sum(second <= moment < second + 1 for moment in bound) for second in range(5)] == [2] * 5
    assert gaps([*bound, *free]) == [0.04] * 129


def test_a_slot_that_was_not_used_does_not_count_against_the_bound() -> None:
    async def scenario() -> float:
        gate = new_gate(None, max_rps=1.0)
        await walk(gate)
        task = walks(gate, 1)[0]
        await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        loop.call_at(gate.due(loop.time(), ALONE), task.cancel)  # as its slot comes
        await asyncio.gather(task, return_exceptions=True)
        assert now() == 1.0
        return await walk(gate)

    assert run(scenario()) == 1.0


@pytest.mark.parametrize("options", [{"max_rps": 4.0}, {"share": 0.16}], ids=str)
def test_a_timer_that_is_late_gives_no_credit(options: dict[str, float]) -> None:
    async def scenario() -> list[float]:
        gate, clock = free_gate(25.0, **options), cast("Any", asyncio.get_running_loop())._clock
        calls = walks(gate, 40)
        for late in (0.01, 0.03, 0.2, 0.26, 0.6, 3.0):
            await asyncio.sleep(0.24)
            clock.now += late
        return await asyncio.gather(*calls)

    moments = run(scenario())
    assert max(sum(begin <= moment < begin + 1 - 1e-6 for moment in moments) for begin in moments) == 4


def test_a_loop_with_another_clock_does_not_wait_for_the_time_of_the_first() -> None:
    first, second = VirtualClockLoop(), VirtualClockLoop()
    cast("Any", first)._clock.now = 1_000_000.0
    gate = free_gate(None, max_rps=2.0)
    first.run_until_complete(fill(gate, 2))
    assert rounded(second.run_until_complete(walk_all(gate, 4))) == [0.0, 0.0625, 1.005, 1.0675]
    for loop in (first, second):
        loop.close()


@pytest.mark.parametrize(("back", "due"), [(0.5, 1.0), (1.0, 1.0), (1.001, -1.001), (1.999, -1.999)])
def test_a_clock_that_is_a_second_behind_is_the_same_clock(back: float, due: float) -> None:
    gate = new_gate(None, max_rps=1.0)
    gate.grant(START)
    found = max(START - back, gate.due(START - back, ALONE))
    assert round(found - START, 9) == due


def test_slots_given_back_make_nothing_faster() -> None:
    async def scenario() -> list[float]:
        gate, moments, loop = new_gate(None, max_rps=4.0), list[float](), asyncio.get_running_loop()
        await walk_all(gate, 4)
        for _ in range(20):
            task = walks(gate, 1)[0]
            await asyncio.sleep(0)
            loop.call_at(gate.due(loop.time(), ALONE), task.cancel)  # as its slot comes
            moments.append(await walk(gate))
            await asyncio.gather(task, return_exceptions=True)
        return moments

    moments = run(scenario())
    assert max(sum(begin <= moment < begin + 1 - 1e-6 for moment in moments) for begin in moments) == 4
    assert moments[-1] < 6.5


def test_a_bound_call_that_waits_is_no_obstacle_to_the_fast_way_of_others() -> None:
    async def scenario() -> None:
        free = new_gate(25.0)
        bound = Gate(free.lane, max_rps=0.1)
        await walk(bound)
        waiting = walks(bound, 1)[0]
        await asyncio.sleep(1)
        assert (await free.admit(next(ranks))).waited == 0.0
        waiting.cancel()

    run(scenario())


@settings(max_examples=60)
@given(
    options=st.sampled_from(["max_rps", "share"]),
    limit=st.integers(1, 100),
    rests=st.lists(st.floats(0, 3), min_size=2, max_size=40),
    crowd=st.integers(1, 40),
)
def test_no_second_ever_sees_more_than_its_part(options: str, limit: int, rests: list[float], crowd: int) -> None:
    async def scenario() -> list[float]:
        bound: Any = {"max_rps": float(limit)} if options == "max_rps" else {"share": limit / 200}
        gate, tasks = free_gate(200.0, **bound), list[asyncio.Task[float]]()
        for rest in rests:
            tasks += walks(gate, crowd)
            await asyncio.sleep(rest)
        return await asyncio.gather(*tasks)

    moments = run(scenario())
    for first, begin in enumerate(moments):
        assert sum(moment < begin + 1 - 1e-6 for moment in moments[first:]) <= limit


def test_calls_that_wait_for_the_bound_of_their_client_leave_the_bulk_of_another_even() -> None:
    async def scenario() -> float:
        bulk = free_gate(25.0)
        bound, urgent = Gate(bulk.lane, max_rps=0.2), Gate(bulk.lane)
        waiting, work, waits = walks(bound, 5), walks(bulk, 200, "bulk"), list[float]()
        await asyncio.sleep(2)
        for _ in range(10):
            await asyncio.sleep(0.33)
            before = now()
            waits.append(await walk(urgent) - before)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*work)
        return max(waits)

    assert run(scenario()) <= 0.051


def test_calls_that_wait_for_the_bound_of_their_client_take_no_rest_from_others() -> None:
    async def scenario() -> list[float]:
        free = free_gate(25.0)
        bound = Gate(free.lane, max_rps=0.01)
        await walk(bound)
        await walk_all(free, 120, "bulk")  # nothing is saved up any more
        waiting = walks(bound, 5)
        await asyncio.sleep(5)
        began = now()
        moments = [moment - began for moment in await walk_all(free, 25, "bulk")]
        for task in waiting:
            task.cancel()
        return moments

    assert rounded(run(scenario())) == [0.0] * 25


def test_a_bound_client_alone_in_its_lane_is_spaced_by_its_own_bound() -> None:
    moments = run(walk_all(free_gate(25.0, max_rps=10.0), 100))
    assert moments[89] - moments[80] == pytest.approx(9 / 80)


def test_a_client_with_all_places_taken_is_no_obstacle() -> None:
    async def scenario() -> None:
        full = new_gate(25.0)
        free = Gate(full.lane)
        await fill(full, 64)
        waiting = walks(full, 3)
        await asyncio.sleep(5)
        began = now()
        assert [round(moment - began, 6) for moment in await walk_all(free, 5)] == [0.0, 0.04, 0.08, 0.12, 0.16]
        for task in waiting:
            task.cancel()

    run(scenario())


def test_a_lower_limit_counts_for_the_share_at_once() -> None:
    async def scenario() -> list[float]:
        gate = free_gate(25.0, share=0.4)
        slot = await gate.admit(next(ranks))
        gate.learn(slot, 200, {"X-RateLimit-Limit": "5"})
        return await walk_all(gate, 3)

    assert rounded(run(scenario())) == [0.0, 1.005, 1.005]
