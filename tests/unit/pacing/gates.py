"""Going through gates, on a virtual clock."""

import asyncio
import itertools
from collections.abc import Iterable
from typing import Any

from lightfield._config.options import Priority
from lightfield._pacing.lane import Gate, Lane
from lightfield._pacing.pace import Pace
from tests.clock import START
from tests.unit.pacing.paces import spaced

ranks = itertools.count()


def now() -> float:
    """Say how many seconds have passed."""
    return round(asyncio.get_running_loop().time() - START, 9)


def new_gate(limit: float | None, **bounds: Any) -> Gate:
    """Make a gate to a lane of its own, which goes evenly: bursts are known to be refused."""
    return Gate(even_lane(limit), **bounds)


def even_lane(limit: float | None) -> Lane:
    """Make a lane that goes evenly."""
    return Lane(Pace(None) if limit is None else spaced(limit, START))


async def walk(
    gate: Gate,
    priority: Priority = "interactive",
    *,
    order: int | None = None,
    due: float | None = None,
    hold: float = 0,
) -> float:
    """Go through a gate once, holding the place a while, and say when the slot came."""
    await gate.admit(next(ranks) if order is None else order, priority, None if due is None else START + due)
    granted = now()
    if hold:
        await asyncio.sleep(hold)
    gate.leave()
    return granted


async def walk_all(gate: Gate, number: int, priority: Priority = "interactive", hold: float = 0) -> list[float]:
    """Go through a gate many times at once."""
    return await asyncio.gather(*(walk(gate, priority, hold=hold) for _ in range(number)))


def walks(gate: Gate, number: int, priority: Priority = "interactive", **options: Any) -> list[asyncio.Task[float]]:
    """Begin to go through a gate many times."""
    return [asyncio.ensure_future(walk(gate, priority, **options)) for _ in range(number)]


async def fill(gate: Gate, number: int, priority: Priority = "interactive") -> None:
    """Go through a gate a number of times, and keep the places."""
    for _ in range(number):
        await gate.admit(next(ranks), priority)


def gaps(moments: Iterable[float]) -> list[float]:
    """Say how far moments are apart, in order."""
    return [round(later - earlier, 6) for earlier, later in itertools.pairwise(sorted(moments))]
