"""No attempt outlasts its time-out and no call its deadline, whichever way the server dawdles."""

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from lightfield import APITimeoutError, InternalServerError, RateLimits, Timeout
from tests.client.both import Connect
from tests.faults.server import ID, OPPORTUNITY, STALL, FaultServer, Reply, Step, http

SOON = 10.0
"""Far more than any limit in this file, far less than any default."""

BODY_STALLS: Reply = [http(200, b'{"id":', length=99), STALL]
HEADERS_STALL: Reply = [b"HTTP/1.1 200 OK\r\nContent-", STALL]
DRIP: list[Step] = [b" ", 0.05] * 9999
BODY_DRIPS: Reply = [http(200, length=9999), *DRIP]
HEADERS_DRIP: Reply = [b"HTTP/1.1 200 OK\r\nA: ", *DRIP]


@contextmanager
def at_most(seconds: float) -> Generator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


@pytest.mark.parametrize(
    ("fault", "limit"),
    [(STALL, 0.15), (STALL, Timeout(total=0.15)), (HEADERS_STALL, 0.15), (HEADERS_DRIP, 0.15)],
    ids=["float", "Timeout", "headers-stall", "headers-drip"],
)
async def test_response_that_does_not_come_ends_at_the_total(
    connect: Connect,
    fault: Reply,
    limit: float | Timeout,
) -> None:
    with FaultServer(fault) as server, at_most(SOON):
        async with connect(server.base_url, timeout=limit, max_retries=0) as client:
            with pytest.raises(APITimeoutError, match="stopped while waiting for the response") as caught:
                await client.opportunity.retrieve(ID)
    assert caught.value.sent
    assert not caught.value.deadline_exceeded


@pytest.mark.parametrize("fault", [BODY_STALLS, BODY_DRIPS], ids=["stall", "slow-loris"])
async def test_body_that_does_not_end_ends_at_the_total(connect: Connect, fault: Reply) -> None:
    with FaultServer(fault) as server, at_most(SOON):
        async with connect(server.base_url, timeout=Timeout(total=0.25, read=0.2), max_retries=0) as client:
            with pytest.raises(APITimeoutError, match="reading the response") as caught:
                await client.opportunity.retrieve(ID)
    assert caught.value.sent


@pytest.mark.parametrize(
    ("fault", "phase"),
    [(STALL, "waiting for"), (BODY_STALLS, "reading")],
    ids=["response", "body"],
)
async def test_silence_ends_at_timeout_read(connect: Connect, fault: Reply, phase: str) -> None:
    with FaultServer(fault) as server, at_most(SOON):
        async with connect(server.base_url, timeout=Timeout(read=0.15), max_retries=0) as client:
            with pytest.raises(APITimeoutError, match=rf"{phase} the response \(timeout\.read\)"):
                await client.opportunity.retrieve(ID)


async def test_a_body_that_keeps_coming_does_not_end_at_timeout_read(connect: Connect) -> None:
    document = http(200, OPPORTUNITY)
    pieces = [document[at : at + 30] for at in range(0, len(document), 30)]
    slow: Reply = [step for piece in pieces for step in (piece, 0.05)]
    with FaultServer(slow) as server:
        async with connect(server.base_url, timeout=Timeout(read=0.3), max_retries=0) as client:
            assert (await client.opportunity.retrieve(ID)).id == ID


async def test_attempt_that_timed_out_is_made_again(connect: Connect) -> None:
    with FaultServer(STALL, http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url, timeout=0.15) as client:
            response = await client.opportunity.with_raw_response.retrieve(ID)
    assert (response.retries_taken, len(server.requests)) == (1, 2)


async def test_connection_of_a_timed_out_attempt_is_closed(connect: Connect) -> None:
    with FaultServer(STALL) as server:
        async with connect(server.base_url, timeout=0.2, max_retries=0) as client:
            with pytest.raises(APITimeoutError):
                await client.opportunity.retrieve(ID)
            assert await asyncio.to_thread(server.hung_up.wait, SOON)


async def test_explicit_deadline_ends_a_call_whose_attempts_have_no_limit(connect: Connect) -> None:
    with FaultServer(STALL) as server, at_most(SOON):
        async with connect(server.base_url, timeout=None, deadline=0.3) as client:
            with pytest.raises(APITimeoutError) as caught:
                await client.opportunity.retrieve(ID)
    assert caught.value.deadline_exceeded
    assert len(server.requests) == 1


async def test_explicit_deadline_covers_the_wait_for_a_slot(connect: Connect) -> None:
    with FaultServer(http(200, OPPORTUNITY)) as server, at_most(SOON):
        async with connect(server.base_url, rate_limits=RateLimits(read=0.05)) as client:
            await client.opportunity.retrieve(ID)  # takes the slot of the next 20 seconds
            with pytest.raises(APITimeoutError, match="waiting for a slot") as caught:
                await client.with_options(deadline=0.3).opportunity.retrieve(ID)
    assert (caught.value.sent, caught.value.deadline_exceeded) == (False, True)
    assert len(server.requests) == 1


async def test_timeout_does_not_cover_the_wait_for_a_slot(connect: Connect) -> None:
    with FaultServer(http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url, rate_limits=RateLimits(read=4), timeout=0.2, max_retries=0) as client:
            for _ in range(3):
                await client.opportunity.retrieve(ID)
    assert len(server.requests) == 3


async def test_deadline_leaves_no_time_for_a_retry_so_the_failure_itself_is_raised(connect: Connect) -> None:
    with FaultServer(http(503, headers={"Retry-After": "30"})) as server, at_most(SOON):
        async with connect(server.base_url, deadline=5) as client:
            with pytest.raises(InternalServerError) as caught:
                await client.opportunity.retrieve(ID)
    assert caught.value.deadline_exceeded
    assert len(server.requests) == 1


async def test_options_of_a_sibling_are_its_own(connect: Connect) -> None:
    with FaultServer(STALL, http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url, max_retries=0) as client:
            with pytest.raises(APITimeoutError, match="waiting for the response"):
                await client.with_options(timeout=0.2).opportunity.retrieve(ID)
            assert (await client.opportunity.retrieve(ID)).id == ID
