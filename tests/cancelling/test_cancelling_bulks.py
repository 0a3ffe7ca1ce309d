"""Many requests at once, interrupted at each suspension: whoever awaits them ends, and all that work for it with it."""

from collections.abc import Iterator
from contextlib import aclosing, nullcontext
from functools import partial

import pytest

from lightfield import AsyncLightfield
from lightfield.testing import Sandbox
from tests.cancelling.conftest import Interrupt
from tests.cancelling.sweep import Call, Scene, sweep


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A server with several pages of records, which takes its time, so that much is under way."""
    with Sandbox(opportunities=120, rate_limit=None, latency=(0.002, 0.03)) as running:
        yield running


async def bulk(client: AsyncLightfield) -> object:
    plan = client.plan.opportunity
    return await client.bulk([plan.retrieve("opp_1"), plan.retrieve("opp_2"), plan.list(limit=1)], concurrency=2)


async def retrieve_many(client: AsyncLightfield) -> object:
    return await client.opportunity.retrieve_many(["opp_1", "opp_2", "opp_3"], concurrency=2)


async def iterate_many(client: AsyncLightfield) -> object:
    return [outcome.id async for outcome in client.opportunity.iter_many(["opp_1", "opp_2", "opp_3"], concurrency=2)]


async def leave_many(client: AsyncLightfield) -> object:
    async with aclosing(client.opportunity.iter_many(f"opp_{number}" for number in range(50))) as outcomes:
        return await anext(outcomes)


async def list_all(client: AsyncLightfield) -> object:
    return [record.id async for record in client.opportunity.list_all()]


async def leave_listing(client: AsyncLightfield) -> object:
    async with aclosing(client.opportunity.list_all(fresh=True)) as records:
        return await anext(records)


CALLS: list[Call] = [bulk, retrieve_many, iterate_many, leave_many, list_all, leave_listing]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
def test_interrupted_work_leaves_nothing_behind(interrupt: Interrupt, sandbox: Sandbox, call: Call) -> None:
    interrupt(partial(sweep, Scene(call, lambda: nullcontext(sandbox))))
