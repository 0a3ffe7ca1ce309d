"""How is what takes long bounded in time?"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

Wait = Callable[[asyncio.Future[None], float | None], Awaitable[None]]
"""Waits for a future, until a time of the loop at most, and raises TimeoutError then."""


async def wait_until(waiter: asyncio.Future[None], due: float | None) -> None:
    """Wait for a future, until a time of the loop at most, and raise TimeoutError then."""
    async with asyncio.timeout_at(due):
        await waiter


async def bounded(action: Awaitable[T], deadline: float | None, late: Callable[[], Exception]) -> T:
    """Await what may take ``deadline`` seconds at most, and raise ``late()`` where it takes longer."""
    limit = asyncio.timeout(deadline)
    try:
        async with limit:
            return await action
    except TimeoutError:
        if not limit.expired():
            raise
    raise late()  # out of the handler: what was caught may hold a signed address
