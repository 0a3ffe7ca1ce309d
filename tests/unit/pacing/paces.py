"""A pace, driven by hand: time is a number here, so that nothing waits."""

import math
from collections.abc import Iterator
from itertools import islice

from lightfield._pacing.pace import Pace
from lightfield._pacing.schedule import Demand

START = 1_000.0
"""A whole second, as the notes on what remains are kept by the second."""

LONG = Demand(1_000_000, 1)
"""A queue that nothing saved up covers, so that its calls go evenly."""

ALONE = Demand(1, 1 / 8)


def arrive(pace: Pace, now: float) -> None:
    """Let a call arrive while no other waits."""
    pace.due(now, Demand(1, 1 / 8, arriving=True))


def slots(pace: Pace, now: float = START, queue: Demand = LONG) -> Iterator[float]:
    """Take every slot as soon as it is due, and say when that was."""
    while True:
        now = max(now, pace.due(now, queue))
        pace.take(now)
        yield now


def take(pace: Pace, count: int, now: float = START, queue: Demand = LONG) -> list[float]:
    """Take some slots as soon as they are due."""
    return list(islice(slots(pace, now, queue), count))


def burst(pace: Pace, count: int, now: float = START) -> list[float]:
    """Let calls come at once, of which each waits only for its slot, and say when they got it."""
    arrive(pace, now)
    moments: list[float] = []
    queue = ALONE
    for waiting in range(count, 0, -1):
        if queue != ALONE or pace.due(now, ALONE) > now:
            queue = Demand(waiting, 1 / 8)
        now = max(now, pace.due(now, queue))
        pace.take(now)
        moments.append(now)
    return moments


def spaced(limit: float, now: float = START) -> Pace:
    """Make a pace to which bursts are known to be refused: it goes evenly for the next hour."""
    pace = Pace(limit)
    moments = [now - 2 - sum(30 * 2**later + 1 for later in range(number)) for number in range(9)]
    for moment in reversed(moments):
        arrive(pace, moment)
        pace.take(moment)
        pace.learn(moment, 429, {}, pace.take(moment))
    return pace


def keep_busy(pace: Pace, since: float, until: float) -> None:
    """Take every slot as soon as it is due, up to a time."""
    now = max(since, pace.due(since, LONG))
    while now <= until:
        pace.take(now)
        now = max(now, pace.due(now, LONG))


def learn(pace: Pace, now: float, status: int, headers: dict[str, str]) -> None:
    """Teach a pace a response to a request that was no part of a burst, long before."""
    slot = Pace(None).take(now)
    pace.learn(now, status, headers, slot)


def gap(pace: Pace, now: float) -> float:
    """Take slots evenly, and say how far apart the last two were."""
    moments = take(pace, 5 + math.ceil(0.04 * (pace.rate or 0.0)), now)
    return round(moments[-1] - moments[-2], 9)


def told(remaining: object = None, limit: object = None, wait: object = None) -> dict[str, str]:
    """Write the headers of a response."""
    found = {"X-RateLimit-Remaining": remaining, "X-RateLimit-Limit": limit, "Retry-After": wait}
    return {name: str(value) for name, value in found.items() if value is not None}
