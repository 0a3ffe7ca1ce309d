"""Rows 35 to 41: a whole response whose body is empty, endless, or encoded in some way or other."""

import asyncio
import gzip
import tracemalloc
import zlib

import pytest

from lightfield import (
    APIConnectionError,
    APIProtocolError,
    APIResponseValidationError,
    APIStatusError,
    InternalServerError,
)
from tests.client.both import Connect
from tests.faults.broken import CUT, DOCUMENT, FOREIGN, GZIP, ZIPPED, bomb
from tests.faults.calls import Call
from tests.faults.rows import check, passes_or_stays
from tests.faults.server import ID, Ever, FaultServer, Reply, header, http

MEGABYTE = 1_000_000
ENDLESS: dict[str, Reply] = {
    "length": [http(200, length=5_000 * MEGABYTE), Ever(bytes(50_000))],
    "chunks": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Ever(b"8000\r\n%b\r\n" % bytes(0x8000))],
    "until-fin": [b"HTTP/1.1 200 OK\r\n\r\n", Ever(bytes(50_000))],
}


@pytest.mark.parametrize("reply", [http(200), b"HTTP/1.1 204 No Content\r\n\r\n"], ids=["200", "204"])
async def test_row_35_empty_success(connect: Connect, call: Call, reply: Reply) -> None:
    words = "but the body is not what the API documents: .* it begins with: nothing"
    await passes_or_stays(connect, call, reply, words, APIResponseValidationError)


async def too_large(connect: Connect, call: Call, reply: Reply, **options: int) -> None:
    """Make a call whose response is too large: that is final, and a connection that gives more of it is closed."""
    with FaultServer(reply) as server:
        async with connect(server.base_url, **options) as client:
            with pytest.raises(APIConnectionError, match="the response is larger than max_response_bytes") as caught:
                await call(client)
            assert isinstance(reply, bytes) or await asyncio.to_thread(server.hung_up.wait, 5)
    check(caught.value, call, APIConnectionError, attempts=1)
    assert (caught.value.sent, caught.value.permanent) == (True, True)
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", ENDLESS)
async def test_row_36_endless_body(connect: Connect, call: Call, name: str) -> None:
    await too_large(connect, call, ENDLESS[name], max_response_bytes=MEGABYTE)


async def test_row_36_body_of_just_the_largest_size(connect: Connect, call: Call) -> None:
    with FaultServer(http(200, DOCUMENT)) as server:
        async with connect(server.base_url, max_response_bytes=len(DOCUMENT)) as client:
            assert (await call(client)).id == ID
        await too_large(connect, call, http(200, DOCUMENT), max_response_bytes=len(DOCUMENT) - 1)


@pytest.mark.parametrize("encoded", [False, True], ids=["endless", "bomb"])
async def test_row_36_endless_error_keeps_its_status(connect: Connect, call: Call, encoded: bool) -> None:
    endless: Reply = [http(500, b"Out of order. ", length=5_000 * MEGABYTE), Ever(b" " * 50_000)]
    reply: Reply = http(500, bomb(MEGABYTE), GZIP) if encoded else endless
    with FaultServer(reply) as server:
        async with connect(server.base_url, max_response_bytes=100_000, max_retries=0) as client:
            with pytest.raises(InternalServerError, match="^500: " if encoded else "^500: Out of order") as caught:
                await call(client)
            assert isinstance(reply, bytes) or await asyncio.to_thread(server.hung_up.wait, 5)
    assert len(caught.value.response.content if caught.value.response else b"") < MEGABYTE


async def test_row_36_redirect_with_too_large_a_body_keeps_its_status(connect: Connect, call: Call) -> None:
    with FaultServer(http(302, b" " * 200_000, {"Location": "/elsewhere"})) as server:
        async with connect(server.base_url, max_response_bytes=100_000) as client:
            with pytest.raises(APIStatusError, match=r"^302: redirects are not followed; Location: /elsewhere"):
                await call(client)
    assert len(server.requests) == 1


async def test_row_37_gzip_bomb(connect: Connect, call: Call) -> None:
    small = bomb(40 * MEGABYTE)
    assert len(small) < MEGABYTE / 20
    with FaultServer(http(200, small, GZIP)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(APIConnectionError, match=r"larger than max_response_bytes \(33,554,432\)") as caught:
                await call(client)
    assert (caught.value.sent, caught.value.permanent, len(server.requests)) == (True, True, 1)


async def test_row_37_gzip_bomb_is_not_inflated_beyond_the_largest_size(connect: Connect, call: Call) -> None:
    with FaultServer(http(200, bomb(40 * MEGABYTE), GZIP)) as server:
        async with connect(server.base_url, max_response_bytes=MEGABYTE) as client:
            tracemalloc.start()
            try:
                with pytest.raises(APIConnectionError, match="larger than max_response_bytes"):
                    await call(client)
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
    assert peak < 5 * MEGABYTE


@pytest.mark.parametrize("name", ["no-gzip", "gzip-damaged", "gzip-checksum"])
async def test_row_38_invalid_gzip(connect: Connect, call: Call, name: str) -> None:
    await passes_or_stays(connect, call, CUT[name], "invalid gzip: ")


@pytest.mark.parametrize("name", ["gzip-cut", "gzip-head", "gzip-tail-missing"])
async def test_row_39_truncated_gzip(connect: Connect, call: Call, name: str) -> None:
    await passes_or_stays(connect, call, CUT[name], "the gzip of the response is truncated")


@pytest.mark.parametrize("name", ["br", "zstd"])
async def test_row_40_encoding_that_was_not_asked_for(connect: Connect, call: Call, name: str) -> None:
    await passes_or_stays(connect, call, FOREIGN[name], f"encoded as {name}, which was not", APIProtocolError)


async def test_row_40_every_encoding_that_is_asked_for_is_inflated(connect: Connect, call: Call) -> None:
    whole = {"gzip": ZIPPED, "deflate": zlib.compress(DOCUMENT)}
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            await call(client)
    asked = (header(server.requests[0], "Accept-Encoding") or "").split(", ")
    assert "gzip" in asked
    with FaultServer(*(http(200, whole[name], {"Content-Encoding": name}) for name in asked)) as server:
        async with connect(server.base_url, max_retries=0) as client:
            assert [(await call(client)).id for _ in asked] == [ID] * len(asked)


@pytest.mark.parametrize("name", ["made-up", "gzip-twice"])
async def test_row_41_encoding_that_nobody_knows(connect: Connect, call: Call, name: str) -> None:
    await passes_or_stays(connect, call, FOREIGN[name], "encoded as .*, which was not requested", APIProtocolError)


@pytest.mark.parametrize("name", ["GZIP", "x-gzip", "identity"])
async def test_row_41_other_names_of_encodings(connect: Connect, call: Call, name: str) -> None:
    body = DOCUMENT if name == "identity" else gzip.compress(DOCUMENT)
    with FaultServer(http(200, body, {"Content-Encoding": name})) as server:
        async with connect(server.base_url) as client:
            assert (await call(client)).id == ID
    assert len(server.requests) == 1
