"""The promise of the deadline: whatever dawdles, the call ends within it and 250 ms."""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from lightfield import APIError, APIStatusError, APITimeoutError, AsyncLightfield, RateLimits
from tests.client.both import Connect
from tests.faults.broken import CUT, FOREIGN, NO_HTTP, SILENT
from tests.faults.calls import Call, read, write
from tests.faults.crowd import crowded
from tests.faults.names import HOST
from tests.faults.proxy import ProxyServer
from tests.faults.server import STALL, Ever, FaultServer, Reply, http
from tests.faults.storage import CONTENT, StorageServer

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


async def test_name_whose_lookup_hangs(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    system, over = socket.getaddrinfo, threading.Event()

    def look_up(host: Any, *args: Any, **options: Any) -> Any:
        return system("localhost" if host == HOST and over.wait(10) else host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    async with connect(f"http://{HOST}:9", allow_http=True, timeout=None, max_retries=9) as client:
        hurried = client.with_options(deadline=DEADLINE)
        errors = await asyncio.gather(ended(hurried, read), ended(hurried, write))
        over.set()
    for error in errors:
        assert isinstance(error, APITimeoutError)
        assert ("stopped while connecting" in str(error), error.sent) == (True, False)


@pytest.mark.parametrize("kind", [CUT, NO_HTTP, FOREIGN], ids=["cut", "no-http", "foreign"])
async def test_server_whose_answers_are_broken_for_ever(connect: Connect, kind: dict[str, Reply]) -> None:
    """What is of no use to try again ends before the deadline; nothing ends after it."""

    async def broken(fault: Reply, call: Call) -> None:
        with FaultServer(fault) as server:
            async with connect(server.base_url, max_retries=99, deadline=DEADLINE, rate_limits=None) as client:
                with in_time(), pytest.raises(APIError):
                    await call(client)

    for fault in kind.values():  # one after another: to read some of them is work
        await asyncio.gather(*(broken(fault, call) for call in (read, write)))


HALF: Reply = [http(200, CONTENT[:1000], length=len(CONTENT)), STALL]


async def late_transfer(connect: Connect, way: str, *script: Reply) -> None:
    """Transfer a file, which does not end by itself, and is ended by its deadline."""
    with StorageServer(*script) as server:
        async with connect(server.base_url, max_retries=9, retry_budget=None) as client:
            transfers: dict[str, Callable[..., Awaitable[object]]] = {
                "upload": partial(client.file.upload, CONTENT, filename="call.txt"),
                "download": partial(client.file.download, "fil_1"),
            }
            with in_time(), pytest.raises(APIError) as caught:
                await transfers[way](deadline=DEADLINE)
    assert caught.value.deadline_exceeded


@pytest.mark.parametrize(("way", "reply"), [("upload", STALL), ("download", STALL), ("download", HALF)])
async def test_storage_that_dawdles(connect: Connect, way: str, reply: Reply) -> None:
    await late_transfer(connect, way, reply)


@pytest.mark.parametrize("way", ["upload", "download"])
async def test_storage_that_refuses_for_ever(connect: Connect, way: str) -> None:
    await late_transfer(connect, way, *[http(503)] * 20)


async def test_upload_that_nobody_hears_is_given_up(connect: Connect) -> None:
    """Neither the storage answers, nor the API when it is told."""
    await late_transfer(connect, "upload", STALL, STALL)


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
