"""Does a pace take in what the server says of its limit and of its refusals, and nothing else?"""

from math import cbrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield._pacing.pace import Pace
from tests.unit.pacing.paces import LONG, START, gap, learn, take, told

Lesson = tuple[int, str | None] | float
THROTTLED: Lesson = (429, None)
SUCCESS: Lesson = (200, None)


def learnt(limit: float, *lessons: Lesson) -> Pace:
    """Teach a pace replies, given as status and limit; a number is a rest in seconds."""
    pace, now = Pace(limit), START
    for lesson in lessons:
        if isinstance(lesson, tuple):
            learn(pace, now, lesson[0], told(limit=lesson[1]))
        else:
            now += lesson
    return pace


def rate_after(*lessons: Lesson) -> float:
    """Teach a pace of 25 per second and round its rate for comparison."""
    return round(learnt(25.0, *lessons).rate or 0.0, 9)


def won_back(part: float, responses: int) -> float:
    """Say at which part of its limit a pace is after some responses."""
    for _ in range(responses):
        part += 0.002 * cbrt(part)
    return part


def shown(text: str, times: int = 1) -> list[Lesson]:
    return [(200, text)] * times


def test_a_lower_limit_counts_at_once() -> None:
    pace = learnt(25.0, *shown("5"))
    assert (pace.limit, pace.rate, gap(pace, START)) == (5.0, 5.0, 0.2)


@pytest.mark.parametrize(("taken", "due"), [(1, 0.2), (2, 0.04 + 0.2), (3, 0.08 + 0.2)])
def test_a_lower_limit_counts_for_slots_taken_before(taken: int, due: float) -> None:
    pace = Pace(25.0)
    last = take(pace, taken)[-1]
    learn(pace, last, 200, told(limit=5))
    assert pace.due(last, LONG) - START == pytest.approx(due)


def test_a_higher_limit_counts_for_slots_taken_before() -> None:
    pace = Pace(5.0)
    take(pace, 1)
    for _ in range(3):
        learn(pace, START + 0.1, 200, told(limit=25))
    assert round(pace.due(START + 0.1, LONG) - START, 9) == 0.12


def test_a_lower_limit_does_not_count_for_a_rest() -> None:
    pace = Pace(25.0)
    take(pace, 2)
    learn(pace, START + 1, 200, told(limit=5))
    assert [round(moment - START, 9) for moment in take(pace, 3, START + 1)] == [1.0, 1.2, 1.4]


@pytest.mark.parametrize(("sightings", "limit"), [(1, 25.0), (2, 25.0), (3, 50.0), (9, 50.0)])
def test_a_higher_limit_counts_when_seen_three_times(sightings: int, limit: float) -> None:
    pace = learnt(25.0, *shown("50", sightings))
    assert (pace.limit, pace.rate) == (limit, limit)


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
    "junk",
    ["", "0", "-5", "5.0", "1e1", "+5", " 5", "five", "\u0665", "\xb2", "10001", "9" * 400, "5, 5", "nan", "000005"],
)
def test_junk_is_ignored(junk: str) -> None:
    pace = learnt(25.0, *shown(junk, 5))
    assert (pace.limit, pace.rate) == (25.0, 25.0)


def test_junk_does_not_interrupt_the_sightings_of_a_limit() -> None:
    assert learnt(25.0, *shown("50", 2), *shown("?"), *shown("50")).limit == 50.0


@pytest.mark.parametrize("header", ["1", "10000"])
def test_the_smallest_and_largest_limits_are_learnt(header: str) -> None:
    assert learnt(25.0, *shown(header, 3)).limit == float(header)


def test_a_reply_without_the_header_teaches_nothing() -> None:
    pace = learnt(25.0, SUCCESS, (404, None), (500, None))
    assert (pace.limit, pace.rate) == (25.0, 25.0)


def test_errors_teach_the_limit_too() -> None:
    assert learnt(25.0, (404, "5")).limit == 5.0


