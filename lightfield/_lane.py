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
import os
import threading
from contextlib import suppress
from heapq import heappop
from typing import get_args
from weakref import WeakValueDictionary

import msgspec

from ._config import Config
from ._limits import IN_FLIGHT, Gate, Pace
from ._options import RateLimits, SharedLimits
from ._request import Category
from .errors import APITimeoutError

LATE = 0.01
"""Seconds that a gate whose turn it is may be late."""

IN_A_ROW = 4
"""Interactive calls that may pass a waiting bulk call."""


class LaneStatus(msgspec.Struct, frozen=True):
    """A lane at one moment, whichever clients of the process use it."""

    limit: float | None
    """Requests per second the server allows, as last learnt; None where pacing is off."""

    rate: float | None
    """Requests per second now granted."""

    waiting: int
    in_flight: int
    granted: int
    throttled: int
    """Replies of 429 so far."""

    remaining: int | None = None
    """Requests that the server said remain, as last learnt."""


class Lane:
    """The requests of one category on their way to the server."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.lock: threading.RLock = threading.RLock()
        """Re-entrant: the garbage collector may end a call, which then leaves its gate, at any moment."""

        self.queue: set[Gate] = set()
        """Gates at which somebody waits."""

        self.in_a_row: int = 0
        self.in_flight: int = 0
        self.granted: int = 0
        self.throttled: int = 0

    def turn(self, gate: Gate, now: float) -> float | None:
        """Say from when a gate may take a slot, or look again; None if it has nothing to send."""
        claim = self.claim(gate)
        if claim is None:
            return None
        due = gate.due(now)
        if due > now:
            return due
        for rival in tuple(self.queue):
            other = None if rival is gate or rival.absent or rival.due(now) > now else self.claim(rival)
            if other is not None and other < claim:
                if now < due + LATE:
                    return due + LATE
                rival.absent = True
                self.poke(rival)  # takes it out if its loop is closed
        return due

    def status(self) -> LaneStatus:
        """Describe the lane now."""
        with self.lock:
            waiting = sum(
                not waiter.done() for gate in self.queue for waiters in gate.waiters.values() for _, waiter in waiters
            )
            pace = self.pace
            return LaneStatus(
                pace.limit, pace.rate(), waiting, self.in_flight, self.granted, self.throttled, pace.remaining
            )

    def look(self) -> None:
        """Have every gate look whether it is its turn."""
        for gate in tuple(self.queue):
            self.poke(gate)

    def first(self) -> Gate | None:
        """Say who goes next, of all gates that are awake."""
        claims = [(claim, gate) for gate in self.queue if not gate.absent and (claim := self.claim(gate))]
        return min(claims, key=lambda each: each[0])[1] if claims else None

    def claim(self, gate: Gate) -> tuple[bool, int] | None:
        """Say who goes next at a gate, the lower claim before the higher; None if nobody can."""
        bulk_first = self.in_a_row >= IN_A_ROW
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
            gate.absent = False
            self._forget_the_done(gate)
            if gate.timer is not None:
                gate.timer.cancel()
                gate.timer = None
            now, before = loop.time(), self.granted
            while (due := self.turn(gate, now)) is not None and due <= now:
                self._grant_next(gate, now)
            if due is not None:
                gate.timer = loop.call_at(due, self.wake, gate)
            next_one = self.first() if self.granted > before else None
        if next_one is not None and next_one is not gate:
            self.poke(next_one)

    def poke(self, gate: Gate) -> None:
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
            self.give_back(gate)
        else:
            with suppress(RuntimeError):  # the loop is closed
                waiter.cancel()
            with self.lock:
                self._forget_the_done(gate)

    def give_up(self, gate: Gate, waiter: asyncio.Future[None]) -> APITimeoutError:
        """Take a waiter out whose deadline has passed, and say so."""
        self.withdraw(gate, waiter)
        error = APITimeoutError("The deadline passed while waiting for a slot of the rate limit.")
        error.sent, error.deadline_exceeded = False, True
        return error

    def give_back(self, gate: Gate) -> None:
        """Leave a gate without having used the slot."""
        with self.lock:
            self.granted -= 1
            self.pace.untake()
            gate.last = gate.last_but_one
        gate.leave()
        self.look()

    def _grant_next(self, gate: Gate, now: float) -> None:
        claim = self.claim(gate)
        assert claim is not None  # noqa: S101
        bulk = claim[0] != (self.in_a_row >= IN_A_ROW)
        self.in_a_row = 0 if bulk else self.in_a_row + 1
        _, waiter = heappop(gate.waiters["bulk" if bulk else "interactive"])
        gate.grant(now)
        waiter.set_result(None)
        self._forget_the_done(gate)

    def _forget_the_done(self, gate: Gate) -> None:
        for waiters in gate.waiters.values():
            while waiters and waiters[0][1].done():
                heappop(waiters)
        if not any(gate.waiters.values()):
            self.queue.discard(gate)


_lanes: WeakValueDictionary[tuple[object, ...], Lane] = WeakValueDictionary()
_lock = threading.Lock()


def lane(config: Config, category: Category) -> Lane:
    """Give the lane of a category that a client shares with all others of its key, or of its group."""
    limits = config.rate_limits
    if limits is None:
        return Lane(Pace(None))
    limit: float = getattr(limits, category.lower())
    if isinstance(limits, SharedLimits):
        sharing = config.rate_limit_group or config.api_key.reveal()
        return limits.lane(f"{config.base_url} {category} {sharing}", limit)
    shared_by = config.rate_limit_group or config.api_key
    with _lock:
        found = _lanes.setdefault((config.base_url, shared_by, category), Lane(Pace(limit)))
    if limit != getattr(RateLimits(), category.lower()):  # said so by the user
        with found.lock:
            found.pace.assume(limit)
    return found


Gates = dict[Category, Gate]


def gates(config: Config) -> Gates:
    """Make a client's gates, one for each category."""
    names: tuple[Category, ...] = get_args(Category)
    return {name: Gate(lane(config, name), share=config.rate_limit_share, max_rps=config.max_rps) for name in names}


def _forget() -> None:
    """Begin afresh in a forked process: its parent's lanes are none of its own, and may be locked for ever."""
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()
    _lanes.clear()


if hasattr(os, "register_at_fork"):  # pragma: no branch # Windows has none
    os.register_at_fork(after_in_child=_forget)
