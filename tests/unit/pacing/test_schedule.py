"""Does a schedule know its own slots from those of other programs, and what remains no reserve?"""

import pytest

from lightfield._pacing.lane import Gate, Lane
from lightfield._pacing.pace import Pace
from lightfield._pacing.remaining import Remaining
from lightfield._pacing.schedule import SEARCHED_SLOTS, Demand, Schedule, Slot
from tests.unit.pacing.paces import ALONE, START


def schedule_with(*moments: float, rate: float = 25.0) -> Schedule:
    schedule = Schedule(25.0)
    for moment in moments:
        schedule.take(Slot(START + moment), rate)
    return schedule


@pytest.mark.parametrize(
    ("used", "later", "expected"),
    [
        (0, 0, True),
        (-3, 0, True),
        (0, 99, True),
        (1, 99, False),
        (1, 0, True),
        (2, 0, True),
        (4, 0, True),
        (5, 0, False),  # a whole second
        (6, 0, False),
        (4, 1, True),
        (5, 1, False),
        (1, 4, True),
        (2, 4, False),
    ],
)
def test_requests_of_a_second_are_accounted_for_by_its_slots(used: int, later: int, *, expected: bool) -> None:
    assert schedule_with(0.0, 0.1, 0.2, 0.3, 1.0).accounts_for(used, later) is expected


def test_slots_of_an_earlier_second_account_for_nothing() -> None:
    assert not schedule_with(0.0, 1.5, 1.6, 3.0).accounts_for(3, 1)


def test_slots_at_a_higher_rate_account_for_nothing() -> None:
    assert not schedule_with(0.0, 0.03, rate=30.0).accounts_for(2, 0)


def test_a_slot_is_searched_for_among_the_latest() -> None:
    schedule = Schedule(10_000.0)
    slots = [Slot(START) for _ in range(SEARCHED_SLOTS + 1)]
    for slot in slots:
        schedule.take(slot, 10_000.0)
    assert [schedule.slots_after(slots[number]) for number in (0, 1, SEARCHED_SLOTS)] == [None, SEARCHED_SLOTS - 1, 0]


def test_a_slot_given_back_is_saved_again() -> None:
    schedule = Schedule(25.0)
    schedule.due(START, 25.0, Demand(1, 1.0, arriving=True))
    slots = [Slot(START) for _ in range(3)]
    for slot in slots:
        schedule.take(slot, 25.0)
    assert schedule.saved == 47
    schedule.refund(slots[1])
    assert schedule.saved == 48
    schedule.refund(slots[1])  # which is not there any more
    assert schedule.saved == 48


def test_a_request_of_a_capped_client_counts_when_it_is_sent() -> None:
    gate = Gate(Lane(Pace(25.0)), max_rps=1)
    slot = gate.grant(START)
    slot.is_sent = False
    slot.sent(START + 0.3)
    assert gate.due(START + 0.4, ALONE) == pytest.approx(START + 1.3)
    assert gate.due(START + 1.31, ALONE) <= START + 1.31


def test_a_request_that_was_sent_is_looked_at_no_more() -> None:
    pace = Pace(1.0)
    slot = pace.take(START)
    slot.is_sent = False
    slot.sent(START + 0.3)
    assert pace.due(START + 1.3, ALONE) <= START + 1.3


def test_one_of_several_processes_does_not_spend_what_remains() -> None:
    remaining = Remaining()
    for second in range(4):
        remaining.observe(START + second, 20)
    assert remaining.rate_factor(25.0, 25.0) == 1.2
    remaining.may_be_spent = False
    assert remaining.rate_factor(25.0, 25.0) == 1.0


def test_a_lower_limit_counts_for_the_slots_that_a_capped_client_took_before() -> None:
    gate = Gate(Lane(Pace(10.0)), share=0.5)
    slot = gate.grant(START)
    gate.lane.pace.learn(START, 200, {"X-RateLimit-Limit": "5"}, slot)
    assert gate.due(START, Demand(1_000, 1.0, arriving=True)) == pytest.approx(START + 0.4)
