"""How fast may a lane go, and may this attempt go now?

The pace of a lane says when its next slot is due: at even distances (the generic cell rate algorithm), up to
40 ms early after a rest, at the limit that the server states. Four things correct it:

- ``X-RateLimit-Limit``: a lower limit counts at once, a higher one when seen three times running.
- A 429 slows the pace by 15 %, at most twice a second, and each other response wins a little back: programs that share
  a limit find room for each other. A 429 with a ``Retry-After`` of more than two seconds holds the lane that long.
- ``X-RateLimit-Remaining`` near 0 slows the pace by up to 15 %, so that a window is not overdrawn at its end.
- What remains for a second on end, while others wait, is not the rest of a window but the reserve of a bucket: the pace
  is a fifth faster until most of it is spent.

``X-RateLimit-Reset`` is not used: it counts whole seconds, as long as the window itself, on a clock that is not ours.

At a gate the calls of one client and its siblings pass, on one loop, when the lane has a slot and there is room: a
server that answers slowly is not asked for more and more at once. Who goes first where several wait, also at other
gates, is the lane's business (``_lane``).
API page: https://docs.lightfield.app/using-the-api/rate-limits/
"""

from collections import deque
from collections.abc import Mapping

from lightfield._protocol.retry_after import MAX_RETRY_AFTER, retry_after

EARLY_TOLERANCE = 0.04
"""Seconds by which a slot may be taken before it is due, after a rest or where a timer was late."""

_SIGHTINGS = 3
_SLOWER = 0.85
_FASTER = 0.002  # part of the limit, for each success
_SLOWEST = 1.0
_PAUSE = 0.5
_SHORT = 2.0  # seconds of Retry-After that the throttled call waits alone

_SCARCE = 0.16
_BRAKE = 0.15
_KEPT = 0.2
_SPENDING = 1.2
_HIGHEST = 10_000


class Pace:
    """When the next slot is due, by what the server has said so far. A limit of None lets everything through."""

    def __init__(self, limit: float | None) -> None:
        self.limit = limit
        self.remaining: int | None = None
        self._rate = limit or 0.0
        self._step = 0.0
        self._next = self._taken = self._slowed = self._held = float("-inf")
        self._seen = ("", 0)
        self._second = 0
        self._least = 0
        self._before: deque[int] = deque(maxlen=2)

    def assume(self, limit: float) -> None:
        """Start from another limit, unless the server has told its own."""
        if self.limit is not None and not self._seen[0]:
            self._rate *= limit / self.limit
            self.limit = limit

    def rate(self) -> float | None:
        """Slots per second now."""
        return None if self.limit is None else self._rate * self._rate_factor()

    def due(self, now: float) -> float:
        """Say when the next slot is due, or was."""
        if not self._rate:
            return now
        if now < self._taken - 1:  # a loop with another clock
            self._next = self._held = self._slowed = now
        return max(self._held, self._next - EARLY_TOLERANCE)

    def take(self, now: float) -> None:
        """Take a slot."""
        if self._rate:
            self._taken = now
            if now > self._next + 1 / self._rate:  # few ask: what remains may be what they left of a window
                self._before.clear()
            self._step = 1 / (self._rate * self._rate_factor())
            self._next = max(now, self._next) + self._step

    def refund(self) -> None:
        """Give back a slot that was not used."""
        if self._rate:
            self._next -= self._step

    async def close(self) -> None:
        """Let go of what lies outside of the process."""

    def learn(self, now: float, status: int, headers: Mapping[str, str]) -> None:
        """Take in what a response says about the limit."""
        if self.limit is None:
            return
        limit = headers.get("X-RateLimit-Limit")
        if limit is not None and (limit != self._seen[0] or self._seen[1] < _SIGHTINGS):
            self._observe_limit(now, limit)
        remaining = _number(headers.get("X-RateLimit-Remaining", ""))
        if remaining is not None:
            self._observe_remaining(now, remaining)
        if status == 429:
            self._slow_down(now, retry_after(headers) or 0.0)
        elif self._rate < self.limit:
            self._rate = min(self.limit, self._rate + _FASTER * self.limit)

    def _observe_limit(self, now: float, text: str) -> None:
        limit = _number(text)
        if not limit or self.limit is None:
            return
        self._seen = (text, self._seen[1] + 1 if text == self._seen[0] else 1)
        if limit < self.limit or (limit > self.limit and self._seen[1] >= _SIGHTINGS):
            self._rate *= limit / self.limit
            if self._next > now:  # slots taken before weigh as the new limit has it
                self._next = now + (self._next - now) * self.limit / limit
            self.limit = float(limit)

    def _observe_remaining(self, now: float, remaining: int) -> None:
        """Note what remains, and the least of it in each second."""
        second = int(now)
        if second == self._second + 1:
            self._before.append(self._least)
        elif second != self._second:
            self._before.clear()
        if second != self._second:
            self._second, self._least = second, remaining
        self.remaining, self._least = remaining, min(self._least, remaining)

    def _slow_down(self, now: float, asked: float) -> None:
        if self.remaining is not None:
            self._observe_remaining(now, 0)
        if _SHORT < asked <= MAX_RETRY_AFTER:
            self._held = max(self._held, now + asked)
        if now - self._slowed >= _PAUSE:
            self._slowed = now
            self._rate = min(self._rate, max(_SLOWEST, self._rate * _SLOWER))

    def _rate_factor(self) -> float:
        """Say by what part to go faster or slower, as little or much remains."""
        if self.remaining is None or self.limit is None:
            return 1.0
        scarce = _SCARCE * self.limit
        if self.remaining < scarce:
            return 1.0 - _BRAKE * (1 - self.remaining / scarce)
        reserve = min(self._least, *self._before) if len(self._before) == self._before.maxlen else 0
        return _SPENDING if reserve > _KEPT * self.limit <= _KEPT * self._rate else 1.0


def _number(text: str) -> int | None:
    """Read a count of requests; None where it is absurd."""
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(_HIGHEST))
    return int(text) if plain and int(text) <= _HIGHEST else None
