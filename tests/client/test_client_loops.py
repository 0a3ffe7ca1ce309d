"""An awaited client belongs to the event loop of its first request."""

import asyncio
import gc
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from lightfield import AsyncLightfield, ClientClosedError, LightfieldUsageError
from lightfield.testing import Sandbox
from tests.client.both import KEY

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner() as runner:
        return runner.run(coroutine)


def make(sandbox: Sandbox) -> AsyncLightfield:
    return AsyncLightfield(api_key=KEY, base_url=sandbox.base_url)


def test_client_may_be_made_where_no_loop_runs(sandbox: Sandbox) -> None:
    client = make(sandbox)

    async def use() -> str:
        async with client:
            return (await client.opportunity.retrieve(sandbox.opportunity_ids[0])).id

    assert run(use()) == sandbox.opportunity_ids[0]


def test_second_loop_is_refused_and_the_first_goes_on(sandbox: Sandbox) -> None:
    client, id = make(sandbox), sandbox.opportunity_ids[0]
    with asyncio.Runner() as first:
        first.run(client.opportunity.retrieve(id))
        with asyncio.Runner() as second, pytest.raises(LightfieldUsageError, match="belongs to another event loop"):
            second.run(client.opportunity.retrieve(id))
        assert first.run(client.opportunity.retrieve(id)).id == id
        first.run(client.aclose())
    assert len(sandbox.requests) == 2


def test_second_loop_is_refused_for_bulks(sandbox: Sandbox) -> None:
    client, id = make(sandbox), sandbox.opportunity_ids[0]
    with asyncio.Runner() as first:
        first.run(client.opportunity.retrieve(id))
        with asyncio.Runner() as second, pytest.raises(LightfieldUsageError, match="belongs to another event loop"):
            second.run(client.opportunity.retrieve_many([id]))
        first.run(client.aclose())


def test_closed_client_stays_closed_in_every_loop(sandbox: Sandbox) -> None:
    client, id = make(sandbox), sandbox.opportunity_ids[0]

    async def use() -> None:
        async with client:
            await client.opportunity.retrieve(id)

    run(use())
    with pytest.raises(ClientClosedError):
        run(client.opportunity.retrieve(id))


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning", "ignore:Unclosed:ResourceWarning")
def test_client_whose_loop_has_ended_says_so_and_can_be_closed(sandbox: Sandbox) -> None:
    """The sockets of a loop that ended without closing its client are lost; the warnings about them are right."""
    client, id = make(sandbox), sandbox.opportunity_ids[0]
    run(client.opportunity.retrieve(id))
    with pytest.raises(LightfieldUsageError, match="belongs to another event loop"):
        run(client.opportunity.retrieve(id))
    run(client.aclose())
    del client
    gc.collect()


def test_every_loop_may_have_a_client_of_its_own(sandbox: Sandbox) -> None:
    async def use() -> str:
        async with make(sandbox) as client:
            return (await client.opportunity.retrieve(sandbox.opportunity_ids[0])).id

    assert [run(use()) for _ in range(2)] == [sandbox.opportunity_ids[0]] * 2
