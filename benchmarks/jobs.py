"""How long small jobs take on a limited server: what is gathered at once, a short listing, pages, two processes.

Every trial has a new client and its own server (`_limited_server.py`), rests for 1.7 s, and does the same again. The
servers allow 25 requests/s and count in different ways. Trials that run concurrently start 0.3 s apart.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import uuid4

import msgspec

from lightfield import AsyncLightfield, Lightfield
from lightfield.integrations.redis import RedisLimits

from ._contest import Stage
from ._limited_server import Behaviour, limiting, statistics
from ._limiters import FixedSecond, Headerless, Limiter, NoBurst, SlidingSecond, TokenBucket
from ._pacing import client
from ._report import Answer, Finding, Table
from .sharing import redis as running_redis

LIMIT = 25
REST, STAGGER, HEAD_START = 1.7, 0.3, 2.0
PAGE, PAGES = 20, 5
NO_LATENCY = (0.0, 0.0)
SERVERS: dict[str, Callable[[], Limiter]] = {
    "bucket": lambda: TokenBucket(LIMIT, LIMIT),
    "window": lambda: FixedSecond(LIMIT),
    "sliding": lambda: SlidingSecond(LIMIT),
    "no headers": lambda: Headerless(TokenBucket(LIMIT, LIMIT)),
}
Job = Callable[[AsyncLightfield], Awaitable[None]]


class Target(msgspec.Struct, frozen=True):
    """A job, and what it may take: seconds of the first one and after a rest, and 429s of both."""

    name: str
    job: Job
    first: float
    rested: float
    throttled: int
    servers: Sequence[str] = tuple(SERVERS)


async def gathered(count: int, lightfield: AsyncLightfield) -> None:
    """Retrieve records at once; any failure is raised."""
    await asyncio.gather(*(lightfield.opportunity.retrieve(f"opp_{number}") for number in range(count)))


async def listed(lightfield: AsyncLightfield) -> None:
    """Fetch a listing of 40 pages."""
    async for _ in lightfield.opportunity.list_all():
        pass


TARGETS = (
    Target("20 gathered", partial(gathered, 20), 0.25, 0.13, 0),
    Target("25 gathered", partial(gathered, 25), 0.27, 0.15, 0),
    Target("30 gathered", partial(gathered, 30), 1.25, 1.25, 1),
    Target("50 gathered", partial(gathered, 50), 1.25, 1.25, 1),
    Target("100 gathered", partial(gathered, 100), 4.1, 4.1, 2),
    Target("list_all of 1,000", listed, 1.25, 1.25, 0, ("bucket", "window", "sliding")),
)


def answer(stage: Stage) -> Answer:
    table: Table = {}
    findings: list[Finding] = []
    for target in TARGETS:
        for server in target.servers:
            table[f"{target.name}, {server}"] = {"first, s": [], "after a rest, s": [], "429s": []}
    for _ in range(stage.rounds):
        for target in TARGETS:
            _play(table, target)
    for target in TARGETS:
        for server in target.servers:
            first, rested, throttled = table[f"{target.name}, {server}"].values()
            name = f"{target.name}, {server}"
            findings += [
                Finding(f"{name}: first, s", first, at_most=target.first),
                Finding(f"{name}: after a rest, s", rested, at_most=target.rested),
                Finding(f"{name}: 429s", throttled, at_most=target.throttled),
            ]
    others = [_others() for _ in range(stage.rounds)]
    findings += [Finding(name, [each[name] for each in others], at_most=most) for name, most in OTHERS.items()]
    return Answer(f"jobs: small jobs at {LIMIT} requests/s", table, findings)


def _play(table: Table, target: Target) -> None:
    behaviours = [Behaviour(SERVERS[server](), records=1_000) for server in target.servers]

    async def trial(number: int, url: str) -> tuple[float, float]:
        await asyncio.sleep(number * STAGGER)
        async with client(url) as lightfield:
            first = await _seconds(target.job(lightfield))
            await asyncio.sleep(REST)
            return first, await _seconds(target.job(lightfield))

    async def play(urls: Sequence[str]) -> list[tuple[float, float]]:
        return await asyncio.gather(*(trial(number, url) for number, url in enumerate(urls)))

    with limiting(behaviours) as urls:
        for server, url, times in zip(target.servers, urls, asyncio.run(play(urls)), strict=True):
            row = table[f"{target.name}, {server}"].values()
            for figures, value in zip(row, (*times, statistics(url).refused), strict=True):
                figures.append(value)


async def _seconds(job: Awaitable[object]) -> float:
    started = time.perf_counter()
    await job
    return time.perf_counter() - started


OTHERS = {
    "no burst, 20 gathered: first, s": 2.2,
    "no burst, 20 gathered: longest of three more, s": 1.3,
    "no burst, 20 gathered: 429s of all four": 24,
    "20 blocking calls without latency, s": 0.1,
    "five pages of 20: the first, s": 0.3,
    "five pages of 20: the last, s": 4.1,
    "five pages of 20: out of order": 0,
    "two processes, 20 each: s": 1.9,
    "two processes, 20 each, on one Redis: s": 1.25,
    "two processes, 20 each, on one Redis: 429s": 0,
}


def _others() -> dict[str, float]:
    found = [*_without_bursts(), _blocking(), *_pages(), *_processes(None)[:1]]
    with running_redis() as (_, url):
        found += _processes(url)
    return dict(zip(OTHERS, found, strict=True))


def _without_bursts() -> tuple[float, float, float]:
    async def play(url: str) -> list[float]:
        times: list[float] = []
        async with client(url) as lightfield:
            for _ in range(4):
                times.append(await _seconds(gathered(PAGE, lightfield)))
                await asyncio.sleep(REST)
        return times

    with limiting([Behaviour(NoBurst(LIMIT))]) as (url,):
        first, *others = asyncio.run(play(url))
        return first, max(others), statistics(url).refused


def _blocking() -> float:
    behaviour = Behaviour(TokenBucket(LIMIT, LIMIT), latency=NO_LATENCY)
    with limiting([behaviour]) as (url,), Lightfield(api_key=f"sk_lf_{uuid4().hex}", base_url=url) as lightfield:
        started = time.perf_counter()
        for number in range(PAGE):
            lightfield.opportunity.retrieve(f"opp_{number}")
        return time.perf_counter() - started


def _pages() -> tuple[float, float, float]:
    async def play(url: str) -> list[float]:
        async with client(url) as lightfield:
            return await asyncio.gather(*(_seconds(gathered(PAGE, lightfield)) for _ in range(PAGES)))

    with limiting([Behaviour(TokenBucket(LIMIT, LIMIT))]) as (url,):
        times = asyncio.run(play(url))
        return times[0], times[-1], sum(later < earlier for earlier, later in pairwise(times))


def _processes(redis: str | None) -> tuple[float, float]:
    spawn = multiprocessing.get_context("spawn")
    with limiting([Behaviour(TokenBucket(LIMIT, LIMIT))]) as (url,), ProcessPoolExecutor(2, mp_context=spawn) as pool:
        begin = time.time() + HEAD_START
        runs = [pool.submit(_process, url, redis, begin) for _ in range(2)]
        return max(run.result() for run in runs) - begin, statistics(url).refused


def _process(url: str, redis: str | None, begin: float) -> float:
    """Gather retrieves from a given time on, and return the time of the last result."""
    options: dict[str, Any] = {}
    if redis is not None:
        options["rate_limits"] = RedisLimits(redis)

    async def play() -> float:
        async with AsyncLightfield(api_key="sk_lf_shared", base_url=url, **options) as lightfield:
            await asyncio.sleep(max(0.0, begin - time.time()))
            await gathered(PAGE, lightfield)
            return time.time()

    return asyncio.run(play())
