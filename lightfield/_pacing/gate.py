"""Gates: where the calls of one client wait for the slots of a lane."""

import asyncio
import math
from collections.abc import Mapping
from heapq import heappush
from typing import TYPE_CHECKING

from lightfield._aio.timeouts import Wait, wait_until
from lightfield._config.options import Priority

from .schedule import EVEN, Queue, Schedule, Slot

if TYPE_CHECKING:
    from .lane import Lane

IN_FLIGHT: Mapping[Priority, int] = {"interactive": 64, "bulk": 56}
"""Requests of one client in flight at most. Bulk leaves some room for interactive calls."""

SPACING: Mapping[Priority, float] = {"interactive": EVEN / 8, "bulk": EVEN}
"""The spacing of calls that have to wait. Bulk leaves slots for interactive calls to come."""

_ARRIVING = {priority: Queue(1, spacing, arriving=True) for priority, spacing in SPACING.items()}


class Gate:
    """The queue of one client and its siblings for a lane."""

    def __init__(self, lane: "Lane", *, share: float = 1.0, max_rps: float | None = None) -> None:
        self.lane = lane
        self.unresponsive: bool = False  # its loop missed its turn and has not run since
        self._share, self._max_rps = share, max_rps or math.inf
        bound = self._bound()
        self._schedule: Schedule | None = Schedule(bound) if bound < (lane.pace.limit or math.inf) else None
        self.waiters: dict[Priority, list[tuple[int, asyncio.Future[Slot]]]] = {"interactive": [], "bulk": []}
        self.in_flight: int = 0
        self.loop: asyncio.AbstractEventLoop  # of the last call that waited
        self.timer: asyncio.TimerHandle | None = None

    async def admit(
        self, order: int, priority: Priority = "interactive", deadline: float | None = None, wait: Wait = wait_until
    ) -> Slot:
        """Wait for a slot, until the loop's time ``deadline`` at most, and return it.

        Of calls of the same priority, the one with the lowest ``order`` goes first.

        Raises:
            APITimeoutError: No slot became free in time.
        """
        self.loop = loop = asyncio.get_running_loop()
        lane, now = self.lane, loop.time()
        with lane.lock:
            if not lane.queue and self.due(now, _ARRIVING[priority]) <= now and self.in_flight < IN_FLIGHT[priority]:
                return self.grant(now)
            waiter = loop.create_future()
            heappush(self.waiters[priority], (order, waiter))
            lane.queue.add(self)
        lane.wake(self)
        if waiter.done():
            return waiter.result()
        try:
            await wait(waiter, deadline)
        except TimeoutError:
            raise lane.give_up(self, waiter) from None
        except BaseException:
            lane.withdraw(self, waiter)
            raise
        slot = waiter.result()
        slot.waited = loop.time() - now
        return slot

    def leave(self) -> None:
        """Leave when an attempt is over."""
        lane = self.lane
        with lane.lock:
            self.in_flight -= 1
            lane.in_flight -= 1
            waited_for = self in lane.queue
        if waited_for:
            lane.schedule_wake(self)  # not at once: the garbage collector may close a call at any moment

    def learn(self, slot: Slot, status: int, headers: Mapping[str, str]) -> None:
        """Learn from what a response says about the limit."""
        lane = self.lane
        with lane.lock:
            lane.throttled += status == 429
            lane.pace.learn(asyncio.get_running_loop().time(), status, headers, slot)

    def grant(self, now: float) -> Slot:
        """Grant a slot."""
        lane = self.lane
        slot = lane.pace.take(now)
        if self._schedule is not None:
            slot.bound = Slot(now)
            self._schedule.take(slot.bound, self._schedule.limit)
        lane.granted += 1
        lane.in_flight += 1
        self.in_flight += 1
        return slot

    def refund(self, slot: Slot) -> None:
        """Return a slot that was not used."""
        self.lane.pace.refund(slot)
        if self._schedule is not None and slot.bound is not None:
            self._schedule.refund(slot.bound)

    def due(self, now: float, queue: Queue) -> float:
        """Return the earliest time for a slot of this client, by the pace and by its own bounds."""
        due = self.lane.pace.due(now, queue)
        if self._schedule is None:
            return due
        if (bound := self._bound()) != self._schedule.limit:
            self._schedule.change_limit(bound, now)
        return max(due, self._schedule.due(now, bound, queue))

    def _bound(self) -> float:
        """Return the slots per second that this client may take at most."""
        return min((self.lane.pace.limit or math.inf) * self._share, self._max_rps)
