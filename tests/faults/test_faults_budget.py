"""The retry budget is the client's: its calls and siblings spend it together, and earn it back."""

import asyncio

import pytest

from lightfield import InternalServerError
from tests.client.both import Connect
from tests.faults.calls import Call
from tests.faults.rows import QUICK
from tests.faults.server import OPPORTUNITY, FaultServer, http


async def test_when_it_is_spent_first_attempts_go_out_and_retries_do_not(connect: Connect, call: Call) -> None:
    with FaultServer(http(503)) as server:
        async with connect(server.base_url, retry_budget=14) as client:
            with pytest.raises(InternalServerError) as first:
                await call(client)
            with pytest.raises(InternalServerError, match=r"\(retry budget exhausted\)$") as second:
                await call(client)
    assert len(server.requests) == 2 + 1
    assert (first.value.retry_budget_exhausted, second.value.retry_budget_exhausted) == (True, True)
    assert [len(caught.value.attempts) for caught in (first, second)] == [2, 1]


async def test_siblings_spend_it_together(connect: Connect, call: Call) -> None:
    with FaultServer(http(503)) as server:
        async with connect(server.base_url, retry_budget=14) as client:
            with pytest.raises(InternalServerError):
                await call(client.with_options(max_retries=1))
            with pytest.raises(InternalServerError) as caught:
                await call(client)
    assert len(server.requests) == 2 + 1
    assert caught.value.retry_budget_exhausted


async def test_calls_that_succeed_at_once_earn_it_back(connect: Connect, call: Call) -> None:
    well = http(200, OPPORTUNITY)
    script = [http(503), well, *[well] * 13, http(503), http(503), well, http(503), well]
    with FaultServer(*script) as server:
        async with connect(server.base_url, retry_budget=14, **QUICK) as client:
            await call(client)  # spends it
            for _ in range(13):
                await call(client)
            with pytest.raises(InternalServerError, match="retry budget exhausted"):
                await call(client)
            with pytest.raises(InternalServerError, match="retry budget exhausted"):
                await call(client)
            await call(client)  # the fourteenth
            await call(client)
    assert len(server.requests) == len(script)


async def test_throttled_requests_cost_less(connect: Connect, call: Call) -> None:
    with FaultServer(http(429), http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url, retry_budget=5) as client:
            await call(client)
    assert len(server.requests) == 2


async def test_without_a_bound_an_outage_of_any_length_is_tried_again(connect: Connect) -> None:
    with FaultServer(http(503)) as server:
        async with connect(server.base_url, retry_budget=None, rate_limits=None, max_retries=1) as client:
            calls = [client.opportunity.retrieve("opp_1") for _ in range(40)]
            await asyncio.gather(*calls, return_exceptions=True)
    assert len(server.requests) == 40 * 2
