"""The calls that wait at one gate."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple

from lightfield._config.options import Priority
from lightfield.errors import APITimeoutError

from .schedule import EVEN, Demand, Slot

IN_FLIGHT: Mapping[Priority, int] = {"interactive": 64, "bulk": 56}
"""Requests of one client in flight at most. Bulk leaves some room for interactive calls."""

SPACING: Mapping[Priority, float] = {"interactive": EVEN / 8, "bulk": EVEN}
"""The spacing of calls that have to wait. Bulk leaves slots for interactive calls to come. Interactive calls go 5 ms
apart at 25 per second: if the limit has fallen, the first responses say so before all have been sent."""

ARRIVING = {priority: Demand(1, spacing, arriving=True) for priority, spacing in SPACING.items()}
"""The demand of a call that arrives where none waits."""

MAX_CONSECUTIVE_INTERACTIVE = 4
"""Interactive calls in a row that may pass a waiting bulk call."""


Waiter = asyncio.Future[Slot | None]
"""What a waiting call awaits: its slot, or None once its deadline has passed."""


class Claim(NamedTuple):
    """The claim of a waiting call to the next slot; the lowest one has it."""

    behind_other_priority: bool
    order: int
    priority: Priority


class CallQueue:
    """Calls of both priorities, each in their order."""

    def __init__(self) -> None:
        self._calls: dict[Priority, list[tuple[int, Waiter]]] = {"interactive": [], "bulk": []}
        self._deadlines: list[tuple[float, int, Waiter]] = []
        self._arrivals = count()  # not the order of calls: earlier attempts of the same call may still be listed

    def add(self, priority: Priority, order: int, waiter: Waiter, deadline: float | None) -> bool:
        """Add a call; return whether it is the next to go, or the next whose deadline passes."""
        calls, deadlines = self._calls[priority], self._deadlines
        heappush(calls, (order, waiter))
        if deadline is not None:
            heappush(deadlines, (deadline, next(self._arrivals), waiter))
        return calls[0][1] is waiter or (deadline is not None and deadlines[0][2] is waiter)

    def next_deadline(self) -> float:
        """Return when the next deadline of a waiting call passes; infinity if none has one."""
        deadlines = self._deadlines
        while deadlines and deadlines[0][2].done():
            heappop(deadlines)
        return deadlines[0][0] if deadlines else math.inf

    def end_overdue(self, now: float) -> None:
        """Tell the calls whose deadline has passed, the earliest first, that they get no slot."""
        while self.next_deadline() <= now:
            heappop(self._deadlines)[2].set_result(None)

    def claim(self, preferred: Priority, in_flight: int) -> Claim | None:
        """Return the claim of the call that goes next, if the client has room for it; None if none can go."""
        best: Claim | None = None
        for priority, calls in self._calls.items():
            if calls and in_flight < IN_FLIGHT[priority]:
                claim = Claim(priority != preferred, calls[0][0], priority)
                best = claim if best is None or claim < best else best
        return best

    def pop(self, priority: Priority) -> Waiter:
        """Remove the first call of a priority."""
        return heappop(self._calls[priority])[1]

    def drop_done(self) -> bool:
        """Remove calls in front that have ended or been granted a slot; return whether any call is left."""
        for calls in self._calls.values():
            while calls and calls[0][1].done():
                heappop(calls)
        return any(self._calls.values())

    def length(self, priority: Priority) -> int:
        """Return the number of calls of a priority, some of which may have ended."""
        return len(self._calls[priority])

    def demand(self) -> Demand:
        """Return the calls that wait."""
        return demand_of([self])

    def waiting(self) -> int:
        """Return how many calls wait."""
        return sum(not waiter.done() for calls in self._calls.values() for _, waiter in calls)


def out_of_time() -> APITimeoutError:
    """Return the error of a call whose deadline passed before it had a slot."""
    error = APITimeoutError("The deadline passed while waiting for a slot of the rate limit.")
    error.sent, error.deadline_exceeded = False, True
    return error


def demand_of(queues: Sequence[CallQueue]) -> Demand:
    """Return the calls that wait, of the priority that goes first."""
    for priority, spacing in SPACING.items():
        if length := sum(queue.length(priority) for queue in queues):
            return Demand(length, spacing)
    return Demand(0, EVEN)
