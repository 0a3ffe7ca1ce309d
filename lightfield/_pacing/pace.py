"""Pace: when the next slot of a lane is due.

After a rest, as many slots as the limit allows in a second may be taken at once. Interactive calls go on like that,
second by second. If more bulk calls wait than were saved up, they are spaced evenly, so that an interactive call soon
finds a slot (``schedule``). Five things correct this:

- ``X-RateLimit-Limit``: a lower limit counts at once, a higher one when seen three times in a row.
- A 429 to a slot of a burst spaces all slots evenly for 30 seconds; if the next burst is throttled too, for 60, and so
  on up to an hour. Once as many slots of bursts as the limit have passed in a row, this starts again from 30 seconds.
- A 429 to any other slot lowers the rate of evenly spaced slots by 15 %, several in a row by as much each, at most
  twice a second. Each response that is no 429 raises it a little, a slow lane less than a fast one, so that programs
  that share a limit converge, and many of them are not throttled much more than a few. A 429 with a ``Retry-After`` of
  more than 2 and up to 60 seconds holds the whole lane that long; with less, only the throttled call waits.
- ``X-RateLimit-Remaining`` bounds what may follow at once where other programs use the limit too. Near 0 it lowers the
  rate by up to 15 %, so that a window is not overdrawn at its end. A lowered rate rises by half with each response
  once much has remained after several in a row: other programs have gone.
- A count of remaining requests that stays high for over a second, while calls wait, is unused capacity of a token
  bucket: the rate is 20 % higher until most of it is used.

``X-RateLimit-Reset`` is not used: its resolution is one second, no finer than the window, and its clock is another.
API page: https://docs.lightfield.app/using-the-api/rate-limits/
"""

import math
from collections.abc import Mapping
from functools import lru_cache

from lightfield._protocol.retry_after import MAX_RETRY_AFTER, retry_after

from .remaining import Remaining
from .schedule import EVEN, LATE_TOLERANCE, Demand, Schedule, Slot

SPACED_TOLERANCE = 0.002
"""Seconds by which a slot may be late without delaying those after it, where bursts are throttled."""

_CONFIRMATIONS = 3  # observations of a higher limit before it counts
_DECREASE = 0.85  # factor for a 429
_MAX_DECREASES = 8  # 429s in a row that count
_INCREASE = 0.002  # part of the limit for each request that passes at the limit
_MIN_RATE = 0.2  # 125 programs at 25 per second
_AMPLE, _AMPLE_TIMES = 0.4, 5  # part of the limit that remained so often in a row, and for a second: it is unused
_QUIET = 20.0  # seconds without a decrease that show the same where what remains does not
_GROWTH, _MAX_GROWN = 1.5, 0.85  # factor for each request that passes then, up to this part of the limit
_DECREASE_INTERVAL = 0.5  # seconds between two decreases at least
_SHORT_RETRY_AFTER = 2.0  # seconds that only the throttled call waits

_FIRST_SPACING, _MAX_SPACING = 30.0, 3_600.0  # seconds without bursts after a throttled one
_UNEVEN = 0.2  # seconds by which a slot may be ahead of even distances where a reserve is looked for

_MAX_COUNT = 10_000
_EVENLY = Demand(1_000_000, EVEN)  # more than is ever saved up


