"""Schedules: when the next slot is due at a known limit.

In any second no more slots are granted than the limit. What a rest has saved up may be taken at once within that;
a longer queue is spaced. Evenly spaced slots are on time again after a late timer.
"""

import math
from collections import deque
from contextlib import suppress

LATE_TOLERANCE = 0.04
"""Seconds by which an evenly spaced slot may be late without delaying those after it."""

JITTER = 0.005
"""Seconds beyond one second after which a burst is repeated: requests do not arrive as regularly as they are sent."""

SAVED_SECONDS = 2
"""Seconds at the limit that a second of rest saves up, at most."""

EVEN = 1.0
"""The spacing of a schedule that is as regular as the limit allows."""


def whole(limit: float) -> int:
    """Return how many slots a limit allows at once."""
    return math.floor(limit) or 1


def period(limit: float, rate: float) -> float:
    """Return the seconds in which a limit allows that many; fewer at a rate above it."""
    return max(1.0, 1 / limit) * limit / max(limit, rate)


class Slot:
    """The permission to send one request."""

    __slots__ = ("at", "bound", "in_burst", "interval", "period", "waited")

    def __init__(self, now: float) -> None:
        self.at = now
        """When it was granted, then when its request was sent: opening a connection takes time."""

        self.in_burst = False
        """Whether it, or the one after it, came earlier than at an even distance."""

        self.interval = self.period = 0.0
        """Seconds to the next slot at an even distance, and until as many as the limit may follow."""

        self.waited = 0.0
        """Seconds that its call waited for it."""

        self.bound: Slot | None = None
        """The same slot in the schedule of its client, if that has bounds of its own."""

    def sent(self, now: float) -> None:
        """Note when the request was sent."""
        self.at = now
        if self.bound is not None:
            self.bound.at = now


class Schedule:
    """The slots of the last second, and what a rest has saved up."""

    def __init__(self) -> None:
        self.next: float = -math.inf
        """The time of the next slot at an even distance."""

        self.saved: float = 0.0
        """Slots that may be taken at once by calls that wait."""

        self.slots: deque[Slot] = deque()
        """Those of the last two seconds, in the order in which they were granted."""

        self._resting_since = -math.inf

    def due(self, limit: float, rate: float, spacing: float) -> float:
        """Return when the next slot is due, or was.

        Args:
            limit: Slots per second.
            rate: Slots per second at even distances; more than the limit where the server has some in reserve.
            spacing: The distance to keep from the last slot, as a part of the even one.
        """
        due = self._due_within_a_second(limit, rate)
        if spacing == EVEN:
            return max(due, self.next)
        return max(due, self.slots[-1].at + spacing / limit) if self.slots else due

    def _due_within_a_second(self, limit: float, rate: float) -> float:
        """Return when one more slot is within the limit; a fraction of it counts for even distances only."""
        size, taken = whole(limit), len(self.slots)
        if taken < size:
            return -math.inf
        before = self.slots[-size]
        due = before.at + min(before.period, period(limit, rate)) + (JITTER if before.in_burst else 0.0)
        if size >= limit:
            return due
        earlier = self.slots[-size - 1].at if taken > size else -math.inf
        return min(due, max(self.next, earlier + (size + 1) / limit))

    def rest(self, now: float, limit: float) -> None:
        """Save up for the time since the last slot, in which no call waited."""
        rest = max(0.0, now - self._resting_since)
        self.saved = min(SAVED_SECONDS * limit, self.saved + rest * SAVED_SECONDS * limit)
        self._resting_since = now

    def take(self, slot: Slot, limit: float, rate: float, tolerance: float = LATE_TOLERANCE) -> None:
        """Take a slot.

        Args:
            slot: Granted just now.
            limit: Slots per second.
            rate: Slots per second at even distances.
            tolerance: Seconds by which the slot may be late without delaying the next.
        """
        now, interval = slot.at, 1 / rate
        self._resting_since = now
        slot.in_burst, slot.interval, slot.period = now < self.next, interval, period(limit, rate)
        if slot.in_burst and self.slots:
            self.slots[-1].in_burst = True
        self.next = (self.next if now <= self.next + tolerance else now) + interval
        self.saved = max(0.0, self.saved - 1)
        self.slots.append(slot)
        while len(self.slots) > 2 * limit + 1:
            self.slots.popleft()

    def refund(self, slot: Slot) -> None:
        """Return a slot that was not used, or did not count."""
        with suppress(ValueError):
            self.slots.remove(slot)
            self.next -= slot.interval
            self.saved += 1

    def later_than(self, slot: Slot) -> int | None:
        """Return how many slots were granted after this one; None if that was long ago."""
        return next((later for later, each in enumerate(reversed(self.slots)) if each is slot), None)

    def explains(self, used: int, later: int) -> bool:
        """Return whether so many slots were granted within a second, at the limit, before a number of later ones."""
        last, first = later, later + used - 1
        if used <= 0 or first >= len(self.slots):
            return used <= 0
        latest, earliest = self.slots[-1 - last], self.slots[-1 - first]
        return latest.at - earliest.at < 1 <= earliest.period

    def rescale(self, now: float, factor: float) -> None:
        """Apply a limit that has changed by a factor to the slots taken before."""
        if self.next > now:
            self.next = now + (self.next - now) / factor

    def is_ahead_of(self, now: float) -> bool:
        """Return whether the last slot was taken by the clock of another loop."""
        return bool(self.slots) and now < self.slots[-1].at - 1

    def change_clock(self, now: float) -> None:
        """Go on by the clock of another loop, with nothing saved up."""
        self.next = self._resting_since = now
        self.saved = 0.0
        self.slots.clear()
