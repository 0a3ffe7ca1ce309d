"""Rows 1 to 9 but the proxy and TLS: no connection comes about, so that no request is sent."""

import asyncio
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from lightfield import APIConnectionError, APITimeoutError, RateLimits, Timeout
from lightfield._pacing.queue import IN_FLIGHT
from tests.client.both import Connect, until
from tests.faults.calls import Call
from tests.faults.certificates import certified
from tests.faults.crowd import crowded
from tests.faults.names import HOST, Names
from tests.faults.rows import GOOD, check_unsent, ended, name
from tests.faults.server import ID, OPPORTUNITY, FaultServer, http
from tests.lifecycle.script import run


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port that is taken, but refuses connections; a server that comes later may have it."""
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


async def test_row_1_connection_refused(connect: Connect, call: Call, nobody: int) -> None:
    async with connect(f"http://127.0.0.1:{nobody}", max_retries=1) as client:
        with pytest.raises(APIConnectionError, match=rf": cannot connect to 127\.0\.0\.1:{nobody}: ") as caught:
            await call(client)
    check_unsent(caught.value, call, APIConnectionError)
    assert isinstance(caught.value.__cause__, OSError)


async def test_row_1_connection_refused_until_the_server_is_up(connect: Connect, call: Call, nobody: int) -> None:
    async with connect(f"http://localhost:{nobody}", max_retries=8) as client:
        answer = asyncio.ensure_future(call(client))
        await until(lambda: ended(client, call) > 0)
        with FaultServer(port=nobody) as server:
            assert (await answer).id == ID
    assert len(server.requests) == 1


async def test_row_2_unknown_host(connect: Connect, call: Call) -> None:
    async with connect("https://api.lightfield.invalid", max_retries=1) as client:
        with pytest.raises(APIConnectionError, match=r"cannot connect to api\.lightfield\.invalid:443: ") as caught:
            await call(client)
    check_unsent(caught.value, call, APIConnectionError)


async def test_row_2_lookup_that_fails_for_a_while(
    connect: Connect,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = Names(socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), ["127.0.0.1"])
    names.publish(monkeypatch)
    with FaultServer() as server:
        async with connect(f"http://{HOST}:{server.port}", allow_http=True) as client:
            assert (await call(client)).id == ID
    assert (names.lookups, len(server.requests)) == (2, 1)


async def test_row_3_connection_that_is_never_accepted(connect: Connect, call: Call) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listener:
        port = listener.getsockname()[1]
        started = time.monotonic()
        with crowded("127.0.0.1", port):
            async with connect(f"http://127.0.0.1:{port}", timeout=Timeout(connect=0.15), max_retries=1) as client:
                with pytest.raises(APITimeoutError, match=r"timed out while connecting \(timeout\.connect\)") as caught:
                    await call(client)
    check_unsent(caught.value, call, APITimeoutError)
    assert 0.3 <= time.monotonic() - started < 5


async def test_row_3_connection_that_is_accepted_at_last(connect: Connect, call: Call) -> None:
    server = FaultServer(backlog=1)
    with crowded("127.0.0.1", server.port):
        async with connect(server.base_url, timeout=Timeout(connect=0.15), max_retries=8) as client:
            answer = asyncio.ensure_future(call(client))
            await until(lambda: ended(client, call) > 0)
            with server:
                assert (await answer).id == ID
    assert len(server.requests) == 1


async def test_row_4_first_address_refuses(connect: Connect, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens on the first, which is IPv6; where there is no IPv6 at all, that is no better."""
    Names(["::1", "127.0.0.1"]).publish(monkeypatch)
    with FaultServer() as server:
        async with connect(f"http://{HOST}:{server.port}", allow_http=True, max_retries=0) as client:
            assert (await call(client)).id == ID
    assert len(server.requests) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 is no address of this machine")
