"""Rate limits, and the headers that tell of them.

Each category has an allowance of ``limit`` requests per second, of which foreign traffic takes its share at an even
pace. How it is counted is a matter of the limiter; a rejected request costs nothing. Counts are integers in billionths
of a request, so that sums are exact, and clocks count nanoseconds.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Literal, Protocol, TypeAlias, get_args

from lightfield._aio.clock import monotonic_ns
from lightfield.testing._settings import LimiterKind

Category: TypeAlias = Literal["Read", "Write", "Search"]
Clock: TypeAlias = Callable[[], int]

_SECOND = 1_000_000_000  # in nanoseconds; also one request, in billionths


class Limiter(Protocol):
    """Counts the requests of one category."""

    def take(self) -> bool:
        """Count a request and return True, or return False if there is no allowance left."""
        ...

    def remaining(self) -> int:
        """Return the number of requests that would pass now."""
        ...

    def nanoseconds_until_full(self) -> int:
        """Return the time until the whole limit is available again if nobody else sends any more, rounded up."""
        ...


class ForeignTraffic:
    """Requests of others, ``rate`` per second from now on at an even pace."""

    def __init__(self, rate: float, clock: Clock) -> None:
        self._rate = rate
        self._start = clock()

    def part(self, begin: int, end: int) -> int:
        """Return how much was sent between two moments, in billionths of a request."""
        return int((end - self._start) * self._rate) - int((begin - self._start) * self._rate)

    def whole(self, begin: int, end: int) -> int:
        """Return the number of requests between two moments."""
        until_begin, until_end = self.part(self._start, begin), self.part(self._start, end)
        return until_end // _SECOND - until_begin // _SECOND


class TokenBucket:
    """A bucket of ``limit`` tokens that starts full and gains ``limit`` per second."""

    def __init__(self, limit: int, clock: Clock = monotonic_ns, foreign: float = 0.0) -> None:
        self._limit = limit
        self._clock = clock
        self._others = ForeignTraffic(foreign, clock)
        self._level = limit * _SECOND
        self._refilled_at = clock()

    def take(self) -> bool:
        """Spend one token and return True, or return False if there is none."""
        self._refill()
        if self._level < _SECOND:
            return False
        self._level -= _SECOND
        return True

    def remaining(self) -> int:
        """Return the number of whole tokens."""
        self._refill()
        return self._level // _SECOND

    def nanoseconds_until_full(self) -> int:
        """Return the time until the bucket is full, rounded up."""
        self._refill()
        return -((self._level - self._limit * _SECOND) // self._limit)

    def _refill(self) -> None:
        now = self._clock()
        gained = (now - self._refilled_at) * self._limit - self._others.part(self._refilled_at, now)
        self._level = max(0, min(self._limit * _SECOND, self._level + gained))
        self._refilled_at = now


class Window:
    """Admits ``limit`` requests in each second of the wall clock, which is ``offset`` ahead of the other one."""

    def __init__(self, limit: int, clock: Clock = monotonic_ns, foreign: float = 0.0, offset: int = 0) -> None:
        self._limit = limit
        self._clock = clock
        self._others = ForeignTraffic(foreign, clock)
        self._offset = offset
        self._begin: int = 0
        self._admitted = 0

    def take(self) -> bool:
        """Count a request and return True, or return False if this second has had its share."""
        if not self.remaining():
            return False
        self._admitted += 1
        return True

    def remaining(self) -> int:
        """Return the number of requests that this second may still have."""
        now = self._turn()
        return max(0, self._limit - self._admitted - self._others.whole(self._begin, now))

    def nanoseconds_until_full(self) -> int:
        """Return the time until the next second begins."""
        return _SECOND - (self._turn() - self._begin)

    def _turn(self) -> int:
        now = self._clock()
        begin = now - (now + self._offset) % _SECOND
        if begin != self._begin:
            self._begin, self._admitted = begin, 0
        return now


class SlidingWindow:
    """Admits a request if fewer than ``limit`` were admitted in the second before it."""

    def __init__(self, limit: int, clock: Clock = monotonic_ns, foreign: float = 0.0) -> None:
        self._limit = limit
        self._clock = clock
        self._others = ForeignTraffic(foreign, clock)
        self._admitted: deque[int] = deque()

    def take(self) -> bool:
        """Count a request and return True, or return False if the last second had its share."""
        if not self.remaining():
            return False
        self._admitted.append(self._clock())
        return True

    def remaining(self) -> int:
        """Return the number of requests that would pass now."""
        now = self._forget()
        return max(0, self._limit - len(self._admitted) - self._others.whole(now - _SECOND, now))

    def nanoseconds_until_full(self) -> int:
        """Return the time until the latest request is a second ago."""
        now = self._forget()
        return self._admitted[-1] + _SECOND - now if self._admitted else 0

    def _forget(self) -> int:
        now = self._clock()
        while self._admitted and self._admitted[0] + _SECOND <= now:
            self._admitted.popleft()
        return now


class RateLimits:
    """The limits of one workspace.

    Args:
        limit: Requests per second in each category; None disables the limits.
        clock: Measures time.
        wall: Gives the time of day, for the headers.
        limiter: ``bucket``, ``window`` (each second of the wall clock) or ``sliding`` (any second).
        foreign: Requests per second that others take from each category.

    Raises:
        ValueError: The limit is below 1.
    """

    def __init__(
        self,
        limit: int | None,
        clock: Clock = monotonic_ns,
        wall: Clock | None = None,
        limiter: LimiterKind = "bucket",
        foreign: float = 0.0,
    ) -> None:
        if limit is not None and limit < 1:
            raise ValueError(f"rate_limit must be at least 1, or None for no limit; got {limit}")
        self._limit = limit
        self._wall = wall
        self._limiters: Mapping[Category, Limiter] = {}
        if limit is not None:
            offset = self._now() - clock()
            kinds: dict[LimiterKind, Callable[[], Limiter]] = {
                "bucket": lambda: TokenBucket(limit, clock, foreign),
                "window": lambda: Window(limit, clock, foreign, offset),
                "sliding": lambda: SlidingWindow(limit, clock, foreign),
            }
            self._limiters = {category: kinds[limiter]() for category in get_args(Category)}

    def take(self, category: Category) -> bool:
        """Count a request of a category and return True, or return False if it is over the limit."""
        limiter = self._limiters.get(category)
        return limiter is None or limiter.take()

    def headers(self, category: Category) -> dict[str, str]:
        """Return the rate-limit headers of a category; empty if there is no limit."""
        limiter = self._limiters.get(category)
        if limiter is None:
            return {}
        return self._headers(limiter.remaining(), limiter.nanoseconds_until_full())

    def exhausted(self) -> dict[str, str]:
        """Return the rate-limit headers of an exhausted category; empty if there is no limit."""
        return self._headers(0, _SECOND) if self._limiters else {}

    def _headers(self, remaining: int, until_full: int) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self._limit),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": str(-(-(self._now() + until_full) // _SECOND)),
        }

    def _now(self) -> int:
        return (self._wall or time.time_ns)()
