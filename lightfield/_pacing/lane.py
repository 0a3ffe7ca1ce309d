"""One lane per rate-limit category: who goes next?

The API allows a number of requests per second for each of Read, Write and Search. All clients of a process that use the
same key at the same base URL share a lane per category, on whatever threads and loops they live::

    client 1 -- gate --.
                        >-- lane (pace, order) --> server
    client 2 -- gate --'

A client waits at its own gate, on its own loop. Whoever's turn it is takes the next slot when the pace says
that it is due (``_limits``). Interactive calls go before bulk, which gets every fifth slot at least; within a priority,
calls go in the order in which they began, so that a repeated attempt goes before calls that have not been tried. Every
attempt takes a slot. A slot belongs to nobody before it is due, so whoever stops waiting loses nobody anything, and a
loop that sleeps through its turn is passed over.
API page: https://docs.lightfield.app/using-the-api/rate-limits/
"""

import asyncio
import math
import threading
from collections.abc import Mapping
from contextlib import suppress
from heapq import heappop, heappush

from lightfield._aio.timeouts import Wait, wait_until
from lightfield._config.options import Priority
from lightfield.errors import APITimeoutError

from .pace import Pace

IN_FLIGHT: Mapping[Priority, int] = {"interactive": 64, "bulk": 56}
"""What may be under way at once. Bulk leaves some places free, so that interactive calls find one."""


class Gate:
    """Where the calls of one client wait for a lane."""

    def __init__(self, lane: "Lane", *, share: float = 1.0, max_rps: float | None = None) -> None:
        self.lane = lane
        self.unresponsive: bool = False
        """Whether its loop slept through a turn of its own, and has not been heard of since."""

        self.last_grant: float = float("-inf")  # when this client took a slot
        self.previous_grant: float = float("-inf")

        self._share, self._max_rps = share, max_rps
        self.waiters: dict[Priority, list[tuple[int, asyncio.Future[None]]]] = {"interactive": [], "bulk": []}
        self.in_flight: int = 0
        self.loop: asyncio.AbstractEventLoop | None = None
        self.timer: asyncio.TimerHandle | None = None

    async def admit(
        self, order: int, priority: Priority = "interactive", due: float | None = None, wait: Wait = wait_until
    ) -> float:
        """Wait for a slot, until the loop's time ``due`` at most, and say how many seconds it took.

        Of calls of the same priority, that of the lowest ``order`` goes first.

        Raises:
            APITimeoutError: No slot came free in time.
        """
        self.loop = loop = asyncio.get_running_loop()
        lane, now = self.lane, loop.time()
        with lane.lock:
            if not lane.queue and self.in_flight < IN_FLIGHT[priority] and self.due(now) <= now:
                self.grant(now)
                return 0.0
            waiter = loop.create_future()
            heappush(self.waiters[priority], (order, waiter))
            lane.queue.add(self)
        lane.wake(self)
        if waiter.done():
            return 0.0
        try:
            await wait(waiter, due)
        except TimeoutError:
            raise lane.give_up(self, waiter) from None
        except BaseException:
            lane.withdraw(self, waiter)
            raise
        return loop.time() - now

    def leave(self) -> None:
        """Give the place back when an attempt is over."""
        lane = self.lane
        with lane.lock:
            self.in_flight -= 1
            lane.in_flight -= 1
            waited_for = self in lane.queue
        if waited_for:
            lane.schedule_wake(self)  # the garbage collector may have ended the call, anywhere and at any moment

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """Take in what a response says about the limit."""
        lane = self.lane
        with lane.lock:
            lane.throttled += status == 429
            lane.pace.learn(asyncio.get_running_loop().time(), status, headers)

    def grant(self, now: float) -> None:
        """Let a call through."""
        lane = self.lane
        lane.pace.take(now)
        lane.granted += 1
        lane.in_flight += 1
        self.in_flight += 1
        self.previous_grant, self.last_grant = self.last_grant, now

    def due(self, now: float) -> float:
        """Say from when this client may take a slot, as far as the pace and its own bounds go."""
        slot = self.lane.pace.due(now)
        if self._share == 1 and self._max_rps is None:
            return slot
        if self.last_grant > now + 1:  # a loop with another clock
            self.last_grant = now
        bound = min((self.lane.pace.limit or math.inf) * self._share, self._max_rps or math.inf)
        return max(slot, self.last_grant + 1 / bound)


LATE = 0.01
"""Seconds that a gate whose turn it is may be late."""

MAX_CONSECUTIVE_INTERACTIVE = 4
"""Interactive calls that may pass a waiting bulk call."""


