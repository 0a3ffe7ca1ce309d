"""Does a pace go slower where little remains, and faster only where a reserve is certain?"""

import pytest

from lightfield._pacing.pace import Pace
from tests.unit.pacing.paces import LONG, START, gap, keep_busy, learn, take, told

LIMIT = 25.0


def pace_told(*remaining: object, limit: float = LIMIT) -> Pace:
    """Make a pace that was told what remains, four times a second, while all slots were taken."""
    pace, before = Pace(limit), START
    for number, each in enumerate(remaining):
        now = START + number / 4
        keep_busy(pace, before, now)
        learn(pace, now, 200, told(remaining=each))
        before = now
    return pace


def haste(pace: Pace) -> float:
    return round((pace.rate or 0.0) / (pace.limit or 1.0), 9)


@pytest.mark.parametrize(
    ("remaining", "expected"), [(0, 0.85), (1, 0.8875), (2, 0.925), (3, 0.9625), (4, 1.0), (5, 1.0), (25, 1.0)]
)
def test_the_less_of_the_last_sixth_remains_the_slower_the_pace_down_to_15_percent(
    remaining: int, expected: float
) -> None:
    pace = pace_told(remaining)
    assert pace.remaining == remaining
    assert haste(pace) == expected
    assert gap(pace, START) == round(1 / (LIMIT * expected), 9)


def test_the_brake_depends_on_the_limit() -> None:
    assert haste(pace_told(4, limit=100.0)) == 0.8875


def test_the_brake_is_let_go_when_more_remains() -> None:
    assert haste(pace_told(0, 5)) == 1.0


def test_the_brake_acts_on_a_pace_that_was_slowed() -> None:
    pace = pace_told(0)
    learn(pace, START, 429, told())
    assert pace.rate == pytest.approx(LIMIT * 0.85 * 0.85)


def test_what_remains_for_more_than_two_seconds_is_spent_a_fifth_faster() -> None:
    assert haste(pace_told(*[20] * 8)) == 1.0  # 0 to 1.75 s
    pace = pace_told(*[20] * 9)  # to 2 s
    assert haste(pace) == 1.2
    assert gap(pace, START + 2) == round(1 / (LIMIT * 1.2), 9)
    assert haste(pace_told(*[4] * 8, limit=4.0)) == 1.0
    assert haste(pace_told(*[4] * 9, limit=4.0)) == 1.2


@pytest.mark.parametrize(("remaining", "expected"), [(4, 1.0), (5, 1.0), (6, 1.2), (300, 1.2)])
def test_a_reserve_is_what_is_above_a_fifth_of_the_limit(remaining: int, expected: float) -> None:
    assert haste(pace_told(*[remaining] * 12)) == expected


@pytest.mark.parametrize(("remaining", "expected"), [(19, 1.0), (20, 1.0), (21, 1.2)])
def test_a_fifth_of_the_limit_is_no_reserve_yet(remaining: int, expected: float) -> None:
    assert haste(pace_told(*[remaining] * 12, limit=100.0)) == expected


@pytest.mark.parametrize("low", range(12))
def test_the_least_of_each_second_counts(low: int) -> None:
    told_each = [20] * 12
    told_each[low] = 5
    assert haste(pace_told(*told_each)) == 1.0


def test_the_reserve_is_found_again_two_seconds_after_it_was_low() -> None:
    assert haste(pace_told(*[20] * 3, 5, *[20] * 8)) == 1.0
    assert haste(pace_told(*[20] * 3, 5, *[20] * 9)) == 1.2


def test_spending_ends_when_most_of_the_reserve_is_spent() -> None:
    assert [haste(pace_told(*[20] * 12, low)) for low in (12, 7, 6, 5)] == [1.2, 1.2, 1.2, 1.0]


@pytest.mark.parametrize("per_second", [4, 8, 20])
def test_a_window_that_is_used_up_each_second_is_no_reserve(per_second: int) -> None:
    pace, hastes = Pace(LIMIT), list[float]()
    for number in range(10 * per_second):
        left = 24 - 24 * (number % per_second + 1) // per_second
        learn(pace, START + 0.5 + number / per_second, 200, told(remaining=left))
        hastes.append(haste(pace))
    assert max(hastes) == 1.0


@pytest.mark.parametrize("each_second", [2, 5, 10])
def test_what_remains_while_few_ask_is_no_reserve(each_second: int) -> None:
    pace = Pace(LIMIT)
    for number in range(5 * each_second):
        now = START + number / each_second
        pace.take(now)
        learn(pace, now, 200, told(remaining=25 - number % each_second))
    assert gap(pace, START + 5) == 0.04


