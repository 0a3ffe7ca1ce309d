"""Is a listing given whole, in order and soon, while records are created and deleted all the time?"""

import asyncio
import random
from collections.abc import Callable
from typing import NamedTuple

import pytest

from lightfield._bulk.pages import WINDOW, Walk
from lightfield._bulk.tally import ListingReport
from lightfield.models import Opportunity, Page
from tests.clock import START, run
from tests.unit.bulk.listed import Listing, number

NEW = 1_000_000
RATE = 25


class Walked(NamedTuple):
    found: list[int]
    lost: set[int]
    report: ListingReport
    seconds: float


class Busy(Listing):
    """Lets 25 requests a second through, while so many records a second are created, and others deleted."""

    def __init__(self, size: int, *, create: float = 0, delete: float = 0, latency: tuple[float, float]) -> None:
        super().__init__(range(size))
        self.create, self.delete, self.latency = create, delete, latency
        self.random = random.Random(1)
        self.kept = set(self.numbers)
        self.slot = START
        self.created = self.deleted = 0

    async def fetch(self, offset: int) -> Page[Opportunity]:
        now = asyncio.get_running_loop().time()
        mine = max(self.slot, now)
        self.slot = mine + 1 / RATE
        takes = self.random.uniform(*self.latency) / 2
        self.delays = [(mine - now + takes, takes)]
        return await super().fetch(offset)

    def look(self, offset: int) -> Page[Opportunity]:
        since = asyncio.get_running_loop().time() - START
        self.add(int(since * self.create) - self.created)
        while self.deleted < int(since * self.delete):
            self.deleted += 1
            self.kept.discard(self.numbers.pop(self.random.randrange(len(self.numbers))))
        return super().look(offset)

    def add(self, many: int) -> None:
        new = range(NEW + self.created, NEW + self.created + many)
        self.created += len(new)
        self.numbers[:0] = reversed(new)

    def given(self, *, each: float = 0, on: Callable[[int], int] = lambda _: 0) -> Walked:
        """Walk it; each record takes a consumer so long, and may make it create others."""

        async def scenario() -> Walked:
            walk = Walk(self.fetch)
            found: list[int] = []
            async for one in walk.records():
                found.append(number(one))
                self.add(on(found[-1]))
                await asyncio.sleep(each)
            assert len(found) == len(set(found))
            taken = asyncio.get_running_loop().time() - START
            return Walked(found, self.kept - set(found), walk.tally.report(), taken)

        return run(scenario())


@pytest.mark.parametrize(
    ("create", "latency", "most"),
    [(1, 0.08, 1.04), (5, 0.08, 1.04), (25, 0.08, 1.1), (10, 0.3, 1.3), (10, 0.6, 1.5), (10, 1.0, 2.0), (25, 0.3, 1.5)],
)
def test_records_that_are_created_push_none_out_and_cost_little(create: float, latency: float, most: float) -> None:
    listing = Busy(10_000, create=create, latency=(0.03, latency))
    walked = listing.given()
    assert [each for each in walked.found if each < NEW] == list(range(10_000))
    assert (walked.report.missing, walked.report.anomalies) == (0, ())
    assert walked.seconds <= most * 400 / RATE + 0.5
    assert len(listing.offsets) <= most * 400


@pytest.mark.parametrize(("delete", "each"), [(1, 0.05), (5, 0.01), (1, 0.0)])
def test_records_that_are_deleted_cost_no_others(delete: float, each: float) -> None:
    listing = Busy(10_000, delete=delete, latency=(0.03, 0.08))
    walked = listing.given(each=each)
    assert walked.lost == set()
    assert (walked.report.missing, walked.report.anomalies) == (0, ())
    assert len(listing.offsets) <= 1.3 * 400


@pytest.mark.parametrize(("both", "latency"), [(2, 0.08), (2, 1.0), (12, 0.08), (12, 1.0)])
def test_records_that_are_created_and_deleted_are_missed_by_none_or_counted(both: float, latency: float) -> None:
    listing = Busy(10_000, create=both, delete=both, latency=(0.03, latency))
    walked = listing.given()
    assert walked.lost == set()
    assert walked.report.missing < 300
    assert len(listing.offsets) <= 1.4 * 400


@pytest.mark.parametrize(("create", "each"), [(1, 1.0), (25, 0.05), (100, 0.05)])
def test_a_slow_consumer_gets_all_while_as_many_are_created(create: float, each: float) -> None:
    listing = Busy(3_000, create=create, latency=(0.03, 0.08))
    walked = listing.given(each=each)
    assert [each for each in walked.found if each < NEW] == list(range(3_000))
    assert walked.report.missing == 0
    assert len(listing.offsets) <= (3_000 + listing.created) // 25 + 2 * WINDOW


@pytest.mark.parametrize(("many", "at"), [(1, None), (600, 100), (5_000, 100), (600, 2_990)])
def test_what_the_consumer_creates_pushes_none_out(many: int, at: int | None) -> None:
    listing = Busy(3_000, latency=(0.03, 0.08))
    walked = listing.given(on=lambda each: many if each < NEW and each == (each if at is None else at) else 0)
    assert [each for each in walked.found if each < NEW] == list(range(3_000))
    assert walked.report.missing == 0
    assert len(listing.offsets) <= (3_000 + listing.created) // 25 + 2 * WINDOW
