"""Event loops: that of the caller, and a new one."""

import asyncio
import socket
from contextlib import ExitStack
from importlib import import_module

from lightfield.errors import LightfieldUsageError

_ELSEWHERE = (
    "Await an AsyncLightfield in a task of asyncio. Elsewhere, such as under trio, use Lightfield, and call it in a "
    "thread: await trio.to_thread.run_sync(client.opportunity.retrieve, id)."
)


def no_task(advice: str = _ELSEWHERE) -> LightfieldUsageError:
    """Return the error for a call where no task of asyncio is running."""
    return LightfieldUsageError(f"No task of asyncio is running here. {advice}")


def running_loop(advice: str = _ELSEWHERE) -> asyncio.AbstractEventLoop:
    """Return the event loop of the running task.

    Raises:
        LightfieldUsageError: No task of asyncio is running here.
    """
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no event loop of asyncio runs on this thread
        task = None
    if task is None:
        raise no_task(advice)
    return task.get_loop()


_DESCRIPTORS = 8  # more than a new event loop opens


def new_loop(*, uvloop: bool = True) -> asyncio.AbstractEventLoop:
    """Return a new event loop: that of uvloop if it may be and is installed, else that of asyncio.

    Raises:
        OSError: Too few file descriptors are left.
    """
    try:
        new = import_module("uvloop" if uvloop else "asyncio").new_event_loop
    except ImportError:
        new = asyncio.new_event_loop
    with ExitStack() as opened:  # without descriptors, uvloop aborts the process
        for _ in range(_DESCRIPTORS):
            opened.enter_context(socket.socket())
    loop: asyncio.AbstractEventLoop = new()
    return loop
