"""Does a client keep below the bounds it was given for itself, whatever the lane does? On a virtual clock."""

import asyncio
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield._pacing.lane import Gate
from lightfield._pacing.registry import lane_status
from tests.clock import START, VirtualClockLoop, run
from tests.unit.pacing.gates import fill, gaps, new_gate, now, ranks, walk, walk_all, walks


@pytest.mark.parametrize(("share", "slot"), [(0.5, 0.08), (0.2, 0.2), (1 / 25, 1.0)])
def test_a_share_of_the_limit_is_kept_without_a_burst(share: float, slot: float) -> None:
    moments = run(walk_all(new_gate(25.0, share=share), 20))
    assert moments[0] == 0.0
    assert gaps(moments) == [round(slot, 6)] * 19


@pytest.mark.parametrize("options", [{"max_rps": 4.0}, {"share": 0.16}], ids=str)
def test_a_bound_counts_from_the_last_slot_not_from_who_asks(options: dict[str, float]) -> None:
    async def scenario() -> list[float]:
        gate = new_gate(25.0, **options)
        moments = [await walk(gate)]
        for rest in (0.1, 0.2, 0.25, 1.0):
            await asyncio.sleep(rest)
            moments.append(await walk(gate))
        return moments

    assert run(scenario()) == [0.0, 0.25, 0.5, 0.75, 1.75]


def test_a_share_of_all_is_no_bound() -> None:
    moments = run(walk_all(new_gate(25.0, share=1.0), 20))
    assert gaps(moments) == [0.0] + [0.04] * 18


def test_a_share_follows_the_limit_that_is_learnt() -> None:
    async def scenario() -> list[list[float]]:
        gate, found = new_gate(25.0, share=0.5), list[list[float]]()
        for limit in ("10", "50"):
            for _ in range(3):
                gate.learn(200, {"X-RateLimit-Limit": limit})
            found.append(gaps(await walk_all(gate, 10)))
        return found

    assert run(scenario()) == [[0.2] * 9, [0.04] * 9]


@pytest.mark.parametrize("limit", [25.0, None])
def test_max_rps_is_kept_with_and_without_a_limit(limit: float | None) -> None:
    moments = run(walk_all(new_gate(limit, max_rps=4.0), 20))
    assert moments[0] == 0.0
    assert gaps(moments) == [0.25] * 19


def test_a_max_rps_above_the_limit_changes_nothing_in_the_long_run() -> None:
    moments = run(walk_all(new_gate(25.0, max_rps=1_000.0), 50))
    assert gaps(moments)[5:] == [0.04] * 44


@pytest.mark.parametrize(("max_rps", "slot"), [(4.0, 0.25), (20.0, 0.1)])
def test_the_lower_of_share_and_max_rps_counts(max_rps: float, slot: float) -> None:
    moments = run(walk_all(new_gate(25.0, share=0.4, max_rps=max_rps), 10))
    assert gaps(moments) == [slot] * 9


def test_a_share_of_no_limit_is_no_bound() -> None:
    assert run(walk_all(new_gate(None, share=0.1), 50)) == [0.0] * 50


def test_a_client_at_its_bound_leaves_its_slots_to_others() -> None:
    async def scenario() -> tuple[list[float], list[float]]:
        free = new_gate(25.0)
        bound = Gate(free.lane, max_rps=2.0)
        return await asyncio.gather(walk_all(bound, 10), walk_all(free, 120))

    bound, free = run(scenario())
    assert gaps(bound) == [0.52] * 9  # the next slot after each half second: its calls are older
    assert gaps([*bound, *free]) == [0.0] + [0.04] * 128


def test_a_slot_that_was_not_used_does_not_count_against_the_bound() -> None:
    async def scenario() -> float:
        gate = new_gate(None, max_rps=1.0)
        await walk(gate)
        task = walks(gate, 1)[0]
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_at(
            gate.due(asyncio.get_running_loop().time()), task.cancel
        )  # as its slot comes
        await asyncio.gather(task, return_exceptions=True)
        assert now() == 1.0
        return await walk(gate)

    assert run(scenario()) == 1.0


