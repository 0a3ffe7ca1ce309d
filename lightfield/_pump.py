"""How do the results of an asynchronous iterator reach another thread without a hop for each?

A task on the loop moves them into a bounded queue; the consumer takes whatever is ready, a batch at a time.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

T = TypeVar("T")

_BATCH = 256
"""Results that wait for the consumer at most; more make the producer wait."""


class Pump(Generic[T]):
    """Moves results of an asynchronous iterator into a bounded queue, to be taken by the batch."""

    def __init__(self, results: AsyncIterator[T]) -> None:
        self._results = results
        self._ready: asyncio.Queue[T | _End] = asyncio.Queue(_BATCH)
        self._task: asyncio.Task[None] | None = None
        self._end: _End | None = None
        self._cancelled = False

    async def take(self) -> list[T]:
        """Wait for results and take all there are; none means the end."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._fill())
        batch: list[T] = []
        while self._end is None and (not batch or not self._ready.empty()):
            item = await self._ready.get()
            if isinstance(item, _End):
                self._end = item
            else:
                batch.append(item)
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
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _fill(self) -> None:
        end = _End()
        try:
            async for result in self._results:
                await self._ready.put(result)
        except BaseException as error:
            if self._cancelled:
                raise
            end.failure = error
        finally:
            close = getattr(self._results, "aclose", None)
            if close is not None:
                await close()
        await self._ready.put(end)


class _End:
    """The end of an iteration, and what ended it."""

    failure: BaseException | None = None
