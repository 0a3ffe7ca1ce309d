"""Interrupts a coroutine at each of its suspensions in turn, in all the ways there are."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import suppress
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar

from lightfield import LightfieldError

T = TypeVar("T")

MESSAGE = "by the test"

Suspended: TypeAlias = "asyncio.Future[Any] | None"
"""What a coroutine waits for; None where it only lets the loop turn."""


class Steps(Generic[T]):
    """Awaits a coroutine, and acts where it is suspended for the ``number``-th time, the first being 1."""

    def __init__(self, coroutine: Coroutine[Any, Any, T], number: int) -> None:
        self._coroutine = coroutine
        self._left = number
        self.act: Callable[[Suspended], object] = lambda _: None

    @property
    def reached(self) -> bool:
        """Whether there were so many suspensions."""
        return self._left <= 0

    def __await__(self) -> Generator[Suspended, None, T]:
        resume: Callable[[], Suspended] = partial(self._coroutine.send, None)
        while True:
            try:
                waits_for = resume()
            except StopIteration as end:
                result: T = end.value
                return result
            self._left -= 1
            if self._left == 0:
                self.act(waits_for)
            try:
                yield waits_for
            except BaseException as error:  # noqa: BLE001 # the coroutine's to handle
                resume = partial(self._coroutine.throw, error)
            else:
                resume = partial(self._coroutine.send, None)


Way: TypeAlias = Callable[[Steps[Any]], Coroutine[Any, Any, None]]


async def waiting(steps: Steps[Any]) -> None:
    """Cancel the task while it waits."""
    steps.act = lambda _: _this_task().cancel(MESSAGE)
    error = await _cancelled(steps)
    assert error is None or error.args in {(MESSAGE,), ()}  # asyncio.gather forgets it where it is cancelled twice


async def woken(steps: Steps[Any]) -> None:
    """Cancel the task when what it waits for has come, but before it has got it."""

    def act(waits_for: Suspended) -> None:
        task = _this_task()
        if waits_for is None:
            task.cancel()
        else:
            waits_for.add_done_callback(lambda _: task.cancel())

    steps.act = act
    await _cancelled(steps)


async def timed_out(steps: Steps[Any]) -> None:
    """Let a time limit of the caller run out while it waits: that is the caller's own error, and the task goes on."""
    task = _this_task()
    before = task.cancelling()
    limit = asyncio.timeout(None)
    steps.act = lambda _: limit.reschedule(0)
    with suppress(TimeoutError, LightfieldError):
        async with limit:
            await steps
    assert limit.expired() == steps.reached
    assert task.cancelling() == before


async def grouped(steps: Steps[Any]) -> None:
    """Let another task of its group fail while it waits: that is the only failure of the group."""

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            steps.act = lambda _: group.create_task(_fail())
            group.create_task(_awaited(steps))

    kinds: list[type[Exception]] = []
    try:
        await both()
    except ExceptionGroup as group:
        kinds = [type(failure) for failure in group.exceptions]
    assert (kinds == [NotImplementedError]) == steps.reached, kinds


def _this_task() -> "asyncio.Task[Any]":
    task = asyncio.current_task()
    assert task is not None
    return task


async def _awaited(steps: Steps[T]) -> T:
    return await steps


async def _fail() -> None:
    raise NotImplementedError


async def _cancelled(steps: Steps[Any]) -> asyncio.CancelledError | None:
    """Run a call in a task of its own, which must end as cancelled as soon as the call was interrupted."""
    task = asyncio.ensure_future(_awaited(steps))
    await asyncio.wait([task])
    assert task.cancelled() == steps.reached
    assert (task.cancelling() > 0) == steps.reached
    try:
        task.result()
    except asyncio.CancelledError as error:
        return error
    except LightfieldError:
        return None
    return None
