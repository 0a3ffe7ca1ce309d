"""Is a server that counts honestly ever made to refuse, and is its limit used up? By hand, on a simulated clock."""

from heapq import heappop, heappush
from itertools import count, pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield._config.options import Priority
from lightfield._pacing.pace import Pace
from lightfield._pacing.queue import SPACING
from lightfield._pacing.schedule import JITTER, Demand, Slot
from lightfield.testing._http.limits import RateLimits
from tests.unit.pacing.paces import LONG, START, arrive

Latency = tuple[float, float]


class Link:
    """A pace in front of a token bucket, whose requests and responses take their time on the way."""

    def __init__(self, limit: int, latency: Latency, seed: int = 0, *, assumed: float | None = None) -> None:
        self.pace = Pace(float(assumed or limit))
        self.now = self.clock = START
        self.refused = 0
        self.sent: list[float] = []
        self._bucket = RateLimits(limit, self._nanoseconds, self._nanoseconds)
        self._latency, self._random = latency, Random(seed)
        self._numbers = count()
        self._underway: list[tuple[float, int, Slot, dict[str, str] | None, int]] = []
        self.waiting = LONG

    def _nanoseconds(self) -> int:
        return round(self.clock * 1e9)

    def _travel(self, since: float, slot: Slot, headers: dict[str, str] | None = None, status: int = 0) -> None:
        arrival = since + self._random.uniform(*self._latency) / 2
        heappush(self._underway, (arrival, next(self._numbers), slot, headers, status))

    def _settle(self) -> None:
        """Let everything arrive that does before the next slot: requests at the server, responses at the pace."""
        while self._underway and self._underway[0][0] <= max(self.now, self.pace.due(self.now, self.waiting)):
            self.clock, _, slot, headers, status = heappop(self._underway)
            self.now = max(self.now, self.clock)
            if headers is None:
                passes = self._bucket.take("Read")
                self.refused += not passes
                self._travel(self.clock, slot, self._bucket.headers("Read"), 200 if passes else 429)
            else:
                self.pace.learn(self.clock, status, headers, slot)

    def send(self, number: int, priority: Priority = "bulk") -> None:
        """Send a number of requests as fast as the pace allows."""
        arrive(self.pace, self.now)
        self.waiting = alone = Demand(1, SPACING[priority])
        for waiting in range(number, 0, -1):
            if self.waiting != alone or self.pace.due(self.now, alone) > self.now:  # they wait for their slots
                self.waiting = Demand(waiting, SPACING[priority])
            self._settle()
            self.now = max(self.now, self.pace.due(self.now, self.waiting))
            self.sent.append(self.now)
            self._travel(self.now, self.pace.take(self.now))

    def rest(self, seconds: float) -> None:
        until = self.now + seconds
        while self._underway and self._underway[0][0] <= until:
            self.now = max(self.now, self._underway[0][0])
            self._settle()
        self.now = until


latencies = st.tuples(st.floats(0, 0.2), st.floats(0, 2 * JITTER)).map(lambda pair: (pair[0], sum(pair)))
"""One way takes longer at one time than at another, by no more than a burst is late for it."""


@settings(max_examples=60)
@given(limit=st.integers(4, 100), latency=latencies, seed=st.integers(0, 99))
def test_a_bucket_refuses_nothing_and_gives_its_limit(limit: int, latency: Latency, seed: int) -> None:
    link = Link(limit, latency, seed)
    link.send(20 * limit)
    assert link.refused == 0
    assert 19.0 - 1e-6 <= link.sent[-1] - START < 19.7  # 20 s at the limit, 19 s if the bucket were empty at the end


@settings(max_examples=60)
@given(
    limit=st.integers(4, 100),
    latency=latencies,
    seed=st.integers(0, 99),
    bursts=st.lists(
        st.tuples(st.integers(1, 120), st.sampled_from(["interactive", "bulk"]), st.floats(0, 4)), max_size=12
    ),
)
def test_a_bucket_refuses_nothing_whatever_the_load(
    limit: int, latency: Latency, seed: int, bursts: list[tuple[int, Priority, float]]
) -> None:
    link = Link(limit, latency, seed)
    for number, priority, rest in bursts:
        link.send(number, priority)
        link.rest(rest)
    assert link.refused == 0


@pytest.mark.parametrize("latency", [(0.0, 0.0), (0.05, 0.15), (0.2, 0.2)])
def test_500_requests_spend_the_reserve_of_the_bucket(latency: Latency) -> None:
    link = Link(25, latency)
    link.send(500)
    assert link.refused == 0
    assert link.sent[-1] - START < 19.5
    gaps = [later - earlier for earlier, later in pairwise(link.sent)]
    assert max(gaps[:24]) == 0.0
    assert min(gaps[26:73]) > 0.0399  # a fifth faster, but not in the first two seconds after the burst
    assert min(gaps[73:]) == pytest.approx(0.04 / 1.2)


def test_a_limit_that_is_lower_than_assumed_is_exceeded_once() -> None:
    link = Link(10, (0.1, 0.1), assumed=25.0)
    for priority in ("bulk", "interactive"):
        link.send(100, priority)
        link.rest(100)
    assert link.refused == 15
