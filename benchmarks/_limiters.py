"""Which requests does a server admit? One model for each way in which a server may count them.

``now`` is Unix time in seconds and never goes back; no model reads a clock of its own, so they serve on real sockets
and in simulations alike. A refused request costs nothing. Sums are made in whole microseconds and millionths of a
request, so that they are exact.
"""

from collections import deque
from collections.abc import Sequence
from random import Random
from typing import Protocol

SECOND = 1_000_000  # in microseconds; also one request, in millionths


class Limiter(Protocol):
    """What decides whether a request passes."""

    def take(self, now: float) -> bool:
        """Admit a request and count it, or return False."""
        ...

    def headers(self, now: float) -> dict[str, str]:
        """Describe the limit as a response does that leaves now."""
        ...


def ask(limiter: Limiter, now: float) -> tuple[bool, dict[str, str]]:
    """Say whether a request passes, and give the rate-limit headers of its response."""
    admitted = limiter.take(now)
    headers = limiter.headers(now)
    return admitted, headers if admitted else headers | {"Retry-After": "1"}


class TokenBucket:
    """Holds ``capacity`` requests, starts full and gains ``limit`` a second."""

    def __init__(self, limit: int, capacity: int) -> None:
        self._limit = limit
        self._full = self._level = capacity * SECOND
        self._seen = 0

    def take(self, now: float) -> bool:
        self._refill(_moment(now))
        if self._level < SECOND:
            return False
        self._level -= SECOND
        return True

    def headers(self, now: float) -> dict[str, str]:
        self._refill(_moment(now))
        until_full = -((self._level - self._full) // self._limit)
        return _headers(self._limit, self._level // SECOND, self._seen + until_full)

    def _refill(self, moment: int) -> None:
        self._level = min(self._full, self._level + (moment - self._seen) * self._limit)
        self._seen = moment


class NoBurst(TokenBucket):
    """Refuses a request that comes earlier than 1/limit seconds after the last one admitted."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit, capacity=1)


class Changing(TokenBucket):
    """A bucket whose limit, and capacity with it, changes at given seconds after it is first asked.

    What is in the bucket stays in it, up to the new capacity.
    """

    def __init__(self, limit: int, changes: Sequence[tuple[float, int]]) -> None:
        super().__init__(limit, limit)
        self._changes = deque(changes)
        self._start: int | None = None

    def _refill(self, moment: int) -> None:
        if self._start is None:
            self._start = moment
        while self._changes and self._start + _moment(self._changes[0][0]) <= moment:
            after, limit = self._changes.popleft()
            super()._refill(self._start + _moment(after))
            self._limit, self._full = limit, limit * SECOND
            self._level = min(self._level, self._full)
        super()._refill(moment)


class FixedSecond:
    """Admits ``limit`` requests in each second of the calendar."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._second = 0
        self._admitted = 0

    def take(self, now: float) -> bool:
        self._turn(now)
        if self._admitted >= self._limit:
            return False
        self._admitted += 1
        return True

    def headers(self, now: float) -> dict[str, str]:
        self._turn(now)
        return _headers(self._limit, self._limit - self._admitted, (self._second + 1) * SECOND)

    def _turn(self, now: float) -> None:
        second = _moment(now) // SECOND
        if second != self._second:
            self._second = second
            self._admitted = 0


class SlidingSecond:
    """Admits a request if fewer than ``limit`` were admitted in the second before it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._log: deque[int] = deque()

    def take(self, now: float) -> bool:
        moment = self._forget(now)
        if len(self._log) >= self._limit:
            return False
        self._log.append(moment)
        return True

    def headers(self, now: float) -> dict[str, str]:
        moment = self._forget(now)
        full = self._log[-1] + SECOND if self._log else moment
        return _headers(self._limit, self._limit - len(self._log), full)

    def _forget(self, now: float) -> int:
        moment = _moment(now)
        while self._log and self._log[0] + SECOND <= moment:
            self._log.popleft()
        return moment


class Headerless:
    """Decides as another limiter does, and does not tell how it stands."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    def take(self, now: float) -> bool:
        return self._limiter.take(now)

    def headers(self, now: float) -> dict[str, str]:  # noqa: ARG002
        return {}


class Shared:
    """A limiter that another program uses too: ``rate`` requests a second on average, at random (a Poisson process).

    The other program starts when the limiter is first asked, and does not repeat what is refused.
    """

    def __init__(self, limiter: Limiter, rate: float, random: Random) -> None:
        self.limiter = limiter
        self._rate = rate
        self._random = random
        self._next: float | None = None
        self.sent = 0
        """Requests of the other program."""
        self.refused = 0
        """Those of them that were refused."""

    def take(self, now: float) -> bool:
        self._catch_up(now)
        return self.limiter.take(now)

    def headers(self, now: float) -> dict[str, str]:
        self._catch_up(now)
        return self.limiter.headers(now)

    def _catch_up(self, now: float) -> None:
        if self._next is None:
            self._next = now + self._random.expovariate(self._rate)
        while self._next <= now:
            self.sent += 1
            self.refused += not self.limiter.take(self._next)
            self._next += self._random.expovariate(self._rate)


def earliest(count: int, limit: float, capacity: int, changes: Sequence[tuple[float, int]] = ()) -> float:
    """Return after how many seconds a bucket that starts full can have admitted ``count`` requests."""
    missing, since = float(count - capacity), 0.0
    for until, following in changes:
        if missing <= limit * (until - since):
            break
        missing -= limit * (until - since)
        since, limit = until, following
    return since + max(missing, 0.0) / limit


def _moment(seconds: float) -> int:
    return round(seconds * SECOND)


def _headers(limit: int, remaining: int, full: int) -> dict[str, str]:
    """Write the headers of the API; ``full`` is when nothing is owed any more, rounded up to a whole second."""
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": str(-(-full // SECOND)),
    }
