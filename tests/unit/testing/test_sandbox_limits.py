"""Do the sandbox's limiters count exactly? Every test owns its clock."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightfield.testing import Sandbox
from lightfield.testing._http.limits import RateLimits, SlidingWindow, TokenBucket, Window
from tests.unit.testing.sandbox_calls import HEADERS, calling

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


def test_window_admits_its_limit_in_each_second_of_the_wall_clock() -> None:
    clock = Clock()
    window = Window(3, clock, offset=SECOND // 4)  # seconds of the wall begin at .75
    assert [window.take() for _ in range(4)] == [True, True, True, False]
    assert window.nanoseconds_until_full() == SECOND * 3 // 4
    clock.now += SECOND * 3 // 4 - 1
    assert (window.take(), window.remaining(), window.nanoseconds_until_full()) == (False, 0, 1)
    clock.now += 1
    assert (window.remaining(), window.nanoseconds_until_full()) == (3, SECOND)
    assert [window.take() for _ in range(4)] == [True, True, True, False]


def test_window_lets_twice_its_limit_pass_around_the_turn_of_a_second() -> None:
    clock = Clock(6 * SECOND - 1)
    window = Window(25, clock)
    passed = [window.take() for _ in range(30)].count(True)
    clock.now += 1
    assert passed + [window.take() for _ in range(30)].count(True) == 50


@given(limit=st.integers(1, 5), steps=st.lists(st.integers(0, SECOND), max_size=60))
def test_sliding_window_admits_its_limit_in_any_second(limit: int, steps: list[int]) -> None:
    clock = Clock()
    sliding = SlidingWindow(limit, clock)
    admitted: list[int] = []
    for step in steps:
        clock.now += step
        recent = [moment for moment in admitted if moment + SECOND > clock.now]
        assert sliding.remaining() == limit - len(recent)
        assert sliding.nanoseconds_until_full() == (recent[-1] + SECOND - clock.now if recent else 0)
        passes = len(recent) < limit
        assert sliding.take() is passes
        admitted += [clock.now] * passes


@pytest.mark.parametrize("kind", [TokenBucket, SlidingWindow])
@pytest.mark.parametrize(("limit", "foreign"), [(25, 5.0), (25, 0.5), (25, 24.9), (10, 2.5)])
def test_others_take_their_share(kind: type[TokenBucket | SlidingWindow], limit: int, foreign: float) -> None:
    clock = Clock()
    limiter = kind(limit, clock, foreign)
    passed = 0
    for moment in range(200 * 30):  # 30 s, and far more requests than the limit
        clock.now = 5 * SECOND + moment * SECOND // 200
        passed += limiter.take()
    steady = (limit - foreign) * 30
    assert steady <= passed <= steady + limit + 1  # what is there at the start comes on top


@pytest.mark.parametrize("kind", [TokenBucket, Window, SlidingWindow])
def test_others_may_leave_nothing(kind: type[TokenBucket | Window | SlidingWindow]) -> None:
    clock = Clock()
    limiter = kind(5, clock, 50.0)
    clock.now += 10 * SECOND + SECOND // 2
    assert (limiter.remaining(), limiter.take()) == (0, False)


def test_whoever_comes_first_in_a_window_gets_all_of_it() -> None:
    clock = Clock()
    window = Window(25, clock, 5.0)
    assert [window.take() for _ in range(30)].count(True) == 25
    clock.now += SECOND * 19 // 10
    assert [window.take() for _ in range(30)].count(True) == 21


def test_others_come_one_by_one() -> None:
    clock = Clock()
    window, sliding = Window(4, clock, 2.0), SlidingWindow(4, clock, 2.0)
    left: list[tuple[int, int]] = []
    for _ in range(5):
        left.append((window.remaining(), sliding.remaining()))
        clock.now += SECOND // 4
    assert left == [(4, 2), (4, 2), (3, 2), (3, 2), (4, 2)]


def test_bucket_refills_more_slowly_with_others() -> None:
    clock = Clock()
    bucket = TokenBucket(10, clock, 7.5)
    assert [bucket.take() for _ in range(11)] == [True] * 10 + [False]
    clock.now += SECOND * 2 // 5
    assert bucket.take()
    assert not bucket.take()
    clock.now += 4 * SECOND
    assert bucket.remaining() == 10


@pytest.mark.parametrize("limiter", ["bucket", "window", "sliding"])
def test_every_limiter_has_the_same_headers(limiter: Any) -> None:
    clock = Clock(5 * SECOND + SECOND // 2)
    limits = RateLimits(2, clock, Clock(1_741_392_000 * SECOND + SECOND // 2), limiter)
    assert limits.take("Search")
    assert limits.headers("Search") == {
        "X-RateLimit-Limit": "2",
        "X-RateLimit-Remaining": "1",
        "X-RateLimit-Reset": {"bucket": "1741392001", "window": "1741392001", "sliding": "1741392002"}[limiter],
    }
    assert limits.take("Search")
    assert not limits.take("Search")
    assert limits.take("Read")


@pytest.mark.parametrize("limiter", ["bucket", "window", "sliding"])
async def test_sandbox_throttles_with_each_limiter(limiter: str) -> None:
    async with calling(rate_limit=4, limiter=limiter, foreign_traffic=100) as api:
        statuses: list[int] = []
        headers: dict[str, str] = {}
        for _ in range(12):
            async with api.session.get("/v1/auth/validate", headers=HEADERS) as response:
                statuses.append(response.status)
                headers = dict(response.headers)
                assert headers["X-RateLimit-Limit"] == "4"
        assert (statuses[-1], headers["X-RateLimit-Remaining"], headers["Retry-After"]) == (429, "0", "1")
        assert api.sandbox.throttled == statuses.count(429)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"limiter": "leaky"}, ValueError, "limiter must be one of bucket, window, sliding; got 'leaky'"),
        ({"foreign_traffic": -1}, ValueError, "foreign_traffic must be at least 0"),
        ({"foreign_traffic": "5"}, TypeError, "foreign_traffic must be a number, not str"),
        ({"rate_limit": "5"}, TypeError, "rate_limit must be an int, not str"),
        ({"latency": "5"}, TypeError, "latency must be a number of seconds"),
    ],
)
def test_wrong_options_are_refused_at_once(options: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Sandbox(opportunities=0, **options)
