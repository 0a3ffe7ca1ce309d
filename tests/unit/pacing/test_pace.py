"""Are slots due as fast as the server allows: at once after a rest, then evenly, and never more in any second?"""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield._config.options import Priority
from lightfield._pacing.pace import Pace
from lightfield._pacing.queue import SPACING
from lightfield._pacing.schedule import JITTER, LATE_TOLERANCE, Demand
from tests.unit.pacing.paces import ALONE, LONG, START, arrive, burst, learn, spaced, take, told


def since_start(moments: Sequence[float], start: float = START) -> list[float]:
    return [round(moment - start, 9) for moment in moments]


@pytest.mark.parametrize("limit", [1.0, 5.0, 25.0, 400.0, 0.5])
def test_slots_of_a_long_bulk_are_evenly_spaced_at_the_limit(limit: float) -> None:
    assert since_start(take(Pace(limit), 100)) == [round(number / limit, 9) for number in range(100)]


@pytest.mark.parametrize("limit", [2.0, 5.0, 25.0, 400.0])
def test_after_a_rest_the_whole_limit_is_due_at_once_and_again_a_second_later(limit: float) -> None:
    pace, size = Pace(limit), int(limit)
    for start in (START, START + 3_600):
        assert since_start(burst(pace, 2 * size, start), start) == [0.0] * size + [1.005] * size
    assert JITTER == 0.005


@pytest.mark.parametrize(
    ("limit", "moments"),
    [
        (0.5, [0.0, 2.0, 4.0]),
        (1.0, [0.0, 1.0, 2.0]),
        (1.5, [0.0, 1.0, 1.666666667, 2.333333333]),
        (2.5, [0.0, 0.0, 1.005, 1.055, 1.805, 2.06]),
        (12.5, [*[0.0] * 12, *[1.005] * 12]),
    ],
)
def test_a_fraction_of_a_limit_is_granted_at_even_distances_only(limit: float, moments: list[float]) -> None:
    assert since_start(burst(Pace(limit), len(moments))) == moments


def test_interactive_calls_that_keep_waiting_go_second_by_second_5_ms_apart() -> None:
    moments = since_start(burst(Pace(25.0), 100))
    assert moments[:26] == [0.0] * 25 + [1.005]
    assert moments[26:50] == [round(1.005 + 0.005 * number, 9) for number in range(1, 25)]
    assert moments[50:75] == [round(2.01 + 0.005 * number, 9) for number in range(25)]
    assert moments[75:] == [round(3.015 + 0.005 * number, 9) for number in range(25)]


def test_a_bulk_that_has_to_wait_goes_evenly() -> None:
    pace = Pace(25.0)
    burst(pace, 25)
    assert since_start(take(pace, 30)) == [
        1.005,
        *(round(1.0 + 0.04 * number, 9) for number in range(1, 25)),
        2.005,
    ] + [round(2.0 + 0.04 * number, 9) for number in range(1, 5)]


@pytest.mark.parametrize(("priority", "distance"), [("interactive", 0.005), ("bulk", 0.04)])
@pytest.mark.parametrize(("waiting", "spaced_out"), [(22, False), (25, True)])
def test_a_queue_is_spaced_if_more_wait_than_is_saved_up(
    priority: Priority, distance: float, waiting: int, *, spaced_out: bool
) -> None:
    pace = Pace(25.0)
    burst(pace, 25)  # of 50 that were saved up
    pace.take(START + 1.005)
    _, first, second = take(pace, 3, START + 1.05, queue=Demand(waiting, SPACING[priority]))
    assert round(second - first, 9) == (distance if spaced_out else 0.0)


@pytest.mark.parametrize(("rest", "saved"), [(0.0, 1), (0.02, 1), (0.1, 5), (0.5, 25), (1.0, 50), (3_600.0, 50)])
def test_a_rest_saves_up_two_seconds_worth_in_one(rest: float, saved: int) -> None:
    pace = Pace(25.0)
    last = take(pace, 100)[-1]
    arrive(pace, last + rest)
    now = last + rest + 2
    pace.take(now)
    assert pace.due(now, Demand(saved, 1)) == pytest.approx(now + 0.04)
    assert pace.due(now, Demand(saved - 1, 1)) <= now


def test_time_in_which_calls_wait_is_no_rest() -> None:
    pace = Pace(25.0)
    last = burst(pace, 50)[-1]
    arrive(pace, last)
    assert pace.due(last + 0.99, ALONE) == pytest.approx(last + 1.005)
    pace.take(last + 1.005)
    assert pace.due(last + 1.01, ALONE) == pytest.approx(last + 1.01)


