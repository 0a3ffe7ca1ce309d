"""Timing of paced clients, with the lateness of the event loop: a late loop delays the calls too."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import msgspec

from lightfield import AsyncLightfield
from lightfield.models import Opportunity

TICK = 0.01


class Lateness:
    """Lateness of the event loop in seconds, tick by tick."""

    def __init__(self) -> None:
        self.ticks: list[float] = []

    @property
    def usual(self) -> float:
        """The 99th percentile."""
        return sorted(self.ticks)[len(self.ticks) * 99 // 100]


@asynccontextmanager
async def watching() -> AsyncGenerator[Lateness]:
    """Measure the lateness of the event loop until the `async with` block ends."""
    lateness = Lateness()

    async def tick() -> None:
        while True:
            due = time.perf_counter() + TICK
            await asyncio.sleep(TICK)
            lateness.ticks.append(time.perf_counter() - due)

    ticking = asyncio.create_task(tick())
    try:
        yield lateness
    finally:
        ticking.cancel()


def client(url: str) -> AsyncLightfield:
    """Return a client with default settings that shares no lane with any other client."""
    return AsyncLightfield(api_key=f"sk_lf_{uuid4().hex}", base_url=url)


class Run(msgspec.Struct, frozen=True):
    """Duration of a number of calls, and how many of them did not return the right record."""

    seconds: float
    failures: int


Retrieve = Callable[[AsyncLightfield, Sequence[str]], Awaitable[Sequence[Opportunity | BaseException]]]


async def all_at_once(lightfield: AsyncLightfield, ids: Sequence[str]) -> Sequence[Opportunity | BaseException]:
    calls = [lightfield.opportunity.retrieve(id) for id in ids]
    results: list[Opportunity | BaseException] = await asyncio.gather(*calls, return_exceptions=True)
    return results


async def fifty_at_once(lightfield: AsyncLightfield, ids: Sequence[str]) -> Sequence[Opportunity | BaseException]:
    result = await lightfield.opportunity.retrieve_many(ids, concurrency=50)
    return [*result.values, *result.errors.values()]


async def timed(retrieve: Retrieve, url: str, count: int) -> Run:
    """Retrieve ``count`` opportunities and return the duration and the failures."""
    ids = [f"opp_{number}" for number in range(count)]
    async with client(url) as lightfield:
        started = time.perf_counter()
        results = await retrieve(lightfield, ids)
        seconds = time.perf_counter() - started
    right = {result.id for result in results if isinstance(result, Opportunity)} & set(ids)
    return Run(seconds, count - len(right))
