"""Default settings under load: complete listings, an urgent call behind a queue, 10,000 concurrent calls.

Each uses its own server (`_limited_server.py`) with a token bucket; all run concurrently in one process:

- `list_all` of 10,000 records at 25 pages/s, without changes and while records are inserted at the top;
- a retrieve while 1,000 calls or more of `retrieve_many` wait for the same lane: the wait for its slot, measured as its
  duration minus the server's constant latency;
- `asyncio.gather` of 10,000 plain retrieves, at `--limit` requests/s.

Then, in a separate process without pacing: growth of peak memory over that of a warm client while `iter_many` processes
100,000 ids, once by resident set size, once by Python's allocations.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from ._contest import Stage
from ._limited_server import Behaviour, limiting, statistics
from ._limiters import TokenBucket, earliest
from ._pacing import Run, all_at_once, client, timed
from ._report import Answer, Finding, Table

LIMIT = 25
RECORDS, PAGE, INSERTS = 10_000, 25, 5
PLAIN = 10_000
WAITING, MORE, URGENT = 1_000, 500, 25
LATENCY = 0.05
HEAD_START = 1.0
"""Seconds for the start of 10,000 calls, which blocks the shared event loop."""

SECONDS, TIME, THROTTLED, FAILURES = "seconds", "time / ideal", "429s", "failures"
Figures: TypeAlias = dict[str, list[float]]


class Queue(msgspec.Struct, frozen=True):
    """Longest wait of a call for its slot, and the fewest other calls waiting."""

    wait: float
    fewest: int


def answer(stage: Stage) -> Answer:
    rows = (f"{PLAIN:,} calls", "list_all", "list_all, inserts")
    table: Table = {row: {} for row in rows}
    waits, queued, resident, allocated = (list[float]() for _ in range(4))
    for _ in range(stage.rounds):
        figures, queue = _play_round(stage.limit)
        for row, values in zip(rows, figures, strict=True):
            for name, value in values.items():
                table[row].setdefault(name, []).append(value)
        waits.append(queue.wait * 1e3)
        queued.append(queue.fewest)
        resident.append(_growth(stage, "resident"))
        allocated.append(_growth(stage, "allocated"))
    calls, *listings = rows
    findings = [
        Finding(f"{calls}: {FAILURES}", table[calls][FAILURES], at_most=0),
        *(finding for row in listings for finding in _of_listing(row, table[row])),
        Finding("longest wait of a call past a queue, ms", waits, at_most=100),
        Finding("calls in that queue, at the fewest", queued, at_least=WAITING),
        Finding("iter_many: growth of the resident set, MB", resident, at_most=5),
        Finding("iter_many: growth of what Python allocated, MB", allocated, at_most=5),
    ]
    return Answer(f"bulk: {calls} at {stage.limit} requests/s, the rest at {LIMIT}", table, findings)


def _of_listing(row: str, figures: Figures) -> list[Finding]:
    return [
        Finding(f"{row}: {TIME}", figures[TIME], at_most=1.05),
        Finding(f"{row}: {THROTTLED}", figures[THROTTLED], at_most=0),
        Finding(f"{row}: lost or repeated records", figures[FAILURES], at_most=0),
    ]


def _growth(stage: Stage, mode: str) -> float:
    return msgspec.json.decode(stage.ours(mode).run(), type=float) / 1e6


def _play_round(limit: int) -> tuple[list[dict[str, float]], Queue]:
    behaviours = [
        Behaviour(TokenBucket(limit, limit)),
        Behaviour(TokenBucket(LIMIT, LIMIT), records=RECORDS),
        Behaviour(TokenBucket(LIMIT, LIMIT), records=RECORDS, inserts=INSERTS),
        Behaviour(TokenBucket(LIMIT, LIMIT), latency=(LATENCY, LATENCY)),
    ]
    ideals = [earliest(PLAIN, limit, limit), *[earliest(RECORDS // PAGE, LIMIT, LIMIT)] * 2]
    with limiting(behaviours) as urls:
        runs, queue = asyncio.run(_play(urls))
        return [
            {
                SECONDS: run.seconds,
                TIME: run.seconds / ideal,
                THROTTLED: statistics(url).refused,
                FAILURES: run.failures,
            }
            for run, ideal, url in zip(runs, ideals, urls, strict=False)
        ], queue


async def _play(urls: Sequence[str]) -> tuple[list[Run], Queue]:
    plain, resting, growing, queued = urls
    async with asyncio.TaskGroup() as group:
        first = group.create_task(timed(all_at_once, plain, PLAIN))
        await asyncio.sleep(HEAD_START)
        walks = [group.create_task(_walk(url)) for url in (resting, growing)]
        queue = group.create_task(_queue(queued))
    return [task.result() for task in (first, *walks)], queue.result()


async def _walk(url: str) -> Run:
    """Fetch a listing; a failure is a missing record that existed from the start, or a duplicate."""
    async with client(url) as lightfield:
        started = time.perf_counter()
        seen = Counter([opportunity.id async for opportunity in lightfield.opportunity.list_all()])
        seconds = time.perf_counter() - started
    lost = sum(f"opp_{number}" not in seen for number in range(1, RECORDS + 1))
    return Run(seconds, lost + seen.total() - len(seen))


async def _queue(url: str) -> Queue:
    """Retrieve opportunities sequentially while a bulk fills the queue."""
    ids = [f"opp_{number}" for number in range(WAITING + MORE)]
    async with client(url) as lightfield:
        bulk = asyncio.create_task(lightfield.opportunity.retrieve_many(ids, concurrency=len(ids)))
        await asyncio.sleep(1)
        waits, queued = list[float](), list[int]()
        for number in range(URGENT):
            await asyncio.sleep(random.uniform(0, MORE / LIMIT / URGENT))
            queued.append(lightfield.rate_limits["Read"].waiting)
            started = time.perf_counter()
            await lightfield.opportunity.retrieve(f"opp_urgent_{number}")
            waits.append(time.perf_counter() - started - LATENCY)
        bulk.cancel()
        await asyncio.gather(bulk, return_exceptions=True)
    return Queue(max(waits), min(queued))