@pytest.mark.parametrize(("late", "following"), [(0.0, 0.04), (0.03, 0.01), (0.04, 0.0), (0.041, 0.04), (5.0, 0.04)])
def test_a_slot_that_is_a_little_late_does_not_delay_the_next(late: float, following: float) -> None:
    pace = Pace(25.0)
    due = take(pace, 10)[-1] + 0.04
    pace.take(due + late)
    assert round(pace.due(due + late, LONG) - due - late, 9) == following
    assert LATE_TOLERANCE == 0.04


def test_when_a_slot_is_due_depends_on_slots_taken_not_on_who_asks() -> None:
    pace = Pace(25.0)
    take(pace, 5)
    assert {round(pace.due(START + 0.01, LONG) - START, 6) for _ in range(10)} == {0.2}


def test_the_second_begins_when_the_request_is_sent() -> None:
    pace = Pace(2.0)
    arrive(pace, START)
    slots = [pace.take(START) for _ in range(2)]
    for number, slot in enumerate(slots):
        slot.sent(START + 0.2 + 0.1 * number)
    first, second = take(pace, 2, queue=ALONE)
    assert (round(first - START, 9), round(second - START, 9)) == (1.205, 1.305)


def test_a_request_that_waits_for_its_connection_counts_when_it_is_sent() -> None:
    pace = Pace(1.0)
    slot = pace.take(START)
    slot.is_sent = False
    assert [round(pace.due(START + now, ALONE) - START, 9) for now in (0.5, 1.0, 1.2)] == [1.0, 1.05, 1.25]
    slot.sent(START + 1.3)
    assert round(pace.due(START + 1.3, ALONE) - START, 9) == 2.3


def test_a_connection_that_hangs_stops_others_for_a_second() -> None:
    pace = Pace(1.0)
    pace.take(START).is_sent = False
    assert [round(pace.due(START + now, ALONE) - START, 9) for now in (1.97, 2.0, 2.5)] == [2.0, 2.0, 2.0]


def test_a_connection_that_hangs_stops_others_for_two_seconds_at_half_a_request_per_second() -> None:
    pace = Pace(0.5)
    pace.take(START).is_sent = False
    assert [round(pace.due(START + now, ALONE) - START, 9) for now in (2.5, 3.97)] == [2.55, 4.0]


def test_a_call_that_arrives_and_leaves_takes_no_rest_from_the_next() -> None:
    pace = Pace(25.0)
    last = take(pace, 100)[-1]
    arrive(pace, last + 0.5)
    arrive(pace, last + 1.0)
    pace.take(last + 2)
    assert pace.due(last + 2, Demand(49, 1)) <= last + 2


def test_a_clock_that_is_more_than_a_second_behind_is_held_by_no_429_of_another() -> None:
    pace = Pace(25.0)
    take(pace, 1)
    learn(pace, START, 429, told(wait=60))
    assert pace.due(START - 1.5, LONG) <= START - 1.5


def test_what_bursts_have_spent_is_paid_in_a_second_whatever_the_rate() -> None:
    pace, now = Pace(25.0), START
    for second in range(60):
        arrive(pace, START + 1.005 * second)
        for _ in range(24):
            now = max(START + 1.005 * second, pace.due(now, ALONE))
            pace.take(now)
        pace.learn(now, 200, told(remaining=0), pace.take(now))
    assert pace.due(now + 0.1, LONG) <= now + 1.01


@pytest.mark.parametrize("limit", [1, 5, 24])
def test_a_limit_that_falls_after_a_burst_stops_nothing_for_longer_than_a_second(limit: int) -> None:
    pace = Pace(25.0)
    burst(pace, 25)
    learn(pace, START + 0.05, 200, told(limit=limit))
    assert pace.due(START + 0.1, LONG) <= START + 1.06


def test_a_slot_that_was_not_used_is_given_back() -> None:
    pace = Pace(25.0)
    burst(pace, 24)
    slot = pace.take(START)
    pace.refund(slot)
    assert pace.due(START, ALONE) <= START
    pace.take(START)
    assert pace.due(START, ALONE) == START + 1.005


def test_an_even_slot_that_was_not_used_is_given_back() -> None:
    pace = Pace(25.0)
    last = take(pace, 10)[-1]
    slot = pace.take(last + 0.04)
    pace.refund(slot)
    assert [round(moment - last, 6) for moment in take(pace, 2, last + 0.04)] == [0.04, 0.08]


