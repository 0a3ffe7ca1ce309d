"""How is work on files kept off the event loop, and in order where it is cancelled?"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(act: Callable[[], T], undo: Callable[[T], object] = lambda _: None) -> T:
    """Do something on a thread.

    A thread cannot be cancelled: a cancellation passes on when it has done its work, which ``undo`` then undoes.
    """
    work = asyncio.ensure_future(asyncio.to_thread(act))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        if not work.cancelled() and work.exception() is None:
            undo(work.result())
        raise
