"""Time limits of awaits, and waits that closing a client ends."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from lightfield.errors import LightfieldUsageError

from .clock import is_frozen

T = TypeVar("T")

_FROZEN = (
    "This call has to wait, but the clock of its event loop stands still, so it would wait forever. "
    "With freezegun use freeze_time(..., real_asyncio=True), or Lightfield, whose event loop is not affected."
)

Wait = Callable[[asyncio.Future[Any]], Awaitable[object]]
"""Awaits a future."""


async def with_timeout(action: Awaitable[T], seconds: float | None, on_timeout: Callable[[], Exception]) -> T:
    """Await an action for some seconds at most, then raise what ``on_timeout`` returns."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await action
    except TimeoutError:
        if not limit.expired():
            raise
    raise on_timeout()  # outside of the handler: what was caught may hold a signed address


class TimeLimits:
    """The time limits of one event loop. They share one timer, since nearly everything ends in time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self.next: float = math.inf
        """The loop's time at which the timer fires."""

        self.running: set[TimeLimit] = set()

    def set_timer(self, at: float) -> None:
        """Have the timer fire earlier."""
        if self._timer is not None:
            self._timer.cancel()
        self.next, self._timer = at, self._loop.call_at(at, self._expire, at)

    def _expire(self, now: float) -> None:
        self.next = math.inf
        for limit in tuple(self.running):
            if limit.at <= now:
                limit.expire()
            elif limit.at < self.next:
                self.set_timer(limit.at)


class TimeLimit(msgspec.Struct, eq=False):
    """A time limit of a ``with`` block, like ``asyncio.timeout_at``, which takes ten times as long."""

    limits: TimeLimits
    task: "asyncio.Task[Any]"
    """The running task. It is cancelled at that time; the block then raises ``TimeoutError``."""

    at: float
    """The loop's time."""

    cancelling: int = 0
    expired: bool = False

    def __enter__(self) -> None:
        limits = self.limits
        self.cancelling = self.task.cancelling()
        limits.running.add(self)
        if self.at < limits.next:
            limits.set_timer(self.at)

    def expire(self) -> None:
        """End the block."""
        self.limits.running.discard(self)
        self.expired = True
        self.task.cancel()

    def __exit__(self, kind: type[BaseException] | None, _error: object, _trace: object) -> None:
        self.limits.running.discard(self)
        if self.expired and self.task.uncancel() <= self.cancelling and kind is asyncio.CancelledError:
            raise TimeoutError


class Waiters:
    """The futures that the calls of one client wait for, all of which closing fails."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[Any]] = set()

    async def wait(self, waiter: asyncio.Future[Any]) -> None:
        """Await a future.

        Raises:
            ClientClosedError: The client was closed.
            LightfieldUsageError: The loop's time stands still.
        """
        if is_frozen(asyncio.get_running_loop()):
            raise LightfieldUsageError(_FROZEN)
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)

    async def sleep(self, seconds: float) -> None:
        """Sleep for some seconds, or until ``fail_all``, which raises."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.wait(asyncio.get_running_loop().create_future())

    def fail_all(self, reason: Callable[[], Exception]) -> None:
        """Fail every wait, each with an exception of its own."""
        for waiter in [waiter for waiter in self._waiters if not waiter.done()]:
            waiter.set_exception(reason())
