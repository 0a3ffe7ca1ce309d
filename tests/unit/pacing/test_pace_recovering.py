"""Is a pace that other programs slowed soon fast again when they have gone, and only then?"""

import pytest

from lightfield._pacing.pace import Pace
from tests.unit.pacing.paces import START, learn, told

SLOW = 25.0 * 0.85**17


def slowed(remaining: object = 0) -> Pace:
    """Make a pace that was throttled until ``START``."""
    pace = Pace(25.0)
    for moment in (START - 1.0, *[START - 0.75] * 7, START - 0.5, *[START - 0.25] * 7, START):
        learn(pace, moment, 429, told(remaining=remaining))
    assert round((pace.rate or 0.0) / SLOW, 9) == (1.0 if remaining is None else 0.85)
    return pace


def teach(pace: Pace, remaining: object, times: int = 1, since: float = START + 1) -> float:
    """Teach a pace responses to slots of its own, a second apart, and return by which factor it is faster then."""
    before = pace.rate or 0.0
    for number in range(times):
        now = since + number
        pace.learn(now, 200, told(remaining=remaining), pace.take(now))
    return (pace.rate or 0.0) / before


def base(pace: Pace) -> float:
    """Bring what remains to where it changes no rate, and return that."""
    learn(pace, START, 200, told(remaining=5))
    return pace.rate or 0.0


def test_a_pace_is_half_as_fast_again_with_each_response_once_much_remained_after_five() -> None:
    pace = slowed()
    base(pace)
    assert teach(pace, 24, 4) < 1.2
    assert [round(teach(pace, 24, since=START + 5 + number), 9) for number in range(3)] == [1.5] * 3


@pytest.mark.parametrize(("remaining", "grown"), [(10, False), (11, True), (25, True)])
def test_much_is_more_than_two_fifths(remaining: int, *, grown: bool) -> None:
    pace = slowed()
    base(pace)
    assert (teach(pace, remaining, 5) > 1.5) is grown


@pytest.mark.parametrize("interruption", [(200, 10), (429, 0)])
def test_the_five_are_in_a_row(interruption: tuple[int, int]) -> None:
    pace = slowed()
    base(pace)
    teach(pace, 24, 4)
    status, remaining = interruption
    pace.learn(START + 5, status, told(remaining=remaining), pace.take(START + 5))
    base(pace)
    assert teach(pace, 24, 4, START + 6) < 1.2
    assert round(teach(pace, 24, since=START + 10), 9) == 1.5


def test_a_429_that_came_late_counts_too() -> None:
    pace = slowed()
    base(pace)
    teach(pace, 24, 4)
    learn(pace, START + 0.1, 429, told(remaining=0))  # to a slot that is no longer known
    base(pace)
    assert teach(pace, 24, 4, START + 6) < 1.2


def test_a_fast_pace_waits_for_as_many_as_it_sends_in_a_second() -> None:
    pace = Pace(25.0)
    for moment in (START - 2.0, START - 1.0, START - 0.5, START):
        learn(pace, moment, 429, told(remaining=0))
    rate = base(pace)
    assert 13.0 < rate < 13.1
    hastes = [teach(pace, 24, since=START + 1 + number / 25) for number in range(15)]
    assert max(hastes[:13]) < 1.01
    assert round(hastes[13], 2) == 1.5


def test_a_pace_grows_up_to_85_percent_of_its_limit() -> None:
    pace = slowed()
    base(pace)
    rates: list[float] = []
    for number in range(40):
        teach(pace, 24, since=START + 1 + number)
        rates.append(round((pace.rate or 0.0) / 25.0, 9))
    assert 0.85 in rates
    assert rates[rates.index(0.85) + 1] == pytest.approx(0.85 + 0.002 * 0.85 ** (1 / 3))


@pytest.mark.parametrize("remaining", [None, 24])
def test_where_what_remains_does_not_show_it_20_seconds_without_a_decrease_do(remaining: object) -> None:
    pace = slowed(remaining)
    if remaining is not None:
        base(pace)
    assert teach(pace, remaining, 19) < 1.5
    assert teach(pace, remaining, since=START + 19.9) < 1.05
    assert round(teach(pace, remaining, since=START + 20), 9) == 1.5
