"""Many requests at once: bounded in flight, one failure never failing the others.

A fixed number of workers take ids from the input, one at a time, and put outcomes into a bounded queue; the consumer
takes them from there. So a slow consumer holds back the workers, and the workers hold back the input: memory depends
on the number of workers, not on the number of ids. The pace itself is the lane's business (``_limits``).
"""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Sized,
)
from typing import Any, Generic, TypeVar

import msgspec

from .errors import LightfieldError, LightfieldTypeError, LightfieldUsageError, LightfieldValueError

T = TypeVar("T")

Ids = Iterable[str] | AsyncIterable[str]
"""Where ids come from."""

CONCURRENCY = 32
REMEMBERED = 10_000
"""Ids that ``iter_many`` remembers, to fetch a repeated one once; more would cost memory without end."""


class Outcome(msgspec.Struct, Generic[T], frozen=True):
    """What became of one id: a value or an error."""

    id: str
    value: T | None = None
    error: LightfieldError | None = None


class BulkResult(msgspec.Struct, Generic[T], frozen=True):
    """What became of many ids."""

    values: list[T]
    """The values, in the order of the input; a repeated id has its value repeated, a failed one has none."""

    errors: dict[str, LightfieldError]
    """The failures, by id."""


class Progress(msgspec.Struct, frozen=True):
    """How far a bulk has come."""

    done: int
    """Ids finished, failed ones included."""

    failed: int
    total: int | None
    """Ids in all, where the input tells."""

    rate: float
    """Ids finished per second so far."""

    eta: float | None
    """Seconds still to go, where the total is known."""


ProgressHook = Callable[[Progress], object]
"""Called on the client's event loop after each id."""


async def gather(
    ids: Ids,
    fetch: Callable[[str], Awaitable[T]],
    *,
    concurrency: int,
    progress: ProgressHook | None,
) -> BulkResult[T]:
    """Fetch every id and collect the outcomes in the order of the input."""
    order: list[str] = []
    found: dict[str, T] = {}
    errors: dict[str, LightfieldError] = {}
    meter = _Meter(ids, progress)
    async for outcome in _outcomes(_once(_noted(ids, order), meter, None), fetch, concurrency, meter):
        if outcome.error is not None:
            errors[outcome.id] = outcome.error
        elif outcome.value is not None:
            found[outcome.id] = outcome.value
    return BulkResult([found[id] for id in order if id in found], errors)


def stream(
    ids: Ids,
    fetch: Callable[[str], Awaitable[T]],
    *,
    concurrency: int,
    progress: ProgressHook | None,
) -> AsyncIterator[Outcome[T]]:
    """Fetch every id and yield outcomes as they complete, in constant memory."""
    meter = _Meter(ids, progress)
    return _outcomes(_once(_each(ids), meter, REMEMBERED), fetch, concurrency, meter)


class _Meter:
    """Counts outcomes and tells the hook."""

    def __init__(self, ids: Ids, hook: ProgressHook | None) -> None:
        self._hook = hook
        self._started = 0.0
        self._done = self._failed = 0
        self.total = len(ids) if isinstance(ids, Sized) else None

    def start(self) -> None:
        self._started = asyncio.get_running_loop().time()

    def count(self, outcome: Outcome[T]) -> None:
        if self._hook is None:
            return
        self._done += 1
        self._failed += outcome.error is not None
        elapsed = asyncio.get_running_loop().time() - self._started
        rate = self._done / elapsed if elapsed > 0 else 0.0
        eta = (self.total - self._done) / rate if self.total is not None and rate else None
        self._hook(Progress(self._done, self._failed, self.total, rate, eta))


async def _each(ids: Ids) -> AsyncIterator[str]:
    if isinstance(ids, str | bytes):
        raise LightfieldTypeError("ids must be an iterable of ids, not one string.")
    if isinstance(ids, AsyncIterable):
        async for id in ids:
            yield id
    else:
        for id in ids:
            yield id


async def _noted(ids: Ids, order: list[str]) -> AsyncIterator[str]:
    async for id in _each(ids):
        if isinstance(id, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            order.append(id)
        yield id


def _name(id: object) -> str:
    return id if isinstance(id, str) else repr(id)


async def _once(ids: AsyncIterator[str], meter: _Meter, remembered: int | None) -> AsyncIterator[str]:
    """Leave out ids seen before; what is no string is let through, to fail on its own."""
    seen: dict[str, None] = {}
    async for id in ids:
        if isinstance(id, str) and id in seen:  # pyright: ignore[reportUnnecessaryIsInstance]
            meter.total = None if meter.total is None else meter.total - 1
            continue
        if isinstance(id, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            seen[id] = None
            if remembered is not None and len(seen) > remembered:
                del seen[next(iter(seen))]
        yield id


async def _outcomes(
    ids: AsyncIterator[str],
    fetch: Callable[[str], Awaitable[T]],
    concurrency: int,
    meter: _Meter,
) -> AsyncGenerator[Outcome[T], None]:
    if concurrency < 1:
        raise LightfieldValueError(f"concurrency must be 1 or more, not {concurrency}.")
    meter.start()
    ready: asyncio.Queue[Outcome[T] | None] = asyncio.Queue()
    room = asyncio.Semaphore(concurrency)
    turn = asyncio.Lock()
    crew = asyncio.ensure_future(_crew(_work(ids, turn, fetch, ready, room) for _ in range(concurrency)))  # noqa: RUF006 # awaited below
    crew.add_done_callback(lambda _: ready.put_nowait(None))
    try:
        while (outcome := await ready.get()) is not None:
            room.release()
            meter.count(outcome)
            yield outcome
        await crew
    finally:
        crew.cancel()
        await asyncio.gather(crew, return_exceptions=True)


async def _crew(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run the workers to the end of the input; the first one to break ends them all."""
    workers = [asyncio.ensure_future(worker) for worker in work]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


async def _work(
    ids: AsyncIterator[str],
    turn: asyncio.Lock,
    fetch: Callable[[str], Awaitable[T]],
    ready: asyncio.Queue[Outcome[T] | None],
    room: asyncio.Semaphore,
) -> None:
    while True:
        async with turn:
            try:
                id = await anext(ids)
            except StopAsyncIteration:
                return
        outcome = await _outcome(id, fetch)
        await room.acquire()
        ready.put_nowait(outcome)


async def _outcome(id: str, fetch: Callable[[str], Awaitable[T]]) -> Outcome[T]:
    name = _name(id)
    try:
        return Outcome(name, await fetch(id))
    except LightfieldUsageError:  # the client's state, not the id, is at fault
        raise
    except LightfieldError as error:
        return Outcome(name, error=error)
