"""The calls of the soak, by both clients: each gives what belongs to its number, or an error of ours."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeAlias

from lightfield import AsyncLightfield, Lightfield, LightfieldError, Outcome
from lightfield.models import Opportunity

HURRY = 0.1
"""Seconds that a hurried caller waits at most."""

LEAVING = 0.02
"""How likely a bulk is left after an outcome."""

Act: TypeAlias = Callable[[AsyncLightfield, int], Awaitable[bool]]
"""Makes the call of a number, and says whether what came belongs to it."""


async def retrieve(client: AsyncLightfield, number: int) -> bool:
    return (await client.opportunity.retrieve(f"opp_{number}")).id == f"opp_{number}"


async def create(client: AsyncLightfield, number: int) -> bool:
    fields = {"$name": f"opp_{number}"}
    return (await client.opportunity.create(fields=fields, relationships={"$account": "acc_1"})).id == f"opp_{number}"


async def listing(client: AsyncLightfield, number: int) -> bool:
    return (await client.opportunity.list(offset=number)).total_count == number


async def hurried(client: AsyncLightfield, number: int) -> bool:
    """Cancel a call wherever it is by then."""
    async with asyncio.timeout(random.random() * HURRY):
        return await random.choice([retrieve, create, listing])(client, number)


ACTS: list[Act] = [retrieve, retrieve, retrieve, create, listing, hurried]


class Load:
    """Numbered requests until all numbers are taken; ``look`` is told each."""

    def __init__(self, requests: int, look: Callable[[int], object]) -> None:
        self._numbers = iter(range(1, requests + 1))
        self._look = look
        self._over = False
        self.awaited: Counter[str] = Counter()
        """What became of the awaited ones: ``good``, ``cancelled``, or the name of the error."""

        self.blocking: Counter[str] = Counter()
        """What became of the blocking ones."""

    def _take(self) -> int | None:
        """Take the next number; from any thread."""
        number = next(self._numbers, None)
        if number is None:
            self._over = True
        else:
            self._look(number)
        return number

    def _ids(self) -> Iterator[str]:
        return (f"opp_{number}" for number in iter(self._take, None))

    async def call(self, client: AsyncLightfield) -> None:
        """Make one call after the other."""
        for number in iter(self._take, None):
            act = random.choice(ACTS)
            what = "good"
            try:
                assert await act(client, number), f"{act.__name__} of {number} got the answer of another"
            except LightfieldError as error:
                what = type(error).__name__
            except TimeoutError:
                what = "cancelled"
            self.awaited[what] += 1

    async def iterate(self, client: AsyncLightfield) -> None:
        """Iterate one bulk after the other, and leave it early."""
        while not self._over:
            async for outcome in client.opportunity.iter_many(self._ids(), concurrency=8):
                self.awaited[_checked(outcome)] += 1
                if random.random() < LEAVING:
                    break

    def block(self, client: Lightfield) -> None:
        """Make blocking calls and bulks in turn."""
        while not self._over:
            for outcome in client.opportunity.iter_many(self._ids(), concurrency=8):
                self.blocking[_checked(outcome)] += 1
                if random.random() < LEAVING:
                    break
            for id in self._ids():
                what = "good"
                try:
                    assert client.opportunity.retrieve(id).id == id
                except LightfieldError as error:
                    what = type(error).__name__
                self.blocking[what] += 1
                if random.random() < LEAVING:
                    break


def _checked(outcome: Outcome[Opportunity]) -> str:
    """Give what became of one id of a bulk."""
    if outcome.value is None:
        return type(outcome.error).__name__
    assert outcome.value.id == outcome.id, f"{outcome.id} got the answer of another"
    return "good"
