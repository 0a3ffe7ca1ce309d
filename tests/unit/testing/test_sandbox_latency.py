"""How long does the sandbox wait before it answers?"""

from random import Random

import pytest

from lightfield.testing._http.latency import Latency


def test_fixed_latency_is_the_same_for_each_answer_and_draws_nothing() -> None:
    rng = Random(7)
    before = rng.getstate()
    latency = Latency(0.25, rng)
    assert [latency.draw() for _ in range(3)] == [0.25, 0.25, 0.25]
    assert rng.getstate() == before


def test_range_is_drawn_anew_within_its_ends() -> None:
    latency = Latency((0.1, 0.3), Random(7))
    drawn = [latency.draw() for _ in range(500)]
    assert 0.1 <= min(drawn) < 0.11
    assert 0.29 < max(drawn) <= 0.3


def test_range_follows_the_seed() -> None:
    first, second, other = (Latency((0, 1), Random(seed)) for seed in (7, 7, 8))
    drawn = [first.draw() for _ in range(5)]
    assert drawn == [second.draw() for _ in range(5)]
    assert drawn != [other.draw() for _ in range(5)]


@pytest.mark.parametrize("seconds", [-0.1, (-1, 1), (2, 1), float("nan"), float("inf"), (0, float("inf"))])
def test_impossible_latency_is_refused(seconds: float | tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="latency must be seconds >= 0"):
        Latency(seconds, Random(0))
