"""A pace, driven by hand: time is a number here, so that nothing waits."""

from collections.abc import Iterator
from itertools import islice

from lightfield._pacing.pace import EARLY_TOLERANCE, Pace

START = 1_000.0
"""A whole second, as the notes on what remains are kept by the second."""


def slots(pace: Pace, now: float = START) -> Iterator[float]:
    """Take every slot as soon as it is due, and say when that was."""
    while True:
        now = max(now, pace.due(now))
        pace.take(now)
        yield now


def take(pace: Pace, count: int, now: float = START) -> list[float]:
    """Take some slots as soon as they are due."""
    return list(islice(slots(pace, now), count))


def keep_busy(pace: Pace, since: float, until: float) -> None:
    """Take every slot as soon as it is due, up to a time."""
    now = max(since, pace.due(since))
    while now <= until:
        pace.take(now)
        now = max(now, pace.due(now))


def gap(pace: Pace, now: float) -> float:
    """Take slots until none is early any more, and say how far apart the last two were."""
    moments = take(pace, 5 + int(EARLY_TOLERANCE * (pace.rate() or 0.0)), now)
    return round(moments[-1] - moments[-2], 9)


def told(remaining: object = None, limit: object = None, wait: object = None) -> dict[str, str]:
    """Write the headers of a response."""
    found = {"X-RateLimit-Remaining": remaining, "X-RateLimit-Limit": limit, "Retry-After": wait}
    return {name: str(value) for name, value in found.items() if value is not None}
