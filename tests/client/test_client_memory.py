"""Memory does not grow with the number of calls."""

import gc
import tracemalloc

import aiohttp

from lightfield.testing import Sandbox
from tests.client.both import Connect

COUNT = 2_000
WARM = 400
FIRST = 1_000
LOOK = 20
"""Ids between two looks. Up to a few hundred results wait for the consumer at any moment, so single looks differ."""

SLACK = 300_000
"""Bytes: to keep the five hundred records between takes five times as many."""


async def test_siblings_that_are_gone_leave_nothing_behind(connect: Connect, sandbox: Sandbox) -> None:
    """A service that hands on what is left of its own time makes a sibling for each call."""
    async with connect(sandbox.base_url, rate_limits=None) as client:
        for number in range(100):
            await client.with_options(timeout=10 + number).opportunity.retrieve(sandbox.opportunity_ids[0])
        gc.collect()
        assert sum(isinstance(each, aiohttp.ClientTimeout) for each in gc.get_objects()) < 50


async def test_two_thousand_ids_take_no_more_memory_than_one_thousand(connect: Connect) -> None:
    async with Sandbox(opportunities=50, rate_limit=None, record_requests=False) as sandbox:
        for number in range(50, COUNT):
            sandbox.opportunities[f"opp_{number}"] = sandbox.opportunities[sandbox.opportunity_ids[number % 50]]
        ids = sandbox.opportunity_ids
        async with connect(sandbox.base_url, rate_limits=None) as client:
            done, memory = 0, list[int]()
            gc.freeze()  # what is there already need not be looked through fifty times
            try:
                async for outcome in client.opportunity.iter_many(iter(ids)):
                    assert outcome.error is None
                    done += 1
                    if done == WARM:
                        tracemalloc.start()  # what lives only for a moment is replaced before the first look
                    if done > FIRST and done % LOOK == 0:
                        gc.collect()
                        memory.append(tracemalloc.get_traced_memory()[0])
            finally:
                tracemalloc.stop()
                gc.unfreeze()
        assert done == COUNT
    half = len(memory) // 2
    assert min(memory[half:]) - min(memory[:half]) < SLACK
