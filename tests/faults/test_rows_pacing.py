"""Rows 61 to 64 of the fault matrix: what 429s, headers and clocks do to the other calls of a client."""

import asyncio
import time
from email.utils import formatdate

import pytest

from lightfield import APITimeoutError, ClientClosedError, LaneStatus, RateLimitError
from lightfield._protocol.request import Category
from tests.client.both import Connect, until
from tests.faults.calls import Call, read, write
from tests.faults.rows import QUICK, all_healed, failed, once
from tests.faults.server import OPPORTUNITY, FaultServer, Reply, http

PAGE: dict[str, object] = {"data": [], "object": "list", "totalCount": 0}


def lane_of(call: Call) -> Category:
    return "Read" if call is read else "Write"


async def test_row_61_throttled_for_ever_ends_at_the_deadline(connect: Connect, call: Call) -> None:
    began = time.monotonic()
    error = await failed(connect, call, RateLimitError, http(429, {"message": "Slow down."}), deadline=1.4)
    assert time.monotonic() - began < 3
    assert error.deadline_exceeded
    assert len(error.attempts) == 2


async def test_row_61_a_429_slows_its_own_lane_only(connect: Connect, call: Call) -> None:
    with FaultServer(http(429)) as server:
        async with connect(server.base_url, max_retries=0) as client:
            before = client.rate_limits
            with pytest.raises(RateLimitError):
                await call(client)
            after = client.rate_limits
    slowed = {name for name in after if (after[name].rate or 0) < (before[name].rate or 0)}
    assert slowed == {lane_of(call)}


async def test_row_61_a_429_that_asks_for_more_than_two_seconds_holds_its_lane_only(
    connect: Connect, call: Call
) -> None:
    with FaultServer(http(429, headers={"Retry-After": "2.5"}), http(200, PAGE)) as server:
        async with connect(server.base_url) as client:
            first = asyncio.ensure_future(call(client))
            await until(lambda: client.rate_limits[lane_of(call)].throttled > 0)
            with pytest.raises(APITimeoutError) as caught:
                await call(client.with_options(deadline=0.1))
            await client.with_options(deadline=1).opportunity.list()
            await client.close()
            with pytest.raises(ClientClosedError):
                await first
    assert caught.value.sent is False
    assert len(server.requests) == 2


async def test_row_62_a_storm_on_one_of_a_hundred_calls_fails_none(connect: Connect) -> None:
    """Reads and writes: when the one is throttled again, the others have their answers."""
    storm: list[Reply] = [http(429), *[http(200, OPPORTUNITY)] * 99, http(429), http(200, OPPORTUNITY)]
    with FaultServer(*storm) as server:
        async with connect(server.base_url, **QUICK) as client:
            found = await asyncio.gather(*([read(client) for _ in range(50)] + [write(client) for _ in range(50)]))
            lanes = [client.rate_limits["Read"], client.rate_limits["Write"]]
    assert (len(found), len(server.requests)) == (100, 102)
    assert [lane.in_flight for lane in lanes] == [0, 0]
    assert sum(lane.granted for lane in lanes) == 102
    assert sum(lane.throttled for lane in lanes) == 2
    for lane in lanes:
        assert 600 < (lane.rate or 0) <= 1_000
        assert (lane.rate == 1_000) == (lane.throttled == 0)


LIMIT, REMAINING = "X-RateLimit-Limit", "X-RateLimit-Remaining"
JUNK = ["", "-1", "-25", "many", "0", "10001", "1000000000", "25.5", "nan", "2 5", "1e1", "\xb2", "9" * 5_000]


async def after(connect: Connect, call: Call, *replies: Reply) -> LaneStatus:
    """Give the lane after one call for each reply."""
    with FaultServer(*replies) as server:
        async with connect(server.base_url) as client:
            for _ in replies:
                await call(client)
            return client.rate_limits[lane_of(call)]


async def test_row_63_without_the_headers_nothing_changes(connect: Connect, call: Call) -> None:
    lane = await after(connect, call, *[http(200, OPPORTUNITY)] * 2)
    assert (lane.limit, lane.rate, lane.remaining) == (25, 25, None)


