"""A throttled call goes before those that have not been tried; a limit of its own kind leaves the lane alone."""

import asyncio
import re
import time

import pytest

from lightfield import RateLimitError, RateLimits
from tests.client.both import Connect, awaited, until
from tests.faults.server import OPPORTUNITY, FaultServer, Reply, http

TEST: dict[str, object] = {
    "id": "tst_1",
    "contactId": "con_1",
    "status": "queued",
    "target": "DRAFT",
    "steps": [],
    "createdAt": "2026-05-01T16:00:00Z",
    "updatedAt": "2026-05-01T16:00:00Z",
}


def asked_for(server: FaultServer) -> list[str]:
    """Give the ids of the requests in order of arrival."""
    return [re.findall(rb"/opportunities/(\S+)", request)[0].decode() for request in server.requests]


async def test_a_throttled_call_goes_before_calls_that_have_not_been_tried() -> None:
    with FaultServer(http(429), http(200, OPPORTUNITY)) as server:
        async with awaited(server.base_url, rate_limits=RateLimits(read=80)) as client:
            await asyncio.gather(*(client.opportunity.retrieve(f"opp_{number}") for number in range(100)))
    order = asked_for(server)
    throttled = order[0]
    again = order.index(throttled, 1)
    assert len(order) == 101
    # its back-off is 0.5 to 0.75 s: without it, and the next slot, it would come last
    assert 20 <= again <= 85


async def test_a_throttled_bulk_call_lets_interactive_calls_pass_but_not_other_bulk() -> None:
    with FaultServer(http(429), http(200, OPPORTUNITY)) as server:
        async with awaited(server.base_url, rate_limits=RateLimits(read=50)) as client:
            bulk = client.with_options(priority="bulk")
            work = asyncio.gather(*(bulk.opportunity.retrieve(f"opp_bulk_{number}") for number in range(90)))
            await until(lambda: client.rate_limits["Read"].throttled > 0)
            calls = asyncio.gather(*(client.opportunity.retrieve(f"opp_now_{number}") for number in range(60)))
            await asyncio.gather(work, calls)
    order = asked_for(server)
    bulk_order = [id for id in order if "bulk" in id]
    again = order.index(order[0], 1)
    assert bulk_order.index(order[0], 1) < 60  # 50 had been sent before
    assert sum("now" in id for id in order[:again]) >= 4


async def test_a_limit_on_tests_neither_slows_nor_counts_in_the_lane(connect: Connect) -> None:
    with FaultServer(http(429)) as server:
        async with connect(server.base_url) as client:
            before = client.rate_limits["Write"]
            with pytest.raises(RateLimitError) as caught:
                await client.sequence.start_test("seq_1", contact_id="con_1")
            after = client.rate_limits["Write"]
    assert len(server.requests) == 1
    assert len(caught.value.attempts) == 1
    assert (after.rate, after.limit, after.throttled) == (before.rate, before.limit, 0)
    assert (after.granted, after.in_flight) == (1, 0)


async def test_a_limit_on_tests_that_names_a_time_is_waited_for(connect: Connect) -> None:
    refusal: Reply = http(429, headers={"Retry-After": "0.1", "X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "0"})
    with FaultServer(refusal, http(200, TEST)) as server:
        async with connect(server.base_url) as client:
            test = await client.sequence.start_test("seq_1", contact_id="con_1")
            lane = client.rate_limits["Write"]
    assert (test.id, len(server.requests)) == ("tst_1", 2)
    assert (lane.limit, lane.rate, lane.throttled, lane.remaining) == (25, 25, 0, None)


async def test_a_limit_on_tests_that_asks_for_long_holds_no_other_write(connect: Connect) -> None:
    with FaultServer(http(429, headers={"Retry-After": "61"}), http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(RateLimitError):
                await client.sequence.start_test("seq_1", contact_id="con_1")
            began = time.monotonic()
            await client.opportunity.update("opp_1", fields={})
            assert time.monotonic() - began < 10


async def test_the_success_of_a_test_teaches_the_lane(connect: Connect) -> None:
    with FaultServer(http(200, TEST, {"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "4"})) as server:
        async with connect(server.base_url) as client:
            await client.sequence.start_test("seq_1", contact_id="con_1")
            lane = client.rate_limits["Write"]
    assert (lane.limit, lane.remaining) == (5, 4)


async def test_a_429_of_any_other_write_does_slow_the_lane(connect: Connect) -> None:
    with FaultServer(http(429, headers={"Retry-After": "0.1"}), http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url) as client:
            await client.opportunity.update("opp_1", fields={})
            lane = client.rate_limits["Write"]
    assert lane.throttled == 1
    assert (lane.rate or 0) < 25
