"""Simulation of pacing algorithms against different servers, on a virtual clock.

The calls wait at a real gate of the package, with each contestant's pace, and are retried after a 429 with its backoff;
the servers are the models of `_limiters.py`. Thousands of seconds take one minute, so that ideas can be
compared before they are tried on sockets (question `limits`). `early` servers decide after half of the latency, which
adds arrival jitter.
"""

import asyncio
from collections.abc import Callable
from random import Random

from lightfield._pacing.lane import Gate, Lane
from lightfield._pacing.pace import Pace
from lightfield._retry.policy import backoff
from tests.clock import START, run

from ._contest import Stage
from ._limiters import Limiter, Shared, ask
from ._report import Answer, Finding, Table
from .limits import CALLS, LIMIT, OTHERS, SEMANTICS, THROTTLED, TIME, Semantics, judged

AT_ONCE = 50
LATENCY = (0.03, 0.08)
LATE = 0.0006
"""Standard deviation, in seconds, of the normal distribution whose absolute values delay timers."""


class Even(Pace):
    """Evenly spaced, without bursts and without using the remaining count."""

    def due(self, now: float) -> float:
        return min(self._next, now + 1) if self._rate else now

    def _rate_factor(self) -> float:
        return 1.0


class EvenBelow(Even):
    """Evenly spaced, slightly below the limit."""

    def _rate_factor(self) -> float:
        return 0.96


class Bucket(Even):
    """A burst of one second's limit, then evenly spaced."""

    def due(self, now: float) -> float:
        return max(now, self._next - (LIMIT - 1) / self._rate) if self._next > now else now


PACES: dict[str, Callable[[], Pace]] = {
    "ours": lambda: Pace(LIMIT),
    "even": lambda: Even(LIMIT),
    "even, 96 %": lambda: EvenBelow(LIMIT),
    "bucket of 25": lambda: Bucket(LIMIT),
    "none": lambda: Pace(None),
}


def answer(stage: Stage) -> Answer:
    table: Table = {}
    findings: list[Finding] = []
    for name, pace in PACES.items():
        for early in (False, True):
            contestant = f"{name}{', early' if early else ''}"
            times = table.setdefault(f"{contestant}: {TIME}", {})
            refused = table.setdefault(f"{contestant}: {THROTTLED}", {})
            for semantics in SEMANTICS:
                played = [_play(pace(), semantics, seed, early=early) for seed in range(stage.rounds)]
                times[semantics.name], refused[semantics.name] = map(list, zip(*played, strict=True))
                if name == "ours" and not early:
                    findings += judged(semantics, {TIME: times[semantics.name], THROTTLED: refused[semantics.name]})
    return Answer(f"simulation: {CALLS} calls at {LIMIT} requests/s, {AT_ONCE} at once", table, findings)


def _play(pace: Pace, semantics: Semantics, seed: int, *, early: bool) -> tuple[float, float]:
    random = Random(seed)
    limiter = semantics.limiter()
    if isinstance(limiter, Shared):
        limiter = Shared(limiter.limiter, OTHERS, random)
    phase = 1_000_000 + random.random()
    seconds, refused = run(_Client(Gate(Lane(pace)), limiter, random, phase, early=early).fetch())
    return seconds / semantics.ideal, 100 * refused / CALLS


class _Client:
    """Makes the calls, some concurrently."""

    def __init__(self, gate: Gate, limiter: Limiter, random: Random, phase: float, *, early: bool) -> None:
        self.gate, self.limiter, self.random, self.phase, self.early = gate, limiter, random, phase, early
        self.refused = 0

    async def fetch(self) -> tuple[float, int]:
        room = asyncio.Semaphore(AT_ONCE)

        async def call(order: int) -> None:
            async with room:
                await self._call(order)

        await asyncio.gather(*(call(order) for order in range(CALLS)))
        return asyncio.get_running_loop().time() - START, self.refused

    async def _call(self, order: int) -> None:
        retries = 0
        while not await self._attempt(order):
            retries += 1
            self.refused += 1
            await asyncio.sleep(backoff("throttled", retries, 1.0, self.random.random))

    async def _attempt(self, order: int) -> bool:
        await self.gate.admit(order)
        latency = self.random.uniform(*LATENCY)
        way_in = abs(self.random.gauss(0, LATE)) + (latency / 2 if self.early else 0)
        await asyncio.sleep(way_in)
        admitted, headers = ask(self.limiter, self.phase + asyncio.get_running_loop().time())
        await asyncio.sleep(max(0.0, latency - way_in))
        self.gate.leave()
        self.gate.learn(200 if admitted else 429, headers)
        return admitted
