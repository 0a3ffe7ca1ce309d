"""How long do small jobs take at servers that count in different ways, and how often are they refused?

On a virtual clock, with the benchmarks' models of the servers, whose answers take 30 to 80 ms.
"""

from collections.abc import Callable
from itertools import pairwise
from random import Random

import pytest

from benchmarks._limiters import FixedSecond, Headerless, Limiter, NoBurst, Shared, SlidingSecond, TokenBucket
from benchmarks.simulating import Job, Result, play, play_together
from lightfield._config.options import Priority
from lightfield._pacing.pace import Pace

SERVERS: dict[str, Callable[[], Limiter]] = {
    "bucket": lambda: TokenBucket(25, 25),
    "window": lambda: FixedSecond(25),
    "sliding": lambda: SlidingSecond(25),
    "no headers": lambda: Headerless(TokenBucket(25, 25)),
}
SEEDS = range(5)


def results(limiter: Callable[[], Limiter], *jobs: Job, rest: float = 1.7) -> list[list[Result]]:
    """Play jobs one after the other, with a rest after each; several times, with other latencies."""
    return [play(Pace(25), limiter(), seed, *jobs, rest=rest)[0] for seed in SEEDS]


@pytest.mark.parametrize("priority", ["interactive", "bulk"])
@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("calls", "seconds"), [(20, 0.081), (25, 0.081), (30, 1.15), (50, 1.15)])
def test_a_job_takes_no_longer_than_its_answers_and_the_seconds_that_the_limit_costs(
    server: str, calls: int, seconds: float, priority: Priority
) -> None:
    job = Job(calls, calls, priority)
    for played in results(SERVERS[server], job, job, job):
        assert max(result.seconds for result in played) < seconds
        assert sum(result.refused for result in played) == 0


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("priority", "seconds"), [("interactive", 3.5), ("bulk", 4.5)])
def test_a_hundred_take_three_seconds_more_than_one_and_a_bulk_four(
    server: str, priority: Priority, seconds: float
) -> None:
    job = Job(100, 100, priority)
    for played in results(SERVERS[server], job, job):
        assert max(result.seconds for result in played) < seconds
        assert max(result.refused for result in played) <= (
            priority == "bulk"
        )  # evenly spaced, they come a little late


@pytest.mark.parametrize("server", SERVERS)
def test_five_hundred_keep_to_the_limit(server: str) -> None:
    for (result,) in results(SERVERS[server], Job(500, 500)):
        assert 19.0 < result.seconds < 19.6
        assert result.refused == 0


def test_a_server_without_bursts_refuses_one_burst() -> None:
    job = Job(20, 20)
    for first, *others in results(lambda: NoBurst(25), job, job, job, job):
        assert first.refused == 19
        assert first.seconds < 2.2
        assert [result.refused for result in others] == [0] * 3
        assert max(result.seconds for result in others) < 1.1


def test_a_server_without_bursts_refuses_ever_fewer_of_them() -> None:
    job = Job(5, 5)
    played = play(Pace(25), NoBurst(25), 0, *[job] * 60, rest=9.7)[0]
    refused = [number for number, result in enumerate(played) if result.refused]
    assert refused[0] == 0
    assert 4 <= len(refused) <= 6  # in ten minutes
    assert all(later - number >= 2 for number, later in pairwise(refused))


@pytest.mark.parametrize("server", SERVERS)
def test_a_call_waits_40_ms_for_its_slot_while_a_bulk_is_under_way(server: str) -> None:
    for (result,) in results(SERVERS[server], Job(500, 50, "bulk", urgent=25)):
        assert result.wait < 0.06
        assert result.refused <= 1


def test_a_program_that_shares_the_limit_is_left_its_part() -> None:
    for seed in SEEDS:
        limiter = Shared(TokenBucket(25, 25), 8, Random(seed))
        (result,), others = play(Pace(25), limiter, seed, Job(500, 500))
        assert result.seconds < 1.1 * 500 / 17
        assert result.refused < 25
        assert others < 15


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("programs", "share"), [(2, 6), (8, 20), (24, 43), (48, 59)])
def test_many_programs_that_begin_at_once_are_soon_throttled_little(server: str, programs: int, share: float) -> None:
    played = play_together(SERVERS[server](), 0, [Job(2_400 // programs, 50, "bulk")] * programs)
    refused = sum(result.refused for result in played)
    assert 100 * refused / (2_400 + refused) < share  # half of the requests that are throttled, in the first second


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("programs", [8, 24, 48])
def test_what_other_programs_no_longer_use_is_soon_used(server: str, programs: int) -> None:
    others = [Job(600 // (programs - 1), 50, "bulk")] * (programs - 1)
    result, *_ = play_together(SERVERS[server](), 0, [Job(1_000, 50, "bulk"), *others])
    calls = 1_000 + sum(job.calls for job in others)
    assert result.seconds < 1.25 * calls / 25