class Pace:
    """The rate of a lane, as the server has stated it so far; a limit of None grants every slot at once."""

    def __init__(self, limit: float | None) -> None:
        self.limit = limit
        self.rate = limit
        """Slots per second at even distances."""

        self._base_rate = limit or 0.0
        """The same before what remains raises or lowers it."""

        self._remaining = Remaining()
        self._schedule = Schedule(limit or 1.0)
        self._last_taken = self._held_until = self._decreased_at = -math.inf
        self._not_before = -math.inf
        """When what remains allows the next request; -inf while no other program uses the limit."""

        self._stated_at = -math.inf
        """When the latest request was sent whose response said what remains."""

        self._ample = self._refused = 0
        """Requests in a row after which much of the limit remained; 429s in a row since the rate was lowered."""

        self._explained = False
        """Whether nothing remained when the last 429 came, so that what remains can be relied on."""

        self._spaced_until = -math.inf
        self._spacing = 0.0
        self._passed = 0
        """Slots of bursts in a row that were not throttled."""

        self._observed = ("", 0)

    def assume(self, limit: float) -> None:
        """Start from another limit, unless the server has stated one."""
        if self.limit is not None and not self._observed[0]:
            self._change_limit(limit)

    @property
    def remaining(self) -> int | None:
        """Requests that remain, as the server last stated."""
        return self._remaining.count

    def due(self, now: float, demand: Demand) -> float:
        """Return when the next slot is due, or was."""
        if self.rate is None:
            return max(now, self._held_until)
        if now < self._last_taken - 1:  # the clock of another loop
            self._held_until = self._not_before = self._stated_at = self._spaced_until = -math.inf
            self._last_taken = self._decreased_at = now
        if now < self._spaced_until:
            demand = _EVENLY
        return max(self._held_until, self._not_before, self._schedule.due(now, self.rate, demand))

    def take(self, now: float) -> Slot:
        """Take a slot."""
        slot = Slot(now)
        if self.limit is not None and self.rate is not None:
            self._last_taken = now
            ahead = self._schedule.next - now
            low_demand, burst = ahead < -max(1 / self._base_rate, LATE_TOLERANCE), ahead > _UNEVEN
            if low_demand or burst:
                self._remaining.is_reserve = False
                self.rate = min(self.rate, self._base_rate)
            tolerance = SPACED_TOLERANCE if now < self._spaced_until else LATE_TOLERANCE
            self._schedule.take(slot, self.rate, tolerance)
            self._not_before += 1 / self.limit
        return slot

    def refund(self, slot: Slot) -> None:
        """Refund a slot that was not used."""
        if self.limit is not None:
            self._schedule.refund(slot)
            self._not_before -= 1 / self.limit

    async def close(self) -> None:
        """Close connections of the pace, if it has any."""

    def learn(self, now: float, status: int, headers: Mapping[str, str], slot: Slot) -> None:
        """Learn from what a response says about the limit; without one, only how long a 429 asks to wait."""
        if self.limit is None:
            if status == 429 and (wait := retry_after(headers) or 0.0) <= MAX_RETRY_AFTER:
                self._held_until = max(self._held_until, now + wait)
            return
        limit, remaining = headers.get("X-RateLimit-Limit"), headers.get("X-RateLimit-Remaining")
        if limit is not None and (limit != self._observed[0] or self._observed[1] < _CONFIRMATIONS):
            self._observe_limit(now, limit)
        if remaining is not None and (count := _number(remaining)) is not None:
            self._observe_remaining(now, 0 if status == 429 else count, slot)
        if status == 429:
            self._explained = remaining == "0"
            self._observe_throttling(now, slot, retry_after(headers) or 0.0)
        elif self._base_rate < self.limit or (slot.in_burst and self._spacing):
            self._observe_passing(slot)

    def _observe_limit(self, now: float, text: str) -> None:
        limit = _number(text)
        if not limit or self.limit is None:
            return
        self._observed = (text, self._observed[1] + 1 if text == self._observed[0] else 1)
        if limit < self.limit or (limit > self.limit and self._observed[1] >= _CONFIRMATIONS):
            self._change_limit(float(limit), now)

    def _change_limit(self, limit: float, now: float = math.inf) -> None:
        base_rate = self._base_rate * limit / (self.limit or limit)
        self.limit = limit
        self._change_rate(base_rate)
        self._schedule.change_limit(limit, now)

    def _change_rate(self, base_rate: float) -> None:
        self._base_rate = base_rate
        self.rate = base_rate * self._remaining.rate_factor(self.limit or base_rate, base_rate)

    def _observe_remaining(self, now: float, remaining: int, slot: Slot) -> None:
        """Record what remains; it bounds what may follow if more of the limit is used than by this lane."""
        self._remaining.observe(now, remaining)
        self._change_rate(self._base_rate)
        schedule = self._schedule
        later = None if slot.at < self._stated_at else schedule.slots_after(slot)
        if later is not None:
            self._stated_at = slot.at
            alone = schedule.accounts_for(schedule.size - remaining, later)
            self._not_before = -math.inf if alone else slot.at + (1 - remaining + later) / schedule.limit
            self._ample = self._ample + 1 if remaining > _AMPLE * schedule.limit else 0

    def _observe_throttling(self, now: float, slot: Slot, retry_after: float) -> None:
        if _SHORT_RETRY_AFTER < retry_after <= MAX_RETRY_AFTER:
            self._held_until = max(self._held_until, now + retry_after)
        self._ample = 0
        if self.remaining is not None:
            self._remaining.observe(now, 0)
            self._change_rate(self._base_rate)
        if slot.in_burst:
            self._passed = 0
            self._schedule.refund(slot)
            self._space(now)
            return
        self._refused += 1
        if now - self._decreased_at >= _DECREASE_INTERVAL:
            factor = _DECREASE ** min(self._refused, _MAX_DECREASES)
            self._decreased_at, self._refused = now, 0
            self._change_rate(min(self._base_rate, max(_MIN_RATE, self._base_rate * factor)))

    def _space(self, now: float) -> None:
        """Space all slots evenly for a while, as a burst was throttled."""
        if now >= self._spaced_until:
            self._spacing = min(_MAX_SPACING, 2 * self._spacing or _FIRST_SPACING)
            self._spaced_until = now + self._spacing

    def _observe_passing(self, slot: Slot) -> None:
        limit, rate = self.limit or 0.0, self._base_rate
        self._refused = 0
        raised = min(limit, rate + _INCREASE * limit * math.cbrt(rate / limit))
        if self._has_room(slot.at):
            raised = max(raised, min(_MAX_GROWN * limit, _GROWTH * rate))
        self._change_rate(max(rate, raised))
        self._passed += slot.in_burst and slot.at > self._spaced_until
        if self._passed >= limit:
            self._spacing = 0.0

    def _has_room(self, now: float) -> bool:
        """Return whether much of the limit is unused, as if other programs that slowed this one had gone."""
        if self._explained:
            return self._ample >= max(_AMPLE_TIMES, self._base_rate)
        return now - self._decreased_at >= _QUIET


@lru_cache(maxsize=64)
def _number(text: str) -> int | None:
    """Parse a count of requests; None if it is not a plausible one."""
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(_MAX_COUNT))
    return int(text) if plain and int(text) <= _MAX_COUNT else None
