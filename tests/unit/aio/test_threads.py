"""Work on a thread holds up nothing else, and where it is cancelled it is undone."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pytest

from lightfield import LightfieldUsageError
from lightfield._aio.threads import in_thread
from tests.client.both import until

PATIENCE = 10.0


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


def test_what_ends_after_its_event_loop_is_undone() -> None:
    begun, go, undone = threading.Event(), threading.Event(), threading.Event()

    def act() -> None:
        begun.set()
        go.wait(PATIENCE)

    async def leave() -> None:
        working = asyncio.ensure_future(in_thread(act, lambda _: undone.set()))
        await asyncio.to_thread(begun.wait)
        assert not working.done()

    asyncio.run(leave())
    assert not undone.is_set()
    go.set()
    assert undone.wait(PATIENCE)


def test_what_is_dropped_with_its_event_loop_is_undone() -> None:
    """A loop that is closed without a cancellation of its tasks."""
    begun, go, undone = threading.Event(), threading.Event(), threading.Event()

    def act() -> None:
        begun.set()
        go.wait(PATIENCE)

    loop = asyncio.new_event_loop()
    loop.set_exception_handler(say_nothing)  # of the task
    working = loop.create_task(in_thread(act, lambda _: undone.set()))
    loop.run_until_complete(asyncio.wait([working], timeout=0))
    assert begun.wait(PATIENCE)
    loop.close()
    go.set()
    assert undone.wait(PATIENCE)


def say_nothing(_loop: asyncio.AbstractEventLoop, _context: dict[str, Any]) -> None:
    pass


async def test_what_has_just_ended_when_it_is_cancelled_is_undone() -> None:
    undone: list[threading.Thread] = []
    working = asyncio.ensure_future(in_thread(threading.current_thread, undone.append))
    await asyncio.sleep(0)  # it begins
    for thread in threads():
        thread.join(PATIENCE)  # it ends, while this loop cannot hear of it
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert len(undone) == 1


@contextmanager
def no_more_threads() -> Generator[None]:
    usual = threading.stack_size(1 << 46)  # more than there is
    try:
        yield
    finally:
        threading.stack_size(usual)


async def test_where_no_thread_can_be_started_it_is_a_usage_error() -> None:
    await until(lambda: not threads())
    with no_more_threads(), pytest.raises(LightfieldUsageError, match="No thread can be started"):
        await in_thread(lambda: 1)


async def test_where_no_thread_can_be_started_to_undo_work_it_passes_in_silence() -> None:
    undone: list[int] = []
    await until(lambda: not threads())
    working = asyncio.ensure_future(in_thread(lambda: 1, undone.append))
    await asyncio.sleep(0)
    for thread in threads():
        thread.join(PATIENCE)
    working.cancel()
    with no_more_threads(), pytest.raises(asyncio.CancelledError):
        await working
    assert undone == []


async def test_what_hangs_holds_up_nothing_else() -> None:
    go = threading.Event()
    hanging = [asyncio.ensure_future(in_thread(lambda: go.wait(PATIENCE))) for _ in range(200)]
    await asyncio.sleep(0)
    assert await in_thread(lambda: 1) == 1
    go.set()
    assert await asyncio.gather(*hanging) == [True] * 200


async def test_a_thread_works_again_and_ends_when_it_has_been_idle() -> None:
    used = {await in_thread(threading.current_thread) for _ in range(1000)}
    assert len(used) < 100
    await until(lambda: not any(thread.is_alive() for thread in used))
    assert await in_thread(lambda: 1) == 1


async def test_its_context_is_that_of_the_caller() -> None:
    variable: ContextVar[int] = ContextVar("variable")
    variable.set(1)

    def act() -> int:
        seen = variable.get()
        variable.set(2)
        return seen

    assert (await in_thread(act), variable.get()) == (1, 1)


async def test_what_it_gives_and_raises_passes_on() -> None:
    assert await in_thread(lambda: 1) == 1
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 // 0)


async def test_an_undoing_that_fails_is_passed_over() -> None:
    begun, go, undone = threading.Event(), threading.Event(), list[int]()

    def act() -> int:
        begun.set()
        go.wait()
        return 1

    def undo(result: int) -> None:
        undone.append(result)
        raise OSError("it is gone")

    await cancelled(begun, asyncio.ensure_future(in_thread(act, undo)), go)
    assert undone == [1]


def threads() -> list[threading.Thread]:
    """Give the threads that do such work, or wait for some."""
    return [thread for thread in threading.enumerate() if thread.name == "lightfield-blocking"]
