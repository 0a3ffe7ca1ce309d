"""How well default settings keep to the limits of servers with different semantics.

500 retrieves at 25 requests/s, 50 or all 500 at once, from different servers, concurrently in one process. Time is
measured from the first call to the last result and divided by the ideal: 20 s, or what a changing limit allows. The
server counts 429s, as a share of the 500. The rows marked `early` run afterwards, against servers with arrival jitter
(`_limited_server.py`), and have no targets. The official SDK runs once; it does not pace, and its time is shorter if
calls fail.
"""

import asyncio
from collections.abc import Callable, Sequence
from random import Random

import msgspec

from ._contest import Stage
from ._limited_server import Behaviour, Statistics, limiting, statistics
from ._limiters import Changing, FixedSecond, Headerless, Limiter, NoBurst, Shared, SlidingSecond, TokenBucket, earliest
from ._pacing import Retrieve, Run, all_at_once, fifty_at_once, timed, watching
from ._report import Answer, Finding, Table

LIMIT, CALLS = 25, 500
IDEAL = CALLS / LIMIT
COURSE = ((8.0, 5), (14.0, LIMIT))
OTHERS = 8
LEFT, LEFT_AND_FULL = earliest(CALLS, LIMIT - OTHERS, 0), earliest(CALLS, LIMIT - OTHERS, LIMIT)
"""Seconds for the calls at the rate that another program leaves, from an empty and from a full bucket."""
STAGGER = 0.1
"""Seconds between the starts of two clients: starting 500 calls blocks the shared event loop."""

TIME, THROTTLED, FAILURES, MOST = "time / ideal", "429s, %", "failures", "most in a second"


class Semantics(msgspec.Struct, frozen=True):
    """Semantics of a server, and the targets for a client."""

    name: str
    limiter: Callable[[], Limiter]
    slowest: float
    throttled: float
    ideal: float = IDEAL


SEMANTICS = (
    Semantics("token bucket", lambda: TokenBucket(LIMIT, LIMIT), 1.00, 0),
    Semantics("fixed second", lambda: FixedSecond(LIMIT), 1.05, 1),
    Semantics("sliding second", lambda: SlidingSecond(LIMIT), 1.12, 2),
    Semantics("no burst", lambda: NoBurst(LIMIT), 1.25, 5),
    Semantics("no headers", lambda: Headerless(TokenBucket(LIMIT, LIMIT)), 1.03, 1),
    Semantics("limit falls", lambda: Changing(LIMIT, COURSE), 1.10, 3, earliest(CALLS, LIMIT, LIMIT, COURSE)),
    Semantics("shared", lambda: Shared(TokenBucket(LIMIT, LIMIT), OTHERS, Random()), 1.15, 5, LEFT),
)
AT_ONCE: dict[str, Retrieve] = {"50": fifty_at_once, "500": all_at_once}


class Trial(msgspec.Struct, frozen=True):
    """One client and its server."""

    semantics: Semantics
    at_once: str
    early: bool

    @property
    def name(self) -> str:
        return f"{self.semantics.name}, {self.at_once}{', early' if self.early else ''}"


TRIALS = [Trial(semantics, at_once, early) for early in (False, True) for semantics in SEMANTICS for at_once in AT_ONCE]


def answer(stage: Stage) -> Answer:
    table: Table = {trial.name: {} for trial in TRIALS}
    refused: dict[str, list[float]] = {}
    lateness: list[float] = []
    even, uneven = ([trial for trial in TRIALS if trial.early is early] for early in (False, True))
    for trials in [even, uneven] * stage.rounds:
        runs, late = _play(trials)
        lateness.append(late * 1e3)
        for trial, (run, seen) in zip(trials, runs, strict=True):
            _enter(table[trial.name], run, seen, trial.semantics.ideal)
            if seen.other_sent:
                refused.setdefault(trial.name, []).append(100 * seen.other_refused / seen.other_sent)
    failures = [float(sum(of)) for of in zip(*(table[trial.name][FAILURES] for trial in even), strict=True)]
    findings = [
        *(finding for trial in even for finding in judged(trial.semantics, table[trial.name], trial.at_once)),
        *(
            finding
            for trial in even
            if trial.name in refused
            for finding in _findings_of_shared(trial.name, table[trial.name], refused[trial.name])
        ),
        Finding("failures, all of these", failures, at_most=0),
        Finding("event loop late, ms, 99 of 100 times at most", lateness),
    ]
    table["official, 50"] = _official(stage)
    return Answer(f"limits: {CALLS} retrieves at {LIMIT} requests/s; 429s as a share of the calls", table, findings)


def _play(trials: Sequence[Trial]) -> tuple[list[tuple[Run, Statistics]], float]:
    """Run trials concurrently; return their results, and the lateness of the event loop in seconds."""
    with limiting([Behaviour(trial.semantics.limiter(), early=trial.early) for trial in trials]) as urls:
        runs, late = asyncio.run(_time(trials, urls))
        return [(run, statistics(url)) for run, url in zip(runs, urls, strict=True)], late


async def _time(trials: Sequence[Trial], urls: Sequence[str]) -> tuple[list[Run], float]:
    async def start(number: int, trial: Trial) -> Run:
        await asyncio.sleep(number * STAGGER)
        return await timed(AT_ONCE[trial.at_once], urls[number], CALLS)

    async with watching() as lateness:
        runs = await asyncio.gather(*(start(number, trial) for number, trial in enumerate(trials)))
    return runs, lateness.usual


def _enter(row: dict[str, list[float]], run: Run, seen: Statistics, ideal: float) -> None:
    figures = {
        TIME: run.seconds / ideal,
        THROTTLED: 100 * seen.refused / CALLS,
        FAILURES: run.failures,
        MOST: max(seen.arrivals),
    }
    for name, figure in figures.items():
        row.setdefault(name, []).append(figure)


def judged(semantics: Semantics, row: dict[str, list[float]], at_once: str = "50") -> list[Finding]:
    """Compare the figures for one server with its targets."""
    return [
        Finding(f"{semantics.name}, {at_once}: {TIME}", row[TIME], at_most=semantics.slowest),
        Finding(f"{semantics.name}, {at_once}: {THROTTLED}", row[THROTTLED], at_most=semantics.throttled),
    ]


def _findings_of_shared(name: str, row: dict[str, list[float]], refused: list[float]) -> list[Finding]:
    return [
        Finding(f"{name}: the other's refused, %", refused, at_most=10),
        Finding(f"{name}: time / ideal from a full bucket", [time * LEFT / LEFT_AND_FULL for time in row[TIME]]),
    ]


def _official(stage: Stage) -> dict[str, list[float]]:
    row: dict[str, list[float]] = {}
    with limiting([Behaviour(TokenBucket(LIMIT, LIMIT))]) as (url,):
        program = msgspec.structs.replace(stage, url=url).official("limited")
        _enter(row, msgspec.json.decode(program.run(), type=Run), statistics(url), IDEAL)
    return row
