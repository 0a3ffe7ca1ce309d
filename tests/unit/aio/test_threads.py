"""Work on a thread that is cancelled ends before the cancellation passes on."""

import asyncio
import threading

import pytest

from lightfield import LightfieldUsageError
from lightfield._aio.threads import in_thread


async def cancelled(begun: threading.Event, work: "asyncio.Task[int]", go: threading.Event) -> None:
    """Cancel work in the midst of it, which goes on meanwhile, and wait for its end."""
    await asyncio.to_thread(begun.wait)
    work.cancel()
    await asyncio.sleep(0)
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await work


@pytest.mark.parametrize("fails", [False, True])
async def test_what_was_done_is_undone(fails: bool) -> None:
    begun, go, undone = threading.Event(), threading.Event(), list[int]()

    def act() -> int:
        begun.set()
        go.wait()
        return 1 // (not fails)

    await cancelled(begun, asyncio.ensure_future(in_thread(act, undone.append)), go)
    assert undone == ([] if fails else [1])


async def test_a_thread_that_is_held_up_holds_up_no_cancellation_for_long() -> None:
    begun, go, undone = threading.Event(), threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def act() -> None:
        begun.set()
        go.wait()

    work = asyncio.ensure_future(in_thread(act, lambda _: loop.call_soon(undone.set)))
    await asyncio.to_thread(begun.wait)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert not undone.is_set()
    go.set()
    await undone.wait()


async def test_without_threads_it_is_a_usage_error() -> None:
    await asyncio.get_running_loop().shutdown_default_executor()
    with pytest.raises(LightfieldUsageError, match="No file can be read or written here"):
        await in_thread(lambda: 1)


async def test_what_it_gives_and_raises_passes_on() -> None:
    assert await in_thread(lambda: 1) == 1
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 // 0)
