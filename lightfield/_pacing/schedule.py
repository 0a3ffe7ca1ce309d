"""Schedules: when the next slot is due at a known limit.

In any second no more slots are granted than the limit. What a rest has saved up may be taken at once within that;
a longer queue is spaced. Evenly spaced slots are on time again after a late timer.
"""

import math
from collections import deque
from itertools import islice
from typing import NamedTuple

import msgspec

LATE_TOLERANCE = 0.04
"""Seconds by which an evenly spaced slot may be late without delaying those after it."""

JITTER = 0.005
"""Seconds beyond one second after which a burst is repeated: requests do not arrive as regularly as they are sent."""

SAVED_SECONDS = 2
"""Seconds' worth of slots that a second of rest saves up: a burst, and another one a second later."""

CONNECTING_POLL = 0.05
"""Seconds after which a slot is looked at again whose request still waits for a connection after its second."""

MAX_WAKE_DELAY = 0.01
"""Seconds that a gate may be late for its turn."""

ROUNDING = 1e-9
"""Tolerance for rounding errors: a share of 0.28 of 25 is 7."""

SEARCHED_SLOTS = 1_000
"""The latest slots among which one is searched for."""

EVEN = 1.0
"""The spacing that is as regular as the limit allows."""


class Demand(NamedTuple):
    """The calls that wait, of the priority that goes first."""

    length: int
    spacing: float
    """The distance to keep, as a part of the even one, where what is saved up does not cover all of them."""

    arriving: bool = False
    """Whether there is one call, and none waited before it."""


class Slot(msgspec.Struct, gc=False):
    """The permission to send one request."""

    at: float
    """When it was granted, then when its request was sent: opening a connection takes time."""

    in_burst: bool = False
    """Whether it, or the one after it, came earlier than at an even distance."""

    interval: float = 0.0
    """Seconds to the next slot at an even distance, when it was granted."""

    period: float = 0.0
    """Seconds for which it counts: after them another one may take its place."""

    waited: float = 0.0
    """Seconds that its call waited for it."""

    is_sent: bool = True
    """False while its request waits for a connection."""

    capped: "Slot | None" = None
    """The same slot in the schedule of a client that has a limit of its own."""

    def sent(self, now: float) -> None:
        """Note when the request was sent."""
        self.at, self.is_sent = now, True
        if self.capped is not None:
            self.capped.at = now


class Schedule:
    """The slots of the last seconds, and what a rest has saved up."""

    def __init__(self, limit: float) -> None:
        self.next: float = -math.inf
        """The time of the next slot at an even distance."""

        self.slots: deque[Slot] = deque()
        """Twice as many as may be granted in a second, in order."""

        self.saved: float = 0.0
        """Slots that may be taken at once by calls that wait."""

        self._resting_since = -math.inf
        self.limit = limit
        self.change_limit(limit)

    def change_limit(self, limit: float, now: float = math.inf) -> None:
        """Apply another limit; from a time on, also to slots that have been taken."""
        self.size: int = math.floor(limit + ROUNDING) or 1
        """Slots that may be granted at once."""

        self.period: float = max(1.0, 1 / limit)
        """Seconds for which each of them counts."""

        if self.next > now:
            self.next = now + min(self.period, (self.next - now) * self.limit / limit)
        self.limit = limit

    def due(self, now: float, rate: float, demand: Demand) -> float:
        """Return when the next slot is due, or was.

        Args:
            now: The time.
            rate: Slots per second at even distances; more than the limit where the server has some in reserve.
            demand: The calls that wait for it.
        """
        slots = self.slots
        if slots and now < slots[-1].at - 1:  # the clock of another loop: no clock goes back that far by itself
            self.next = self._resting_since = now
            self.saved = 0.0
            slots.clear()
        if demand.arriving:
            most = SAVED_SECONDS * self.limit
            self.saved = min(most, self.saved + max(0.0, now - self._resting_since) * most)
            self._resting_since = now
        due = -math.inf if len(slots) < self.size else self._within_limit(now, rate)
        if demand.length <= self.saved:
            return due
        if demand.spacing == EVEN:
            return max(due, self.next)
        return max(due, slots[-1].at + demand.spacing / self.limit) if slots else due

    def _within_limit(self, now: float, rate: float) -> float:
        """Return when one more slot is within the limit.

        A limit of 12.5 allows 12 at once; the thirteenth comes when it is due at an even distance.
        """
        size, limit = self.size, self.limit
        oldest = self.slots[-size]
        period = min(oldest.period, self.period * limit / max(limit, rate))  # shorter while there is a reserve
        due = oldest.at + period + (JITTER if oldest.in_burst else 0.0)
        if due <= now and not oldest.is_sent:  # it counts when it is sent; a connection that hangs must not stop others
            due = min(now + CONNECTING_POLL, oldest.at + 2 * self.period)
        if size < limit - ROUNDING and len(self.slots) > size:
            due = min(due, self.next)
        return due

    def take(self, slot: Slot, rate: float, tolerance: float = LATE_TOLERANCE) -> None:
        """Take a slot.

        Args:
            slot: Granted just now.
            rate: Slots per second at even distances.
            tolerance: Seconds by which the slot may be late without delaying the next.
        """
        now, slots, limit = slot.at, self.slots, self.limit
        self._resting_since = now
        slot.in_burst, slot.interval = now < self.next, 1 / rate
        slot.period = self.period * limit / max(limit, rate)
        if slot.in_burst and slots:
            slots[-1].in_burst = True
        self.next = (self.next if now <= self.next + tolerance else now) + slot.interval
        self.next = min(self.next, now + max(self.period, slot.interval))  # a burst is paid off within a second
        self.saved = max(0.0, self.saved - 1)
        slots.append(slot)
        while len(slots) > 2 * self.size:
            slots.popleft()

    def refund(self, slot: Slot) -> None:
        """Return a slot that was not used, or did not count."""
        later = self.slots_after(slot)
        if later is not None:
            del self.slots[-1 - later]
            self.next -= slot.interval
            self.saved += 1

    def slots_after(self, slot: Slot) -> int | None:
        """Return how many slots were granted after this one; None if that was long ago."""
        recent = islice(reversed(self.slots), SEARCHED_SLOTS)
        return next((later for later, each in enumerate(recent) if each is slot), None)

    def accounts_for(self, used: int, later: int) -> bool:
        """Return whether so many requests as the server counts in a second were all made here.

        Args:
            used: What the server counted.
            later: The number of slots granted after the request that it answered.
        """
        first = later + used - 1
        if used <= 0 or first >= len(self.slots):
            return used <= 0
        latest, earliest = self.slots[-1 - later], self.slots[-1 - first]
        return latest.at - earliest.at < 1 <= earliest.period