async def test_row_4_first_address_is_silent(connect: Connect, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    Names(["127.0.0.2", "127.0.0.1"]).publish(monkeypatch)
    silent = "127.0.0.2"
    with (
        FaultServer() as server,
        socket.create_server((silent, server.port), backlog=1),
        crowded(silent, server.port),
    ):
        async with connect(f"http://{HOST}:{server.port}", allow_http=True, max_retries=0) as client:
            assert (await call(client)).id == ID
    assert len(server.requests) == 1


HOARDER = """
import asyncio, errno, os, resource, sys
from lightfield import APIConnectionError
from tests.client import both
from tests.faults import calls
kind, url = sys.argv[1:]

async def main():
    async with getattr(both, kind)(url, max_retries=1) as client:
        await calls.read(client)  # opens what a client needs for good
        await asyncio.sleep(0.1)  # its connection is closed
        hoard = []
        try:
            while True:
                hoard.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            pass
        for call in calls.read, calls.write:
            try:
                await call(client)
            except APIConnectionError as error:
                busy = [lane.in_flight for lane in client.rate_limits.values()]
                told = os.strerror(error.__cause__.errno) in str(error)
                print(type(error).__name__, error.sent, error.permanent, len(error.attempts), busy, end=" ")
                print(error.__cause__.errno == errno.EMFILE, told, error)
        for file in hoard:
            os.close(file)
        print((await calls.read(client)).id, (await calls.write(client)).id)

resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
asyncio.run(main())
"""


async def test_row_8_too_many_open_files(connect: Connect) -> None:
    """In a program of its own, which hoards every file there is, and then lets go."""
    with FaultServer(http(200, OPPORTUNITY, {"Connection": "close"})) as server:
        url = f"http://127.0.0.1:{server.port}"
        *failures, ids = (await asyncio.to_thread(run, HOARDER, name(connect), url)).splitlines()
    assert len(failures) == 2
    for failure in failures:
        assert failure.startswith("APIConnectionError False False 2 [0, 0, 0] True True ")
        assert f": cannot connect to 127.0.0.1:{server.port}: " in failure
    assert ids == f"{ID} {ID}"
    assert len(server.requests) == 3


HOARDER_WITH_TLS = """
import asyncio, errno, os, resource, sys
from lightfield import APIConnectionError, LightfieldValueError
from tests.client import both
from tests.faults import calls
kind, url = sys.argv[1:]

async def main():
    async with getattr(both, kind)(url, max_retries=1) as client:
        trusted, os.environ["SSL_CERT_FILE"] = os.environ["SSL_CERT_FILE"], "/gone"
        try:
            await calls.read(client)  # opens what a client needs for good, but no connection
        except LightfieldValueError:
            pass
        hoard = []
        try:
            while True:
                hoard.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            pass
        for file in None, trusted:
            os.environ.pop("SSL_CERT_FILE") if file is None else os.environ.update(SSL_CERT_FILE=file)
            try:
                await calls.write(client)
            except APIConnectionError as error:
                print(error.sent, error.permanent, len(error.attempts), error.__cause__.errno == errno.EMFILE, error)
        for file in hoard:
            os.close(file)
        print((await calls.write(client)).id)

resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
asyncio.run(main())
"""


async def test_row_8_too_many_open_files_to_read_certificates(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """OpenSSL would read none, and say nothing: every later server would be refused."""
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with FaultServer(tls=certified(authority.issue_cert("localhost"))) as server:
        *failures, id_ = (await asyncio.to_thread(run, HOARDER_WITH_TLS, name(connect), server.base_url)).splitlines()
    assert len(failures) == 2
    for failure in failures:
        assert failure.startswith("False False 2 True cannot set up TLS: [Errno ")
    assert id_ == ID
    assert len(server.requests) == 1


SLOW = RateLimits(read=0.05, write=0.05)
"""A call takes the slot of the next 20 seconds."""


async def test_row_9_no_slot_before_the_deadline(connect: Connect, call: Call) -> None:
    with FaultServer() as server:
        async with connect(server.base_url, rate_limits=SLOW) as client:
            await call(client)
            with pytest.raises(APITimeoutError, match="waiting for a slot") as caught:
                await call(client.with_options(deadline=0.1))
    error = caught.value
    assert (error.sent, error.permanent, error.deadline_exceeded, len(error.attempts)) == (False, False, True, 1)
    assert len(server.requests) == 1


async def test_row_9_the_wait_for_a_slot_is_no_part_of_an_attempt(connect: Connect, call: Call) -> None:
    with FaultServer() as server:
        limits = RateLimits(read=2, write=2)
        async with connect(server.base_url, rate_limits=limits, timeout=0.45, max_retries=0) as client:
            for _ in range(2):
                await call(client)
    assert len(server.requests) == 2


async def test_row_9_more_calls_than_may_be_under_way(connect: Connect, call: Call) -> None:
    go = threading.Event()
    with FaultServer([go, GOOD]) as server:
        async with connect(server.base_url, rate_limits=None, timeout=5, max_retries=0) as client:
            crowd = [asyncio.ensure_future(call(client)) for _ in range(IN_FLIGHT["interactive"])]
            await until(lambda: len(server.requests) == len(crowd))
            with pytest.raises(APITimeoutError, match="waiting for a slot") as caught:
                await call(client.with_options(deadline=0.1))
            last = asyncio.ensure_future(call(client))
            go.set()
            assert {one.id for one in await asyncio.gather(*crowd, last)} == {ID}
    assert not caught.value.sent
    assert len(server.requests) == len(crowd) + 1
