"""Does the sandbox's token bucket count exactly? Every test owns its clock."""

from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightfield.testing._http.limits import RateLimits, TokenBucket

SECOND = 1_000_000_000


@dataclass
class Clock:
    now: int = 5 * SECOND

    def __call__(self) -> int:
        return self.now


def test_bucket_starts_full_and_admits_its_capacity_at_once() -> None:
    bucket = TokenBucket(25, Clock())
    assert bucket.remaining() == 25
    assert [bucket.take() for _ in range(27)] == [True] * 25 + [False] * 2
    assert bucket.remaining() == 0


def test_token_comes_back_at_its_moment_and_not_a_nanosecond_before() -> None:
    clock = Clock()
    bucket = TokenBucket(25, clock)
    for _ in range(25):
        bucket.take()
    clock.now += SECOND // 25 - 1
    assert not bucket.take()
    clock.now += 1
    assert bucket.take()
    assert not bucket.take()


def test_refused_requests_cost_nothing() -> None:
    clock = Clock()
    bucket = TokenBucket(2, clock)
    assert [bucket.take() for _ in range(50)].count(True) == 2
    clock.now += SECOND // 2
    assert bucket.take()


def test_bucket_never_holds_more_than_its_capacity() -> None:
    clock = Clock()
    bucket = TokenBucket(3, clock)
    clock.now += 3600 * SECOND
    assert bucket.remaining() == 3
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def test_time_until_full_is_exact_and_rounded_up() -> None:
    clock = Clock()
    bucket = TokenBucket(3, clock)
    assert bucket.nanoseconds_until_full() == 0
    bucket.take()
    assert bucket.nanoseconds_until_full() == 333_333_334
    clock.now += 333_333_333
    assert bucket.nanoseconds_until_full() == 1
    clock.now += 1
    assert bucket.nanoseconds_until_full() == 0


@given(limit=st.integers(1, 50), steps=st.lists(st.integers(0, 2 * SECOND), max_size=60))
def test_bucket_agrees_with_fractions(limit: int, steps: list[int]) -> None:
    clock = Clock()
    bucket = TokenBucket(limit, clock)
    level = Fraction(limit)
    for step in steps:
        clock.now += step
        level = min(Fraction(limit), level + Fraction(step * limit, SECOND))
        admitted = level >= 1
        level -= admitted
        assert bucket.take() is admitted
        assert bucket.remaining() == level // 1


def test_headers_name_limit_rest_and_the_second_when_full() -> None:
    clock, wall = Clock(), Clock(1_741_392_000 * SECOND + 999_000_000)
    limits = RateLimits(25, clock, wall)
    assert limits.take("Read")
    assert limits.headers("Read") == {
        "X-RateLimit-Limit": "25",
        "X-RateLimit-Remaining": "24",
        "X-RateLimit-Reset": "1741392002",  # full 40 ms from now: in the next second but one
    }
    clock.now += SECOND
    wall.now = 1_741_392_001 * SECOND
    assert limits.headers("Read")["X-RateLimit-Reset"] == "1741392001"
    assert limits.headers("Read")["X-RateLimit-Remaining"] == "25"


def test_each_category_has_a_bucket_of_its_own() -> None:
    limits = RateLimits(1, Clock(), Clock())
    assert limits.take("Read")
    assert not limits.take("Read")
    assert limits.take("Write")
    assert limits.take("Search")
    assert limits.headers("Write")["X-RateLimit-Remaining"] == "0"


def test_without_a_limit_everything_passes_and_no_header_is_sent() -> None:
    limits = RateLimits(None)
    assert all(limits.take("Read") for _ in range(1000))
    assert limits.headers("Read") == {}


def test_default_clocks_are_the_machines() -> None:
    limits = RateLimits(1)
    assert limits.take("Read")
    assert int(limits.headers("Read")["X-RateLimit-Reset"]) > 1_700_000_000


@pytest.mark.parametrize("limit", [0, -1])
def test_limit_below_one_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="rate_limit must be at least 1"):
        RateLimits(limit)
