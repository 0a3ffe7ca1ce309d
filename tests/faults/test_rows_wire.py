"""Rows 20 to 31: the request is out, and what comes back is cut short or no HTTP."""

import asyncio
import threading
from typing import Any

import pytest

from lightfield import APIConnectionError, APIProtocolError, APITimeoutError, BadRequestError
from tests.client.both import KEY, Connect
from tests.faults.broken import CUT, DOCUMENT, FOREIGN, NO_HTTP, SILENT
from tests.faults.calls import Call
from tests.faults.rows import GOOD, heals, passes_or_stays
from tests.faults.server import FIN, ID, FaultServer, http
from tests.secrets.seen import everything

WAITING = "connection lost while waiting for the response"
READING = "connection lost while reading the response"
NO_RESPONSE = "invalid HTTP response"


@pytest.mark.parametrize("name", ["fin", "headers-cut"])
async def test_row_20_fin_before_response(connect: Connect, call: Call, name: str) -> None:
    await passes_or_stays(connect, call, CUT[name], WAITING)


async def test_row_21_reset_before_response(connect: Connect, call: Call) -> None:
    await passes_or_stays(connect, call, CUT["rst"], WAITING)


async def test_row_22_kept_connection_that_the_server_has_closed(connect: Connect, call: Call) -> None:
    with FaultServer([GOOD, FIN], GOOD) as server:
        async with connect(server.base_url) as client:
            await call(client)
            assert await asyncio.to_thread(server.hung_up.wait, 5)
            assert (await call(client)).id == ID
    assert (len(server.requests), server.connections) == (2, 2)


async def test_row_22_kept_connection_that_breaks_under_a_request(connect: Connect, call: Call) -> None:
    """The second request gets no answer: aiohttp would hide that, and send a read once more by itself."""
    with FaultServer(GOOD, FIN, GOOD) as server:
        async with connect(server.base_url, max_retries=0) as client:
            await call(client)
            with pytest.raises(APIConnectionError, match=WAITING) as caught:
                await call(client)
            assert (len(server.requests), server.connections) == (2, 1)
            assert (await call(client)).id == ID
    assert (caught.value.sent, caught.value.stale, len(caught.value.attempts)) == (True, True, 1)


async def test_row_23_reset_mid_body(connect: Connect, call: Call) -> None:
    await passes_or_stays(connect, call, CUT["body-reset"], READING)


async def test_row_24_body_shorter_than_its_length(connect: Connect, call: Call) -> None:
    await passes_or_stays(connect, call, CUT["body-cut"], READING)


@pytest.mark.parametrize("name", ["chunks-cut", "last-chunk-missing"])
async def test_row_25_chunked_body_that_is_cut(connect: Connect, call: Call, name: str) -> None:
    await passes_or_stays(connect, call, CUT[name], READING)


@pytest.mark.parametrize("name", ["chunk-size", "chunk-size-negative"])
async def test_row_26_bad_chunk_size(connect: Connect, call: Call, name: str) -> None:
    await passes_or_stays(connect, call, NO_HTTP[name], NO_RESPONSE, APIProtocolError)


@pytest.mark.parametrize("name", ["garbage", "tls", "status"])
async def test_row_27_no_http(connect: Connect, call: Call, name: str) -> None:
    await passes_or_stays(connect, call, NO_HTTP[name], NO_RESPONSE, APIProtocolError)


@pytest.mark.parametrize("name", NO_HTTP)
async def test_row_27_what_is_no_http_is_tried_once_more_only(connect: Connect, call: Call, name: str) -> None:
    """It is no answer of the API either, whatever status aiohttp makes of it."""
    with FaultServer(NO_HTTP[name]) as server:
        async with connect(server.base_url, max_retries=5) as client:
            with pytest.raises(APIProtocolError) as caught:
                await call(client)
            assert await asyncio.to_thread(server.hung_up.wait, 5)
    assert not isinstance(caught.value, BadRequestError)
    assert (len(server.requests), server.connections) == (2, 2)


@pytest.mark.parametrize("name", ["lengths-differ", "length-and-chunks", "length-no-number"])
async def test_row_28_lengths_that_contradict(connect: Connect, call: Call, name: str) -> None:
    await passes_or_stays(connect, call, NO_HTTP[name], NO_RESPONSE, APIProtocolError)


@pytest.mark.parametrize("name", ["header-of-100-kB", "40000-headers", "nul-in-header"])
async def test_row_29_headers_beyond_measure(connect: Connect, call: Call, name: str) -> None:
    await passes_or_stays(connect, call, NO_HTTP[name], NO_RESPONSE, APIProtocolError)


async def test_row_30_no_content_with_a_body(connect: Connect, call: Call) -> None:
    await passes_or_stays(connect, call, NO_HTTP["204-with-body"], NO_RESPONSE, APIProtocolError)
    server = await heals(connect, call, NO_HTTP["204-with-body"], GOOD)
    assert server.connections == 2


async def test_row_31_second_response_that_nobody_asked_for(connect: Connect, call: Call) -> None:
    """Its reader must not take it for the answer to the request that comes next."""
    forged = http(200, DOCUMENT.replace(ID.encode(), b"forged"))
    with FaultServer(GOOD + forged, GOOD) as server:
        async with connect(server.base_url) as client:
            assert [(await call(client)).id for _ in range(3)] == [ID] * 3
    assert (len(server.requests), server.connections) == (3, 2)


async def test_row_31_second_response_that_comes_late(connect: Connect, call: Call) -> None:
    forged = http(200, DOCUMENT.replace(ID.encode(), b"forged"))
    late = threading.Event()
    with FaultServer([GOOD, late, forged], GOOD) as server:
        async with connect(server.base_url) as client:
            assert (await call(client)).id == ID
            late.set()
            await asyncio.sleep(0.05)  # nothing tells when it has arrived
            assert (await call(client)).id == ID
    assert (len(server.requests), server.connections) == (2, 2)


async def test_connection_is_dropped_after_a_failure_and_reused_after_a_success(connect: Connect, call: Call) -> None:
    with FaultServer(GOOD, GOOD, CUT["body-cut"], GOOD) as server:
        async with connect(server.base_url) as client:
            for _ in range(3):
                await call(client)
    assert (len(server.requests), server.connections) == (4, 2)


MAIL: dict[str, Any] = {
    "from_": "ann@example.com",
    "to": ["bob@example.com"],
    "subject": "Hello",
    "message_body": {"content": "Hello", "contentType": "TEXT"},
}


@pytest.mark.parametrize("name", [*CUT, *SILENT, *NO_HTTP, *FOREIGN])
async def test_what_must_not_be_repeated_is_sent_once(connect: Connect, name: str) -> None:
    fault = {**CUT, **SILENT, **NO_HTTP, **FOREIGN}[name]
    with FaultServer(fault) as server:
        async with connect(server.base_url, timeout=0.5 if name in SILENT else 10, max_retries=5) as client:
            with pytest.raises(APIConnectionError) as caught:
                await client.email.send(**MAIL)
    error = caught.value
    assert (error.sent, len(error.attempts), len(server.requests)) == (True, 1, 1)
    assert isinstance(error, APITimeoutError) == (name in SILENT)
    assert isinstance(error, APIProtocolError) == (name in {**NO_HTTP, **FOREIGN})
    assert error.idempotency_key
    assert KEY not in everything(error)