def test_a_429_slows_the_pace_by_15_percent() -> None:
    assert rate_after(THROTTLED) == 25.0 * 0.85
    assert gap(learnt(25.0, THROTTLED), START) == round(1 / (25.0 * 0.85), 9)


def test_a_429_slows_the_pace_after_its_limit_has_been_learnt() -> None:
    pace = learnt(25.0, (429, "5"))
    assert (pace.limit, pace.rate) == (5.0, 5.0 * 0.85)


def test_a_limit_learnt_later_keeps_the_pace_as_much_below_it() -> None:
    pace = learnt(25.0, THROTTLED, *shown("50", 3))
    assert pace.rate == pytest.approx(50.0 * won_back(0.85, 3))
    assert learnt(25.0, THROTTLED, (429, "5")).rate == pytest.approx(5.0 * 0.85)


def test_many_429s_slow_the_pace_twice_a_second_at_most() -> None:
    burst = [THROTTLED] * 10
    assert rate_after(*burst, 0.49, *burst) == round(25.0 * 0.85, 9)
    assert rate_after(*burst, 0.5, *burst) == round(25.0 * 0.85**9, 9)
    assert rate_after(*burst, 0.3, *burst, 0.3, *burst) == round(25.0 * 0.85**9, 9)


@pytest.mark.parametrize(("refused", "steps"), [(1, 2), (2, 3), (7, 8), (8, 9), (9, 9), (30, 9)])
def test_up_to_eight_429s_in_a_row_slow_the_pace_by_15_percent_each(refused: int, steps: int) -> None:
    meanwhile = [THROTTLED] * (refused - 1)
    assert rate_after(THROTTLED, *meanwhile, 0.5, THROTTLED) == round(25.0 * 0.85**steps, 9)


def test_429s_before_a_response_that_passed_do_not_count_again() -> None:
    won_back = rate_after(THROTTLED, *[THROTTLED] * 5, SUCCESS)
    assert rate_after(THROTTLED, *[THROTTLED] * 5, SUCCESS, 0.5, THROTTLED) == pytest.approx(0.85 * won_back)


def test_429s_do_not_stop_a_pace() -> None:
    pace = learnt(25.0, *[lesson for _ in range(100) for lesson in (THROTTLED, 1.0)])
    assert (pace.rate, gap(pace, START + 100)) == (0.2, 5.0)


@pytest.mark.parametrize(("limit", "rate"), [(0.1, 0.1), (0.2, 0.2), (0.21, 0.2), (1.0, 0.85)])
def test_a_429_never_speeds_a_pace_up(limit: float, rate: float) -> None:
    assert learnt(limit, THROTTLED).rate == rate


def test_each_other_response_wins_back_a_500th_of_the_limit_and_less_where_the_pace_is_slow() -> None:
    once = won_back(0.85, 1)
    assert once == 0.85 + 0.002 * cbrt(0.85)
    assert rate_after(THROTTLED, SUCCESS) == round(25.0 * once, 9)
    assert rate_after(THROTTLED, (404, None), (500, None)) == round(25.0 * won_back(0.85, 2), 9)
    assert rate_after(THROTTLED, *[SUCCESS] * 76) < 25.0
    assert rate_after(THROTTLED, *[SUCCESS] * 1_000) == 25.0
    slow = [lesson for _ in range(100) for lesson in (THROTTLED, 1.0)]
    assert rate_after(*slow, SUCCESS) == round(0.2 + 0.05 * cbrt(0.2 / 25), 9)


@pytest.mark.parametrize("asked", ["2.1", "3", "60"])
def test_a_429_that_asks_for_more_than_two_seconds_holds_the_pace_that_long(asked: str) -> None:
    pace = Pace(25.0)
    take(pace, 5)
    learn(pace, START + 0.5, 429, told(wait=asked))
    assert pace.due(START + 0.5, LONG) == START + 0.5 + float(asked)
    moments = [round(moment - START - 0.5 - float(asked), 9) for moment in take(pace, 3, START + 0.5)]
    assert moments == [0.0, round(1 / 21.25, 9), round(2 / 21.25, 9)]


