"""How is work of several requests bounded in time?"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


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
