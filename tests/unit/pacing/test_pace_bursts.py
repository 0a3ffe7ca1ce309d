"""Does a pace give up bursts where they are refused, for a while, and bound them by what the server says remains?"""

import pytest

from lightfield._pacing.pace import Pace
from lightfield._pacing.schedule import Demand, Slot
from tests.unit.pacing.paces import ALONE, LONG, START, arrive, burst, gap, learn, take, told

LIMIT = 25.0


def pair(pace: Pace, now: float) -> tuple[Slot, Slot]:
    """Take two slots at once."""
    arrive(pace, now)
    return pace.take(now), pace.take(now)


def at_once(pace: Pace, now: float) -> int:
    """Say how many calls that come together may go at once."""
    return sum(moment == now for moment in burst(pace, 30, now))


def refuse(pace: Pace, now: float) -> None:
    """Let two go at once, and the server refuse the second."""
    _, second = pair(pace, now)
    pace.learn(now, 429, {}, second)


@pytest.mark.parametrize("which", [0, 1])
def test_a_429_in_a_burst_spaces_everything_evenly(which: int) -> None:
    pace = Pace(LIMIT)
    pace.learn(START + 0.05, 429, {}, pair(pace, START)[which])
    assert at_once(pace, START + 2) == 1
    assert [round(moment - START, 9) for moment in burst(pace, 3, START + 4)] == [4.0, 4.04, 4.08]
    assert pace.rate == LIMIT  # the rate was not too high


@pytest.mark.parametrize(("after", "expected"), [(29.9, 1), (30.1, 25)])
def test_bursts_are_tried_again_after_30_seconds(after: float, expected: int) -> None:
    pace = Pace(LIMIT)
    refuse(pace, START)
    assert at_once(pace, START + after) == expected


def test_each_further_time_takes_twice_as_long_and_an_hour_at_most() -> None:
    pace, now, spacing = Pace(LIMIT), START, 30.0
    for _ in range(12):
        refuse(pace, now)
        assert pace.due(now + spacing - 0.1, Demand(1, 1 / 8)) > START
        pair(pace, now + spacing - 0.1)
        assert pace.due(now + spacing - 0.1, ALONE) > now + spacing - 0.1
        now += spacing + 0.1
        pair(pace, now)
        assert pace.due(now, ALONE) <= now
        now += 2
        spacing = min(3_600.0, 2 * spacing)


def test_more_429s_of_the_same_burst_change_nothing() -> None:
    pace = Pace(LIMIT)
    arrive(pace, START)
    for slot in [pace.take(START) for _ in range(25)]:
        pace.learn(START + 0.1, 429, {}, slot)
    assert pace.rate == LIMIT
    assert at_once(pace, START + 30.2) == 25


def test_requests_of_a_burst_that_were_refused_do_not_count() -> None:
    pace = Pace(LIMIT)
    arrive(pace, START)
    first, *others = [pace.take(START) for _ in range(25)]
    pace.learn(START + 0.05, 200, {}, first)
    for slot in others:
        pace.learn(START + 0.05, 429, {}, slot)
    assert [round(moment - START, 9) for moment in take(pace, 3, START + 0.06)] == [0.06, 0.1, 0.14]


def test_a_late_slot_is_made_up_for_by_no_more_than_2_ms_where_bursts_are_refused() -> None:
    pace = Pace(LIMIT)
    refuse(pace, START)
    moments = take(pace, 2, START + 1)
    due = moments[-1] + 0.04
    pace.take(due + 0.002)
    assert round(pace.due(due, LONG) - due, 9) == 0.04
    due += 0.04
    pace.take(due + 0.003)
    assert round(pace.due(due, LONG) - due, 9) == 0.043


@pytest.mark.parametrize(("passed", "following"), [(24, 60.0), (25, 30.0)])
def test_a_whole_limit_of_bursts_that_pass_makes_the_next_refusal_the_first(passed: int, following: float) -> None:
    pace = Pace(LIMIT)
    refuse(pace, START)
    now = START + 31
    arrive(pace, now)
    for slot in [pace.take(now) for _ in range(passed)]:
        assert slot.in_burst
        pace.learn(now, 200, {}, slot)
    now += 5
    refuse(pace, now)
    assert at_once(pace, now + following - 5) == 1
    assert at_once(pace, now + following + 1) == 25


def test_evenly_spaced_slots_that_pass_do_not_count() -> None:
    pace = Pace(LIMIT)
    refuse(pace, START)
    arrive(pace, START + 31)
    for slot in [pace.take(START + 31) for _ in range(20)]:
        pace.learn(START + 31, 200, {}, slot)
    learn(pace, START + 33, 429, {})  # lowers the rate, so that every response counts for that
    for number in range(10):
        pace.learn(START + 35 + number, 200, {}, pace.take(START + 35 + number))
    refuse(pace, START + 50)
    assert at_once(pace, START + 50 + 55) == 1


def test_only_bursts_that_pass_in_a_row_count() -> None:
    pace = Pace(LIMIT)
    now = START
    for _ in range(2):
        arrive(pace, now)
        for slot in [pace.take(now) for _ in range(24)]:
            pace.learn(now, 200, {}, slot)
        refuse(pace, now + 5)
        now += 40
    refuse(pace, now + 40)
    assert at_once(pace, now + 40 + 100) == 1