def test_without_a_limit_everything_is_due_and_no_limit_is_learnt() -> None:
    pace = Pace(None)
    assert take(pace, 1_000) == [START] * 1_000
    pace.refund(pace.take(START))
    arrive(pace, START)
    for status in (200, 429):
        learn(pace, START, status, told(remaining=0, limit=5))
    assert take(pace, 1_000) == [START] * 1_000
    assert (pace.limit, pace.rate, pace.remaining) == (None, None, None)


@pytest.mark.parametrize(
    ("status", "asked", "held"), [(429, 1, 1), (429, 60, 60), (429, 61, 0), (429, None, 0), (503, 30, 0)]
)
def test_without_a_limit_a_429_holds_everything_as_long_as_it_asks(status: int, asked: object, held: int) -> None:
    pace = Pace(None)
    learn(pace, START, status, told(wait=asked))
    learn(pace, START, 429, told(wait="soon"))
    assert take(pace, 3) == [START + held] * 3


def test_a_loop_with_another_clock_does_not_wait_for_the_time_of_the_first() -> None:
    pace = Pace(25.0)
    take(pace, 100, 1_000_000.0)
    learn(pace, 1_000_000.0, 429, told(wait=60))
    moments = take(pace, 3, 50.0)
    assert [moment - 50.0 for moment in moments] == pytest.approx([0.0, 0.04 / 0.85, 0.08 / 0.85])


def test_a_loop_with_another_clock_can_slow_the_pace() -> None:
    pace = Pace(20.0)
    take(pace, 1, 1_000_000.0)
    learn(pace, 1_000_000.0, 429, {})
    take(pace, 1, 50.0)
    learn(pace, 50.0, 429, {})  # within half a second of the last, as far as anybody knows
    assert pace.rate == 20 * 0.85
    learn(pace, 50.5, 429, {})
    assert pace.rate == pytest.approx(20 * 0.85**3)


def test_a_loop_with_another_clock_has_nothing_saved_up() -> None:
    pace = Pace(25.0)
    burst(pace, 25, 1_000_000.0)
    assert pace.due(50.0, ALONE) <= 50.0
    pace.take(50.0)
    arrive(pace, 50.0)
    assert pace.due(50.0, Demand(2, 1 / 8)) == pytest.approx(50.005)


@pytest.mark.parametrize(("back", "due"), [(0.9, 0.1), (1.0, 0.0), (1.1, -1.1)])
def test_a_clock_that_is_a_little_behind_is_the_same_clock(back: float, due: float) -> None:
    pace = Pace(1.0)
    last = take(pace, 3)[-1]
    assert round(pace.due(last - back, LONG) - last, 6) == (1.0 if back <= 1 else -back)
    assert due <= 0.1


Call = tuple[float, Priority, int, float, int]
calls = st.lists(
    st.tuples(
        st.floats(0, 0.3) | st.sampled_from([0.0, 1.0, 1.5]),  # after the last one
        st.sampled_from(["interactive", "bulk"]),
        st.integers(1, 80),  # waiting
        st.floats(0, 0.2),  # late
        st.sampled_from([0, 0, 0, 200, 429]),
    ),
    max_size=150,
)


@settings(max_examples=300)
@given(limit=st.integers(1, 60), calls=calls, refused=st.booleans())
def test_no_second_ever_sees_more_than_the_limit_whatever_arrives(
    limit: int, calls: list[Call], *, refused: bool
) -> None:
    pace = spaced(limit) if refused else Pace(limit)
    now, sent = START, list[float]()
    for rest, priority, waiting, late, status in calls:
        now += rest
        arrive(pace, now)
        now = max(now, pace.due(now, Demand(waiting, SPACING[priority])) + late)
        slot = pace.take(now)
        if status == 0 and waiting == 1:
            pace.refund(slot)
            continue
        sent.append(now)
        if status == 200:
            pace.learn(now, 200, told(), slot)
        elif status == 429 and not slot.in_burst:  # that of a burst is not counted by the server
            pace.learn(now, 429, told(), slot)
    for first, begin in enumerate(sent):
        assert sum(moment < begin + 1 - 1e-6 for moment in sent[first:]) <= limit


@settings(max_examples=100)
@given(limit=st.integers(1, 200), back=st.lists(st.booleans(), max_size=300))
def test_slots_given_back_make_nothing_faster(limit: int, back: list[bool]) -> None:
    pace, now, used = Pace(float(limit)), START, list[float]()
    for unused in back:
        now = max(now, pace.due(now, LONG))
        slot = pace.take(now)
        if unused:
            pace.refund(slot)
        else:
            used.append(now)
    assert all(later - earlier >= 1 / limit - 1e-6 for earlier, later in pairwise(used))
    assert not used or used[-1] - START == pytest.approx((len(used) - 1) / limit)
