"""What is a caller told of a wait for a slot, and how long may the queue be?"""

import asyncio
import time

import pytest

from lightfield import APITimeoutError, RateLimits, SlotWait
from lightfield.testing import Sandbox
from tests.client.both import Connect
from tests.faults.server import ID, FaultServer


async def test_the_hook_is_told_of_calls_that_waited_and_of_no_others(connect: Connect) -> None:
    waits: list[SlotWait] = []
    with FaultServer() as server:
        async with connect(server.base_url, on_wait=waits.append) as client:
            for _ in range(2):
                await client.opportunity.retrieve(ID)
            assert waits == []
            await asyncio.gather(*(client.opportunity.retrieve(ID) for _ in range(30)))
    assert len(waits) == 7
    assert {(wait.category, wait.priority) for wait in waits} == {("Read", "interactive")}
    assert all(0 < wait.seconds < 5 for wait in waits)
    assert max(wait.seconds for wait in waits) > 0.08


async def test_the_hook_is_told_category_and_priority(connect: Connect, sandbox: Sandbox) -> None:
    waits: list[SlotWait] = []
    slow = RateLimits(read=25, write=25, search=2)  # the third waits for a second
    async with connect(sandbox.base_url, rate_limits=slow) as client:
        patient = client.with_options(priority="bulk", on_wait=waits.append)
        await asyncio.gather(*(patient.opportunity.list(limit=1) for _ in range(3)))
        await client.opportunity.list(limit=1)  # has no hook
    assert [(wait.category, wait.priority) for wait in waits] == [("Search", "bulk")]


async def test_the_hook_of_a_client_is_told_of_its_bulk(connect: Connect, sandbox: Sandbox) -> None:
    waits: list[SlotWait] = []
    async with connect(sandbox.base_url, on_wait=waits.append, rate_limits=RateLimits(read=5)) as client:
        await client.opportunity.retrieve_many(sandbox.opportunity_ids[:8])
    assert len(waits) == 3
    assert {wait.priority for wait in waits} == {"bulk"}


async def test_a_hook_can_be_taken_off(connect: Connect) -> None:
    waits: list[SlotWait] = []
    with FaultServer() as server:
        async with connect(server.base_url, on_wait=waits.append) as client:
            quiet = client.with_options(on_wait=None)
            await asyncio.gather(*(quiet.opportunity.retrieve(ID) for _ in range(5)))
    assert waits == []


async def test_an_exception_of_the_hook_fails_the_call_unsent_and_gives_its_place_back(connect: Connect) -> None:
    def refuse(wait: SlotWait) -> None:
        if wait.seconds:
            raise LookupError(wait.category)

    with FaultServer() as server:
        async with connect(server.base_url, on_wait=refuse, rate_limits=RateLimits(read=2)) as client:
            calls = (client.opportunity.retrieve(ID) for _ in range(5))
            results = await asyncio.gather(*calls, return_exceptions=True)
            status = client.rate_limits["Read"]
            await client.with_options(on_wait=None).opportunity.retrieve(ID)
    assert [str(result) for result in results if isinstance(result, LookupError)] == ["Read"] * 3
    assert (status.in_flight, status.waiting) == (0, 0)
    assert len(server.requests) == 3


async def test_an_exception_of_the_hook_gives_the_slot_back(connect: Connect) -> None:
    def refuse(wait: SlotWait) -> None:
        raise LookupError(wait.category)

    with FaultServer() as server:
        async with connect(server.base_url, on_wait=refuse, rate_limits=RateLimits(read=2)) as client:
            calls = (client.opportunity.retrieve(ID) for _ in range(5))
            await asyncio.gather(*calls, return_exceptions=True)
            assert client.rate_limits["Read"].granted == len(server.requests) == 2


async def test_an_exception_of_the_hook_does_not_count_against_the_bound_of_the_client(connect: Connect) -> None:
    def refuse(wait: SlotWait) -> None:
        raise LookupError(wait.category)

    with FaultServer() as server:
        async with connect(server.base_url, on_wait=refuse, max_rps=1) as client:
            await client.opportunity.retrieve(ID)
            with pytest.raises(LookupError):
                await client.opportunity.retrieve(ID)
            began = time.monotonic()
            await client.with_options(on_wait=None).opportunity.retrieve(ID)
            assert time.monotonic() - began < 0.7  # the second had waited already
            assert client.rate_limits["Read"].granted == len(server.requests) == 2


async def test_an_explicit_deadline_counts_the_queue(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url, deadline=0.4, rate_limits=RateLimits(read=2)) as client:
            began = time.monotonic()
            calls = (client.opportunity.retrieve(ID) for _ in range(12))
            results = await asyncio.gather(*calls, return_exceptions=True)
            elapsed = time.monotonic() - began
            status = client.rate_limits["Read"]
    late = [result for result in results if isinstance(result, APITimeoutError)]
    queued = [error for error in late if "waiting for a slot" in str(error)]
    assert elapsed < 3  # the queue would take five
    assert len(queued) >= 10
    assert all(error.deadline_exceeded for error in late)
    assert not any(error.sent for error in queued)
    assert len(server.requests) <= status.granted == 12 - len(queued)
    assert (status.waiting, status.in_flight) == (0, 0)
