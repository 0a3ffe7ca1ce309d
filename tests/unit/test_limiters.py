"""Does each model of a server admit what its semantics say, and describe it as the API documents?"""

from collections.abc import Callable
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks._limiters import (
    Changing,
    FixedSecond,
    Headerless,
    Limiter,
    NoBurst,
    Shared,
    SlidingSecond,
    TokenBucket,
    ask,
    earliest,
)

START = 1_760_000_000
MODELS: dict[str, Callable[[int], Limiter]] = {
    "bucket": lambda limit: TokenBucket(limit, limit),
    "no burst": NoBurst,
    "changing": lambda limit: Changing(limit, [(1.0, 1), (2.5, limit)]),
    "fixed": FixedSecond,
    "sliding": SlidingSecond,
    "shared": lambda limit: Shared(TokenBucket(limit, limit), 0.5, Random(1)),
}
EACH_MODEL = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)

gaps = st.lists(st.sampled_from([0, 1, 999, 20_000, 39_999, 40_000, 40_001, 400_000, 999_999, 1_000_000]), max_size=120)
"""Microseconds between requests."""


def moments(between: list[int]) -> list[int]:
    """Turn gaps into microseconds since the start."""
    return [sum(between[: index + 1]) for index in range(len(between))]


def admitted(limiter: Limiter, at: list[int]) -> list[int]:
    return [moment for moment in at if limiter.take(START + moment / 1e6)]


def burst(limiter: Limiter, after: float, size: int = 60) -> int:
    """Count what is admitted of many requests at one time."""
    return sum(limiter.take(START + after) for _ in range(size))


def test_a_bucket_admits_its_capacity_at_once_and_then_its_limit_each_second() -> None:
    bucket = TokenBucket(25, capacity=40)
    assert [burst(bucket, after) for after in (0, 0, 1, 1.04, 1.079, 1.08, 9)] == [40, 0, 25, 1, 0, 1, 40]


@given(gaps, st.integers(1, 30), st.integers(1, 30))
def test_a_bucket_admits_capacity_and_limit_times_the_length_of_any_stretch(
    between: list[int], limit: int, capacity: int
) -> None:
    passed = admitted(TokenBucket(limit, capacity), moments(between))
    for first, begin in enumerate(passed):
        for last, end in enumerate(passed[first:], first):
            assert (last - first + 1 - capacity) * 1_000_000 <= limit * (end - begin)


def test_without_burst_a_request_passes_each_interval_and_none_is_saved_up() -> None:
    limiter = NoBurst(25)
    assert admitted(limiter, [0, 39_999, 40_000, 79_999, 80_000, 500_000, 500_001, 540_000]) == [
        0,
        40_000,
        80_000,
        500_000,
        540_000,
    ]


@given(gaps)
def test_without_burst_what_passes_is_an_interval_apart_and_nothing_else_is_refused(between: list[int]) -> None:
    limiter, last = NoBurst(25), -40_000
    for moment in moments(between):
        passes = moment - last >= 40_000
        assert limiter.take(START + moment / 1e6) == passes
        last = moment if passes else last


def test_a_fixed_second_begins_anew_with_each_second_of_the_calendar() -> None:
    limiter = FixedSecond(25)
    assert [burst(limiter, after) for after in (0.99, 0.999_999, 1, 1.5, 3.2)] == [25, 0, 25, 0, 25]


