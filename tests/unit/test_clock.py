"""Does the virtual clock keep time as a real loop would, without taking any?"""

import asyncio
import time

import pytest

from tests.clock import START, DeadlockError, run


def test_hours_pass_at_once_and_exactly() -> None:
    async def scenario() -> float:
        await asyncio.sleep(3_600.0)
        await asyncio.sleep(0.25)
        return asyncio.get_running_loop().time()

    began = time.perf_counter()
    assert round(run(scenario()), 9) == START + 3_600.25
    assert time.perf_counter() - began < 1.0


def test_time_stands_still_while_something_is_ready() -> None:
    async def scenario() -> float:
        for _ in range(1_000):
            await asyncio.sleep(0)
        return asyncio.get_running_loop().time()

    assert run(scenario()) == START


def test_timers_fire_in_the_order_of_their_time() -> None:
    async def scenario() -> list[float]:
        woken: list[float] = []

        async def sleep(seconds: float) -> None:
            await asyncio.sleep(seconds)
            woken.append(asyncio.get_running_loop().time() - START)

        await asyncio.gather(*(sleep(seconds) for seconds in (3.0, 1.0, 2.0)))
        return woken

    assert [round(moment, 9) for moment in run(scenario())] == [1.0, 2.0, 3.0]


def test_timeouts_run_on_the_virtual_clock() -> None:
    async def scenario() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60.0):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert round(run(scenario()), 9) == START + 60.0


def test_a_wait_without_end_is_reported() -> None:
    async def scenario() -> None:
        await asyncio.Event().wait()

    with pytest.raises(DeadlockError):
        run(scenario())
