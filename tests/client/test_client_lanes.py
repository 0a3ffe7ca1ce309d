"""Clients of one process that use the same key, or are of one group, keep one pace together, whatever they are."""

import asyncio
import gc
import os
import threading
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest

from lightfield import AsyncLightfield, ClientClosedError, Lightfield
from lightfield.testing import Sandbox
from tests.client.both import KEY, Connect, awaited, blocking, in_thread, until
from tests.faults.server import ID, FaultServer
from tests.lifecycle.script import run

KINDS: dict[str, tuple[Connect, Connect]] = {
    "two awaited": (awaited, awaited),
    "two blocking": (blocking, blocking),
    "one of each": (awaited, blocking),
}
PAIRS = pytest.mark.parametrize("kinds", KINDS.values(), ids=KINDS)


def all_of(client: AsyncLightfield, ids: Sequence[str]) -> "asyncio.Future[list[Any]]":
    return asyncio.gather(*(client.opportunity.retrieve(id) for id in ids))


async def test_together_they_keep_the_pace() -> None:
    async def use(one_kind: Connect, other_kind: Connect) -> None:
        async with (
            Sandbox(opportunities=30, rate_limit=25) as sandbox,
            one_kind(sandbox.base_url) as one,
            other_kind(sandbox.base_url) as other,
        ):
            await asyncio.gather(all_of(one, sandbox.opportunity_ids), all_of(other, sandbox.opportunity_ids))
            status = one.rate_limits
            assert status == other.rate_limits
        assert (status["Read"].granted, status["Read"].waiting, status["Read"].in_flight) == (60, 0, 0)
        assert (len(sandbox.requests), sandbox.throttled) == (60, 0)  # at a pace of its own each, some would be

    await asyncio.gather(*(use(*kinds) for kinds in KINDS.values()))


@PAIRS
async def test_what_one_learns_both_know(kinds: tuple[Connect, Connect]) -> None:
    async with Sandbox(opportunities=1, rate_limit=7) as sandbox, AsyncExitStack() as stack:
        one, other = [await stack.enter_async_context(kind(sandbox.base_url)) for kind in kinds]
        await one.opportunity.retrieve(sandbox.opportunity_ids[0])
        assert other.rate_limits["Read"].limit == 7
        assert other.rate_limits["Read"].remaining in {6, 7}


async def test_siblings_share_with_other_clients_too(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client, connect(server.base_url) as other:
            await client.with_options(max_retries=0).opportunity.retrieve(ID)
            assert other.with_options(priority="bulk").rate_limits["Read"].granted == 1


async def test_clients_of_other_keys_keep_a_pace_of_their_own(connect: Connect) -> None:
    with FaultServer() as server:
        async with (
            connect(server.base_url, api_key="sk_lf_1") as one,
            connect(server.base_url, api_key="sk_lf_2") as two,
        ):
            await one.opportunity.retrieve(ID)
            assert [each.rate_limits["Read"].granted for each in (one, two)] == [1, 0]


async def test_clients_of_one_group_keep_one_pace(connect: Connect) -> None:
    group = uuid4().hex
    with FaultServer() as server:
        async with AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(connect(server.base_url, api_key=key, rate_limit_group=group))
                for key in ("sk_lf_1", "sk_lf_2", "sk_lf_3")
            ]
            began = time.monotonic()
            await asyncio.gather(*(all_of(client, [ID] * 10) for client in clients))
            assert time.monotonic() - began >= 1
            assert [each.rate_limits["Read"].granted for each in clients] == [30] * 3


@PAIRS
async def test_an_interactive_call_passes_the_bulk_of_another_client(kinds: tuple[Connect, Connect]) -> None:
    ids = [f"opp_{number}" for number in range(1_000)]
    with FaultServer() as server:
        async with AsyncExitStack() as stack:
            one, other = [await stack.enter_async_context(kind(server.base_url)) for kind in kinds]
            work = asyncio.ensure_future(all_of(one.with_options(priority="bulk", deadline=None), ids))
            await until(lambda: one.rate_limits["Read"].waiting > 900)
            granted = one.rate_limits["Read"].granted
            for _ in range(4):
                await other.opportunity.retrieve(ID)
            # four of its own, and as many of the bulk as were due in the meantime
            assert one.rate_limits["Read"].granted - granted < 40
            await one.close()
            with pytest.raises(ClientClosedError):
                await work


