"""Blocking work on threads, undone when it is cancelled."""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

from lightfield.errors import LightfieldUsageError

from .loop import running_loop

T = TypeVar("T")

CANCEL_TIMEOUT = 0.2
"""Seconds that a cancellation waits for a thread: one that writes to a pipe nobody reads may never end."""


async def in_thread(act: Callable[[], T], undo: Callable[[T], object] = lambda _: None) -> T:
    """Call a function on a thread.

    A thread cannot be cancelled: a cancellation waits for it for a moment. When it ends, ``undo`` is called with its
    result, also if that is later.

    Raises:
        LightfieldUsageError: The interpreter shuts down, and starts no threads; or no task of asyncio is running.
    """
    loop = running_loop()
    try:
        work = loop.run_in_executor(None, copy_context().run, act)
    except RuntimeError as error:
        raise LightfieldUsageError(f"No file can be read or written here: {error}.") from None
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        work.add_done_callback(partial(_undo, undo))
        await asyncio.wait([work], timeout=CANCEL_TIMEOUT)
        raise


def _undo(undo: Callable[[Any], object], work: asyncio.Future[Any]) -> None:
    if not work.cancelled() and work.exception() is None:
        undo(work.result())
