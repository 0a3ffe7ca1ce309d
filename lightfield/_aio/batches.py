"""Batches of the results of an asynchronous iterator, for a consumer on another thread: one hop for each batch.

While the consumer waits, a task on the loop moves results into a queue as they are ready, and the consumer takes them
all at once. While it does not wait, nothing is moved: backpressure is as on the loop itself, apart from one batch.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Generic, TypeVar

from lightfield.errors import LightfieldUsageError

from .caught import Caught

T = TypeVar("T")

_MAX_BATCH = 256

_tasks: set[asyncio.Task[None]] = set()
"""Keeps idle tasks from the garbage collector; the iterating side cancels them."""


class BatchedIterator(Generic[T]):
    """An asynchronous iterator, iterated by the batch."""

    def __init__(self, results: AsyncGenerator[T, None]) -> None:
        self._results = results
        self._ready: asyncio.Queue[T | Caught] = asyncio.Queue(_MAX_BATCH)
        self._requested = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._end: Caught | None = None
        self._cancelled = False

    async def take(self) -> list[T]:
        """Wait for results and return all that are ready; none at the end."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._fill())
            _tasks.add(self._task)
            self._task.add_done_callback(_tasks.discard)
        if self._task.get_loop() is not asyncio.get_running_loop():
            raise LightfieldUsageError("The iteration belongs to the parent of this forked process.")
        self._requested.set()
        await asyncio.sleep(0)  # lets the task move what is ready
        batch: list[T] = []
        while self._end is None and (not batch or not self._ready.empty()):
            item = await self._ready.get()
            if isinstance(item, Caught):
                self._end = item
            else:
                batch.append(item)
        self._requested.clear()
        if not batch and self._end is not None and self._end.error is not None:
            raise self._end.take()
        return batch

    def cancel(self) -> None:
        """Cancel what is still to come."""
        self._cancelled = True
        if self._task is not None:
            self._task.cancel()

    async def stop(self) -> None:
        """Cancel what is still to come, and wait for its end."""
        self.cancel()
        if self._task is not None and self._task.get_loop() is asyncio.get_running_loop():  # not in a forked process
            await asyncio.gather(self._task, return_exceptions=True)

    async def _fill(self) -> None:
        end = Caught()
        try:
            async for result in self._results:
                await self._ready.put(result)
                await self._requested.wait()
        except BaseException as error:
            if self._cancelled:
                raise
            end.error = error
        finally:
            await self._results.aclose()
        await self._ready.put(end)
