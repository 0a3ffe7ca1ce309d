"""Token buckets and the rate-limit headers of responses.

Each category has one bucket, which holds ``limit`` tokens and gains ``limit`` per second. An admitted request costs
one token, a rejected one costs nothing. Levels are integers in billionths of a token, so that sums are exact.
"""

import time
from collections.abc import Callable
from typing import Literal, TypeAlias, get_args

from lightfield._aio.clock import monotonic_ns

Category: TypeAlias = Literal["Read", "Write", "Search"]
Clock: TypeAlias = Callable[[], int]

_SECOND = 1_000_000_000  # in nanoseconds; also one token, in billionths


class TokenBucket:
    """A bucket of ``limit`` tokens that starts full; ``clock`` counts nanoseconds and is monotonic."""

    def __init__(self, limit: int, clock: Clock = monotonic_ns) -> None:
        self._limit = limit
        self._clock = clock
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
        self._level = min(self._limit * _SECOND, self._level + (now - self._refilled_at) * self._limit)
        self._refilled_at = now


class RateLimits:
    """The buckets of one workspace: ``limit`` requests per second in each category; None disables the limit."""

    def __init__(self, limit: int | None, clock: Clock = monotonic_ns, wall: Clock | None = None) -> None:
        if limit is not None and limit < 1:
            raise ValueError(f"rate_limit must be at least 1, or None for no limit; got {limit}")
        self._limit = limit
        self._wall = wall
        self._buckets: dict[Category, TokenBucket] = {}
        if limit is not None:
            self._buckets = {category: TokenBucket(limit, clock) for category in get_args(Category)}

    def take(self, category: Category) -> bool:
        """Spend one token of a category and return True, or return False if there is none."""
        bucket = self._buckets.get(category)
        return bucket is None or bucket.take()

    def headers(self, category: Category) -> dict[str, str]:
        """Return the rate-limit headers of a category; empty if there is no limit."""
        bucket = self._buckets.get(category)
        if bucket is None:
            return {}
        full_at = (self._wall or time.time_ns)() + bucket.nanoseconds_until_full()
        return {
            "X-RateLimit-Limit": str(self._limit),
            "X-RateLimit-Remaining": str(bucket.remaining()),
            "X-RateLimit-Reset": str(-(-full_at // _SECOND)),
        }
