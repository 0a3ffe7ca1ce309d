"""Does a lane take in what the server says of its limit, and nothing else?"""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield._limits import HEADROOM, Lane, LaneStatus
from tests.clock import run

Lesson = tuple[int, str | None] | float
THROTTLED: Lesson = (429, None)


def learnt(limit: float | None, *lessons: Lesson) -> LaneStatus:
    """Teach a lane replies, given as status and header; a number is a rest in seconds."""

    async def scenario() -> LaneStatus:
        lane = Lane(limit)
        for lesson in lessons:
            if isinstance(lesson, tuple):
                status, header = lesson
                lane.learn(status, {} if header is None else {"X-RateLimit-Limit": header})
            else:
                await asyncio.sleep(lesson)
        return lane.status()

    return run(scenario())


def rate_after(*lessons: Lesson) -> float:
    """Teach a lane of 25 per second and round its rate for comparison."""
    return round(learnt(25.0, *lessons).rate or 0.0, 9)


def shown(text: str, times: int = 1) -> list[Lesson]:
    return [(200, text)] * times


def test_a_lower_limit_counts_at_once() -> None:
    assert learnt(25.0, *shown("5")).limit == 5.0
    assert rate_after(*shown("5")) == round(HEADROOM * 5, 9)


@pytest.mark.parametrize(("sightings", "limit"), [(1, 25.0), (2, 25.0), (3, 50.0), (9, 50.0)])
def test_a_higher_limit_counts_when_seen_three_times(sightings: int, limit: float) -> None:
    assert learnt(25.0, *shown("50", sightings)).limit == limit
    assert rate_after(*shown("50", sightings)) == round(HEADROOM * limit, 9)


@pytest.mark.parametrize(
    "lessons",
    [
        [*shown("50", 2), *shown("60", 2), *shown("50", 2)],
        [*shown("50", 2), *shown("25"), *shown("50", 2)],
    ],
)
def test_sightings_of_a_higher_limit_must_be_equal_and_in_a_row(lessons: list[Lesson]) -> None:
    assert learnt(25.0, *lessons).limit == 25.0


def test_a_limit_that_went_down_and_came_back_is_learnt_again() -> None:
    assert learnt(25.0, *shown("25", 5), *shown("5"), *shown("25", 2)).limit == 5.0
    assert learnt(25.0, *shown("25", 5), *shown("5"), *shown("25", 3)).limit == 25.0


@pytest.mark.parametrize(
    "junk", ["", "0", "-5", "5.0", "1e1", "+5", " 5", "five", "\u0665", "10001", "9" * 400, "5, 5", "nan"]
)
def test_junk_is_ignored(junk: str) -> None:
    assert learnt(25.0, *shown(junk, 5)) == learnt(25.0)


@pytest.mark.parametrize("header", ["1", "10000"])
def test_the_smallest_and_largest_limits_are_learnt(header: str) -> None:
    assert learnt(25.0, *shown(header, 3)).limit == float(header)


def test_a_reply_without_the_header_teaches_nothing() -> None:
    assert learnt(25.0, (200, None), (404, None), (500, None)) == learnt(25.0)


def test_errors_teach_the_limit_too() -> None:
    assert learnt(25.0, (404, "5")).limit == 5.0


def test_a_429_slows_the_lane_by_15_percent() -> None:
    assert rate_after(THROTTLED) == round(24.0 * 0.85, 9)


def test_a_429_slows_the_lane_after_its_limit_has_been_learnt() -> None:
    assert learnt(25.0, (429, "5")).limit == 5.0
    assert rate_after((429, "5")) == round(4.8 * 0.85, 9)


def test_many_429s_slow_the_lane_twice_a_second_at_most() -> None:
    burst = [THROTTLED] * 10
    assert rate_after(*burst, 0.49, *burst) == round(24.0 * 0.85, 9)
    assert rate_after(*burst, 0.51, *burst) == round(24.0 * 0.85**2, 9)


def test_every_429_is_counted() -> None:
    assert learnt(25.0, *[THROTTLED] * 10).throttled == 10


def test_every_429_is_counted_where_pacing_is_off() -> None:
    assert learnt(None, *[THROTTLED] * 10).throttled == 10


def test_429s_do_not_stop_a_lane() -> None:
    lessons = [lesson for _ in range(100) for lesson in (THROTTLED, 1.0)]
    assert rate_after(*lessons) == 1.0


@pytest.mark.parametrize("limit", [0.1, 0.5, 1.0])
def test_a_429_never_speeds_a_lane_up(limit: float) -> None:
    assert (learnt(limit, THROTTLED).rate or 0.0) <= HEADROOM * limit


def test_successes_win_the_rate_back_a_little_each() -> None:
    assert rate_after(THROTTLED, (200, None)) == round(24.0 * 0.85 + 0.05, 9)
    assert rate_after(THROTTLED, *[(200, None)] * 1_000) == 24.0


@settings(max_examples=100)
@given(
    limit=st.floats(0.05, 1_000.0),
    lessons=st.lists(
        st.tuples(st.sampled_from([200, 404, 429]), st.none() | st.integers(1, 100).map(str)) | st.floats(0, 2),
        max_size=30,
    ),
)
def test_whatever_happens_the_rate_stays_above_nothing_and_below_the_limit(limit: float, lessons: list[Any]) -> None:
    status = learnt(limit, *lessons)
    assert 0.0 < (status.rate or 0.0) <= HEADROOM * (status.limit or 0.0) + 1e-9


def test_what_is_learnt_sets_the_pace_of_those_already_waiting() -> None:
    async def scenario() -> list[float]:
        lane, loop = Lane(25.0), asyncio.get_running_loop()

        async def walk() -> float:
            await lane.admit(None)
            lane.leave()
            return loop.time()

        walks = [asyncio.ensure_future(walk()) for _ in range(10)]
        await asyncio.sleep(0.0)
        lane.learn(200, {"X-RateLimit-Limit": "5"})
        return await asyncio.gather(*walks)

    gaps = [later - earlier for earlier, later in pairwise(run(scenario()))]
    assert [round(gap, 6) for gap in gaps[1:]] == [round(1 / 4.8, 6)] * 8
