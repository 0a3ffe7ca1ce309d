"""Time limits of blocks, on real loops: those of asyncio and of uvloop."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from lightfield._aio.loop import new_loop
from lightfield._http.time_limits import TimeLimit, TimeLimits

SOON = 0.05
LATE = 60.0


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, None]], None]:
    def run(scenario: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=lambda: new_loop(uvloop=request.param)) as runner:
            runner.run(scenario)

    return run


def limited(limits: TimeLimits, seconds: float | None = None, end: float | None = None) -> TimeLimit:
    task = asyncio.current_task()
    assert task is not None
    return TimeLimit(limits, task, seconds, end)


async def fail_when_cancelled() -> None:
    try:
        await asyncio.sleep(LATE)
    finally:
        raise ZeroDivisionError


def cancellations() -> int:
    task = asyncio.current_task()
    return -1 if task is None else task.cancelling()


def test_a_block_that_takes_too_long_times_out(run: Callable[[Coroutine[Any, Any, None]], None]) -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        limits = TimeLimits(loop)
        for limit in (limited(limits, SOON), limited(limits, LATE, loop.time() + SOON), limited(limits, None, 0.0)):
            with pytest.raises(TimeoutError), limit:
                await asyncio.sleep(LATE)
            assert loop.time() >= limit.at
            assert (limits.running, cancellations()) == (set(), 0)

    run(scenario())


def test_a_block_that_ends_in_time_is_left_alone(run: Callable[[Coroutine[Any, Any, None]], None]) -> None:
    async def scenario() -> None:
        limits = TimeLimits(asyncio.get_running_loop())
        with limited(limits, SOON):
            await asyncio.sleep(0)
        with limited(limits, LATE):
            await asyncio.sleep(2 * SOON)  # the timer of the first block fires
        with limited(limits):
            await asyncio.sleep(0)
        assert (limits.running, cancellations()) == (set(), 0)

    run(scenario())


def test_each_of_many_ends_at_its_time_and_in_order(run: Callable[[Coroutine[Any, Any, None]], None]) -> None:
    async def scenario() -> None:
        loop, ended = asyncio.get_running_loop(), list[int]()
        limits = TimeLimits(loop)

        async def wait(number: int) -> None:
            limit = limited(limits, SOON + number * 0.01)
            with pytest.raises(TimeoutError), limit:
                await asyncio.sleep(LATE)
            assert limit.at <= loop.time()
            ended.append(number)

        await asyncio.gather(*map(wait, (3, 0, 4, 1, 2)))
        assert ended == [0, 1, 2, 3, 4]

    run(scenario())


def test_a_cancellation_is_no_timeout(run: Callable[[Coroutine[Any, Any, None]], None]) -> None:
    async def scenario() -> None:
        limits, begun = TimeLimits(asyncio.get_running_loop()), asyncio.Event()

        async def wait(seconds: float) -> None:
            with limited(limits, seconds):
                begun.set()
                await asyncio.sleep(LATE)

        task = asyncio.ensure_future(wait(LATE))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        begun.clear()
        task = asyncio.ensure_future(wait(SOON))
        await begun.wait()
        await asyncio.sleep(0)
        next(iter(limits.running)).expire()
        task.cancel()  # both at once: the caller's counts
        with pytest.raises(asyncio.CancelledError):
            await task

    run(scenario())


def test_what_is_raised_as_the_time_is_over_is_raised(run: Callable[[Coroutine[Any, Any, None]], None]) -> None:
    async def scenario() -> None:
        limits = TimeLimits(asyncio.get_running_loop())
        with pytest.raises(ZeroDivisionError), limited(limits, SOON):
            await fail_when_cancelled()
        assert cancellations() == 0

    run(scenario())
