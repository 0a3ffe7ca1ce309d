"""Tasks that begin at once, rather than in the next turn of their event loop."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from typing import Any, TypeVar

T = TypeVar("T")


def start_now(coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> asyncio.Task[T]:
    """Run a coroutine in a new task until it waits for something. Call it in a callback of the loop, not in a task."""
    if sys.version_info >= (3, 12):  # pragma: no cover
        return asyncio.Task(coroutine, loop=loop, eager_start=True)
    own, steps = copy_context(), list[Callable[[], object]]()

    def call_soon(callback: Callable[..., object], *args: Any, context: Context | None = None) -> None:
        if context is own:
            steps.append(callback)
        else:  # of a finalizer that runs now
            type(loop).call_soon(loop, callback, *args, context=context)

    vars(loop)["call_soon"] = call_soon
    try:
        task = asyncio.Task(coroutine, loop=loop, context=own)  # has the loop call its first step
    finally:
        del vars(loop)["call_soon"]
    own.run(steps[0])
    return task
