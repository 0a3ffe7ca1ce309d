"""Pace: when the next slot of a lane is due.

Slots come at even distances (the generic cell rate algorithm), up to 40 ms early after a rest, at the limit that the
server states. Four things correct the rate:

- ``X-RateLimit-Limit``: a lower limit counts at once, a higher one when seen three times in a row.
- A 429 lowers the rate by 15 %, at most twice a second, and each other response raises it a little, so that programs
  that share a limit converge. A 429 with a ``Retry-After`` of more than 2 and up to 60 seconds holds the
  whole lane that long; with less, only the throttled call waits.
- ``X-RateLimit-Remaining`` near 0 lowers the rate by up to 15 %, so that a window is not overdrawn at its end.
- A remainder that persists for over a second, while calls wait, is unused burst capacity of a token bucket: the rate is
  20 % higher until most of it is used.

``X-RateLimit-Reset`` is not used: its resolution is one second, no finer than the window, and its clock is another.
API page: https://docs.lightfield.app/using-the-api/rate-limits/
"""

from collections import deque
from collections.abc import Mapping

from lightfield._protocol.retry_after import MAX_RETRY_AFTER, retry_after

EARLY_TOLERANCE = 0.04
"""Seconds by which a slot may be taken before it is due, after a rest or a late timer."""

_CONFIRMATIONS = 3  # observations of a higher limit before it counts
_DECREASE = 0.85  # factor for a 429
_INCREASE = 0.002  # part of the limit for each success
_MIN_RATE = 1.0
_DECREASE_INTERVAL = 0.5  # seconds between two decreases at least
_SHORT_RETRY_AFTER = 2.0  # seconds that only the throttled call waits

_SCARCE = 0.16  # part of the limit below which the rate is lowered
_SCARCE_DECREASE = 0.15
_RESERVE = 0.2  # part of the limit that must remain for the rate to be raised
_RESERVE_INCREASE = 1.2
_MAX_COUNT = 10_000


class Pace:
    """The rate of a lane, as the server has stated it so far; a limit of None grants every slot at once."""

    def __init__(self, limit: float | None) -> None:
        self.limit = limit
        self.remaining: int | None = None
        self._rate = limit or 0.0
        self._interval = 0.0
        self._next = self._last_taken = self._decreased_at = self._held_until = float("-inf")
        self._observed = ("", 0)
        self._second = 0
        self._minimum = 0
        self._earlier_minima: deque[int] = deque(maxlen=2)

    def assume(self, limit: float) -> None:
        """Start from another limit, unless the server has stated one."""
        if self.limit is not None and not self._observed[0]:
            self._rate *= limit / self.limit
            self.limit = limit

    def rate(self) -> float | None:
        """Return the slots per second now."""
        return None if self.limit is None else self._rate * self._rate_factor()

    def due(self, now: float) -> float:
        """Return when the next slot is due, or was."""
        if not self._rate:
            return now
        if now < self._last_taken - 1:  # a loop with another clock
            self._next = self._held_until = self._decreased_at = now
        return max(self._held_until, self._next - EARLY_TOLERANCE)

    def take(self, now: float) -> None:
        """Take a slot."""
        if self._rate:
            self._last_taken = now
            if now > self._next + 1 / self._rate:  # low demand: what remains may be unused rather than a reserve
                self._earlier_minima.clear()
            self._interval = 1 / (self._rate * self._rate_factor())
            self._next = max(now, self._next) + self._interval

    def refund(self) -> None:
        """Refund a slot that was not used."""
        if self._rate:
            self._next -= self._interval

    async def close(self) -> None:
        """Close connections of the pace, if it has any."""

    def learn(self, now: float, status: int, headers: Mapping[str, str]) -> None:
        """Learn from what a response says about the limit."""
        if self.limit is None:
            return
        limit = headers.get("X-RateLimit-Limit")
        if limit is not None and (limit != self._observed[0] or self._observed[1] < _CONFIRMATIONS):
            self._observe_limit(now, limit)
        remaining = _number(headers.get("X-RateLimit-Remaining", ""))
        if remaining is not None:
            self._observe_remaining(now, remaining)
        if status == 429:
            self._decrease_rate(now, retry_after(headers) or 0.0)
        elif self._rate < self.limit:
            self._rate = min(self.limit, self._rate + _INCREASE * self.limit)

    def _observe_limit(self, now: float, text: str) -> None:
        limit = _number(text)
        if not limit or self.limit is None:
            return
        self._observed = (text, self._observed[1] + 1 if text == self._observed[0] else 1)
        if limit < self.limit or (limit > self.limit and self._observed[1] >= _CONFIRMATIONS):
            self._rate *= limit / self.limit
            if self._next > now:  # rescale the slots taken before to the new limit
                self._next = now + (self._next - now) * self.limit / limit
            self.limit = float(limit)

    def _observe_remaining(self, now: float, remaining: int) -> None:
        """Record what remains, and the minimum of it in each second."""
        second = int(now)
        if second == self._second + 1:
            self._earlier_minima.append(self._minimum)
        elif second != self._second:
            self._earlier_minima.clear()
        if second != self._second:
            self._second, self._minimum = second, remaining
        self.remaining, self._minimum = remaining, min(self._minimum, remaining)

    def _decrease_rate(self, now: float, retry_after: float) -> None:
        if self.remaining is not None:
            self._observe_remaining(now, 0)
        if _SHORT_RETRY_AFTER < retry_after <= MAX_RETRY_AFTER:
            self._held_until = max(self._held_until, now + retry_after)
        if now - self._decreased_at >= _DECREASE_INTERVAL:
            self._decreased_at = now
            self._rate = min(self._rate, max(_MIN_RATE, self._rate * _DECREASE))

    def _rate_factor(self) -> float:
        """Return the factor by which what remains raises or lowers the rate."""
        if self.remaining is None or self.limit is None:
            return 1.0
        scarce = _SCARCE * self.limit
        if self.remaining < scarce:
            return 1.0 - _SCARCE_DECREASE * (1 - self.remaining / scarce)
        earlier = self._earlier_minima
        reserve = min(self._minimum, *earlier) if len(earlier) == earlier.maxlen else 0
        return _RESERVE_INCREASE if reserve > _RESERVE * self.limit <= _RESERVE * self._rate else 1.0


def _number(text: str) -> int | None:
    """Parse a count of requests; None if it is not a plausible one."""
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(_MAX_COUNT))
    return int(text) if plain and int(text) <= _MAX_COUNT else None