@pytest.mark.parametrize(("apart", "expected"), [(0.5, 1.2), (0.5625, 1.0)])
def test_few_ask_where_less_than_half_of_the_slots_are_taken(apart: float, expected: float) -> None:
    pace = Pace(4.0)
    for number in range(5):
        now = START + number * apart
        pace.take(now)
        learn(pace, now, 200, told(remaining=4))
    assert haste(pace) == expected


def test_the_second_in_which_a_clock_begins_shows_no_reserve() -> None:
    pace = Pace(4.0)
    for number in range(9):
        keep_busy(pace, number / 4 - 0.25, number / 4)
        learn(pace, number / 4, 200, told(remaining=4))
    assert haste(pace) == 1.0


def test_spending_ends_at_once_when_few_ask() -> None:
    pace = pace_told(*[20] * 12)
    pace.take(START + 3.9)
    assert haste(pace) == 1.0
    for number in range(8):
        now = START + 4 + number / 4
        keep_busy(pace, now - 0.25, now)
        learn(pace, now, 200, told(remaining=20))
    assert haste(pace) == 1.0  # 4 to 5.75 s
    learn(pace, START + 6, 200, told(remaining=20))
    assert haste(pace) == 1.2


def test_nothing_is_known_after_a_second_without_a_response() -> None:
    pace = pace_told(*[20] * 12)
    learn(pace, START + 4.1, 200, told(remaining=20))
    assert haste(pace) == 1.0
    learn(pace, START + 5.1, 200, told(remaining=20))
    assert haste(pace) == 1.0
    learn(pace, START + 6.1, 200, told(remaining=20))
    assert haste(pace) == 1.2


def test_a_clock_that_goes_back_begins_the_notes_anew() -> None:
    pace = pace_told(*[20] * 12)
    learn(pace, START - 500, 200, told(remaining=20))
    assert haste(pace) == 1.0


def test_a_429_ends_the_spending_until_the_rate_has_recovered() -> None:
    pace = pace_told(*[20] * 12)
    learn(pace, START + 2.9, 429, told(remaining=20))
    assert haste(pace) == round(0.85 * 0.85, 9)  # slowed, and nothing remains
    now = START + 2.9
    hastes = list[float]()
    while haste(pace) < 1.0:
        now += 0.25
        learn(pace, now, 200, told(remaining=20))
        hastes.append(haste(pace))
    assert hastes == sorted(hastes)
    assert hastes[-2] == pytest.approx(0.999, abs=1e-3)
    assert hastes[-1] == 1.2  # recovered, 19 s after the last sign of scarcity


def test_a_429_counts_as_nothing_remaining_for_two_seconds() -> None:
    pace = pace_told(*[20] * 12)
    learn(pace, START + 3, 429, told(remaining=20))
    for number in range(100):
        learn(pace, START + 3.01 + number / 1_000, 200, told(remaining=20))
    assert haste(pace) == 1.0  # recovered
    learn(pace, START + 4, 200, told(remaining=20))
    learn(pace, START + 5, 200, told(remaining=20))
    assert haste(pace) == 1.0
    learn(pace, START + 6, 200, told(remaining=20))
    assert haste(pace) == 1.2


def test_a_429_of_a_server_that_does_not_tell_what_remains_teaches_no_remainder() -> None:
    pace = Pace(LIMIT)
    learn(pace, START, 429, told())
    assert (pace.remaining, haste(pace)) == (None, 0.85)


def test_a_429_that_tells_nothing_leaves_nothing() -> None:
    pace = pace_told(20)
    learn(pace, START, 429, told())
    assert (pace.remaining, haste(pace)) == (0, round(0.85 * 0.85, 9))


@pytest.mark.parametrize("junk", ["", "-1", "1.5", "+3", " 3", "few", "\u0660", "\xb2", "10001", "9" * 400, "000000"])
def test_junk_is_ignored(junk: str) -> None:
    assert pace_told(*[junk] * 12).remaining is None
    pace = pace_told(9, junk)
    assert (pace.remaining, haste(pace)) == (9, 1.0)


def test_a_server_that_does_not_tell_what_remains_changes_no_pace() -> None:
    pace = pace_told(*[None] * 40)
    assert (pace.remaining, haste(pace), gap(pace, START + 10)) == (None, 1.0, 0.04)


def test_a_slot_keeps_the_distance_that_it_was_taken_with() -> None:
    pace = pace_told(0)
    take(pace, 5)
    due = pace.due(START, LONG)
    learn(pace, START, 200, told(remaining=20))
    assert pace.due(START, LONG) == due