@given(gaps, st.integers(1, 30))
def test_a_fixed_second_admits_the_first_of_each_second(between: list[int], limit: int) -> None:
    at = moments(between)
    seconds = [[moment for moment in at if moment // 1_000_000 == second] for second in range(200)]
    assert admitted(FixedSecond(limit), at) == [moment for second in seconds for moment in second[:limit]]


def test_a_sliding_second_forgets_each_request_after_one_second() -> None:
    limiter = SlidingSecond(25)
    assert burst(limiter, 0.5, 10) == 10
    assert [burst(limiter, after) for after in (0.9, 1.499_999, 1.5, 1.899_999, 1.9)] == [15, 0, 10, 0, 15]


@given(gaps, st.integers(1, 30))
def test_a_sliding_second_admits_while_the_last_second_is_not_full(between: list[int], limit: int) -> None:
    limiter, passed = SlidingSecond(limit), list[int]()
    for moment in moments(between):
        passes = sum(moment - 1_000_000 < earlier for earlier in passed) < limit
        assert limiter.take(START + moment / 1e6) == passes
        if passes:
            passed.append(moment)


def test_a_changing_bucket_keeps_what_fits_and_gains_at_the_new_limit() -> None:
    bucket = Changing(25, [(8, 5), (14, 25)])
    assert burst(bucket, 0) == 25
    assert [burst(bucket, after) for after in (8, 8.19, 8.2, 14, 14.04, 15.04)] == [5, 0, 1, 5, 1, 25]


def test_a_changing_bucket_is_as_full_as_if_it_had_been_asked_all_along() -> None:
    asked, forgotten = Changing(25, [(1, 5), (2, 25)]), Changing(25, [(1, 5), (2, 25)])
    for limiter in (asked, forgotten):
        assert burst(limiter, 0) == 25
    for after in (0.5, 1, 1.7, 2):
        asked.headers(START + after)
    # full at 1 s, cut to 5, and 0.4 s of gain at 25/s
    assert [burst(asked, 2.4), burst(forgotten, 2.4)] == [15, 15]


def test_the_course_of_a_changing_bucket_begins_when_it_is_first_asked() -> None:
    bucket = Changing(25, [(1, 5)])
    assert [burst(bucket, after) for after in (100, 101)] == [25, 5]


def test_without_headers_a_server_decides_the_same_and_tells_only_when_to_come_back() -> None:
    limiter = Headerless(TokenBucket(25, 25))
    replies = [ask(limiter, START) for _ in range(26)]
    assert replies == [(True, {})] * 25 + [(False, {"Retry-After": "1"})]


def test_the_other_program_asks_at_its_rate_and_takes_what_is_there() -> None:
    limiter = Shared(TokenBucket(25, 25), 8, Random(7))
    ours = sum(burst(limiter, tick / 1000, 1) for tick in range(100_000))
    assert 700 <= limiter.sent <= 900
    assert ours + limiter.sent - limiter.refused == 25 + 2499
    assert limiter.refused > 0.8 * limiter.sent  # we left next to nothing


def test_the_other_program_is_not_refused_when_nobody_else_is_there() -> None:
    limiter = Shared(TokenBucket(25, 25), 8, Random(7))
    limiter.take(START)
    limiter.headers(START + 60)
    assert 400 <= limiter.sent <= 560
    assert limiter.refused == 0


@EACH_MODEL
@given(between=gaps, limit=st.integers(1, 30))
def test_headers_are_whole_numbers_that_agree_with_what_is_admitted(
    model: Callable[[int], Limiter], between: list[int], limit: int
) -> None:
    limiter = model(limit)
    for moment in moments(between):
        now = START + moment / 1e6
        remaining = int(limiter.headers(now)["X-RateLimit-Remaining"])
        passes, headers = ask(limiter, now)
        assert all(text.isdigit() for text in headers.values())
        assert passes == (remaining > 0)
        assert int(headers["X-RateLimit-Remaining"]) == remaining - passes
        assert ("Retry-After" in headers) != passes
        assert now <= int(headers["X-RateLimit-Reset"]) <= now + limit + 1


@pytest.mark.parametrize(
    ("model", "limit", "taken", "after", "expected"),
    [
        ("bucket", 25, 25, 0.0, "25 0 1"),
        ("bucket", 25, 25, 0.04, "25 1 1"),
        ("bucket", 25, 5, 0.9, "25 25 1"),
        ("bucket", 25, 20, 0.5, "25 17 1"),
        ("no burst", 25, 1, 0.0, "25 0 1"),
        ("fixed", 25, 7, 0.3, "25 18 1"),
        ("fixed", 25, 7, 1.0, "25 25 2"),
        ("sliding", 25, 7, 0.5, "25 18 1"),
        ("sliding", 25, 7, 1.0, "25 25 1"),
        ("changing", 25, 25, 2.0, "1 1 2"),
    ],
)
def test_headers_say_what_remains_and_when_nothing_is_owed(
    model: str, limit: int, taken: int, after: float, expected: str
) -> None:
    limiter = MODELS[model](limit)
    assert burst(limiter, 0, taken) == taken
    limit_, remaining, reset = (int(text) for text in limiter.headers(START + after).values())
    assert f"{limit_} {remaining} {reset - START}" == expected


@pytest.mark.parametrize(
    ("count", "limit", "capacity", "changes", "seconds"),
    [
        (500, 25, 25, (), 19.0),
        (500, 17, 0, (), 500 / 17),
        (20, 25, 25, (), 0.0),
        (500, 25, 25, ((8, 5), (14, 25)), 23.8),  # 25 + 200 + 30, then 245 at 25/s
        (230, 25, 25, ((8, 5), (14, 25)), 9.0),
    ],
)
def test_the_earliest_time_follows_from_the_course_of_the_limit(
    count: int, limit: int, capacity: int, changes: tuple[tuple[float, int], ...], seconds: float
) -> None:
    assert earliest(count, limit, capacity, changes) == pytest.approx(seconds)


def test_the_earliest_time_is_that_of_a_client_that_never_lets_a_token_wait() -> None:
    course = ((8.0, 5), (14.0, 25))
    passed = admitted(Changing(25, course), [tick * 1000 for tick in range(30_000) for _ in range(26)])
    assert passed[499] == pytest.approx(earliest(500, 25, 25, course) * 1e6)
    assert all(later - earlier <= 200_000 for earlier, later in pairwise(passed))
