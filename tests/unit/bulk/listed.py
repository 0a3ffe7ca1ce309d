"""A listing that is served by the page on a virtual clock, well or badly, and changed meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from lightfield._bulk.pages import Walk
from lightfield._bulk.tally import ListingReport
from lightfield._protocol.queries import MAX_PAGE
from lightfield.models import Opportunity, Page
from tests.clock import run

ENOUGH = 2_000
"""Requests that no walk in these tests should need."""


def record(number: int) -> Opportunity:
    return Opportunity(id=f"opp_{number}", created_at="2026-05-01T16:00:00Z", fields={}, relationships={})


def _honest(total: int) -> int:
    return total


def number(found: Opportunity) -> int:
    return int(found.id.removeprefix("opp_"))


class Listing:
    """Serves pages of records, and notes the offsets that it was asked for.

    A request looks at the records after the first of its delays, and is answered after the second.
    """

    def __init__(
        self,
        numbers: Sequence[int],
        *,
        total: Callable[[int], int] | None = None,
        size: int = MAX_PAGE,
        delays: Sequence[tuple[float, float]] = ((0.0, 0.0),),
    ) -> None:
        self.numbers = list(numbers)
        self.total = total or _honest
        self.size = size
        self.delays = delays
        self.offsets: list[int] = []
        self.looks = 0
        self.in_flight = 0

    async def fetch(self, offset: int) -> Page[Opportunity]:
        before, after = self.delays[len(self.offsets) % len(self.delays)]
        self.offsets.append(offset)
        assert len(self.offsets) < ENOUGH, "the walk does not end"
        self.in_flight += 1
        try:
            await asyncio.sleep(before)
            page = self.look(offset)
            self.looks += 1
            await asyncio.sleep(after)
        finally:
            self.in_flight -= 1
        return page

    def look(self, offset: int) -> Page[Opportunity]:
        """Make one page; tests let it lie, or change the records."""
        return self.page(self.numbers[offset : offset + self.size])

    def page(self, numbers: Sequence[int]) -> Page[Opportunity]:
        return Page(data=[record(each) for each in numbers], object="list", total_count=self.total(len(self.numbers)))

    def walk(self) -> tuple[list[int], ListingReport]:
        """Walk the whole of it; no task may be left."""

        async def scenario() -> tuple[list[int], ListingReport]:
            walk = Walk(self.fetch)
            found = [number(each) async for each in walk.records()]
            assert others() == set()
            return found, walk.tally.report()

        return run(scenario())


def others() -> set[asyncio.Task[Any]]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


async def collect(records: AsyncIterator[Opportunity], found: list[int]) -> None:
    """Note the records of a walk, also of one that fails."""
    async for each in records:
        found.append(number(each))  # noqa: PERF401
