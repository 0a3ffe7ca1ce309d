"""Are slots due as fast as the server allows, evenly, and after a rest at most 40 ms early?"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield._pacing.pace import EARLY_TOLERANCE, Pace
from tests.unit.pacing.paces import START, take, told


@pytest.mark.parametrize("limit", [1.0, 5.0, 25.0, 400.0, 0.5])
def test_slots_are_evenly_spaced_at_the_limit_and_40_ms_early_after_a_rest(limit: float) -> None:
    moments = take(Pace(limit), 100)
    assert [round(moment - START, 9) for moment in moments] == [
        round(max(0.0, number / limit - 0.04), 9) for number in range(100)
    ]
    assert EARLY_TOLERANCE == 0.04


def test_a_rest_saves_up_for_two_at_25_a_second_and_no_more() -> None:
    pace = Pace(25.0)
    take(pace, 10)
    moments = take(pace, 6, START + 3_600)
    assert [round(moment - START - 3_600, 9) for moment in moments] == [0.0, 0.0, 0.04, 0.08, 0.12, 0.16]


@pytest.mark.parametrize(("rest", "at_once"), [(0.039, 0), (0.041, 1), (0.079, 1), (0.081, 2), (0.121, 2), (9.0, 2)])
def test_a_short_rest_saves_up_in_proportion(rest: float, at_once: int) -> None:
    pace = Pace(25.0)
    last = take(pace, 10)[-1]
    assert sum(moment == last + rest for moment in take(pace, 5, last + rest)) == at_once


def test_a_slot_taken_late_does_not_delay_the_next() -> None:
    pace = Pace(25.0)
    last = take(pace, 10)[-1]
    assert [round(moment - last, 6) for moment in take(pace, 3, last + 0.07)] == [0.07, 0.08, 0.12]


def test_when_a_slot_is_due_depends_on_slots_taken_not_on_who_asks() -> None:
    pace = Pace(25.0)
    take(pace, 5)
    assert {round(pace.due(START + 0.01) - START, 6) for _ in range(10)} == {0.16}


@pytest.mark.parametrize(("limit", "at_once"), [(1.0, 1), (24.0, 1), (25.0, 2), (50.0, 3), (400.0, 17)])
def test_the_higher_the_limit_the_more_may_come_at_once(limit: float, at_once: int) -> None:
    pace = Pace(limit)
    for now in (START, START + 3_600):
        assert sum(moment - now < 1e-9 for moment in take(pace, 30, now)) == at_once


def test_a_slot_that_was_not_used_is_given_back() -> None:
    pace = Pace(25.0)
    last = take(pace, 10)[-1]
    pace.refund()
    assert round(pace.due(last) - last, 6) == 0.0
    assert [round(moment - last, 6) for moment in take(pace, 2, last)] == [0.0, 0.04]


def test_without_a_limit_everything_is_due_and_nothing_is_learnt() -> None:
    pace = Pace(None)
    assert take(pace, 1_000) == [START] * 1_000
    pace.refund()
    for status in (200, 429):
        pace.learn(START, status, told(remaining=0, limit=5, wait=30))
    assert take(pace, 1_000) == [START] * 1_000
    assert (pace.limit, pace.rate(), pace.remaining) == (None, None, None)


def test_a_loop_with_another_clock_does_not_wait_for_the_time_of_the_first() -> None:
    pace = Pace(25.0)
    take(pace, 100, 1_000_000.0)
    pace.learn(1_000_000.0, 429, told(wait=60))
    moments = take(pace, 5, 50.0)
    assert [round(moment - 50.0, 6) for moment in moments] == [0.0, 0.007059, 0.054118, 0.101176, 0.148235]


def test_a_loop_with_another_clock_can_slow_the_pace() -> None:
    pace = Pace(20.0)
    take(pace, 1, 1_000_000.0)
    pace.learn(1_000_000.0, 429, {})
    take(pace, 1, 50.0)
    pace.learn(50.0, 429, {})  # within half a second of the last, as far as anybody knows
    pace.learn(50.5, 429, {})
    assert pace.rate() == pytest.approx(20 * 0.85**2)


@pytest.mark.parametrize(("back", "free"), [(0.9, 0), (1.0, 0), (1.1, 2)])
def test_a_clock_that_is_a_little_behind_is_the_same_clock(back: float, free: int) -> None:
    pace = Pace(25.0)
    last = take(pace, 50)[-1]
    assert sum(moment == last - back for moment in take(pace, 5, last - back)) == free


@settings(max_examples=200)
@given(limit=st.integers(1, 200), rests=st.lists(st.floats(0, 3), min_size=2, max_size=40), crowd=st.integers(1, 9))
def test_no_stretch_ever_sees_more_than_the_limit_and_what_comes_early(
    limit: int, rests: list[float], crowd: int
) -> None:
    pace, moments, now = Pace(float(limit)), list[float](), START
    for rest in rests:
        moments += take(pace, crowd, now)
        now = moments[-1] + rest
    for first, begin in enumerate(moments):
        assert all(end - begin >= more / limit - EARLY_TOLERANCE - 1e-6 for more, end in enumerate(moments[first:]))


@settings(max_examples=100)
@given(limit=st.integers(1, 200), back=st.lists(st.booleans(), max_size=60))
def test_slots_given_back_make_nothing_faster(limit: int, back: list[bool]) -> None:
    pace, now, used = Pace(float(limit)), START, list[float]()
    for unused in back:
        now = max(now, pace.due(now))
        pace.take(now)
        if unused:
            pace.refund()
        else:
            used.append(now)
    for first, begin in enumerate(used):
        assert all(end - begin >= more / limit - EARLY_TOLERANCE - 1e-6 for more, end in enumerate(used[first:]))
