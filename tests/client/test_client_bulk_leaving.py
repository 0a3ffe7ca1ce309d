"""Leaving a bulk early, or being cancelled in it, leaves no task behind and the client in order."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import aclosing, suppress
from typing import Any, cast

import pytest

from lightfield import AsyncLightfield
from lightfield.testing import Sandbox
from tests.client.both import KEY, until

PATIENCE = 10.0
"""Seconds after which waiting is given up."""


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[AsyncLightfield]:
    async with AsyncLightfield(api_key=KEY, base_url=sandbox.base_url, rate_limits=None) as client:
        yield client


def others() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {cast("asyncio.Task[Any]", asyncio.current_task())}


async def in_order(client: AsyncLightfield, sandbox: Sandbox) -> None:
    await until(lambda: client.rate_limits["Read"].in_flight == 0)
    assert client.rate_limits["Read"].waiting == 0
    id = sandbox.opportunity_ids[0]
    assert (await client.opportunity.retrieve(id)).id == id


def endless(sandbox: Sandbox) -> Iterator[str]:
    """Distinct ids without end."""
    number = 0
    yield from sandbox.opportunity_ids
    while True:
        yield f"opp_unknown_{number}"
        number += 1


async def test_leaving_the_loop_ends_the_tasks(client: AsyncLightfield, sandbox: Sandbox) -> None:
    before = others()
    async for outcome in client.opportunity.iter_many(endless(sandbox)):
        assert outcome.id
        break
    await until(lambda: others() == before)
    await in_order(client, sandbox)


async def test_closing_the_iterator_waits_for_its_tasks(client: AsyncLightfield, sandbox: Sandbox) -> None:
    before = others()
    outcomes = client.opportunity.iter_many(endless(sandbox))
    async with aclosing(outcomes):
        await anext(outcomes)
    assert others() == before
    await in_order(client, sandbox)


async def test_failure_in_the_loop_ends_the_tasks(client: AsyncLightfield, sandbox: Sandbox) -> None:
    before = others()
    with suppress(ZeroDivisionError):
        async for outcome in client.opportunity.iter_many(endless(sandbox)):
            raise ZeroDivisionError(outcome.id)
    await until(lambda: others() == before)
    await in_order(client, sandbox)


async def test_iterator_that_is_never_begun_costs_nothing(client: AsyncLightfield, sandbox: Sandbox) -> None:
    before = others()
    client.opportunity.iter_many(endless(sandbox))
    assert others() == before
    assert len(sandbox.requests) == 0


async def test_cancelled_iteration_ends_the_tasks(client: AsyncLightfield, sandbox: Sandbox) -> None:
    before = others()
    begun = asyncio.Event()

    async def consume() -> None:
        async for _ in client.opportunity.iter_many(endless(sandbox)):
            begun.set()

    await cancelled(consume(), begun)
    assert others() == before
    await in_order(client, sandbox)


async def test_cancelled_retrieve_many_ends_the_tasks(client: AsyncLightfield, sandbox: Sandbox) -> None:
    before = others()
    begun = asyncio.Event()

    async def consume() -> None:
        await client.opportunity.retrieve_many(endless(sandbox), progress=lambda _: begun.set())

    await cancelled(consume(), begun)
    assert others() == before
    await in_order(client, sandbox)


async def cancelled(coroutine: Coroutine[Any, Any, None], begun: asyncio.Event) -> None:
    task = asyncio.ensure_future(coroutine)
    async with asyncio.timeout(PATIENCE):
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert task.cancelled()


async def test_failing_hook_or_source_ends_the_tasks(client: AsyncLightfield, sandbox: Sandbox) -> None:
    before = others()

    def hook(_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await client.opportunity.retrieve_many(endless(sandbox), progress=hook)
    assert others() == before
    await in_order(client, sandbox)


async def test_slow_consumer_holds_back_the_source(client: AsyncLightfield, sandbox: Sandbox) -> None:
    taken = 0

    def counted() -> Iterator[str]:
        nonlocal taken
        for id in endless(sandbox):
            taken += 1
            yield id

    outcomes = client.opportunity.iter_many(counted(), concurrency=4)
    await anext(outcomes)
    for expected in range(2, 12):
        await until(lambda: client.rate_limits["Read"].in_flight == 0)
        assert taken <= expected + 2 * 4
        await anext(outcomes)
    await outcomes.aclose()


async def test_two_bulks_at_once_do_not_mix(client: AsyncLightfield, sandbox: Sandbox) -> None:
    ids = sandbox.opportunity_ids
    one, two = await asyncio.gather(
        client.opportunity.retrieve_many(ids[:20]),
        client.opportunity.retrieve_many(ids[20:]),
    )
    assert [opportunity.id for opportunity in one.values + two.values] == ids
