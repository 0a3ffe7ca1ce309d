"""A 429 is waited out as long as the server asks, unless that is longer than anybody wants to wait."""

import asyncio
import time

import pytest

from lightfield import APIStatusError, RateLimitError
from tests.client.both import Connect
from tests.faults.server import ID, OPPORTUNITY, FaultServer, http

DATE = "Mon, 23 Nov 2026 10:00:00 GMT"


async def test_retry_after_is_waited_for(connect: Connect) -> None:
    async def wait(status: int, headers: dict[str, str]) -> float:
        with FaultServer(http(status, headers=headers), http(200, OPPORTUNITY)) as server:
            async with connect(server.base_url, max_retries=1) as client:
                started = time.monotonic()
                response = await client.opportunity.with_raw_response.retrieve(ID)
                elapsed = time.monotonic() - started
        assert (response.retries_taken, len(server.requests)) == (1, 2)
        return elapsed

    in_seconds = {"Retry-After": "1"}
    as_date = {"Retry-After": "Mon, 23 Nov 2026 10:00:01 GMT", "Date": DATE}
    calls = [wait(status, headers) for status in (429, 503) for headers in (in_seconds, as_date)]
    assert min(await asyncio.gather(*calls)) >= 1


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("asked", ["61", "3600", "Mon, 23 Nov 2026 11:00:00 GMT"])
async def test_more_than_a_minute_is_raised_at_once(connect: Connect, status: int, asked: str) -> None:
    with FaultServer(http(status, headers={"Retry-After": asked, "Date": DATE})) as server:
        async with connect(server.base_url, deadline=None) as client:
            with pytest.raises(APIStatusError) as caught:
                await client.opportunity.retrieve(ID)
    assert caught.value.retry_after == (61 if asked == "61" else 3600)
    assert caught.value.deadline_exceeded is False
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("1", 1),
        ("1.5", 1.5),
        (" 2 ", 2),
        ("Mon, 23 Nov 2026 10:00:30 GMT", 30),
        ("Monday, 23-Nov-26 10:00:30 GMT", 30),
        ("Mon Nov 23 10:00:30 2026", 30),
        ("Mon, 23 Nov 2026 09:00:00 GMT", 0),
        ("Mon, 23 Nov 99999 10:00:00 GMT", None),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("inf", None),
        ("1e3", None),
        ("1" + "0" * 30, None),
        ("0x10", None),
        ("1, 2", None),
        ("\xb2", None),
    ],
)
async def test_retry_after_is_on_the_error_and_junk_counts_as_absent(
    connect: Connect,
    text: str,
    seconds: float | None,
) -> None:
    with FaultServer(http(429, headers={"Retry-After": text, "Date": DATE})) as server:
        async with connect(server.base_url, max_retries=0) as client:
            with pytest.raises(RateLimitError) as caught:
                await client.opportunity.retrieve(ID)
    assert caught.value.retry_after == seconds


async def test_throttled_for_ever_ends_at_the_deadline(connect: Connect) -> None:
    with FaultServer(http(429, {"type": "too_many_requests", "message": "Slow down."})) as server:
        async with connect(server.base_url, deadline=0.8) as client:
            started = time.monotonic()
            with pytest.raises(RateLimitError) as caught:
                await client.opportunity.retrieve(ID)
            elapsed = time.monotonic() - started
    assert elapsed < 10
    assert caught.value.deadline_exceeded
    assert len(caught.value.attempts) == len(server.requests) >= 2


async def test_retry_after_beyond_the_deadline_is_not_waited_for(connect: Connect) -> None:
    with FaultServer(http(429, headers={"Retry-After": "20"})) as server:
        async with connect(server.base_url, deadline=10) as client:
            started = time.monotonic()
            with pytest.raises(RateLimitError) as caught:
                await client.opportunity.retrieve(ID)
    assert time.monotonic() - started < 9
    assert (caught.value.deadline_exceeded, caught.value.retry_after) == (True, 20)


async def test_throttled_replies_do_not_count_as_transient_failures(connect: Connect) -> None:
    with FaultServer(http(429), http(503), http(429), http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url, max_retries=1) as client:
            response = await client.opportunity.with_raw_response.retrieve(ID)
            lane = client.rate_limits["Read"]
    assert (response.retries_taken, len(server.requests)) == (3, 4)
    assert (lane.throttled, lane.granted, lane.in_flight) == (2, 4, 0)


async def test_a_429_slows_its_own_lane_only(connect: Connect) -> None:
    with FaultServer(http(429, headers={"Retry-After": "999"})) as server:
        async with connect(server.base_url) as client:
            before = client.rate_limits
            with pytest.raises(RateLimitError):
                await client.opportunity.retrieve(ID)
            after = client.rate_limits
    slowed = {name for name in after if (after[name].rate or 0) < (before[name].rate or 0)}
    assert slowed == {"Read"}
