"""Rows 57 to 60 of the fault matrix: a 429 is waited out as long as the server asks, if that is not for ever."""

import pytest

from lightfield import APIStatusError, InternalServerError, RateLimitError
from tests.client.both import Connect
from tests.faults.calls import Call, read
from tests.faults.rows import all_healed, failed, once
from tests.faults.server import OPPORTUNITY, FaultServer, http

DATE = "Mon, 23 Nov 2026 10:00:00 GMT"
OWN = 0.5  # the shortest pause after a 429 that names none
LONG = 3.0  # what no pause here comes near, however busy the machine


def throttled(asked: str, status: int = 429) -> bytes:
    return http(status, headers={"Retry-After": asked, "Date": DATE})


def own(pauses: list[float]) -> None:
    assert OWN <= min(pauses) <= max(pauses) < LONG


async def test_row_57_without_retry_after_the_pause_is_our_own(connect: Connect) -> None:
    own(await all_healed(connect, http(429)))


async def test_row_57_a_429_does_not_count_as_a_transient_failure(connect: Connect, call: Call) -> None:
    with FaultServer(http(429), http(503), http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url, max_retries=1) as client:
            await call(client)
            lane = client.rate_limits["Read" if call is read else "Write"]
    assert len(server.requests) == 3
    assert (lane.throttled, lane.granted, lane.in_flight) == (1, 3, 0)


JUNK = {
    "negative": "-1",
    "words": "soon",
    "empty": "",
    "two-values": "1, 2",
    "nan": "nan",
    "infinite": "inf",
    "exponent": "1e3",
    "far": "1" + "0" * 30,
    "hexadecimal": "0x10",
    "superscript": "\xb2",
    "full-width": "\uff11".encode().decode("latin-1"),
    "year-99999": "Mon, 23 Nov 99999 10:00:00 GMT",
    "date-without-time": "Mon, 23 Nov 2026",
    "no-day-of-a-month": "Mon, 31 Nov 2026 10:00:30 GMT",
}


@pytest.mark.parametrize("text", JUNK.values(), ids=JUNK)
async def test_row_58_junk_in_retry_after_counts_as_absent(connect: Connect, call: Call, text: str) -> None:
    assert (await once(connect, call, RateLimitError, throttled(text))).retry_after is None


async def test_row_58_after_junk_the_pause_is_our_own(connect: Connect) -> None:
    own(await all_healed(connect, *map(throttled, JUNK.values())))


SECONDS = {"0": 0.0, "1": 1.0, "1.5": 1.5, " 2 ": 2.0, "007": 7.0, "1\r\nRetry-After: 5": 1.0}


@pytest.mark.parametrize(("text", "seconds"), SECONDS.items(), ids=list(map(repr, SECONDS)))
async def test_row_58_seconds_are_on_the_error(connect: Connect, call: Call, text: str, seconds: float) -> None:
    assert (await once(connect, call, RateLimitError, throttled(text))).retry_after == seconds


async def test_row_58_seconds_are_waited_for(connect: Connect) -> None:
    pauses = await all_healed(connect, throttled("0.8"), throttled("0.8", 503))
    assert 0.8 <= min(pauses) <= max(pauses) < LONG


async def test_row_58_nought_is_no_leave_to_come_back_at_once(connect: Connect) -> None:
    own(await all_healed(connect, throttled("0")))


DATES = {
    "imf": ("Mon, 23 Nov 2026 10:00:30 GMT", 30),
    "rfc-850": ("Monday, 23-Nov-26 10:00:30 GMT", 30),
    "asctime": ("Mon Nov 23 10:00:30 2026", 30),
    "other-zone": ("Mon, 23 Nov 2026 11:00:30 +0100", 30),
    "past": ("Mon, 23 Nov 2026 09:00:00 GMT", 0),
    "epoch": ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
}


@pytest.mark.parametrize(("text", "seconds"), DATES.values(), ids=DATES)
async def test_row_59_a_date_is_read_in_all_its_forms(connect: Connect, call: Call, text: str, seconds: int) -> None:
    assert (await once(connect, call, RateLimitError, throttled(text))).retry_after == seconds


async def test_row_59_a_date_is_waited_for(connect: Connect) -> None:
    pauses = await all_healed(connect, throttled("Mon, 23 Nov 2026 10:00:01 GMT"))
    assert 1 <= min(pauses) <= max(pauses) < LONG


async def test_row_59_a_date_that_has_passed_asks_for_nothing(connect: Connect) -> None:
    own(await all_healed(connect, throttled(DATES["past"][0])))


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimitError), (503, InternalServerError)])
@pytest.mark.parametrize(("asked", "seconds"), [("61", 61), ("3600", 3600), ("Mon, 23 Nov 2026 11:00:00 GMT", 3600)])
async def test_row_60_more_than_a_minute_is_raised_at_once(
    connect: Connect, call: Call, asked: str, seconds: int, status: int, kind: type[APIStatusError]
) -> None:
    error = await failed(connect, call, kind, throttled(asked, status), deadline=None)
    assert (error.retry_after, error.deadline_exceeded, len(error.attempts)) == (seconds, False, 1)


async def test_row_60_a_pause_beyond_the_deadline_is_raised_at_once(connect: Connect, call: Call) -> None:
    error = await failed(connect, call, RateLimitError, throttled("20"), deadline=10)
    assert (error.retry_after, error.deadline_exceeded, len(error.attempts)) == (20, True, 1)
