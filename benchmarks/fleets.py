"""Processes with one key that know nothing of each other: no Redis, no share of their own.

Fleets of 2, 8, 24 and 48 processes retrieve opportunities without end from a server with one token bucket of
25 requests/s, for 60 seconds; then all but one process stop. A process counts what it got in the second half of the 60.
A fleet takes about 100 seconds.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Sequence
from itertools import count
from multiprocessing.synchronize import Barrier
from typing import TYPE_CHECKING, NamedTuple

from lightfield import AsyncLightfield

from ._contest import Stage
from ._limited_server import Arrival, Behaviour, limiting, statistics
from ._limiters import TokenBucket
from ._report import Answer, Finding, Table

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

LIMIT = 25
PROCESSES = 2, 8, 24, 48
SETTLED, STOP, END = 30.0, 60.0, 85.0
"""Seconds after which figures are taken, all but one process stop, and the last one stops."""

PATIENCE = 120
"""Seconds in which all processes have started."""

FULL = 0.9 * LIMIT * 2
"""Responses in two seconds of a process that is back at full speed."""

FIRST, LATER = f"429s in the first {SETTLED:.0f} s, %", "429s after that, %"
RATE, SLOWEST, RECOVERED, FAILURES = "requests/s", "slowest / mean", "s until one alone is at full speed", "failures"


class Count(NamedTuple):
    """What a process counted."""

    got: int
    failures: int


def answer(stage: Stage) -> Answer:
    table: Table = {f"{processes} processes": {} for processes in PROCESSES}
    for processes, row in zip(PROCESSES, table.values(), strict=True):
        for _ in range(stage.rounds):
            for name, figure in play(processes).items():
                row.setdefault(name, []).append(figure)
    failures = [float(sum(figures)) for figures in zip(*(row[FAILURES] for row in table.values()), strict=True)]
    findings = [
        Finding("24 processes: 429s after that, %", table["24 processes"][LATER], at_most=15),
        Finding("48 processes: 429s after that, %", table["48 processes"][LATER], at_most=20),
        *(Finding(f"{name}: {RATE}", row[RATE], at_least=0.96 * LIMIT) for name, row in table.items()),
        Finding("failures", failures, at_most=0),
    ]
    return Answer(f"fleets: processes without a Redis, at {LIMIT}/s in all", table, findings)


def play(processes: int) -> dict[str, float]:
    """Run a fleet, and return its figures."""
    with limiting([Behaviour(TokenBucket(LIMIT, LIMIT))]) as (url,):
        spawn = multiprocessing.get_context("spawn")
        ready = spawn.Barrier(processes)
        results: Queue[Count] = spawn.Queue()
        ends = [END, *[STOP] * (processes - 1)]
        fleet = [spawn.Process(target=_retrieve, args=(url, end, ready, results)) for end in ends]
        for process in fleet:
            process.start()
        counts = [results.get(timeout=PATIENCE + END) for _ in fleet]
        for process in fleet:
            process.join()
        log = statistics(url).log
    got = [each.got for each in counts]
    return {
        FIRST: _refused(log, 0.0, SETTLED),
        LATER: _refused(log, SETTLED, STOP),
        RATE: sum(got) / (STOP - SETTLED),
        SLOWEST: min(got) / (sum(got) / processes),
        RECOVERED: _recovered(log),
        FAILURES: sum(each.failures for each in counts),
    }


def _refused(log: Sequence[Arrival], since: float, until: float) -> float:
    """Return the share of 429s among the requests of a time, in percent."""
    part = [arrival for arrival in log if since <= arrival.seconds < until]
    return 100 * sum(not arrival.admitted for arrival in part) / len(part)


def _recovered(log: Sequence[Arrival]) -> float:
    """Return after how many seconds the last process is at full speed."""
    moments = [arrival.seconds for arrival in log if arrival.admitted and arrival.seconds >= STOP]
    size = int(FULL)
    later = zip(moments, moments[size:], strict=False)
    return next((first - STOP for first, last in later if last - first <= 2), END - STOP)


def _retrieve(url: str, end: float, ready: Barrier, results: "Queue[Count]") -> None:
    """Retrieve opportunities for some seconds; report what came in the time that is counted, and the failures."""

    async def retrieve() -> Count:
        got = failures = 0
        async with AsyncLightfield(api_key="sk_lf_shared", base_url=url) as client:
            await asyncio.to_thread(ready.wait, PATIENCE)
            began = time.monotonic()
            ids = (f"opp_{number}" for number in count())
            try:
                async with asyncio.timeout(end):
                    async for outcome in client.opportunity.iter_many(ids):
                        failures += outcome.error is not None
                        got += SETTLED <= time.monotonic() - began < STOP
            except TimeoutError:
                pass
        return Count(got, failures)

    results.put(asyncio.run(retrieve()))
