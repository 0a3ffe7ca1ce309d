"""Failures before and instead of a response: each is one of our errors, tried again or not as it deserves."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from lightfield import APIConnectionError, APITimeoutError, Timeout
from tests.client.both import Connect
from tests.faults.server import FIN, ID, OPPORTUNITY, RST, STALL, FaultServer, Reply, http

BODY_CUT_BY_RST: Reply = [http(200, b'{"id":', length=99), 0.05, RST]
BODY_CUT_BY_FIN: Reply = [http(200, b'{"id":', length=99), FIN]
CHUNKED_BODY_CUT: Reply = [
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{"id":\r\n',
    FIN,
]
GARBAGE: Reply = [b"\x16\x03\x01 certainly not HTTP\r\n\r\n", FIN]
BAD_CHUNK_SIZE: Reply = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", FIN]
HEADERS_CUT: Reply = [b"HTTP/1.1 200 OK\r\nContent-", FIN]

AFTER_SENDING: dict[str, Reply] = {
    "fin": FIN,
    "rst": RST,
    "body-rst": BODY_CUT_BY_RST,
    "body-fin": BODY_CUT_BY_FIN,
    "chunked-fin": CHUNKED_BODY_CUT,
    "garbage": GARBAGE,
    "bad-chunk": BAD_CHUNK_SIZE,
    "headers-fin": HEADERS_CUT,
}


@pytest.fixture
def nobody() -> Iterator[str]:
    """A port that is taken, but refuses connections."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


async def test_refused_connection_is_tried_again_then_raised(connect: Connect, nobody: str) -> None:
    async with connect(nobody, max_retries=1) as client:
        with pytest.raises(APIConnectionError, match=r"cannot connect to 127\.0\.0\.1") as caught:
            await client.opportunity.retrieve(ID)
    error = caught.value
    assert type(error) is APIConnectionError
    assert (error.sent, error.permanent, len(error.attempts)) == (False, False, 2)
    assert isinstance(error.__cause__, OSError)


async def test_unknown_host_is_named(connect: Connect) -> None:
    async with connect("https://api.lightfield.invalid", max_retries=1) as client:
        with pytest.raises(APIConnectionError, match=r"cannot connect to api\.lightfield\.invalid") as caught:
            await client.opportunity.retrieve(ID)
    assert type(caught.value) is APIConnectionError
    assert (caught.value.sent, len(caught.value.attempts)) == (False, 2)


@pytest.fixture
def full() -> Iterator[str]:
    """A listener whose queue of connections is full, so that further ones are never completed."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=1)) as listener:
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(8)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        yield f"http://127.0.0.1:{port}"
        for each in waiting:
            each.close()


async def test_connection_that_is_never_accepted_ends_at_timeout_connect(connect: Connect, full: str) -> None:
    started = time.monotonic()
    async with connect(full, timeout=Timeout(connect=0.2), max_retries=0) as client:
        with pytest.raises(APITimeoutError, match=r"timeout\.connect") as caught:
            await client.opportunity.retrieve(ID)
    assert not caught.value.sent
    assert 0.2 <= time.monotonic() - started < 10


async def test_tls_handshake_that_is_never_answered_ends_at_timeout_connect(connect: Connect) -> None:
    with FaultServer(STALL) as server:
        options = {"timeout": Timeout(connect=0.2), "max_retries": 0}
        async with connect(f"https://{server.address}", **options) as client:
            with pytest.raises(APITimeoutError, match=r"timeout\.connect") as caught:
                await client.opportunity.retrieve(ID)
    assert not caught.value.sent


async def test_tls_handshake_that_breaks_off_is_tried_again(connect: Connect) -> None:
    """All of them at once, because each retry takes its time."""

    async def fail(greeting: Reply) -> APIConnectionError:
        with FaultServer(greeting=greeting) as server:
            async with connect(f"https://{server.address}", max_retries=1) as client:
                with pytest.raises(APIConnectionError, match="cannot connect to localhost") as caught:
                    await client.opportunity.retrieve(ID)
        assert not server.requests
        return caught.value

    greetings: list[Reply] = [FIN, RST, b"220 smtp.example ESMTP\r\n"]
    for error in await asyncio.gather(*map(fail, greetings)):
        assert (error.sent, error.permanent, len(error.attempts)) == (False, False, 2)


@pytest.mark.parametrize("fault", AFTER_SENDING.values(), ids=AFTER_SENDING)
async def test_failure_after_sending_is_raised_as_a_lost_connection(connect: Connect, fault: Reply) -> None:
    with FaultServer(fault) as server:
        async with connect(server.base_url, max_retries=0) as client:
            with pytest.raises(APIConnectionError) as caught:
                await client.opportunity.retrieve(ID)
    error = caught.value
    assert type(error) is APIConnectionError
    assert (error.sent, error.permanent, len(error.attempts)) == (True, False, 1)
    assert str(error).startswith(f"GET /v1/opportunities/{ID}: ")
    assert len(server.requests) == 1


async def test_failure_after_sending_is_tried_again(connect: Connect) -> None:
    """All of them at once, because each retry takes its time."""

    async def attempts(fault: Reply) -> tuple[int, int]:
        with FaultServer(fault, http(200, OPPORTUNITY)) as server:
            async with connect(server.base_url) as client:
                response = await client.opportunity.with_raw_response.retrieve(ID)
            return response.retries_taken, len(server.requests)

    made = await asyncio.gather(*map(attempts, AFTER_SENDING.values()))
    assert dict(zip(AFTER_SENDING, made, strict=True)) == dict.fromkeys(AFTER_SENDING, (1, 2))


async def test_connection_is_dropped_after_a_failure_and_reused_after_a_success(connect: Connect) -> None:
    good = http(200, OPPORTUNITY)
    with FaultServer(good, good, BODY_CUT_BY_FIN, good) as server:
        async with connect(server.base_url) as client:
            for _ in range(3):
                await client.opportunity.retrieve(ID)
    assert (len(server.requests), server.connections) == (4, 2)


async def test_kept_connection_that_the_server_has_closed_costs_nobody_an_error(connect: Connect) -> None:
    good = http(200, OPPORTUNITY)
    with FaultServer([good, FIN], good) as server:
        async with connect(server.base_url) as client:
            await client.opportunity.retrieve(ID)
            await asyncio.to_thread(server.hung_up.wait, 5)
            assert (await client.opportunity.retrieve(ID)).id == ID
            await client.request("POST", "/v1/things", body={})
    assert server.connections == 2


@pytest.mark.parametrize("status", [100, 102, 103])
async def test_interim_response_is_passed_over(connect: Connect, status: int) -> None:
    interim = f"HTTP/1.1 {status} Wait\r\nLink: </x>\r\n\r\n".encode()
    with FaultServer([interim, http(200, OPPORTUNITY)]) as server:
        async with connect(server.base_url, max_retries=0) as client:
            assert (await client.opportunity.retrieve(ID)).id == ID
