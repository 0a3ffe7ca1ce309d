"""Whoever waits on a client can be told that it was closed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from ._deadline import wait_until


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

    def dismiss(self, reason: Callable[[], Exception]) -> None:
        """Raise an exception, each its own, where anybody waits."""
        for waiter in [waiter for waiter in self._waiters if not waiter.done()]:
            waiter.set_exception(reason())
