"""Do interactive calls go before bulk, and does bulk go on all the same? On a virtual clock."""

import asyncio

import pytest

from lightfield._config.options import Priority
from lightfield._pacing.lane import Gate
from lightfield._pacing.queue import IN_FLIGHT, MAX_CONSECUTIVE_INTERACTIVE
from lightfield._pacing.registry import lane_status
from tests.clock import run
from tests.unit.pacing.gates import fill, gaps, new_gate, now, walk, walk_all, walks


async def passing(gate: Gate, *calls: tuple[Priority, int]) -> str:
    """Let calls wait for a gate, given with their rank, and say in which order they passed."""
    passed: list[str] = []

    async def one(priority: Priority, order: int) -> None:
        await walk(gate, priority, order=order)
        passed.append(priority[0])

    await walk_all(gate, 1)
    await asyncio.gather(*(one(priority, order) for priority, order in calls))
    return "".join(passed)


def test_an_interactive_call_behind_a_thousand_bulk_calls_gets_the_very_next_slot() -> None:
    async def scenario() -> list[float]:
        gate, waits = new_gate(25.0), list[float]()
        bulk = walks(gate, 1_000, "bulk")
        for _ in range(100):
            await asyncio.sleep(0.3 + 0.007 * len(waits))
            before = now()
            waits.append(await walk(gate) - before)
        await asyncio.gather(*bulk)
        return waits

    waits = run(scenario())
    assert max(waits) <= 0.04 + 1e-6
    assert len({round(wait, 3) for wait in waits}) > 10  # they came at all times between two slots


def test_an_interactive_call_passes_a_bulk_call_that_is_older() -> None:
    assert run(passing(new_gate(25.0), ("bulk", 1), ("bulk", 2), ("interactive", 3))) == "ibb"


def test_bulk_gets_every_fifth_slot_of_those_that_both_want() -> None:
    calls: list[tuple[Priority, int]] = [("interactive", number) for number in range(20)]
    calls.extend(("bulk", 100 + number) for number in range(6))
    assert MAX_CONSECUTIVE_INTERACTIVE == 4
    assert run(passing(new_gate(25.0), *calls)) == "iiiib" * 5 + "b"


def test_bulk_gets_a_fifth_under_a_constant_load() -> None:
    async def scenario() -> tuple[list[float], list[float]]:
        gate, interactive = new_gate(25.0), list[float]()

        async def keep_asking() -> None:
            while now() < 60:
                interactive.append(await walk(gate))

        asking = [asyncio.ensure_future(keep_asking()) for _ in range(10)]
        bulk = await walk_all(gate, 200, "bulk")
        await asyncio.gather(*asking)
        return bulk, interactive

    bulk, interactive = run(scenario())
    assert set(gaps(bulk)[1:]) == {0.2}
    assert set(gaps([*bulk, *interactive])[1:]) == {0.04}


def test_interactive_calls_that_passed_nobody_give_bulk_one_slot_at_most() -> None:
    async def scenario() -> str:
        gate = new_gate(25.0)
        await walk_all(gate, 50)
        await asyncio.sleep(1)
        calls: list[tuple[Priority, int]] = [("interactive", 9 + number) for number in range(4)]
        return await passing(gate, ("bulk", 1), ("bulk", 2), *calls)

    assert run(scenario()) in {"biiiib", "iiiibb"}


def test_within_bulk_the_older_call_goes_first() -> None:
    async def scenario() -> list[float]:
        gate = new_gate(25.0)
        await walk_all(gate, 1)
        return await asyncio.gather(*(walk(gate, "bulk", order=order) for order in (30, 10, 20)))

    assert [round(moment, 6) for moment in run(scenario())] == [0.12, 0.04, 0.08]


@pytest.mark.parametrize("limit", [None, 10_000.0])
def test_bulk_leaves_8_of_64_places_to_interactive_calls(limit: float | None) -> None:
    async def scenario() -> None:
        gate = new_gate(limit)
        bulk = walks(gate, 100, "bulk", hold=5.0)
        await asyncio.sleep(1.0)
        assert lane_status(gate.lane).in_flight == IN_FLIGHT["bulk"] == 56
        interactive = walks(gate, 20, hold=2.0)
        await asyncio.sleep(1.0)
        assert lane_status(gate.lane).in_flight == IN_FLIGHT["interactive"] == 64
        await asyncio.gather(*bulk, *interactive)
        assert [round(task.result()) for task in interactive] == [1] * 8 + [3] * 8 + [5] * 4

    run(scenario())


def test_places_that_interactive_calls_hold_are_not_given_to_bulk_too() -> None:
    async def scenario() -> None:
        gate = new_gate(None)
        await fill(gate, IN_FLIGHT["bulk"] - 1)
        bulk = walks(gate, 3, "bulk", hold=1.0)
        await asyncio.sleep(0.5)
        assert [lane_status(gate.lane).in_flight, lane_status(gate.lane).waiting] == [IN_FLIGHT["bulk"], 2]
        assert await asyncio.gather(*bulk) == [0.0, 1.0, 2.0]

    run(scenario())


def test_a_bulk_call_without_a_place_holds_up_no_interactive_call() -> None:
    async def scenario() -> list[float]:
        gate = new_gate(25.0)
        await fill(gate, IN_FLIGHT["bulk"])
        await asyncio.sleep(10)
        bulk = walks(gate, 1, "bulk")
        began = now()
        moments = [moment - began for moment in await walk_all(gate, 12)]
        gate.leave()
        assert await asyncio.gather(*bulk) == [now()]
        return moments

    assert gaps(run(scenario())) == [0.04] * 11
