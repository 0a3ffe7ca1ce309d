"""``with_streaming_response``: the body is read piece by piece, in the time that is left, and nothing stays open."""

import asyncio
import gc
import gzip
import json
import pickle
import threading
from typing import Any, cast

import pytest

from lightfield import (
    APIConnectionError,
    APIProtocolError,
    APITimeoutError,
    AsyncLightfield,
    ClientClosedError,
    Lightfield,
    LightfieldTypeError,
    LightfieldUsageError,
    LightfieldValueError,
    NotFoundError,
)
from lightfield.testing import Sandbox
from tests.client.both import KEY, Connect, until
from tests.faults.server import FIN, ID, OPPORTUNITY, STALL, Ever, FaultServer, http

BODY = json.dumps(OPPORTUNITY).encode()
ZIPPED = {"Content-Encoding": "gzip"}


async def test_the_body_is_read_in_every_form(connect: Connect, sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    document = sandbox.opportunities[id]
    async with connect(sandbox.base_url) as client:
        stream = client.opportunity.with_streaming_response.retrieve
        async with stream(id) as response:
            assert (response.is_closed, response.status_code) == (False, 200)
            assert json.loads(b"".join([piece async for piece in response.iter_bytes()])) == document
            assert response.is_closed
        async with stream(id) as response:
            pieces = [piece async for piece in response.iter_bytes(100)]
            assert {len(piece) for piece in pieces[:-1]} == {100}
            assert json.loads(b"".join(pieces)) == document
        async with stream(id) as response:
            assert json.loads("".join([text async for text in response.iter_text(7)])) == document
        async with stream(id) as response:
            assert await response.read() == await response.read()
            assert await response.json() == json.loads(await response.text()) == document
            assert (await response.parse()).to_dict() == document
            assert b"".join([piece async for piece in response.iter_bytes()]) == await response.read()


async def test_lines_come_as_they_arrive(connect: Connect) -> None:
    go_on = threading.Event()
    head = http(200, b"one\r\ntw", length=len(b"one\r\ntwo\n\nlast"))
    with FaultServer([head, go_on, b"o\n\nlast"]) as server:
        async with (
            connect(server.base_url) as client,
            client.opportunity.with_streaming_response.retrieve(ID) as response,
        ):
            lines = response.iter_lines()
            first = await anext(aiter(lines)) if repr(client).startswith("<Async") else None
            go_on.set()
            rest = [line async for line in lines]
    assert ([] if first is None else [first]) + rest == ["one", "two", "", "last"]


async def test_text_is_decoded_across_the_borders_of_pieces(connect: Connect) -> None:
    body = "é\r\n\N{PARTY POPPER}\n".encode() + b"\xc3"
    with FaultServer(http(200, body), http(200, body), http(200, body[:-1])) as server:
        async with connect(server.base_url) as client:
            stream = client.opportunity.with_streaming_response.retrieve
            async with stream(ID) as response:
                texts = [text async for text in response.iter_text(1)]
            assert texts == ["é", "\r", "\n", "\N{PARTY POPPER}", "\n", "\ufffd"]
            for last in (["\ufffd"], []):
                async with stream(ID) as response:
                    assert [line async for line in response.iter_lines()] == ["é", "\N{PARTY POPPER}", *last]


async def test_a_body_is_streamed_once(connect: Connect) -> None:
    with FaultServer() as server:
        async with (
            connect(server.base_url) as client,
            client.opportunity.with_streaming_response.retrieve(ID) as response,
        ):
            assert [piece async for piece in response.iter_bytes()] == [BODY]
            for again in (response.read, response.text, response.json, response.parse):
                with pytest.raises(LightfieldUsageError, match="streamed already"):
                    await cast("Any", again)()


async def test_an_error_is_raised_on_entering(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        with pytest.raises(NotFoundError) as caught:
            async with client.opportunity.with_streaming_response.retrieve("opp_none"):
                pytest.fail("entered")
    assert caught.value.type == "not_found"


async def test_a_failure_before_the_body_is_retried(connect: Connect) -> None:
    with FaultServer(http(503), http(200, OPPORTUNITY)) as server:
        async with (
            connect(server.base_url) as client,
            client.opportunity.with_streaming_response.retrieve(ID) as response,
        ):
            assert (response.retries_taken, (await response.parse()).id) == (1, ID)


@pytest.mark.parametrize("parts", [1, 7, 100_000])
async def test_gzip_is_decompressed_on_the_way(connect: Connect, parts: int) -> None:
    content = BODY * 50
    zipped = gzip.compress(content)
    pieces = [zipped[start : start + parts] for start in range(0, min(len(zipped), 200), parts)]
    rest = zipped[len(b"".join(pieces)) :]
    with FaultServer([http(200, b"", ZIPPED, length=len(zipped)), *pieces, rest]) as server:
        async with (
            connect(server.base_url) as client,
            client.opportunity.with_streaming_response.retrieve(ID) as response,
        ):
            assert b"".join([piece async for piece in response.iter_bytes()]) == content


async def test_a_small_body_that_holds_gigabytes_comes_in_small_pieces(connect: Connect) -> None:
    content = gzip.compress(bytes(20_000_000))
    with FaultServer(http(200, content, ZIPPED)) as server:
        async with connect(server.base_url, max_response_bytes=1_000_000) as client:
            async with client.opportunity.with_streaming_response.retrieve(ID) as response:
                sizes = [len(piece) async for piece in response.iter_bytes()]
            assert (sum(sizes), max(sizes) <= 1_000_000) == (20_000_000, True)
            async with client.opportunity.with_streaming_response.retrieve(ID) as response:
                with pytest.raises(APIConnectionError, match="larger than max_response_bytes"):
                    await response.read()
            assert response.is_closed


@pytest.mark.parametrize(
    ("reply", "error", "text"),
    [
        ([http(200, BODY, length=999), FIN], APIConnectionError, "reading the response"),
        (http(200, gzip.compress(BODY)[:-9], ZIPPED), APIConnectionError, "truncated"),
        (http(200, gzip.compress(BODY) + b"more", ZIPPED), APIConnectionError, "followed by other data"),
        (http(200, gzip.compress(bytes(1_000_000)) + b"more", ZIPPED), APIConnectionError, "followed by other data"),
        (http(200, b"no gzip", ZIPPED), APIConnectionError, "invalid gzip"),
        (http(200, BODY, {"Content-Encoding": KEY}), APIProtocolError, "was not requested"),
    ],
    ids=["cut off", "gzip cut off", "gzip and more", "large gzip and more", "no gzip", "other encoding"],
)
async def test_a_spoilt_body_is_an_error_while_it_is_read(
    connect: Connect, reply: Any, error: type[Exception], text: str
) -> None:
    with FaultServer(reply) as server:
        async with (
            connect(server.base_url) as client,
            client.opportunity.with_streaming_response.retrieve(ID) as response,
        ):
            with pytest.raises(error, match=text) as caught:
                await response.read()
            assert response.is_closed
    assert str(caught.value).startswith("GET /v1/opportunities/opp_1: ")
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("options", [{"timeout": 0.3}, {"deadline": 0.3}], ids=str)
async def test_a_body_that_stalls_ends_in_time(connect: Connect, options: dict[str, float]) -> None:
    with FaultServer([http(200, BODY, length=999), STALL]) as server:
        async with connect(server.base_url, max_retries=0, **options) as client:
            async with client.opportunity.with_streaming_response.retrieve(ID) as response:
                with pytest.raises(APITimeoutError, match="reading the response"):
                    await response.read()
            assert response.is_closed
        await until(server.hung_up.is_set)


async def test_a_deadline_ends_a_body_that_never_ends(connect: Connect) -> None:
    with FaultServer([http(200, b"", length=10**9), Ever(b"x", 0.05)]) as server:
        async with (
            connect(server.base_url, deadline=0.5) as client,
            client.opportunity.with_streaming_response.retrieve(ID) as response,
        ):
            with pytest.raises(APITimeoutError):
                async for _ in response.iter_bytes():
                    pass


async def test_leaving_early_closes_the_connection(connect: Connect) -> None:
    with FaultServer([http(200, b"x" * 10, length=999), STALL]) as server:
        async with connect(server.base_url) as client:
            async with client.opportunity.with_streaming_response.retrieve(ID) as response:
                pass
            assert response.is_closed
            await until(server.hung_up.is_set)
            with pytest.raises(LightfieldUsageError, match="closed before its body was read"):
                await response.read()


async def test_a_body_that_was_read_leaves_its_connection_for_the_next_call(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            for _ in range(3):
                async with client.opportunity.with_streaming_response.retrieve(ID) as response:
                    await response.read()
    assert server.connections == 1


async def test_closing_the_client_ends_a_read() -> None:
    with FaultServer([http(200, b"x", length=999), STALL]) as server:
        client = AsyncLightfield(api_key=KEY, base_url=server.base_url)
        async with client.opportunity.with_streaming_response.retrieve(ID) as response:
            reading = asyncio.create_task(response.read())
            await asyncio.sleep(0)
            await client.close()
            with pytest.raises(ClientClosedError):
                await reading


async def test_a_streamed_response_does_not_pickle(connect: Connect) -> None:
    with FaultServer() as server:
        async with (
            connect(server.base_url) as client,
            client.opportunity.with_streaming_response.retrieve(ID) as response,
        ):
            streamed: Any = getattr(response, "_target", response)
            with pytest.raises(LightfieldUsageError, match="cannot be pickled"):
                pickle.dumps(streamed)


class Failing(AsyncLightfield):
    """A client whose hook fails after the response has come."""

    async def send(self, request: Any) -> Any:
        response = await super().send(request)
        if request.form == "streamed":
            raise ValueError("no")
        return response


async def test_a_stream_that_nobody_got_is_closed_when_it_is_dropped() -> None:
    with FaultServer([http(200, b"x" * 10, length=999), STALL]) as server:
        async with Failing(api_key=KEY, base_url=server.base_url) as client:
            with pytest.raises(ValueError, match="no"):
                async with client.opportunity.with_streaming_response.retrieve(ID):
                    pytest.fail("entered")
            gc.collect()
            await until(server.hung_up.is_set)


async def test_leaving_after_the_client_was_closed_keeps_the_error_of_the_block(connect: Connect) -> None:
    with FaultServer([http(200, b"x" * 10, length=999), STALL]) as server:
        async with connect(server.base_url) as client:

            async def fail() -> None:
                async with client.opportunity.with_streaming_response.retrieve(ID):
                    await client.close()
                    raise ValueError("of the block")

            with pytest.raises(ValueError, match="of the block"):
                await fail()


def test_a_blocking_stream_may_be_left_on_the_thread_of_the_client() -> None:
    """The garbage collector runs on any thread, and may end a suspended generator there."""
    with (
        FaultServer([http(200, b"x" * 10, length=999), STALL]) as server,
        Lightfield(api_key=KEY, base_url=server.base_url) as client,
    ):
        stream = client.opportunity.with_streaming_response.retrieve(ID)
        response = stream.__enter__()

        async def leave() -> None:
            stream.__exit__(None, None, None)

        client._portal.call(leave())  # pyright: ignore[reportPrivateUsage]
        assert response.is_closed
        assert server.hung_up.wait(10)


@pytest.mark.parametrize("size", [0, -1, 1.5, "a", True])
async def test_a_chunk_has_a_size(connect: Connect, size: Any, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        response = await client.opportunity.with_raw_response.retrieve(sandbox.opportunity_ids[0])
        with pytest.raises((LightfieldValueError, LightfieldTypeError), match="chunk_size"):
            async for _ in response.iter_bytes(size):
                pass


async def test_chunks_and_lines_of_a_large_body_are_whole(connect: Connect) -> None:
    body = b"\n".join(b"%d" % number * 300 for number in range(2_000)) + b"\n"
    with FaultServer(http(200, body)) as server:
        async with connect(server.base_url) as client:
            response = await client.opportunity.with_raw_response.retrieve(ID)
            chunks = [chunk async for chunk in response.iter_bytes(1_000)]
            async with client.opportunity.with_streaming_response.retrieve(ID) as streamed:
                lines = [line async for line in streamed.iter_lines()]
    assert b"".join(chunks) == body
    assert {len(chunk) for chunk in chunks[:-1]} == {1_000}
    assert "\n".join([*lines, ""]).encode() == body


async def test_an_empty_body_may_be_said_to_be_compressed(connect: Connect) -> None:
    with FaultServer(http(200, b"", ZIPPED)) as server:
        async with (
            connect(server.base_url) as client,
            client.opportunity.with_streaming_response.retrieve(ID) as response,
        ):
            assert await response.read() == b""
