"""The promise of the deadline: whatever dawdles, the call ends within it and 250 ms."""

import asyncio
import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from lightfield import APIError, APIStatusError, APITimeoutError, AsyncLightfield, RateLimits
from tests.client.both import Connect
from tests.faults.broken import SILENT
from tests.faults.calls import Call, read, write
from tests.faults.crowd import crowded
from tests.faults.proxy import ProxyServer
from tests.faults.server import STALL, Ever, FaultServer, Reply, http

DEADLINE = 0.3
PROMISE = 0.25
"""Seconds beyond the deadline."""

_NAP = 0.01

DAWDLING: dict[str, tuple[Reply, str]] = {
    **{name: (reply, "reading" if "body" in name else "waiting for") for name, reply in SILENT.items()},
    "endless-body": ([http(200, length=10**12), Ever(bytes(10_000), 0.001)], "reading"),
    "endless-interim": ([Ever(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 0.001)], "waiting for"),
    "endless-continue": ([Ever(b"HTTP/1.1 100 Continue\r\n\r\n" * 10, 0.001)], "waiting for"),
}


@contextmanager
def in_time() -> Generator[None]:
    """Check the promise. Up to as much again is allowed for time in which the machine let not even a sleeper run."""
    over, lost = threading.Event(), list[float]()

    def doze() -> None:
        while not over.is_set():
            dozed = time.monotonic()
            time.sleep(_NAP)
            lost.append(time.monotonic() - dozed - _NAP)

    sleeper = threading.Thread(target=doze)
    sleeper.start()
    began = time.monotonic()
    try:
        yield
        took = time.monotonic() - began
    finally:
        over.set()
        sleeper.join()
    assert took <= DEADLINE + PROMISE + min(sum(lost), PROMISE)


async def late(connect: Connect, url: str, **options: object) -> tuple[APIError, APIError]:
    """Make a read and a write that do not end by themselves, and are ended by their deadline."""
    async with connect(url, timeout=None, max_retries=9, **options) as client:
        hurried = client.with_options(deadline=DEADLINE)
        return await asyncio.gather(ended(hurried, read), ended(hurried, write))


async def ended(client: AsyncLightfield, call: Call) -> APIError:
    with in_time(), pytest.raises(APIError) as caught:
        await call(client)
    error = caught.value
    assert error.deadline_exceeded
    assert "(deadline: " in str(error)
    assert error.spent is not None
    assert sum(error.spent) > 0
    return error


@pytest.mark.parametrize("name", DAWDLING)
async def test_server_that_dawdles(connect: Connect, name: str) -> None:
    reply, phase = DAWDLING[name]
    with FaultServer(reply) as server:
        errors = await late(connect, server.base_url, max_response_bytes=10**12)
    for error in errors:
        assert isinstance(error, APITimeoutError)
        assert f"stopped while {phase} the response" in str(error)
        assert error.sent
    assert len(server.requests) == 2


async def test_connection_that_is_never_accepted(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listener:
        port = listener.getsockname()[1]
        with crowded("127.0.0.1", port):
            errors = await late(connect, f"http://127.0.0.1:{port}")
    for error in errors:
        assert isinstance(error, APITimeoutError)
        assert ("stopped while connecting" in str(error), error.sent) == (True, False)


@pytest.mark.parametrize("between", ["nobody", "proxy"])
async def test_handshake_that_is_never_answered(connect: Connect, between: str) -> None:
    """A server that is silent where TLS is expected; and a proxy that never says whether it lets through."""
    with FaultServer(STALL) as server, ProxyServer(STALL) as proxy:
        options = {"proxy": proxy.base_url} if between == "proxy" else {}
        errors = await late(connect, f"https://{server.address}", **options)
    for error in errors:
        assert isinstance(error, APITimeoutError)
        assert ("stopped while connecting" in str(error), error.sent) == (True, False)
    assert server.requests == []


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("pause", ["", "0.1", "30"])
async def test_server_that_refuses_for_ever(connect: Connect, status: int, pause: str) -> None:
    with FaultServer(http(status, headers={"Retry-After": pause})) as server:
        errors = await late(connect, server.base_url)
    for error in errors:
        assert isinstance(error, APIStatusError)
        assert error.status_code == status


async def test_no_slot_in_time(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url, rate_limits=RateLimits(read=0.05, write=0.05)) as client:
            await asyncio.gather(read(client), write(client))
            hurried = client.with_options(deadline=DEADLINE)
            errors = await asyncio.gather(ended(hurried, read), ended(hurried, write))
    for error in errors:
        assert isinstance(error, APITimeoutError)
        assert "waiting for a slot" in str(error)
        assert " s queued, 0.00 s trying, 0.00 s pausing)" in str(error)
        assert not error.sent
    assert len(server.requests) == 2
