"""May this request pass now, and what do the rate-limit headers say?

One token bucket per category: it holds ``limit`` tokens, gains ``limit`` a second and pays one for each
request it admits; a refused request costs nothing. Levels are kept in whole billionths of a token, so that
the sums are exact.
"""

import time
from collections.abc import Callable
from typing import Literal, TypeAlias, get_args

Category: TypeAlias = Literal["Read", "Write", "Search"]
Clock: TypeAlias = Callable[[], int]

_SECOND = 1_000_000_000  # in nanoseconds; also one token, in billionths


class TokenBucket:
    """A bucket of ``limit`` tokens that starts full; ``clock`` counts nanoseconds and never goes back."""

    def __init__(self, limit: int, clock: Clock = time.monotonic_ns) -> None:
        self._limit = limit
        self._clock = clock
        self._level = limit * _SECOND
        self._seen = clock()

    def take(self) -> bool:
        """Pay for one request, or return False."""
        self._refill()
        if self._level < _SECOND:
            return False
        self._level -= _SECOND
        return True

    def remaining(self) -> int:
        """Return how many requests could pass at once."""
        self._refill()
        return self._level // _SECOND

    def nanoseconds_until_full(self) -> int:
        """Return the time after which nothing is owed, rounded up."""
        self._refill()
        return -((self._level - self._limit * _SECOND) // self._limit)

    def _refill(self) -> None:
        now = self._clock()
        self._level = min(self._limit * _SECOND, self._level + (now - self._seen) * self._limit)
        self._seen = now


class RateLimits:
    """The buckets of one workspace: ``limit`` requests per second in each category, or no limit for None."""

    def __init__(self, limit: int | None, clock: Clock = time.monotonic_ns, wall: Clock = time.time_ns) -> None:
        if limit is not None and limit < 1:
            raise ValueError(f"rate_limit must be at least 1, or None for no limit; got {limit}")
        self._limit = limit
        self._wall = wall
        self._buckets: dict[Category, TokenBucket] = {}
        if limit is not None:
            self._buckets = {category: TokenBucket(limit, clock) for category in get_args(Category)}

    def take(self, category: Category) -> bool:
        """Pay for one request of a category, or return False."""
        bucket = self._buckets.get(category)
        return bucket is None or bucket.take()

    def headers(self, category: Category) -> dict[str, str]:
        """Describe a category's bucket as each response of the API does; empty where there is no limit."""
        bucket = self._buckets.get(category)
        if bucket is None:
            return {}
        full_at = self._wall() + bucket.nanoseconds_until_full()
        return {
            "X-RateLimit-Limit": str(self._limit),
            "X-RateLimit-Remaining": str(bucket.remaining()),
            "X-RateLimit-Reset": str(-(-full_at // _SECOND)),
        }