@pytest.mark.parametrize("asked", ["0", "1", "2", "60.1", "3600", "soon", "-5", "inf", ""])
def test_a_429_that_asks_for_anything_else_holds_nobody(asked: str) -> None:
    pace = Pace(25.0)
    learn(pace, START, 429, told(wait=asked))
    assert pace.due(START, LONG) <= START


def test_a_429_may_ask_for_a_date() -> None:
    pace = Pace(25.0)
    dates = {"Retry-After": "Mon, 23 Nov 2026 10:00:30 GMT", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"}
    learn(pace, START, 429, dates)
    assert pace.due(START, LONG) == START + 30


@pytest.mark.parametrize("status", [200, 503])
def test_only_a_429_holds_the_pace(status: int) -> None:
    pace = Pace(25.0)
    learn(pace, START, status, told(wait=30))
    assert pace.due(START, LONG) <= START


@pytest.mark.parametrize(("first", "second", "until"), [(30, 5, 30), (5, 30, 30.25), (5, 1, 5), (5, 99, 5)])
def test_of_several_429s_the_one_that_asks_for_the_longest_counts(first: int, second: int, until: float) -> None:
    pace = Pace(25.0)
    learn(pace, START, 429, told(wait=first))
    learn(pace, START + 0.25, 429, told(wait=second))
    assert pace.due(START + 0.25, LONG) == START + until


def test_a_pace_that_was_held_may_be_held_again() -> None:
    pace = Pace(25.0)
    for moment in (START, START + 60):
        learn(pace, moment, 429, told(wait=3))
        assert pace.due(moment, LONG) == moment + 3
    assert take(pace, 1, START + 70) == [START + 70]


def test_another_429_within_half_a_second_holds_the_pace_too() -> None:
    pace = Pace(25.0)
    learn(pace, START, 429, told())
    learn(pace, START + 0.1, 429, told(wait=5))
    assert (pace.due(START + 0.1, LONG), pace.rate) == (START + 5.1, 25.0 * 0.85)


@pytest.mark.parametrize("limit", [5.0, 100.0])
def test_what_is_assumed_counts_until_the_server_has_told_its_own_limit(limit: float) -> None:
    pace = Pace(25.0)
    pace.assume(limit)
    assert (pace.limit, pace.rate, gap(pace, START)) == (limit, limit, round(1 / limit, 9))
    pace = learnt(25.0, *shown("25"))
    pace.assume(limit)
    assert (pace.limit, pace.rate) == (25.0, 25.0)


@pytest.mark.parametrize("limit", [5.0, 100.0])
def test_what_is_assumed_keeps_a_pace_as_much_below_the_limit(limit: float) -> None:
    pace = learnt(25.0, THROTTLED)
    pace.assume(limit)
    assert pace.limit == limit
    assert pace.rate == pytest.approx(limit * 0.85)


def test_what_is_assumed_later_counts_for_the_next_slots() -> None:
    pace = Pace(25.0)
    last = take(pace, 5)[-1]
    pace.assume(5.0)
    assert [round(moment - last, 9) for moment in take(pace, 3, last)] == [0.84, 1.04, 1.24]


def test_where_nothing_limits_nothing_is_assumed() -> None:
    pace = Pace(None)
    pace.assume(5.0)
    assert (pace.limit, pace.rate, take(pace, 100)) == (None, None, [START] * 100)


@settings(max_examples=200)
@given(
    limit=st.floats(0.05, 1_000.0),
    lessons=st.lists(
        st.tuples(st.sampled_from([200, 404, 429]), st.none() | st.integers(1, 100).map(str)) | st.floats(0, 2),
        max_size=30,
    ),
)
def test_whatever_happens_the_rate_stays_above_nothing_and_below_the_limit(limit: float, lessons: list[Any]) -> None:
    pace = learnt(limit, *lessons)
    assert 0.0 < (pace.rate or 0.0) <= (pace.limit or 0.0) * (1 + 1e-9)
