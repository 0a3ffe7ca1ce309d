"""Lanes: the order in which calls of one rate-limit category are sent.

The API allows a number of requests per second for each of Read, Write and Search. All clients of a process that use the
same key at the same base URL share a lane per category, whatever threads and event loops they run on::

    client 1 -- gate --.
                        >-- lane (pace, order) --> server
    client 2 -- gate --'

A call waits at the gate of its client, on its own loop, until the pace has a slot, it is first in order, and the client
has fewer than ``IN_FLIGHT`` requests in flight: a slow server must not be asked for more and more at once. Interactive
calls go before bulk, which gets at least every fifth slot; then older calls go first, so retries go before first
attempts. A slot is granted only when it is due, so a call that stops waiting wastes none, and a loop that misses its
turn is skipped.
API page: https://docs.lightfield.app/using-the-api/rate-limits/
"""

import asyncio
import threading
from contextlib import suppress
from heapq import heappop
from typing import NamedTuple, cast

from lightfield._config.options import Priority
from lightfield.errors import APITimeoutError

from .gate import IN_FLIGHT, SPACING, Gate
from .pace import Pace
from .schedule import Queue, Slot

MAX_WAKE_DELAY = 0.01
"""Seconds that a gate may be late for its turn."""

MAX_CONSECUTIVE_INTERACTIVE = 4
"""Interactive calls in a row that may pass a waiting bulk call."""


class Claim(NamedTuple):
    """The claim of a waiting call to the next slot; the lowest one has it."""

    behind_other_priority: bool
    order: int
    priority: Priority


class Lane:
    """The order of the requests of one category."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.lock: threading.RLock = threading.RLock()
        """Re-entrant: the garbage collector may close a call, which then leaves its gate, at any moment."""

        self.queue: set[Gate] = set()  # gates with waiting calls
        self.consecutive_interactive: int = 0
        self.in_flight: int = 0
        self.granted: int = 0
        self.throttled: int = 0

    def next_grant_time(self, gate: Gate, now: float) -> float | None:
        """Return when a gate may take a slot or must look again; None if it has nothing to send."""
        claim = self.claim(gate)
        if claim is None:
            return None
        queue = self.waiting()
        due = gate.due(now, queue)
        if due > now:
            return due
        for rival in tuple(self.queue):
            other = None if rival is gate or rival.unresponsive or rival.due(now, queue) > now else self.claim(rival)
            if other is not None and other < claim:
                if now < due + MAX_WAKE_DELAY:
                    return due + MAX_WAKE_DELAY
                rival.unresponsive = True
                self.schedule_wake(rival)  # drops it from the queue if its loop is closed
        return due

    def waiting(self) -> Queue:
        """Return the calls that wait, of the priority that goes first."""
        for priority, spacing in SPACING.items():
            if length := sum(len(gate.waiters[priority]) for gate in self.queue):
                return Queue(length, spacing)
        return Queue(0, 0.0)

    def wake_all(self) -> None:
        """Make every gate check whether it is its turn."""
        for gate in tuple(self.queue):
            self.schedule_wake(gate)

    def next_gate(self) -> Gate | None:
        """Return the gate that goes next, of those that are responsive; None if no call can go."""
        claims = [(claim, gate) for gate in self.queue if not gate.unresponsive and (claim := self.claim(gate))]
        return min(claims, key=lambda each: each[0])[1] if claims else None

    def claim(self, gate: Gate) -> Claim | None:
        """Return the claim of the call that goes next at a gate; None if none can."""
        bulk_is_due = self.consecutive_interactive >= MAX_CONSECUTIVE_INTERACTIVE
        preferred: Priority = "bulk" if bulk_is_due else "interactive"
        claims = [
            Claim(priority != preferred, waiters[0][0], priority)
            for priority, waiters in gate.waiters.items()
            if waiters and gate.in_flight < IN_FLIGHT[priority]
        ]
        return min(claims, default=None)

    def wake(self, gate: Gate) -> None:
        """Grant every slot that is due at a gate, then set its timer for the next. Runs on the loop of the gate."""
        loop = gate.loop
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
            next_one = self.next_gate() if self.granted > before else None
        if next_one is not None and next_one is not gate:
            self.schedule_wake(next_one)

    def schedule_wake(self, gate: Gate) -> None:
        """Make a gate check, on its own loop, whether it is its turn."""
        try:
            gate.loop.call_soon_threadsafe(self.wake, gate)
        except RuntimeError:  # the loop is closed: no call waits there
            with self.lock:
                self.queue.discard(gate)

    def withdraw(self, gate: Gate, waiter: asyncio.Future[Slot]) -> None:
        """Remove a waiter; refund a slot that it was granted and will not use."""
        if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            self.refund(gate, waiter.result())
        else:
            with suppress(RuntimeError):  # the loop is closed
                waiter.cancel()
            with self.lock:
                self._drop_done_waiters(gate)

    def give_up(self, gate: Gate, waiter: asyncio.Future[Slot]) -> APITimeoutError:
        """Remove a waiter whose deadline has passed, and return the error for it."""
        self.withdraw(gate, waiter)
        error = APITimeoutError("The deadline passed while waiting for a slot of the rate limit.")
        error.sent, error.deadline_exceeded = False, True
        return error

    def refund(self, gate: Gate, slot: Slot) -> None:
        """Leave a gate without using the slot."""
        with self.lock:
            self.granted -= 1
            gate.refund(slot)
        gate.leave()
        self.wake_all()

    def _grant_next(self, gate: Gate, now: float) -> None:
        claim = cast("Claim", self.claim(gate))
        self.consecutive_interactive = 0 if claim.priority == "bulk" else self.consecutive_interactive + 1
        _, waiter = heappop(gate.waiters[claim.priority])
        waiter.set_result(gate.grant(now))
        self._drop_done_waiters(gate)

    def _drop_done_waiters(self, gate: Gate) -> None:
        for waiters in gate.waiters.values():
            while waiters and waiters[0][1].done():
                heappop(waiters)
        if not any(gate.waiters.values()):
            self.queue.discard(gate)
