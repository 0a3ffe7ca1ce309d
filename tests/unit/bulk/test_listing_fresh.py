"""Are listed records read again in order and in bounds, and does leaving a walk early leave nothing behind?"""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import pytest

from lightfield import NotFoundError
from lightfield._bulk.listing import refreshed
from lightfield._bulk.pages import WINDOW, Walk
from lightfield._protocol.queries import MAX_PAGE
from lightfield.models import Opportunity, Page
from tests.clock import START, run
from tests.unit.bulk.listed import Listing, collect, number, others, record

LATER = 1_000_000
"""Added to the number of a record that is read again."""


class Store(Listing):
    """A listing whose records can be retrieved too; some are gone, and some make the retrieval fail."""

    def __init__(self, size: int, *, gone: int = 0, broken: int | None = None, takes: float = 1.0) -> None:
        super().__init__(range(size), delays=[(0.5, 0.5)])
        self.gone, self.broken, self.takes = gone, broken, takes
        self.retrieved: list[int] = []
        self.reading = self.peak = 0

    async def retrieve(self, id: str) -> Opportunity:
        mine = int(id.removeprefix("opp_"))
        self.retrieved.append(mine)
        self.reading += 1
        self.peak = max(self.peak, self.reading)
        try:
            await asyncio.sleep(self.takes * (1 + mine % 3))
        finally:
            self.reading -= 1
        if mine == self.broken:
            raise KeyError(mine)
        if self.gone and mine % self.gone == 0:
            raise NotFoundError(f"no {id}", status_code=404)
        return record(mine + LATER)

    @property
    def busy(self) -> tuple[int, int, set[asyncio.Task[Any]]]:
        return self.in_flight, self.reading, others()


async def settle() -> None:
    """Let everything happen that takes no time, the end of generators that nobody holds included."""
    gc.collect()
    await asyncio.sleep(0.001)


IDLE: tuple[int, int, set[asyncio.Task[Any]]] = (0, 0, set())


def test_records_are_given_as_they_are_when_read_again_in_order() -> None:
    store = Store(310)

    async def scenario() -> None:
        walk = Walk(store.fetch)
        found = [number(each) async for each in refreshed(walk, store.retrieve)]
        assert found == [LATER + each for each in range(310)]
        assert store.retrieved == list(range(310))
        assert MAX_PAGE <= store.peak <= WINDOW
        report = walk.tally.report()
        assert (report.records, report.pages, report.gone, report.missing) == (310, 13, 0, 0)
        assert store.busy == IDLE

    run(scenario())


def test_records_that_are_gone_are_left_out_and_counted() -> None:
    store = Store(100, gone=4)

    async def scenario() -> None:
        walk = Walk(store.fetch)
        found = [number(each) - LATER async for each in refreshed(walk, store.retrieve)]
        assert found == [each for each in range(100) if each % 4]
        report = walk.tally.report()
        assert (report.records, report.gone, report.missing, report.anomalies) == (75, 25, 0, ())

    run(scenario())


def test_reading_again_begins_before_the_pages_have_ended_and_never_pauses() -> None:
    """One after the other is let through, each fifth of a second: so all take a fifth of a second each, no more."""

    class Paced(Store):
        slot = START

        async def retrieve(self, id: str) -> Opportunity:
            now = asyncio.get_running_loop().time()
            mine, self.slot = max(self.slot, now), max(self.slot, now) + 0.2
            await asyncio.sleep(mine - now)
            return await super().retrieve(id)

    async def scenario() -> float:
        store = Paced(400, takes=0.5)
        assert len([each async for each in refreshed(Walk(store.fetch), store.retrieve)]) == 400
        return asyncio.get_running_loop().time() - START

    assert run(scenario()) <= 1.0 + 400 * 0.2 + 1.5


def test_a_slow_consumer_holds_back_what_is_read_again() -> None:
    store = Store(2_000)

    async def scenario() -> None:
        given = 0
        async for _ in refreshed(Walk(store.fetch), store.retrieve):
            given += 1
            await asyncio.sleep(1_000.0)
            assert len(store.retrieved) <= given + WINDOW
            if given == 100:
                break

    run(scenario())


@pytest.mark.parametrize("broken", [0, 40, 99])
def test_any_other_failure_ends_the_walk_when_its_turn_comes(broken: int) -> None:
    store = Store(100, broken=broken)

    async def scenario() -> None:
        found: list[int] = []
        with pytest.raises(KeyError, match=str(broken)):
            await collect(refreshed(Walk(store.fetch), store.retrieve), found)
        assert [each - LATER for each in found] == list(range(broken))
        assert store.busy == IDLE

    run(scenario())


def test_a_page_that_fails_waits_for_the_records_before_it() -> None:
    class Failing(Store):
        def look(self, offset: int) -> Page[Opportunity]:
            if offset == 50:
                raise KeyError(offset)
            return super().look(offset)

    store = Failing(100)

    async def scenario() -> None:
        found: list[int] = []
        with pytest.raises(KeyError, match="50"):
            await collect(refreshed(Walk(store.fetch), store.retrieve), found)
        assert [each - LATER for each in found] == list(range(50))
        assert store.busy == IDLE

    run(scenario())


Make = Callable[[Store], AsyncIterator[Opportunity]]
KINDS: dict[str, Make] = {
    "records": lambda store: Walk(store.fetch).records(),
    "again": lambda store: refreshed(Walk(store.fetch), store.retrieve),
}
each_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)


@each_kind
def test_closing_early_cancels_what_is_under_way_before_it_returns(make: Make) -> None:
    async def scenario() -> None:
        store = Store(5_000)
        records: Any = make(store)
        async with aclosing(records):
            await anext(records)
            await settle()
            assert store.in_flight > 0
        assert store.busy == IDLE

    run(scenario())


@each_kind
@pytest.mark.parametrize("how", ["break", "raise"])
def test_leaving_the_loop_cancels_what_is_under_way(make: Make, how: str) -> None:
    async def consume(store: Store) -> None:
        async for _ in make(store):
            if how == "break":
                break
            raise KeyError(how)

    async def scenario() -> None:
        store = Store(5_000)
        try:
            await consume(store)
        except KeyError:
            assert how == "raise"
        await settle()
        assert store.busy == IDLE

    run(scenario())


@each_kind
@pytest.mark.parametrize("moment", [0.25, 1.25, 2.75, 20.25])
def test_cancelling_the_consumer_cancels_what_is_under_way(make: Make, moment: float) -> None:
    async def consume(store: Store) -> None:
        async for _ in make(store):
            await asyncio.sleep(0.1)

    async def scenario() -> None:
        store = Store(5_000)
        task = asyncio.ensure_future(consume(store))
        await asyncio.sleep(moment)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await settle()
        assert store.busy == IDLE

    run(scenario())


@each_kind
def test_a_walk_that_is_never_begun_asks_for_nothing(make: Make) -> None:
    async def scenario() -> None:
        store = Store(100)
        records: Any = make(store)
        await settle()
        assert (store.offsets, store.busy) == ([], IDLE)
        await records.aclose()

    run(scenario())
