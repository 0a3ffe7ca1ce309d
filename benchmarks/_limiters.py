"""Models of server-side rate limiters.

``now`` is Unix time in seconds and monotonic. No model reads a clock, so they work on real sockets and in simulations.
Rejected requests are not counted. Arithmetic uses integer microseconds and millionths of a request, so it is exact.
"""

from collections import deque
from collections.abc import Sequence
from random import Random
from typing import Protocol

SECOND = 1_000_000  # in microseconds; also one request, in millionths


class Limiter(Protocol):
    """Decides whether a request is admitted."""

    def take(self, now: float) -> bool:
        """Admit a request and count it, or return False."""
        ...

    def headers(self, now: float) -> dict[str, str]:
        """Return the rate-limit headers of a response sent now."""
        ...


def ask(limiter: Limiter, now: float) -> tuple[bool, dict[str, str]]:
    """Return whether a request is admitted, and the rate-limit headers of its response."""
    admitted = limiter.take(now)
    headers = limiter.headers(now)
    return admitted, headers if admitted else headers | {"Retry-After": "1"}


class TokenBucket:
    """A bucket of ``capacity`` requests that starts full and refills at ``limit`` per second."""

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
    """Rejects a request less than 1/limit seconds after the last admitted one."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit, capacity=1)


class Changing(TokenBucket):
    """A bucket whose limit and capacity change at given seconds after the first request.

    Its level is kept, up to the new capacity.
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
    """Admits ``limit`` requests in each calendar second."""

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
    """Admits a request if fewer than ``limit`` were admitted in the preceding second."""

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
    """A limiter without rate-limit headers."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    def take(self, now: float) -> bool:
        return self._limiter.take(now)

    def headers(self, now: float) -> dict[str, str]:  # noqa: ARG002
        return {}


class Shared:
    """A limiter shared with another program that makes ``rate`` requests per second on average (a Poisson process).

    The other program starts with the first request, and does not retry.
    """

    def __init__(self, limiter: Limiter, rate: float, random: Random) -> None:
        self.limiter = limiter
        self._rate = rate
        self._random = random
        self._next: float | None = None
        self.sent = 0
        """Requests of the other program."""
        self.refused = 0
        """Rejected requests of the other program."""

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
    """Return the minimum seconds in which a bucket that starts full can admit ``count`` requests."""
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
    """Return the API's headers; ``full`` is the time at which the full limit is available again, in microseconds."""
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": str(-(-full // SECOND)),
    }