@pytest.mark.parametrize("text", JUNK, ids=lambda text: ascii(text)[:12])
async def test_row_63_junk_in_the_headers_is_ignored(connect: Connect, call: Call, text: str) -> None:
    headers = {LIMIT: text, "X-RateLimit-Reset": text}
    lane = await after(connect, call, http(200, OPPORTUNITY, headers))
    assert (lane.limit, lane.rate, lane.remaining) == (25, 25, None)


@pytest.mark.parametrize("text", [text for text in JUNK if text != "0"], ids=lambda text: ascii(text)[:12])
async def test_row_63_junk_remains_unread(connect: Connect, call: Call, text: str) -> None:
    lane = await after(connect, call, http(200, OPPORTUNITY, {REMAINING: text}))
    assert (lane.limit, lane.rate, lane.remaining) == (25, 25, None)


async def test_row_63_a_limit_that_falls_counts_at_once(connect: Connect, call: Call) -> None:
    replies = [http(200, OPPORTUNITY, {LIMIT: limit}) for limit in ("25", "25", "5")]
    began = time.monotonic()
    lane = await after(connect, call, *replies, *replies[-1:] * 3)
    assert time.monotonic() - began >= 0.9  # five in a second, and the sixth in the next
    assert (lane.limit, lane.rate) == (5, 5)


async def test_row_63_a_limit_that_rises_counts_at_the_third_sight(connect: Connect, call: Call) -> None:
    reply = http(200, OPPORTUNITY, {LIMIT: "50"})
    assert (await after(connect, call, reply, reply)).limit == 25
    assert (await after(connect, call, reply, reply, reply)).limit == 50


HOUR = 3_600
NOW = int(time.time())
RESETS = {
    "past": str(NOW - HOUR),
    "epoch": "0",
    "milliseconds": str((NOW + 1) * 1_000),
    "an-hour-ahead": str(NOW + HOUR),
    "negative": "-1",
    "absurd": "9" * 30,
}


@pytest.mark.parametrize("reset", RESETS.values(), ids=RESETS)
async def test_row_64_the_time_of_a_reset_has_no_effect(connect: Connect, call: Call, reset: str) -> None:
    headers = {"X-RateLimit-Reset": reset, REMAINING: "20"}
    began = time.monotonic()
    lane = await after(connect, call, *[http(200, OPPORTUNITY, headers)] * 3)
    assert time.monotonic() - began < 3
    assert (lane.limit, lane.rate) == (25, 25)


async def test_row_64_nor_has_it_on_a_429(connect: Connect) -> None:
    pauses = await all_healed(connect, *(http(429, headers={"X-RateLimit-Reset": reset}) for reset in RESETS.values()))
    assert 0.5 <= min(pauses) <= max(pauses) < 3


@pytest.mark.parametrize("skew", [-HOUR, HOUR, 100 * 365 * 24 * HOUR])
async def test_row_64_a_date_is_read_by_the_clock_of_the_server(connect: Connect, call: Call, skew: int) -> None:
    now = NOW + skew
    headers = {"Date": formatdate(now, usegmt=True), "Retry-After": formatdate(now + 7, usegmt=True)}
    error = await once(connect, call, RateLimitError, http(429, headers=headers))
    assert error.retry_after == 7


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Nov 2026 10:00:00 GMT"])
async def test_row_64_without_a_date_of_the_server_ours_counts(connect: Connect, call: Call, date: str) -> None:
    asked = formatdate(time.time() + 30, usegmt=True)
    error = await once(connect, call, RateLimitError, http(429, headers={"Date": date, "Retry-After": asked}))
    assert error.retry_after is not None
    assert 0 < error.retry_after <= 30


@pytest.mark.parametrize("step", [-HOUR, HOUR])
async def test_row_64_a_clock_that_is_set_during_a_pause_changes_nothing(
    connect: Connect, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time
    with FaultServer(http(429), http(429), http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url) as client:
            began = time.monotonic()
            pausing = asyncio.gather(read(client), write(client))
            await until(lambda: all(client.rate_limits[name].throttled for name in ("Read", "Write")))
            monkeypatch.setattr(time, "time", lambda: real() + step)
            await pausing
    assert 0.5 <= time.monotonic() - began < 3
    assert len(server.requests) == 4