def test_the_rest_of_a_refused_burst_does_not_count_as_passing() -> None:
    pace, now, spacing = Pace(LIMIT), START, 30.0
    for _ in range(5):
        arrive(pace, now)
        first, *others = [pace.take(now) for _ in range(25)]
        assert first.in_burst
        pace.learn(now, 429, {}, first)  # a server whose bucket holds 24 refuses one of each burst
        for slot in others:
            pace.learn(now + 0.05, 200, {}, slot)
        assert at_once(pace, now + spacing - 2) == 1
        now += spacing + 1
        spacing *= 2


def test_a_429_of_an_evenly_spaced_slot_forbids_no_burst() -> None:
    pace = Pace(LIMIT)
    take(pace, 10)
    slot = pace.take(START + 0.41)
    assert not slot.in_burst
    pace.learn(START + 0.45, 429, {}, slot)
    assert pace.rate == pytest.approx(LIMIT * 0.85)
    assert at_once(pace, START + 3) == 25


@pytest.mark.parametrize(("remaining", "expected"), [(0, 0), (1, 1), (5, 5), (20, 20), (24, 24), (300, 24)])
def test_what_remains_after_the_latest_request_bounds_what_follows_at_once(remaining: int, expected: int) -> None:
    pace = Pace(LIMIT)
    arrive(pace, START)
    slot = pace.take(START)
    pace.learn(START, 200, told(remaining=remaining), slot)
    assert at_once(pace, START) == expected


def test_what_remained_grows_by_the_limit() -> None:
    pace = Pace(LIMIT)
    arrive(pace, START)
    slot = pace.take(START)
    pace.learn(START + 0.1, 200, told(remaining=3), slot)
    assert at_once(pace, START + 0.201) == 8
    assert at_once(pace, START + 5) == 25


def test_what_this_program_used_itself_bounds_nothing_more() -> None:
    pace = Pace(LIMIT)
    arrive(pace, START)
    slots = [pace.take(START) for _ in range(25)]
    pace.learn(START + 0.05, 200, told(remaining=0), slots[-1])
    assert at_once(pace, START + 1.02) == 25


def test_requests_sent_since_count_against_what_remained() -> None:
    pace = Pace(LIMIT)
    first, _ = pair(pace, START)
    pace.learn(START, 200, told(remaining=5), first)
    assert at_once(pace, START) == 4


def test_of_two_requests_of_the_same_moment_the_later_response_counts() -> None:
    pace = Pace(LIMIT)
    first, second = pair(pace, START)
    pace.learn(START, 200, told(remaining=8), first)
    pace.learn(START, 200, told(remaining=2), second)
    assert at_once(pace, START) == 2


@pytest.mark.parametrize("remaining", [0, 1])
def test_a_window_that_was_used_up_by_this_program_alone_opens_at_once(remaining: int) -> None:
    pace = Pace(LIMIT)
    arrive(pace, START)
    pace.take(START)
    arrive(pace, START + 0.055)
    for _ in range(24):
        pace.take(START + 0.055)
    slot = pace.take(START + 1.006)
    pace.learn(START + 1.04, 200, told(remaining=remaining), slot)
    arrive(pace, START + 1.061)
    assert pace.due(START + 1.061, Demand(20, 1 / 8)) <= START + 1.061
    for _ in range(10):
        pace.take(START + 1.061)
    assert pace.due(START + 1.061, Demand(10, 1 / 8)) <= START + 1.061


def test_what_remained_for_an_earlier_request_is_out_of_date() -> None:
    pace = Pace(LIMIT)
    first, _ = pair(pace, START)
    second = pace.take(START + 0.01)
    pace.learn(START + 0.02, 200, told(remaining=5), second)
    pace.learn(START + 0.02, 200, told(remaining=2), first)
    assert at_once(pace, START + 0.02) == 5


def test_what_remained_long_ago_is_out_of_date() -> None:
    pace = Pace(2.0)
    arrive(pace, START)
    first = pace.take(START)
    take(pace, 10, START + 0.1)
    pace.learn(START + 10, 200, told(remaining=0), first)
    assert at_once(pace, START + 10) == 2


def test_a_429_to_the_latest_request_leaves_nothing() -> None:
    pace = Pace(LIMIT)
    arrive(pace, START)
    slot = pace.take(START)
    pace.learn(START, 429, told(remaining=20), slot)
    assert round(pace.due(START, ALONE) - START, 9) == 0.04


def test_a_slot_given_back_is_still_covered() -> None:
    pace = Pace(LIMIT)
    arrive(pace, START)
    pace.learn(START, 200, told(remaining=1), pace.take(START))
    pace.refund(pace.take(START))
    assert at_once(pace, START) == 1


def test_what_remained_is_of_no_use_to_a_loop_with_another_clock() -> None:
    pace = Pace(LIMIT)
    arrive(pace, 1_000_000.0)
    pace.learn(1_000_000.0, 200, told(remaining=0), pace.take(1_000_000.0))
    assert pace.due(50.0, ALONE) <= 50.0


def test_a_server_without_bursts_is_known_by_its_first_response() -> None:
    pace = Pace(LIMIT)
    arrive(pace, START)
    pace.learn(START, 200, told(remaining=0), pace.take(START))
    moments = burst(pace, 3, START + 0.05)
    assert [round(moment - START, 9) for moment in moments] == [0.05, 0.08, 0.12]
    learn(pace, START + 0.2, 200, told(remaining=0))
    assert gap(pace, START + 10) == round(0.04 / 0.85, 9)
