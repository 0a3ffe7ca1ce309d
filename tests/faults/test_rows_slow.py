"""Rows 32 to 34, 42 and 43: the response takes its time, or the server is gone for a while."""

import asyncio

import pytest

from lightfield import APIConnectionError, APITimeoutError, Timeout
from tests.client.both import Connect, until
from tests.faults.broken import SILENT
from tests.faults.calls import Call
from tests.faults.rows import GOOD, check_unsent, ended, passes_or_stays
from tests.faults.server import ID, STALL, FaultServer, Reply

SOON = 10.0
"""Far more than any limit in this file, far less than any default."""


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (0.5, "no complete response in time, stopped while waiting for the response"),
        (Timeout(read=0.2), r"no data in time while waiting for the response \(timeout\.read\)"),
    ],
    ids=["total", "read"],
)
async def test_row_32_no_response(connect: Connect, call: Call, limit: float | Timeout, words: str) -> None:
    await passes_or_stays(connect, call, SILENT["silence"], words, APITimeoutError, timeout=limit)


async def test_row_32_connection_of_a_timed_out_attempt_is_closed(connect: Connect, call: Call) -> None:
    with FaultServer(STALL) as server:
        async with connect(server.base_url, timeout=Timeout(read=0.2), max_retries=0) as client:
            with pytest.raises(APITimeoutError):
                await call(client)
            assert await asyncio.to_thread(server.hung_up.wait, SOON)


@pytest.mark.parametrize(("name", "phase"), [("headers-drip", "waiting for"), ("body-drips", "reading")])
async def test_row_33_slow_loris(connect: Connect, call: Call, name: str, phase: str) -> None:
    """Something comes all the time, so that only the limit of the whole attempt ends it."""
    words = f"no complete response in time, stopped while {phase} the response"
    await passes_or_stays(connect, call, SILENT[name], words, APITimeoutError, timeout=Timeout(total=0.5, read=9))


@pytest.mark.parametrize(("name", "phase"), [("headers-stall", "waiting for"), ("body-stalls", "reading")])
async def test_row_33_response_that_stops_halfway(connect: Connect, call: Call, name: str, phase: str) -> None:
    words = rf"no data in time while {phase} the response \(timeout\.read\)"
    await passes_or_stays(connect, call, SILENT[name], words, APITimeoutError, timeout=Timeout(read=0.2))


@pytest.mark.parametrize("statuses", [(100,), (102,), (103,), (100, 103, 103)], ids=str)
async def test_row_34_interim_responses_are_passed_over(
    connect: Connect,
    call: Call,
    statuses: tuple[int, ...],
) -> None:
    interim = [f"HTTP/1.1 {status} Wait\r\nLink: </x>\r\n\r\n".encode() for status in statuses]
    with FaultServer([*interim, GOOD]) as server:
        async with connect(server.base_url, max_retries=0) as client:
            assert (await call(client)).id == ID
            assert (await call(client)).id == ID
    assert (len(server.requests), server.connections) == (2, 1)


async def test_row_42_server_that_is_gone_for_a_while(connect: Connect, call: Call) -> None:
    server = FaultServer()
    async with connect(server.base_url, max_retries=30) as client:
        with server:
            assert (await call(client)).id == ID
        answer = asyncio.ensure_future(call(client))
        await until(lambda: ended(client, call) > 3)
        with FaultServer(port=server.port) as again:
            assert (await answer).id == ID
    assert len(again.requests) == 1


async def test_row_42_server_that_is_gone_for_longer_than_the_retries(connect: Connect, call: Call) -> None:
    server = FaultServer()
    async with connect(server.base_url) as client:
        with server:
            assert (await call(client)).id == ID
        assert await asyncio.to_thread(server.hung_up.wait, SOON)
        with pytest.raises(APIConnectionError, match=r"cannot connect to localhost:\d+: ") as caught:
            await call(client)
    check_unsent(caught.value, call, APIConnectionError, attempts=4)


TRICKLE: Reply = [step for at in range(0, len(GOOD), 20) for step in (GOOD[at : at + 20], 0.01)]
"""2 kB a second: it takes a seventh of one."""

CRAWL: Reply = [GOOD[:-9], *(step for at in range(-9, 0) for step in (GOOD[at : at + 1 or None], 0.1))]
"""10 bytes a second, of which the last nine do not come in time."""


async def test_row_43_little_bandwidth_within_the_limit(connect: Connect, call: Call) -> None:
    with FaultServer(TRICKLE) as server:
        async with connect(server.base_url, timeout=Timeout(read=1), max_retries=0) as client:
            assert (await call(client)).id == ID
    assert len(server.requests) == 1


async def test_row_43_too_little_bandwidth(connect: Connect, call: Call) -> None:
    words = "no complete response in time, stopped while reading the response"
    await passes_or_stays(connect, call, CRAWL, words, APITimeoutError, timeout=0.5)


async def test_options_of_a_sibling_are_its_own(connect: Connect, call: Call) -> None:
    with FaultServer(STALL, GOOD) as server:
        async with connect(server.base_url, max_retries=0) as client:
            with pytest.raises(APITimeoutError, match=r"timeout\.read"):
                await call(client.with_options(timeout=Timeout(read=0.2)))
            assert (await call(client)).id == ID
    assert len(server.requests) == 2
