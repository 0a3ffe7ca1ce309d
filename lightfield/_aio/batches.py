"""How do the results of an asynchronous iterator reach another thread without a hop for each?

While the consumer waits, a task on the loop moves whatever is ready into a queue, to be taken as one batch. While it
does not, nothing is moved: the iterator is held back as by a consumer on its own loop, but for the batch and one more.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Generic, TypeVar

from lightfield.errors import LightfieldUsageError

T = TypeVar("T")

_BATCH = 256
"""Results of a batch at most."""

_filling: set[asyncio.Task[None]] = set()
"""Keeps the garbage collector from a task that waits to be asked; whoever iterates cancels it."""


class BatchedIterator(Generic[T]):
    """Gives the results of an asynchronous iterator by the batch."""

    def __init__(self, results: AsyncGenerator[T, None]) -> None:
        self._results = results
        self._ready: asyncio.Queue[T | _End] = asyncio.Queue(_BATCH)
        self._asked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._end: _End | None = None
        self._cancelled = False

    async def take(self) -> list[T]:
        """Wait for results and take all there are; none means the end."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._fill())
            _filling.add(self._task)
            self._task.add_done_callback(_filling.discard)
        if self._task.get_loop() is not asyncio.get_running_loop():
            raise LightfieldUsageError("The iteration was begun before this process was forked off: its parent has it.")
        self._asked.set()
        await asyncio.sleep(0)  # lets the task move what is ready
        batch: list[T] = []
        while self._end is None and (not batch or not self._ready.empty()):
            item = await self._ready.get()
            if isinstance(item, _End):
                self._end = item
            else:
                batch.append(item)
        self._asked.clear()
        if not batch and self._end is not None and self._end.failure is not None:
            raise self._end.failure
        return batch

    def cancel(self) -> None:
        """Cancel what is still to come."""
        self._cancelled = True
        if self._task is not None:
            self._task.cancel()

    async def stop(self) -> None:
        """Cancel what is still to come, and wait for it to end."""
        self.cancel()
        if self._task is not None and self._task.get_loop() is asyncio.get_running_loop():  # not in a forked process
            await asyncio.gather(self._task, return_exceptions=True)

    async def _fill(self) -> None:
        end = _End()
        try:
            async for result in self._results:
                await self._ready.put(result)
                await self._asked.wait()
        except BaseException as error:
            if self._cancelled:
                raise
            end.failure = error
        finally:
            await self._results.aclose()
        await self._ready.put(end)


class _End:
    """The end of an iteration, and what ended it."""

    failure: BaseException | None = None
