"""Simulation of pacing algorithms against different servers, on a virtual clock.

The calls wait at a real gate of the package, with each contestant's pace, and are retried after a 429 with its backoff;
the servers are the models of `_limiters.py`. Thousands of seconds take one minute, so that ideas can be
compared before they are tried on sockets (questions `limits` and `jobs`). `early` servers decide after half of the
latency, which adds arrival jitter. The jobs are gathered at once by a client that has rested; an urgent call is an
interactive one behind a bulk of any length, and `other` is the program that shares a server's limit.
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from itertools import count
from random import Random

import msgspec

from lightfield._config.options import Priority
from lightfield._pacing.lane import Gate, Lane
from lightfield._pacing.pace import Pace
from lightfield._pacing.schedule import Demand, Slot
from lightfield._retry.policy import backoff
from tests.clock import run

from ._contest import Stage
from ._limiters import Limiter, Shared, ask
from ._report import Answer, Finding, Table
from .limits import CALLS, LIMIT, OTHERS, SEMANTICS, THROTTLED, TIME, Semantics, judged

AT_ONCE = 50
JOBS = 20, 50, 100
URGENT = 25
LATENCY = (0.03, 0.08)
LATE = 0.0006
"""Standard deviation, in seconds, of the normal distribution whose absolute values delay timers."""


class SecondBySecond(Pace):
    """Bursts of the whole limit."""

    def due(self, now: float, demand: Demand) -> float:
        return super().due(now, demand._replace(length=0))


class BurstThenEven(Pace):
    """A burst of the whole limit, and even distances for whatever has to wait."""

    def due(self, now: float, demand: Demand) -> float:
        in_time = demand.arriving and self._schedule.saved > LIMIT
        return super().due(now, demand._replace(length=0 if in_time else 1_000_000, spacing=1.0))


class Even(Pace):
    """Even distances from the first call on."""

    def due(self, now: float, demand: Demand) -> float:  # noqa: ARG002
        return super().due(now, Demand(1_000_000, 1.0))


class Bucket(Pace):
    """A burst of the whole limit, with even distances at the same time."""

    def __init__(self) -> None:
        super().__init__(LIMIT)
        self._empty = -math.inf

    def due(self, now: float, demand: Demand) -> float:  # noqa: ARG002
        return max(now, self._empty - (LIMIT - 1) / LIMIT) if self._empty > now else now

    def take(self, now: float) -> Slot:
        self._empty = max(now, self._empty) + 1 / LIMIT
        return Slot(now)


PACES: dict[str, Callable[[], Pace]] = {
    "ours": lambda: Pace(LIMIT),
    "second by second": lambda: SecondBySecond(LIMIT),
    "burst, then even": lambda: BurstThenEven(LIMIT),
    "even": lambda: Even(LIMIT),
    "bucket of 25": Bucket,
    "none": lambda: Pace(None),
}


class Job(msgspec.Struct, frozen=True):
    """A number of calls, and how they are made."""

    calls: int
    at_once: int
    priority: Priority = "interactive"
    early: bool = False
    urgent: int = 0
    """Interactive calls made meanwhile, one after the other."""


class Result(msgspec.Struct):
    """What became of a job."""

    seconds: float = 0.0
    refused: int = 0
    wait: float = 0.0
    """The longest wait of an urgent call for its slot, from the second second on."""


def answer(stage: Stage) -> Answer:
    table: Table = {}
    findings: list[Finding] = []
    for name, pace in PACES.items():
        for semantics in SEMANTICS:
            _enter(table, name, semantics, pace, stage.rounds)
    for semantics in SEMANTICS:
        row = {TIME: table[f"ours: {TIME}"][semantics.name], THROTTLED: table[f"ours: {THROTTLED}"][semantics.name]}
        findings += judged(semantics, row)
    return Answer(f"simulation: {CALLS} calls at {LIMIT} requests/s, {AT_ONCE} at once; small jobs", table, findings)


def _enter(table: Table, name: str, semantics: Semantics, pace: Callable[[], Pace], rounds: int) -> None:
    """Enter the figures of one pace at one server."""

    def figures(row: str, job: Job, figure: Callable[[Result, float], float]) -> None:
        results = [play(pace(), semantics.limiter(), seed, job) for seed in range(rounds)]
        found = [figure(result, other) for (result,), other in results]
        table.setdefault(f"{name}: {row}", {}).setdefault(semantics.name, []).extend(found)

    bulk = Job(CALLS, AT_ONCE, "bulk")
    for suffix, job in (("", bulk), (", early", msgspec.structs.replace(bulk, early=True))):
        figures(f"{TIME}{suffix}", job, lambda result, _: result.seconds / semantics.ideal)
        figures(f"{THROTTLED}{suffix}", job, lambda result, _: 100 * result.refused / CALLS)
    figures("other refused, %", bulk, lambda _, other: other)
    figures("urgent wait, ms", msgspec.structs.replace(bulk, urgent=URGENT), lambda result, _: 1e3 * result.wait)
    plain = Job(CALLS, CALLS)
    figures(f"{TIME}, interactive", plain, lambda result, _: result.seconds / semantics.ideal)
    figures(f"{THROTTLED}, interactive", plain, lambda result, _: 100 * result.refused / CALLS)
    for calls in JOBS:
        figures(f"{calls} at once, s", Job(calls, calls), lambda result, _: result.seconds)
        figures(f"{calls} at once, 429s", Job(calls, calls), lambda result, _: result.refused)


def play(pace: Pace, limiter: Limiter, seed: int, *jobs: Job, rest: float = 0.0) -> tuple[list[Result], float]:
    """Play jobs with a rest after each.

    Returns:
        Their results, and the share of another program's requests that were refused, in percent.
    """
    random = Random(seed)
    if isinstance(limiter, Shared):
        limiter = Shared(limiter.limiter, OTHERS, random)
    client = _Client(Gate(Lane(pace)), limiter, random, 1_000_000 + random.random())
    results = run(client.play(jobs, rest))
    return results, 100 * limiter.refused / max(1, limiter.sent) if isinstance(limiter, Shared) else 0.0


def play_together(limiter: Limiter, seed: int, jobs: Sequence[Job]) -> list[Result]:
    """Play jobs in programs of their own that share a limit and know nothing of each other, from the same second on."""
    random = Random(seed)
    phase = 1_000_000 + random.random()

    async def begin(job: Job) -> Result:
        await asyncio.sleep(random.random())
        return (await _Client(Gate(Lane(Pace(LIMIT))), limiter, random, phase).play([job], 0))[0]

    async def play_all() -> list[Result]:
        return await asyncio.gather(*map(begin, jobs))

    return run(play_all())


class _Client:
    """Makes the calls of jobs."""

    def __init__(self, gate: Gate, limiter: Limiter, random: Random, phase: float) -> None:
        self.gate, self.limiter, self.random, self.phase = gate, limiter, random, phase
        self.job, self.result, self.numbers = Job(0, 0), Result(), count()

    async def play(self, jobs: Sequence[Job], rest: float) -> list[Result]:
        results: list[Result] = []
        for job in jobs:
            self.job, self.result = job, Result()
            results.append(self.result)
            await self._fetch()
            await asyncio.sleep(rest)
        return results

    async def _fetch(self) -> None:
        started, room = asyncio.get_running_loop().time(), asyncio.Semaphore(self.job.at_once)

        async def call(order: int) -> None:
            async with room:
                await self._call(order, self.job.priority)

        urgent = asyncio.ensure_future(self._urgent())
        await asyncio.gather(*(call(next(self.numbers)) for _ in range(self.job.calls)))
        self.result.seconds = asyncio.get_running_loop().time() - started
        await urgent

    async def _urgent(self) -> None:
        loop = asyncio.get_running_loop()
        if self.job.urgent:
            await asyncio.sleep(1)
        for number in range(self.job.urgent):
            await asyncio.sleep(self.random.uniform(0, 0.8))
            before = loop.time()
            slot = await self.gate.admit(1_000_000 + number)
            self.result.wait = max(self.result.wait, loop.time() - before)
            await self._send(slot)

    async def _call(self, order: int, priority: Priority) -> None:
        retries = 0
        while not await self._send(await self.gate.admit(order, priority)):
            retries += 1
            self.result.refused += 1
            await asyncio.sleep(backoff("throttled", retries, 1.0, self.random.random))

    async def _send(self, slot: Slot) -> bool:
        """Make a request; return whether it was admitted."""
        latency = self.random.uniform(*LATENCY)
        way_in = abs(self.random.gauss(0, LATE)) + (latency / 2 if self.job.early else 0)
        await asyncio.sleep(way_in)
        admitted, headers = ask(self.limiter, self.phase + asyncio.get_running_loop().time())
        await asyncio.sleep(max(0.0, latency - way_in))
        self.gate.leave()
        self.gate.learn(slot, 200 if admitted else 429, headers)
        return admitted