class Lane:
    """The requests of one category on their way to the server."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.lock: threading.RLock = threading.RLock()
        """Re-entrant: the garbage collector may end a call, which then leaves its gate, at any moment."""

        self.queue: set[Gate] = set()
        """Gates at which somebody waits."""

        self.consecutive_interactive: int = 0
        self.in_flight: int = 0
        self.granted: int = 0
        self.throttled: int = 0

    def next_grant_time(self, gate: Gate, now: float) -> float | None:
        """Say from when a gate may take a slot, or look again; None if it has nothing to send."""
        claim = self.claim(gate)
        if claim is None:
            return None
        due = gate.due(now)
        if due > now:
            return due
        for rival in tuple(self.queue):
            other = None if rival is gate or rival.unresponsive or rival.due(now) > now else self.claim(rival)
            if other is not None and other < claim:
                if now < due + LATE:
                    return due + LATE
                rival.unresponsive = True
                self.schedule_wake(rival)  # takes it out if its loop is closed
        return due

    def wake_all(self) -> None:
        """Have every gate look whether it is its turn."""
        for gate in tuple(self.queue):
            self.schedule_wake(gate)

    def first(self) -> Gate | None:
        """Say who goes next, of all gates that are awake."""
        claims = [(claim, gate) for gate in self.queue if not gate.unresponsive and (claim := self.claim(gate))]
        return min(claims, key=lambda each: each[0])[1] if claims else None

    def claim(self, gate: Gate) -> tuple[bool, int] | None:
        """Say who goes next at a gate, the lower claim before the higher; None if nobody can."""
        bulk_first = self.consecutive_interactive >= MAX_CONSECUTIVE_INTERACTIVE
        claims = [
            ((priority == "bulk") != bulk_first, waiters[0][0])
            for priority, waiters in gate.waiters.items()
            if waiters and gate.in_flight < IN_FLIGHT[priority]
        ]
        return min(claims, default=None)

    def wake(self, gate: Gate) -> None:
        """Grant every slot that is due at a gate, then set its timer for the next. On the gate's own loop."""
        loop = gate.loop
        assert loop is not None  # noqa: S101
        with self.lock:
            gate.unresponsive = False
            self._drop_done_waiters(gate)
            if gate.timer is not None:
                gate.timer.cancel()
                gate.timer = None
            now, before = loop.time(), self.granted
            while (due := self.next_grant_time(gate, now)) is not None and due <= now:
                self._grant_next(gate, now)
            if due is not None:
                gate.timer = loop.call_at(due, self.wake, gate)
            next_one = self.first() if self.granted > before else None
        if next_one is not None and next_one is not gate:
            self.schedule_wake(next_one)

    def schedule_wake(self, gate: Gate) -> None:
        """Have a gate look, on its own loop, whether it is its turn."""
        try:
            assert gate.loop is not None  # noqa: S101
            gate.loop.call_soon_threadsafe(self.wake, gate)
        except RuntimeError:  # the loop is closed: nobody waits there any more
            with self.lock:
                self.queue.discard(gate)

    def withdraw(self, gate: Gate, waiter: asyncio.Future[None]) -> None:
        """Take a waiter out; hand its slot on if it was granted one that it will not use."""
        if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            self.refund(gate)
        else:
            with suppress(RuntimeError):  # the loop is closed
                waiter.cancel()
            with self.lock:
                self._drop_done_waiters(gate)

    def give_up(self, gate: Gate, waiter: asyncio.Future[None]) -> APITimeoutError:
        """Take a waiter out whose deadline has passed, and say so."""
        self.withdraw(gate, waiter)
        error = APITimeoutError("The deadline passed while waiting for a slot of the rate limit.")
        error.sent, error.deadline_exceeded = False, True
        return error

    def refund(self, gate: Gate) -> None:
        """Leave a gate without having used the slot."""
        with self.lock:
            self.granted -= 1
            self.pace.refund()
            gate.last_grant = gate.previous_grant
        gate.leave()
        self.wake_all()

    def _grant_next(self, gate: Gate, now: float) -> None:
        claim = self.claim(gate)
        assert claim is not None  # noqa: S101
        bulk = claim[0] != (self.consecutive_interactive >= MAX_CONSECUTIVE_INTERACTIVE)
        self.consecutive_interactive = 0 if bulk else self.consecutive_interactive + 1
        _, waiter = heappop(gate.waiters["bulk" if bulk else "interactive"])
        gate.grant(now)
        waiter.set_result(None)
        self._drop_done_waiters(gate)

    def _drop_done_waiters(self, gate: Gate) -> None:
        for waiters in gate.waiters.values():
            while waiters and waiters[0][1].done():
                heappop(waiters)
        if not any(gate.waiters.values()):
            self.queue.discard(gate)
