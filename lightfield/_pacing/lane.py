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
import math
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import cast

from lightfield._aio.timeouts import Wait
from lightfield._config.options import Priority

from .pace import Pace
from .queue import ARRIVING, IN_FLIGHT, MAX_CONSECUTIVE_INTERACTIVE, CallQueue, Claim, Waiter, demand_of, out_of_time
from .schedule import MAX_WAKE_DELAY, Demand, Schedule, Slot


class Gate:
    """The queue of one client and its siblings for a lane."""

    def __init__(self, lane: "Lane", *, share: float = 1.0, max_rps: float | None = None) -> None:
        self.lane = lane
        self.unresponsive: bool = False  # its loop missed its turn and has not run since
        self._share, self._max_rps = share, max_rps or math.inf
        self.capped: bool = max_rps is not None or (share < 1 and lane.pace.limit is not None)
        self._schedule: Schedule | None = Schedule(self._cap()) if self.capped else None
        self.due: Callable[[float, Demand], float] = self._capped_due if self.capped else lane.pace.due
        """Return the earliest time for a slot of this client."""

        self.queue: CallQueue = CallQueue()
        self.in_flight: int = 0
        self.loop: asyncio.AbstractEventLoop  # of the last call that waited
        self.timer: asyncio.TimerHandle | None = None
        self.waking_on: asyncio.AbstractEventLoop | None = None  # the loop that is to wake it

    def try_admit(self, priority: Priority, deadline: float | None) -> Slot | None:
        """Return a slot if one is due and no other call waits for it, else None. Raise if the deadline has passed."""
        self.loop = loop = asyncio.get_running_loop()
        lane, now = self.lane, loop.time()
        if deadline is not None and now >= deadline:
            raise out_of_time()
        with lane.lock:
            is_first = not lane.waiting or (self not in lane.waiting and all(other.capped for other in lane.waiting))
            if is_first and self.in_flight < IN_FLIGHT[priority] and self.due(now, ARRIVING[priority]) <= now:
                return self.grant(now)
        return None

    async def admit(
        self, order: int, priority: Priority = "interactive", deadline: float | None = None, wait: Wait | None = None
    ) -> Slot:
        """Wait for a slot, until the loop's time ``deadline`` at most, and return it. The lowest ``order`` goes first.

        Raises:
            APITimeoutError: No slot became free in time.
        """
        return self.try_admit(priority, deadline) or await self.wait_turn(order, priority, deadline, wait)

    async def wait_turn(self, order: int, priority: Priority, deadline: float | None, wait: Wait | None) -> Slot:
        """Wait for a slot as ``admit`` does, where ``try_admit`` has found none."""
        lane, began = self.lane, self.loop.time()
        with lane.lock:
            waiter: Waiter = self.loop.create_future()
            is_next = self.queue.add(priority, order, waiter, deadline)
            lane.waiting.add(self)
        if is_next:
            lane.wake(self)
        if waiter.done() and (slot := waiter.result()) is not None:
            return slot
        try:
            await (waiter if wait is None else wait(waiter))
        except BaseException:
            lane.withdraw(self, waiter)
            raise
        slot, now = waiter.result(), self.loop.time()
        if slot is None or (deadline is not None and now >= deadline):
            lane.withdraw(self, waiter)
            raise out_of_time()
        slot.waited = now - began
        return slot

    def leave(self) -> None:
        """Leave when an attempt is over."""
        lane = self.lane
        with lane.lock:
            self.in_flight -= 1
            lane.in_flight -= 1
            waited_for = self in lane.waiting
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
            slot.capped = Slot(now)
            self._schedule.take(slot.capped, self._schedule.limit)
        lane.granted += 1
        lane.in_flight += 1
        self.in_flight += 1
        return slot

    def refund(self, slot: Slot) -> None:
        """Return a slot that was not used."""
        self.lane.pace.refund(slot)
        if self._schedule is not None and slot.capped is not None:
            self._schedule.refund(slot.capped)

    def _capped_due(self, now: float, demand: Demand) -> float:
        """Return the earliest time by the pace and by the client's own limit."""
        schedule, cap = cast("Schedule", self._schedule), self._cap()
        if cap != schedule.limit:
            schedule.change_limit(cap, now)
        own = schedule.due(now, cap, demand if demand.arriving else self.queue.demand())
        return own if own > now else self.lane.pace.due(now, demand)  # nothing is reserved before it is needed

    def _cap(self) -> float:
        """Return the slots per second that this client may take at most."""
        return min((self.lane.pace.limit or math.inf) * self._share, self._max_rps)