@PAIRS
async def test_a_client_that_is_closed_with_calls_waiting_blocks_nobody(kinds: tuple[Connect, Connect]) -> None:
    with FaultServer() as server:
        async with AsyncExitStack() as stack:
            one, other = [await stack.enter_async_context(kind(server.base_url)) for kind in kinds]
            calls = [asyncio.ensure_future(one.opportunity.retrieve(ID)) for _ in range(50)]
            await until(lambda: one.rate_limits["Read"].waiting > 20)
            await one.close()
            results = await asyncio.gather(*calls, return_exceptions=True)
            began = time.monotonic()
            await all_of(other, [ID] * 5)
            assert time.monotonic() - began < 2  # 0.2 s; what was closed would have taken two seconds more
            status = other.rate_limits["Read"]
    assert sum(isinstance(result, ClientClosedError) for result in results) > 20
    assert (status.waiting, status.in_flight) == (0, 0)


async def test_a_client_that_is_forgotten_blocks_nobody() -> None:
    with FaultServer() as server:
        other = Lightfield(api_key=KEY, base_url=server.base_url)

        def use_and_forget() -> None:
            one = Lightfield(api_key=KEY, base_url=server.base_url)
            for _ in range(4):
                one.opportunity.retrieve(ID)

        await in_thread(use_and_forget)
        gc.collect()
        await in_thread(lambda: [other.opportunity.retrieve(ID) for _ in range(4)])
        assert other.rate_limits["Read"].granted == 8
        await in_thread(other.close)


async def test_a_blocked_event_loop_holds_up_no_other_client() -> None:
    blocked, freed = threading.Event(), threading.Event()
    held: list[int] = []
    with FaultServer() as server, Lightfield(api_key=KEY, base_url=server.base_url) as other:

        async def use_and_block() -> int:
            async with AsyncLightfield(api_key=KEY, base_url=server.base_url) as client:
                calls = all_of(client, [ID] * 12)
                await until(lambda: client.rate_limits["Read"].granted >= 4)
                held.append(client.rate_limits["Read"].waiting)
                blocked.set()
                freed.wait(20)
                return len(await calls)

        careless = asyncio.ensure_future(in_thread(lambda: asyncio.run(use_and_block())))
        await in_thread(blocked.wait)
        began = time.monotonic()
        await in_thread(lambda: [other.opportunity.retrieve(ID) for _ in range(8)])
        elapsed = time.monotonic() - began
        assert [other.rate_limits["Read"].waiting] == held
        freed.set()
        assert await careless == 12
        assert other.rate_limits["Read"].waiting == 0
    assert elapsed < 10  # 0.32 s, or 20 if they were held up


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_child_has_lanes_of_its_own(sandbox: Sandbox) -> None:
    script = """
import asyncio, os, sys
from lightfield import AsyncLightfield, Lightfield
from lightfield._pacing import registry

url, id = sys.argv[1:]
client = AsyncLightfield(api_key="sk_lf_sandbox", base_url=url)
loop = asyncio.new_event_loop()
for _ in range(3):
    loop.run_until_complete(client.opportunity.retrieve(id))
client._gates["Read"].lane.lock.acquire()  # as another thread might hold them
registry._lock.acquire()
child = os.fork()
if not child:
    with Lightfield(api_key="sk_lf_sandbox", base_url=url) as own:
        print(own.rate_limits["Read"].granted, own.opportunity.retrieve(id).id == id, flush=True)
        print(own.rate_limits["Read"].granted, flush=True)
    os._exit(0)
print(os.waitpid(child, 0)[1])
client._gates["Read"].lane.lock.release()
registry._lock.release()
print(client.rate_limits["Read"].granted)
loop.run_until_complete(client.aclose())
loop.close()
"""
    assert run(script, sandbox.base_url, sandbox.opportunity_ids[0]) == "0 True\n1\n0\n3\n"
