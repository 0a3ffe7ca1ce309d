"""Many requests at once: bounded in flight, one failure never failing the others.

Workers take items, one at a time, and put outcomes into a bounded queue; the consumer takes them from there. So a slow
consumer holds back the workers, and the workers hold back the input: memory depends on the number of workers, not on
the number of items. What fails to come from the input ends it: what is under way then is finished and given. The pace
itself is the lane's business (``_limits``).
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Container
from contextlib import aclosing
from typing import Generic, TypeVar, Unpack, cast

from lightfield._config.config import checked_count, checked_hook
from lightfield._protocol.request import Request
from lightfield.errors import LightfieldError, LightfieldTypeError, LightfieldUsageError

from .items import BulkOptions, Deduplicator, Done, Item, Key, Work, lacks_key, wanted
from .results import BulkResult, Outcome, ProgressHook, ProgressReporter

T = TypeVar("T")

CONCURRENCY = 32
REMEMBERED = 10_000
"""Ids and keys that a stream remembers, to know them again; more would cost memory without end."""


async def gather(
    perform: Callable[[Request[T]], Awaitable[T]],
    work: Work[T],
    **options: Unpack[BulkOptions],
) -> BulkResult[T]:
    """Perform every item and collect the outcomes in the order of the input."""
    concurrency, progress, done = _checked(options)
    order: list[Key] = []
    found: dict[Key, T] = {}
    failed: dict[Key, Outcome[T]] = {}
    meter = ProgressReporter(work.things, progress)
    items = wanted(work.items(), Deduplicator(done, None), meter.skip, order)
    async for key, outcome in _outcomes(items, perform, concurrency, meter):
        if outcome.error is None:
            found[key] = cast("T", outcome.value)
        else:
            failed[key] = outcome
    return BulkResult([found[key] for key in order if key in found], _errors(order, failed))


def _errors(order: list[Key], failed: dict[Key, Outcome[T]]) -> dict[str, LightfieldError]:
    """Give the failures by id, in the order of the input; an id that was given away is told apart by its position."""
    errors: dict[str, LightfieldError] = {}
    for place, key in enumerate(order):
        outcome = failed.pop(key, None)
        if outcome is not None and outcome.error is not None:
            id = outcome.id
            while id in errors:
                id += f" (position {place})"
            errors[id] = outcome.error
    return errors


def stream(
    perform: Callable[[Request[T]], Awaitable[T]],
    work: Work[T],
    **options: Unpack[BulkOptions],
) -> AsyncGenerator[Outcome[T], None]:
    """Perform every item and yield outcomes as they complete, in constant memory."""
    concurrency, progress, done = _checked(options)
    meter = ProgressReporter(work.things, progress)
    items = wanted(work.items(), Deduplicator(done, REMEMBERED), meter.skip)
    return _unkeyed(_outcomes(items, perform, concurrency, meter))


async def _unkeyed(outcomes: AsyncGenerator[tuple[Key, Outcome[T]], None]) -> AsyncGenerator[Outcome[T], None]:
    async with aclosing(outcomes):
        async for _, outcome in outcomes:
            yield outcome


def _checked(options: BulkOptions) -> tuple[int, ProgressHook | None, Done]:
    if unknown := options.keys() - BulkOptions.__annotations__:
        raise LightfieldTypeError(f"A bulk has no option {', '.join(sorted(unknown))}.")
    progress, done = options.get("progress"), options.get("done", ())
    checked_hook("progress", progress)
    if not isinstance(done, Container) or isinstance(done, str | bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise LightfieldTypeError(f"done must be a container of ids, such as a set, not {type(done).__name__}.")
    return checked_count("concurrency", options.get("concurrency", CONCURRENCY), 1), progress, done


async def _outcomes(
    items: AsyncIterator[Item[T]],
    perform: Callable[[Request[T]], Awaitable[T]],
    concurrency: int,
    meter: ProgressReporter,
) -> AsyncGenerator[tuple[Key, Outcome[T]], None]:
    pool = WorkerPool(items, perform, concurrency)
    meter.start()
    pool.start_worker()
    try:
        while (done := await pool.next()) is not None:
            meter.count(done[1])
            yield done
    finally:
        await pool.dismiss()


class WorkerPool(Generic[T]):
    """Workers, each begun when the one before it has found an item."""

    def __init__(self, items: AsyncIterator[Item[T]], perform: Callable[[Request[T]], Awaitable[T]], size: int) -> None:
        self._items = items
        self._perform = perform
        self._vacant = size
        self._turn = asyncio.Lock()
        self._room = asyncio.Semaphore(size)
        self._ready: asyncio.Queue[tuple[Key, Outcome[T]] | None] = asyncio.Queue()
        self._workers: set[asyncio.Task[None]] = set()
        self._broken: asyncio.Task[None] | None = None
        self._failure: Exception | None = None

    def start_worker(self) -> None:
        """Begin one more worker, if there may be more."""
        if self._vacant:
            self._vacant -= 1
            worker = asyncio.ensure_future(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._ended)

    async def next(self) -> tuple[Key, Outcome[T]] | None:
        """Give the next outcome; None after the last.

        Raises:
            Exception: The input raised it, and all that was under way is given; or a worker broke.
        """
        done = await self._ready.get()
        if done is not None:
            self._room.release()
        elif self._broken is not None:
            self._broken.result()
        elif self._failure is not None:
            raise self._failure
        return done

    async def dismiss(self) -> None:
        """Cancel what is under way, and wait for it to end."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._broken = self._failure = None  # their tracebacks lead back here

    def _ended(self, worker: asyncio.Task[None]) -> None:
        """Note the end of the last worker; the first one to break ends them all."""
        self._workers.discard(worker)
        if self._broken is None and (worker.cancelled() or worker.exception() is not None):
            self._broken = worker
            for other in self._workers:
                other.cancel()
        if not self._workers:
            self._ready.put_nowait(None)

    async def _work(self) -> None:
        while (item := await self._take()) is not None:
            self.start_worker()
            outcome = await _outcome(item, self._perform)
            await self._room.acquire()
            self._ready.put_nowait((item.key, outcome))

    async def _take(self) -> Item[T] | None:
        async with self._turn:
            try:
                return await anext(self._items)
            except StopAsyncIteration:
                return None
            except Exception as error:  # noqa: BLE001 # raised when all that is under way is given
                self._failure = error
                return None


async def _outcome(item: Item[T], perform: Callable[[Request[T]], Awaitable[T]]) -> Outcome[T]:
    request = item.request
    if isinstance(request, LightfieldError):
        return Outcome(item.id, error=request)
    if lacks_key(request):
        request = request.keyed()
    try:
        return Outcome(item.id, await perform(request), None, request.idempotency_key)
    except LightfieldUsageError:  # the client's state, not the item, is at fault
        raise
    except LightfieldError as error:
        return Outcome(item.id, None, error, request.idempotency_key)