class Lane:
    """The order of the requests of one category."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.lock: threading.RLock = threading.RLock()
        """Re-entrant: the garbage collector may close a call, which then leaves its gate, at any moment."""

        self.waiting: set[Gate] = set()  # gates with waiting calls
        self.consecutive_interactive: int = 0
        self.refunded_at: float = -math.inf
        self.in_flight: int = 0
        self.granted: int = 0
        self.throttled: int = 0

    def next_grant_time(self, gate: Gate, now: float) -> float | None:
        """Return when a gate may take a slot or must look again; None if it has nothing to send."""
        claim = self.claim(gate)
        if claim is None:
            return None
        demand = demand_of([each.queue for each in self.waiting if not each.capped])  # others may wait for their caps
        due = gate.due(now, demand)
        if due > now:
            return due
        for rival in tuple(self.waiting):
            other = None if rival is gate or rival.unresponsive or rival.due(now, demand) > now else self.claim(rival)
            if other is not None and other < claim:
                turn = max(due, self.refunded_at)
                if now < turn + MAX_WAKE_DELAY:
                    return turn + MAX_WAKE_DELAY
                rival.unresponsive = True
                self.schedule_wake(rival)  # drops it from the queue if its loop is closed
        return due

    def wake_all(self) -> None:
        """Make every gate check whether it is its turn."""
        for gate in tuple(self.waiting):
            self.schedule_wake(gate)

    def next_gate(self) -> Gate | None:
        """Return the gate that goes next, of those that are responsive; None if no call can go."""
        claims = [(claim, gate) for gate in self.waiting if not gate.unresponsive and (claim := self.claim(gate))]
        return min(claims, key=lambda each: each[0])[1] if claims else None

    def claim(self, gate: Gate) -> Claim | None:
        """Return the claim of the call that goes next at a gate; None if none can."""
        bulk_is_due = self.consecutive_interactive >= MAX_CONSECUTIVE_INTERACTIVE
        preferred: Priority = "bulk" if bulk_is_due else "interactive"
        return gate.queue.claim(preferred, gate.in_flight)

    def wake(self, gate: Gate) -> None:
        """End overdue calls, grant every slot that is due, then set the timer of the gate. Runs on its loop."""
        loop = gate.loop
        with self.lock:
            gate.unresponsive, gate.waking_on = False, None
            now, before = loop.time(), self.granted
            gate.queue.end_overdue(now)
            self._drop_done_waiters(gate)
            if gate.timer is not None:
                gate.timer.cancel()
            while (due := self.next_grant_time(gate, now)) is not None and due <= now:
                claim = cast("Claim", self.claim(gate))
                self.consecutive_interactive = 0 if claim.priority == "bulk" else self.consecutive_interactive + 1
                gate.queue.pop(claim.priority).set_result(gate.grant(now))
                self._drop_done_waiters(gate)
            look = min(math.inf if due is None else due, gate.queue.next_deadline())
            gate.timer = loop.call_at(look, self.wake, gate) if look < math.inf else None
            next_one = self.next_gate() if self.granted > before else None
        if next_one is not None and next_one is not gate:
            self.schedule_wake(next_one)

    def schedule_wake(self, gate: Gate) -> None:
        """Make a gate check, on its own loop, whether it is its turn; once for all who ask before it does."""
        if gate.waking_on is gate.loop and not gate.loop.is_closed():
            return
        gate.waking_on = gate.loop
        try:
            gate.loop.call_soon_threadsafe(self.wake, gate)
        except RuntimeError:  # the loop is closed: no call waits there
            with self.lock:
                self.waiting.discard(gate)

    def withdraw(self, gate: Gate, waiter: Waiter) -> None:
        """Remove a waiter; refund a slot that it was granted and will not use."""
        if waiter.done() and not waiter.cancelled() and waiter.exception() is None and (slot := waiter.result()):
            self.refund(gate, slot)
        else:
            with suppress(RuntimeError):  # the loop is closed
                waiter.cancel()
            with self.lock:
                self._drop_done_waiters(gate)
            if gate not in self.waiting:
                self.schedule_wake(gate)  # stops its timer

    def refund(self, gate: Gate, slot: Slot) -> None:
        """Leave a gate without using the slot."""
        with self.lock:
            self.granted -= 1
            self.refunded_at = gate.loop.time()
            gate.refund(slot)
        gate.leave()
        self.wake_all()

    def _drop_done_waiters(self, gate: Gate) -> None:
        if not gate.queue.drop_done():
            self.waiting.discard(gate)
