"""Time limits of awaits, and waits that closing a client ends."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from lightfield.errors import LightfieldUsageError

from .clock import is_frozen

T = TypeVar("T")

_FROZEN = (
    "This call has to wait, but the clock of its event loop stands still, so it would wait forever. "
    "With freezegun use freeze_time(..., real_asyncio=True), or Lightfield, whose event loop is not affected."
)

CLOSED = "The client was closed during the call."

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
