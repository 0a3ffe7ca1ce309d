"""Tasks that begin at once."""

import asyncio
import gc
from collections.abc import Callable, Generator
from contextvars import ContextVar
from typing import TypeVar

import pytest
import uvloop

from lightfield._aio.fast_loop import FastLoop
from lightfield._aio.tasks import start_now

T = TypeVar("T")
VALUE = ContextVar("VALUE", default="none")


@pytest.fixture(params=[asyncio.SelectorEventLoop, uvloop.new_event_loop, FastLoop])
def loop(request: pytest.FixtureRequest) -> Generator[asyncio.AbstractEventLoop]:
    loop = request.param()
    yield loop
    loop.close()


def run(loop: asyncio.AbstractEventLoop, start: Callable[[], asyncio.Task[T]]) -> T:
    """Call a function in a callback of a loop, and give the result of the task that it starts."""

    async def main() -> T:
        started: asyncio.Future[asyncio.Task[T]] = loop.create_future()

        def call() -> None:
            try:
                started.set_result(start())
            except Exception as error:  # noqa: BLE001
                started.set_exception(error)

        loop.call_soon(call)
        return await (await started)

    return loop.run_until_complete(main())


@pytest.mark.parametrize("debug", [False, True])
def test_the_first_step_is_run_at_once_and_the_rest_by_the_loop(loop: asyncio.AbstractEventLoop, debug: bool) -> None:
    loop.set_debug(debug)
    steps: list[object] = []

    async def coroutine() -> str:
        task = asyncio.current_task()
        steps.append(task is not None and task.get_coro() is running)
        await asyncio.sleep(0)
        steps.append("second")
        return "done"

    running = coroutine()

    def start() -> asyncio.Task[str]:
        task = start_now(running, loop)
        assert steps == [True]
        assert task in asyncio.all_tasks(loop)
        return task

    assert run(loop, start) == "done"
    assert steps == [True, "second"]


def test_a_coroutine_that_does_not_wait_is_done_at_once(loop: asyncio.AbstractEventLoop) -> None:
    async def coroutine() -> str:
        return "done"

    async def failing() -> str:
        raise KeyError("k")

    def start() -> asyncio.Task[str]:
        task = start_now(coroutine(), loop)
        failed = start_now(failing(), loop)
        assert (task.result(), repr(failed.exception())) == ("done", "KeyError('k')")
        return task

    assert run(loop, start) == "done"


def test_it_has_the_variables_of_the_callback_and_keeps_its_own(loop: asyncio.AbstractEventLoop) -> None:
    async def coroutine() -> str:
        found = VALUE.get()
        VALUE.set("changed")
        await asyncio.sleep(0)
        return f"{found} {VALUE.get()}"

    def start() -> asyncio.Task[str]:
        VALUE.set("callback's")
        task = start_now(coroutine(), loop)
        assert VALUE.get() == "callback's"
        return task

    assert run(loop, start) == "callback's changed"


def test_it_can_be_cancelled_after_its_first_step(loop: asyncio.AbstractEventLoop) -> None:
    async def coroutine() -> None:
        await asyncio.sleep(60)

    def start() -> asyncio.Task[None]:
        task = start_now(coroutine(), loop)
        task.cancel()
        return task

    with pytest.raises(asyncio.CancelledError):
        run(loop, start)


def test_what_the_garbage_collector_hands_to_the_loop_meanwhile_is_run_by_the_loop(
    loop: asyncio.AbstractEventLoop,
) -> None:
    called: list[str] = []

    def collected(phase: str, _: object) -> None:
        loop.call_soon(called.append, phase)

    async def coroutine() -> list[str]:
        seen = [*called]
        await asyncio.sleep(0)
        return seen

    def start() -> asyncio.Task[list[str]]:
        thresholds = gc.get_threshold()
        gc.callbacks.append(collected)
        gc.set_threshold(1)
        try:
            return start_now(coroutine(), loop)
        finally:
            gc.set_threshold(*thresholds)
            gc.callbacks.remove(collected)

    assert run(loop, start) == []
    assert "stop" in called
