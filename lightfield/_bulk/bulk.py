"""Many requests at once, with bounded concurrency; one failure does not affect the others.

Each worker takes one item at a time, performs it, and waits for room before it hands over the outcome. So a slow
consumer holds back the workers, and the workers hold back the input: memory depends on the number of workers, not on
the number of items. An exception of the input is raised after the outcomes of all items in flight. The lane sets the
pace.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Container
from typing import Generic, Self, TypeVar, Unpack, cast

from lightfield._config.checks import checked_count, checked_hook
from lightfield._protocol.request import Request
from lightfield.errors import LightfieldError, LightfieldTypeError, LightfieldUsageError

from .items import BulkOptions, Deduplicator, Item, Key, Work, lacks_key, pending_items
from .results import BulkResult, Outcome, ProgressReporter

T = TypeVar("T")

CONCURRENCY = 32
MAX_CONCURRENCY = 1_000
"""More are never in flight, but would take items from the input and memory while they wait."""

REMEMBERED = 10_000
"""Ids and keys that a stream remembers to detect repeated ones; remembering all would take memory without bound."""

Send = Callable[[Request[T]], Awaitable[T]]


async def gather(send: Send[T], work: Work[T], **options: Unpack[BulkOptions]) -> BulkResult[T]:
    """Perform every item and collect the outcomes in the order of the input."""
    order: list[Key] = []
    found: dict[Key, T] = {}
    failed: dict[Key, Outcome[T]] = {}
    async with _pool(send, work, options, None, order) as outcomes:
        async for key, outcome in outcomes:
            if outcome.error is None:
                found[key] = cast("T", outcome.value)
            else:
                failed[key] = outcome
    return BulkResult([found[key] for key in order if key in found], _errors(order, failed))


def stream(send: Send[T], work: Work[T], **options: Unpack[BulkOptions]) -> "WorkerPool[T]":
    """Return a pool that performs every item and yields outcomes as they complete, in constant memory."""
    return _pool(send, work, options, REMEMBERED)


def _errors(order: list[Key], failed: dict[Key, Outcome[T]]) -> dict[str, LightfieldError]:
    """Return the failures by id, in the order of the input; the position tells apart those with the same id."""
    errors: dict[str, LightfieldError] = {}
    for position, key in enumerate(order):
        outcome = failed.pop(key, None)
        if outcome is not None and outcome.error is not None:
            id = outcome.id
            while id in errors:
                id += f" (position {position})"
            errors[id] = outcome.error
    return errors


def _pool(
    send: Send[T], work: Work[T], options: BulkOptions, remembered: int | None, order: list[Key] | None = None
) -> "WorkerPool[T]":
    if unknown := options.keys() - BulkOptions.__annotations__:
        raise LightfieldTypeError(f"A bulk has no option {', '.join(sorted(unknown))}.")
    progress, done = options.get("progress"), options.get("done", ())
    checked_hook("progress", progress)
    if not isinstance(done, Container) or isinstance(done, str | bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise LightfieldTypeError(f"done must be a container of ids, such as a set, not {type(done).__name__}.")
    concurrency = min(checked_count("concurrency", options.get("concurrency", CONCURRENCY), 1), MAX_CONCURRENCY)
    reporter = ProgressReporter(work.source, progress)
    items = pending_items(work.items(), Deduplicator(done, remembered), reporter.skip, order)
    return WorkerPool(items, send, concurrency, reporter)


class WorkerPool(Generic[T]):
    """Workers, each started once the previous one has taken an item.

    A context manager, whose end cancels what is in flight, and an iterator over pairs of key and outcome.
    """

    def __init__(self, items: AsyncIterator[Item[T]], send: Send[T], size: int, reporter: ProgressReporter) -> None:
        self._items = items
        self._send = send
        self._unstarted = size
        self._reporter = reporter
        self._input_lock = asyncio.Lock()
        self._result_slots = asyncio.Semaphore(size)
        self._ready: asyncio.Queue[tuple[Key, Outcome[T]] | None] = asyncio.Queue()
        self._workers: set[asyncio.Task[None]] = set()
        self._failed_worker: asyncio.Task[None] | None = None
        self._input_error: Exception | None = None

    async def __aenter__(self) -> Self:
        self._reporter.start()
        self._start_worker()
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._failed_worker = self._input_error = None  # their tracebacks lead back here

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> tuple[Key, Outcome[T]]:
        done = await self._ready.get()
        if done is None:
            if self._failed_worker is not None:
                self._failed_worker.result()
            raise self._input_error or StopAsyncIteration
        self._result_slots.release()
        self._reporter.count(done[1])
        return done

    def _start_worker(self) -> None:
        if self._unstarted:
            self._unstarted -= 1
            worker = asyncio.ensure_future(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._ended)

    def _ended(self, worker: asyncio.Task[None]) -> None:
        """Note the end of the last worker; the first one to break ends them all."""
        self._workers.discard(worker)
        if self._failed_worker is None and (worker.cancelled() or worker.exception() is not None):
            self._failed_worker = worker
            for other in self._workers:
                other.cancel()
        if not self._workers:
            self._ready.put_nowait(None)

    async def _work(self) -> None:
        while (item := await self._take()) is not None:
            self._start_worker()
            outcome = await _outcome(item, self._send)
            await self._result_slots.acquire()
            self._ready.put_nowait((item.key, outcome))

    async def _take(self) -> Item[T] | None:
        async with self._input_lock:
            try:
                return await anext(self._items)
            except StopAsyncIteration:
                return None
            except Exception as error:  # noqa: BLE001 # raised after the outcomes of what is in flight
                self._input_error = error
                return None


async def _outcome(item: Item[T], send: Send[T]) -> Outcome[T]:
    request = item.request
    if isinstance(request, LightfieldError):
        return Outcome(item.id, error=request)
    if lacks_key(request):
        request = request.keyed()
    try:
        return Outcome(item.id, await send(request), None, request.idempotency_key)
    except LightfieldUsageError:  # the client's state, not the item, is at fault
        raise
    except LightfieldError as error:
        return Outcome(item.id, None, error, request.idempotency_key)
