"""How is what takes long bounded in time?"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")

Wait = Callable[[asyncio.Future[None], float | None], Awaitable[None]]
"""Waits for a future, until a time of the loop at most, and raises TimeoutError then."""


async def wait_until(waiter: asyncio.Future[None], due: float | None) -> None:
    """Wait for a future, until a time of the loop at most, and raise TimeoutError then."""
    async with asyncio.timeout_at(due):
        await waiter


async def with_timeout(action: Awaitable[T], deadline: float | None, on_timeout: Callable[[], Exception]) -> T:
    """Await what may take ``deadline`` seconds at most, and raise ``late()`` where it takes longer."""
    limit = asyncio.timeout(deadline)
    try:
        async with limit:
            return await action
    except TimeoutError:
        if not limit.expired():
            raise
    raise on_timeout()  # out of the handler: what was caught may hold a signed address


class Waiters:
    """The futures that the calls of one client wait for, all of which closing ends."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()

    async def wait(self, waiter: asyncio.Future[None], due: float | None) -> None:
        """Wait for a future until the loop's time ``due``; being dismissed ends the wait.

        Raises:
            TimeoutError: It is due.
            ClientClosedError: The client was closed.
        """
        self._waiters.add(waiter)
        try:
            await wait_until(waiter, due)
        finally:
            self._waiters.discard(waiter)

    async def sleep(self, seconds: float) -> None:
        """Wait some seconds; being dismissed ends the wait."""
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            await self.wait(loop.create_future(), loop.time() + seconds)

    def fail_all(self, reason: Callable[[], Exception]) -> None:
        """Raise an exception, each its own, where anybody waits."""
        for waiter in [waiter for waiter in self._waiters if not waiter.done()]:
            waiter.set_exception(reason())
