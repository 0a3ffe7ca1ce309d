"""Does a call that failed let go of everything at once, without waiting for the garbage collector?"""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from lightfield import APIError, ClientClosedError
from tests.clock import run
from tests.unit.retry.scripted import Server, a_call, lost, refused

CALLS = 50


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def alive() -> int:
    """Count errors of ours, and frames of ours and of these tests."""

    def counts(thing: Any) -> bool:
        if type(thing) is FrameType:
            return "lightfield" in thing.f_code.co_filename or "tests" in thing.f_code.co_filename
        return issubclass(type(thing), APIError)

    return sum(counts(thing) for thing in gc.get_objects())


async def failing() -> None:
    try:
        await Server(lost).serve(a_call())
    except APIError:
        return
    raise AssertionError("it should have failed")


async def succeeding() -> None:
    assert await Server(lost, refused(503), None).serve(a_call()) == "result"


async def closed() -> None:
    try:
        await Server(lost, lambda: ClientClosedError("closed")).serve(a_call())
    except ClientClosedError:
        return
    raise AssertionError("it should have failed")


async def _cancel(server: Server, after: float) -> None:
    task = asyncio.ensure_future(server.serve(a_call()))
    await asyncio.sleep(after)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return
    raise AssertionError("it should have been cancelled")


async def cancelled_while_waiting() -> None:
    await _cancel(Server(refused(429, 30.0)), 10.0)


async def cancelled_while_attempting() -> None:
    await _cancel(Server(lost, takes=10.0), 15.0)


@pytest.mark.parametrize("ending", [failing, succeeding, closed, cancelled_while_waiting, cancelled_while_attempting])
def test_calls_leave_no_errors_and_no_frames_behind(ending: Callable[[], Awaitable[None]]) -> None:
    async def scenario() -> int:
        await ending()
        before = alive()
        for _ in range(CALLS):
            await ending()
        return alive() - before

    assert run(scenario()) == 0