@pytest.mark.parametrize("options", [{"max_rps": 4.0}, {"share": 0.16}], ids=str)
def test_a_timer_that_is_late_gives_no_credit(options: dict[str, float]) -> None:
    async def scenario() -> list[float]:
        gate, clock = new_gate(25.0, **options), cast("Any", asyncio.get_running_loop())._clock
        calls = walks(gate, 12)
        for late in (0.01, 0.03, 0.2, 0.26, 0.6, 3.0):
            await asyncio.sleep(0.24)
            clock.now += late
        return await asyncio.gather(*calls)

    assert min(gaps(run(scenario()))) == 0.25


def test_a_loop_with_another_clock_does_not_wait_for_the_time_of_the_first() -> None:
    first, second = VirtualClockLoop(), VirtualClockLoop()
    cast("Any", first)._clock.now = 1_000_000.0
    gate = new_gate(25.0, max_rps=2.0)
    first.run_until_complete(fill(gate, 2))
    assert second.run_until_complete(walk_all(gate, 3)) == [0.5, 1.0, 1.5]
    for loop in (first, second):
        loop.close()


@pytest.mark.parametrize(("back", "due"), [(0.5, 0.5), (1.0, 0.5), (1.001, -0.501), (1.999, -1.499)])
def test_a_clock_that_is_a_second_behind_is_the_same_clock(back: float, due: float) -> None:
    gate = new_gate(None, max_rps=2.0)
    gate.grant(START)
    assert round(gate.due(START - back) - START, 9) == due


def test_slots_given_back_make_nothing_faster() -> None:
    async def scenario() -> list[float]:
        gate, moments, loop = new_gate(None, max_rps=4.0), list[float](), asyncio.get_running_loop()
        await walk(gate)
        for _ in range(20):
            task = walks(gate, 1)[0]
            await asyncio.sleep(0)
            loop.call_at(gate.due(loop.time()), task.cancel)  # as its slot comes
            moments.append(await walk(gate))
            await asyncio.gather(task, return_exceptions=True)
        assert lane_status(gate.lane).granted == 21
        return moments

    assert set(gaps(run(scenario()))) == {0.25}


def test_a_bound_call_that_waits_is_no_obstacle_to_the_fast_way_of_others() -> None:
    async def scenario() -> None:
        free = new_gate(25.0)
        bound = Gate(free.lane, max_rps=0.1)
        await walk(bound)
        waiting = walks(bound, 1)[0]
        await asyncio.sleep(1)
        assert await free.admit(next(ranks)) == 0.0
        waiting.cancel()

    run(scenario())


@settings(max_examples=60)
@given(
    options=st.sampled_from(["max_rps", "share"]),
    limit=st.integers(1, 100),
    rests=st.lists(st.floats(0, 3), min_size=2, max_size=40),
    crowd=st.integers(1, 4),
)
def test_no_stretch_ever_sees_one_more_than_its_part(options: str, limit: int, rests: list[float], crowd: int) -> None:
    async def scenario() -> list[float]:
        bound: Any = {"max_rps": float(limit)} if options == "max_rps" else {"share": limit / 200}
        gate, tasks = new_gate(200.0, **bound), list[asyncio.Task[float]]()
        for rest in rests:
            tasks += walks(gate, crowd)
            await asyncio.sleep(rest)
        return await asyncio.gather(*tasks)

    moments = run(scenario())
    assert all(later - earlier >= 1 / limit - 1e-6 for earlier, later in pairwise(moments))


def test_a_client_with_all_places_taken_is_no_obstacle() -> None:
    async def scenario() -> None:
        full = new_gate(25.0)
        free = Gate(full.lane)
        await fill(full, 64)
        waiting = walks(full, 3)
        await asyncio.sleep(5)
        began = now()
        assert [round(moment - began, 6) for moment in await walk_all(free, 5)] == [0.0, 0.0, 0.04, 0.08, 0.12]
        for task in waiting:
            task.cancel()

    run(scenario())


def test_a_lower_limit_counts_for_the_share_at_once() -> None:
    async def scenario() -> list[float]:
        gate = new_gate(25.0, share=0.5)
        await walk(gate)
        gate.learn(200, {"X-RateLimit-Limit": "5"})
        return await walk_all(gate, 2)

    assert [round(moment, 6) for moment in run(scenario())] == [0.4, 0.8]
