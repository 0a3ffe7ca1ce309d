"""Is a listing walked whole, in order and in as few requests as can be, as fast as they are let through?"""

import asyncio
from typing import Any

import pytest

from lightfield._bulk.pages import WINDOW, Walk
from lightfield._protocol.queries import MAX_PAGE
from lightfield.models import Opportunity, Page
from tests.clock import START, run
from tests.unit.bulk.listed import Listing, collect, number, others

SLOWER = [(0.0, 9.0), (5.0, 1.0), (0.0, 0.0), (2.0, 7.0)]
"""Answers that overtake each other."""


@pytest.mark.parametrize("size", [0, 1, 24, 25, 26, 50, 137, 10_000])
def test_a_walk_gives_every_record_in_order_in_as_few_requests_as_can_be(size: int) -> None:
    listing = Listing(range(size), delays=SLOWER)
    found, report = listing.walk()
    assert found == list(range(size))
    assert listing.offsets == list(range(0, max(size, 1), MAX_PAGE))
    assert (report.records, report.pages, report.repeated) == (size, len(listing.offsets), 0)
    assert (report.missing, report.gone, report.anomalies) == (0, 0, ())


class Paced(Listing):
    """Lets 25 requests a second through."""

    slot = START

    async def fetch(self, offset: int) -> Page[Opportunity]:
        now = asyncio.get_running_loop().time()
        mine = max(self.slot, now)
        self.slot = mine + 1 / 25
        await asyncio.sleep(mine - now)
        return await super().fetch(offset)

    def time(self) -> float:
        async def scenario() -> float:
            assert [each async for each in Walk(self.fetch).records()]
            return asyncio.get_running_loop().time() - START

        return run(scenario())


@pytest.mark.parametrize("latency", [0.0, 0.2, 1.0])
def test_a_walk_goes_as_fast_as_requests_are_let_through(latency: float) -> None:
    listing = Paced(range(10_000), delays=[(latency / 2, latency / 2)])
    assert listing.time() <= 399 / 25 + 2 * latency + 0.001
    assert len(listing.offsets) == 400


def test_short_pages_are_read_on_while_others_come() -> None:
    class Short(Paced):
        def look(self, offset: int) -> Page[Opportunity]:
            return self.page(self.numbers[offset : offset + (20 if offset % 25 == 0 and offset else self.size)])

    assert Short(range(2_500), delays=[(0.2, 0.2)]).time() <= 200 / 25 + 1.5


def test_a_slow_consumer_holds_back_the_pages() -> None:
    listing = Listing(range(10_000))

    async def scenario() -> None:
        given = 0
        async for _ in Walk(listing.fetch).records():
            given += 1
            await asyncio.sleep(1_000.0)
            assert len(listing.offsets) <= (given - 1) // MAX_PAGE + 1 + WINDOW
            if given == 200:
                break
        assert len(listing.offsets) > WINDOW

    run(scenario())


def test_pages_are_asked_for_in_order_and_several_at_once() -> None:
    listing = Listing(range(1_000), delays=[(1.0, 0.0)])

    async def scenario() -> None:
        records = Walk(listing.fetch).records()
        assert number(await anext(records)) == 0
        await asyncio.sleep(0.5)
        assert listing.in_flight == WINDOW
        assert listing.offsets == [MAX_PAGE * each for each in range(WINDOW + 1)]
        await records.aclose()

    run(scenario())


def test_repeated_ids_are_remembered_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lightfield._bulk.tally.REMEMBERED", 100)
    listing = Listing([*range(180), 80, *range(180, 400), 5])
    walk = Walk(listing.fetch)

    async def scenario() -> list[int]:
        return [number(each) async for each in walk.records()]

    assert run(scenario()) == [*range(400), 5]
    tally: Any = walk.tally
    assert len(tally._seen) == 100


@pytest.mark.parametrize("offset", [0, 50, 2_000])
def test_the_error_of_a_page_comes_when_its_turn_comes(offset: int) -> None:
    class Failing(Listing):
        def look(self, offset: int) -> Page[Opportunity]:
            if offset >= failing:
                raise KeyError(offset)
            return super().look(offset)

    failing = offset
    listing = Failing(range(5_000), delays=SLOWER)

    async def scenario() -> None:
        found: list[int] = []
        with pytest.raises(KeyError, match=str(failing)):
            await collect(Walk(listing.fetch).records(), found)
        assert found == list(range(failing))
        assert (listing.in_flight, others()) == (0, set())

    run(scenario())
