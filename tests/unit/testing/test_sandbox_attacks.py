"""Does the sandbox answer whatever arrives with 4xx, or close the connection, and go on quietly?"""

import asyncio
import gc
import gzip
import io
import logging
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from lightfield.testing import Sandbox
from lightfield.testing._http.body import receive
from lightfield.testing._http.errors import WireError
from lightfield.testing._http.listener import Listener
from tests.unit.testing.sandbox_calls import HEADERS, calling

KEY = b"".join(f"{name}: {value}\r\n".encode() for name, value in HEADERS.items())
TYPE = b"Content-Type: application/json\r\n"
CHUNKED = b"POST /v1/accounts HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n" + TYPE + KEY + b"\r\n"
NEW = {"fields": {"$name": "Acme"}}
GOOD = b"GET /v1/auth/validate HTTP/1.1\r\nHost: localhost\r\n" + KEY + b"\r\n"


def get(path: str | bytes, *lines: bytes, host: bytes = b"Host: localhost\r\n") -> bytes:
    target = path if isinstance(path, bytes) else path.encode()
    return b"GET " + target + b" HTTP/1.1\r\n" + host + KEY + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def post(*lines: bytes, body: bytes = b"") -> bytes:
    head = b"POST /v1/accounts HTTP/1.1\r\nHost: localhost\r\n" + TYPE + KEY
    return head + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


ATTACKS = {
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no HTTP": b"hello\r\n\r\n",
    "unknown version": b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "no host": b"GET /v1/members HTTP/1.1\r\n" + KEY + b"\r\n",
    "no host in 1.0": b"GET /v1/members HTTP/1.0\r\n" + KEY + b"\r\n",
    "two hosts": get("/v1/members", b"Host: localhost"),
    "host of others": get("/v1/members", host=b"Host: lightfield.app:80\r\n"),
    "unknown method": b"G@T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "long method": b"A" * 70_000 + b" / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "CONNECT": b"CONNECT lightfield.app:443 HTTP/1.1\r\nHost: lightfield.app:443\r\n\r\n\x16\x03\x01",
    "CONNECT to itself": b"CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "OPTIONS *": b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n" + KEY + b"\r\n",
    "TRACE": b"TRACE /v1/members HTTP/1.1\r\nHost: localhost\r\n" + KEY + b"\r\n",
    "upgrade without a key": b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x01a",
    "absolute target of no host": get("http://[::1/v1/members"),
    "absolute target of no port": get("http://localhost:99999999/v1/members"),
    "null in the path": get(b"/v1/\0members"),
    "null in a header": get("/v1/members", b"X: a\0b"),
    "carriage return in a header": get("/v1/members", b"X: a\rY: b"),
    "folded header": get("/v1/members", b"X: a", b" b"),
    "header without a colon": get("/v1/members", b"X"),
    "space before a colon": get("/v1/members", b"X : a"),
    "long target": get("/v1/accounts?a=" + "b" * 70_000),
    "long header": get("/v1/members", b"X: " + b"a" * 65_536),
    "many headers": get("/v1/members", *(b"X-%d: a" % number for number in range(5_000))),
    "head without an end": b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 300_000,
    "no text in the key": b"GET /v1/members HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
    "negative length": post(b"Content-Length: -1"),
    "length of no digits": post(b"Content-Length: ten"),
    "endless length": post(b"Content-Length: " + b"9" * 40),
    "two lengths": post(b"Content-Length: 2", b"Content-Length: 3", body=b"{}"),
    "length and chunks": post(b"Content-Length: 2", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "unknown encoding": post(b"Transfer-Encoding: brotli", body=b"{}"),
    "compressed body": post(b"Content-Encoding: gzip", b"Content-Length: 3", body=b"\x1f\x8b\x08"),
    "chunk of no size": CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n",
    "chunk of negative size": CHUNKED + b"-5\r\nabc\r\n0\r\n\r\n",
    "chunk beyond its size": CHUNKED + b"2\r\nabcdef\r\n0\r\n\r\n",
    "long body": post(b"Content-Length: 10000001"),
    "deep body": post(b"Content-Length: 200000", body=b"[" * 200_000),
    "deep field": post(b"Content-Length: 200011", body=b'{"fields": ' + b'{"a":' * 40_000),
    "climbing path": get("/v1/accounts/../../../etc/passwd"),
    "climbing id": get("/v1/accounts/..%2f..%2f..%2fetc%2fpasswd"),
    "null in an id": get("/v1/accounts/%00"),
    "climbing file": get("/storage/../../etc/passwd"),
    "climbing file, encoded": get("/storage/..%2f..%2fetc%2fpasswd?signature="),
    "file without a signature": get("/storage/fil_1"),
    "bad escapes": get("/v1/accounts/%zz%f?limit=%ff&=&&%00=%00"),
}
OLD = version("aiohttp").startswith("3.13.")
"""Whether aiohttp itself fails at some addresses, and waits for the first request of a connection for ever."""

if OLD:
    del ATTACKS["absolute target of no host"], ATTACKS["absolute target of no port"]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Hold that nothing is said and nothing is left behind."""
    before = _open_files()
    yield
    gc.collect()  # a transport left behind would warn now
    said = [*caplog.get_records("setup"), *caplog.get_records("call"), *caplog.get_records("teardown")]
    assert [record.getMessage() for record in said if record.levelno >= logging.WARNING] == []
    assert capfd.readouterr() == ("", "")
    assert _open_files() <= before


def _open_files() -> int:
    return len(os.listdir("/dev/fd")) if os.path.isdir("/dev/fd") else 0  # noqa: PTH112, PTH208


@pytest.fixture
def target() -> Iterator[Sandbox]:
    before = _tasks()
    with Sandbox(opportunities=1, rate_limit=None) as sandbox:
        yield sandbox
        _assert_serving(sandbox)
        deadline = time.monotonic() + 10
        while _tasks() > before:
            assert time.monotonic() < deadline, "tasks of connections that have ended"


def _tasks() -> int:
    """Count what still runs, on whichever loop."""
    return sum(isinstance(each, asyncio.Task) and not each.done() for each in gc.get_objects())


def _connect(sandbox: Sandbox) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(sandbox.base_url.rpartition(":")[2])), timeout=10)


def _assert_serving(sandbox: Sandbox) -> None:
    with _connect(sandbox) as connection:
        connection.sendall(GOOD)
        assert connection.recv(12) == b"HTTP/1.1 200"


def _send(connection: socket.socket, content: bytes) -> None:
    with suppress(ConnectionError):  # refused before all of it was sent
        connection.sendall(content)


def _answer(connection: socket.socket) -> bytes:
    with suppress(ConnectionError):
        return connection.recv(12)
    return b""


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused(target: Sandbox, name: str) -> None:
    with _connect(target) as connection:
        _send(connection, ATTACKS[name])
        answer = _answer(connection)
    assert answer == b"" or (answer.startswith(b"HTTP/1.") and answer[9:10] == b"4"), answer


@pytest.mark.parametrize("size", range(0, len(GOOD), 20))
def test_head_may_end_anywhere(target: Sandbox, size: int) -> None:
    with _connect(target) as connection:
        connection.sendall(GOOD[:size])
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""


@pytest.mark.parametrize(
    "content",
    [
        get("http://localhost/v1/auth/validate"),
        get("/v1/auth/validate", b"Upgrade: h2c", b"Connection: Upgrade", b"HTTP2-Settings: AAMAAABk"),
        get("/v1/auth/validate#fragment"),
        GOOD.replace(b"HTTP/1.1", b"HTTP/1.0"),
        GOOD.replace(b"localhost", b"LOCALHOST.:80"),
        GOOD.replace(b"localhost", b"127.0.0.1:8025"),
        GOOD.replace(b"localhost", b"[::1]:8025"),
        GOOD.replace(b"localhost", b"[::1]"),
        GOOD.replace(b"localhost", b"sandbox"),
        GOOD.replace(b"localhost", b"host.docker.internal:80"),
        GOOD.replace(b"localhost", b"crm.default.svc"),
        GOOD.replace(b"localhost", b"crm.default.svc.cluster.local:8025"),
        GOOD.replace(b"localhost", b"build-7.lan:8025"),
    ],
)
def test_what_is_odd_but_well_formed_is_answered(target: Sandbox, content: bytes) -> None:
    with _connect(target) as connection:
        connection.sendall(content)
        assert connection.recv(15)[9:] == b"200 OK"


@pytest.mark.parametrize(
    "host", [b"lightfield.app", b"127.0.0.1.lightfield.app", b"localhost.lightfield.app:80", b"EXAMPLE.COM."]
)
def test_page_that_has_its_name_resolved_to_the_sandbox_is_refused(target: Sandbox, host: bytes) -> None:
    with _connect(target) as connection:
        connection.sendall(GOOD.replace(b"localhost", host))
        assert connection.recv(12) == b"HTTP/1.1 421"


async def test_page_of_another_origin_is_not_allowed_anything() -> None:
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}
    async with calling(opportunities=0) as api:
        async with api.session.options("/v1/accounts", headers=headers) as response:
            assert response.status == 401
            assert not [name for name in response.headers if name.lower().startswith("access-control")]
        simple = {"Origin": "http://localhost:3000", "Content-Type": "text/plain"}
        async with api.session.post("/v1/accounts", data=b'{"fields": {"$name": "x"}}', headers=simple) as response:
            assert response.status == 401


async def test_client_that_asks_first_is_told_to_send_the_body() -> None:
    async with calling(opportunities=0) as api:
        async with api.session.post("/v1/accounts", json=NEW, headers=HEADERS, expect100=True) as response:
            assert response.status == 200
        file = await api.post("/v1/files", {"filename": "a.txt", "mimeType": "text/plain", "sizeBytes": 5})
        put, headers = api.session.put, file["uploadHeaders"]
        async with put(file["uploadUrl"], data=b"hello", headers=headers, expect100=True) as response:
            assert response.status == 200
        assert api.sandbox.content(file["id"]) == b"hello"


def test_client_that_asks_first_is_told_if_its_body_is_refused(target: Sandbox) -> None:
    with _connect(target) as connection:
        connection.sendall(post(b"Expect: 100-continue", b"Content-Length: 10000001"))
        assert connection.recv(12) == b"HTTP/1.1 413"


def test_pipelined_requests_are_answered_in_order(target: Sandbox) -> None:
    paths = [f"/v1/accounts/acc_{number}" for number in range(200)]
    with _connect(target) as connection:
        connection.sendall(b"".join(get(path) for path in paths) + get("/", b"Connection: close"))
        received = b""
        while piece := connection.recv(65_536):
            received += piece
    assert received.count(b"HTTP/1.1 404") == 201
    assert [request.path for request in target.requests] == [*paths, "/"]


def _send_for_ever(connection: socket.socket, block: bytes) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        connection.sendall(block)


def test_endless_body_is_refused(target: Sandbox) -> None:
    with _connect(target) as connection:
        connection.sendall(CHUNKED)
        with pytest.raises(ConnectionError):
            _send_for_ever(connection, (b"1000\r\n" + b"a" * 4096 + b"\r\n") * 16)
    request = target.requests.of("account.create").last
    assert (request.status, request.body) == (413, b"")


async def test_body_of_the_greatest_size_is_read() -> None:
    async with calling(opportunities=0) as api:
        content = b'{"fields": {"$name": "' + b"a" * 9_999_900 + b'"}}'
        for size, status in ((0, 200), (10_000_001 - len(content), 413)):
            padded = content + b" " * size
            headers = {**HEADERS, "Content-Type": "application/json"}
            async with api.session.post("/v1/accounts", data=io.BytesIO(padded), headers=headers) as response:
                assert (response.status, len(padded) > 10_000_000) == (status, status == 413)
                error = await response.json()
        assert error["error"]["type"] == "content_too_large"


async def test_compressed_body_is_not_inflated() -> None:
    bomb = gzip.compress(bytes(30_000_000))
    async with calling(opportunities=0) as api:
        headers = {**HEADERS, "Content-Type": "application/json", "Content-Encoding": "gzip"}
        async with api.session.post("/v1/accounts", data=bomb, headers=headers) as response:
            assert response.status == 400
        assert api.sandbox.requests.last.body == bomb


def test_many_that_never_finish_do_not_hinder_others(target: Sandbox) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(_connect(target)) for _ in range(200)]
        for number, connection in enumerate(slow):
            connection.sendall((GOOD[:60], post(b"Content-Length: 9", body=b"{"), GOOD[:1], b"")[number % 4])
        began = time.monotonic()
        for _ in range(20):
            _assert_serving(target)
        assert time.monotonic() - began < 5
        for connection in slow:
            if connection is not slow[1]:
                connection.close()
        _assert_serving(target)


def test_many_connections_at_once_are_all_served(target: Sandbox) -> None:
    with ExitStack() as stack:
        connections = [stack.enter_context(_connect(target)) for _ in range(64)]
        for _ in range(5):
            for connection in connections:
                connection.sendall(GOOD)
            for connection in connections:
                assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
    assert len(target.requests) == 320


def _vanish(connection: socket.socket, *, rudely: bool) -> None:
    if rudely:
        pair = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pair)  # close() sends a RST
    connection.close()


@pytest.mark.parametrize("rudely", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize(
    "sent",
    [
        b"",
        GOOD[:1],
        GOOD[:100],
        GOOD,
        GOOD * 50,
        post(b"Content-Length: 100", body=b"{"),
        post(b"Expect: 100-continue", b"Content-Length: 100"),
        CHUNKED + b"5\r\n{",
        get("/v1/opportunities"),
    ],
    ids=["connected", "line", "head", "request", "pipeline", "body", "expectation", "chunk", "answer"],
)
def test_client_may_vanish_at_any_moment(target: Sandbox, sent: bytes, *, rudely: bool) -> None:
    for _ in range(5):
        connection = _connect(target)
        connection.sendall(sent)
        _vanish(connection, rudely=rudely)


@pytest.mark.parametrize("rudely", [False, True], ids=["closed", "reset"])
def test_client_may_vanish_while_it_waits_or_reads(*, rudely: bool) -> None:
    with Sandbox(opportunities=1, rate_limit=None, latency=0.05) as sandbox:
        sandbox.opportunities[sandbox.opportunity_ids[0]]["fields"]["$name"]["value"] = "x" * 5_000_000
        for wait in (False, True):
            connection = _connect(sandbox)
            connection.sendall(get("/v1/opportunities"))
            if wait:
                assert connection.recv(12) == b"HTTP/1.1 200"
            _vanish(connection, rudely=rudely)
        _assert_serving(sandbox)


@pytest.mark.parametrize("way", ["stall", "slow"])
def test_client_may_vanish_amid_a_fault(target: Sandbox, way: Any) -> None:
    target.fail(with_=way, seconds=1)
    connection = _connect(target)
    connection.sendall(GOOD)
    while not target.requests:
        pass
    connection.close()


def test_client_may_vanish_amid_an_upload(target: Sandbox) -> None:
    connection = _connect(target)
    connection.sendall(b"PUT /storage/fil_1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc")
    connection.close()


async def _listening(
    act: Callable[[socket.socket], Awaitable[None]],
    handle: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
    idle: float = 60,
) -> None:
    listener = Listener(handle, idle)
    port = await listener.open(0)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            await act(connection)
    finally:
        await listener.close()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def _ok(_: web.BaseRequest) -> web.Response:
    return web.Response()


@pytest.mark.parametrize(
    "head", [b"", GOOD[:30], GOOD + GOOD[:30]][2 * OLD :], ids=["none", "half", "second"][2 * OLD :]
)
async def test_head_has_to_arrive_in_time(head: bytes) -> None:
    async def act(connection: socket.socket) -> None:
        connection.sendall(head)
        received = b""
        while piece := await asyncio.to_thread(connection.recv, 1000):
            received += piece
        assert received.startswith(b"HTTP/1.1 200") is (len(head) > len(GOOD))

    began = time.monotonic()
    await _listening(act, _ok, idle=0.2)
    assert time.monotonic() - began < 5


async def _received(request: web.BaseRequest) -> web.Response:
    try:
        return web.Response(body=await receive(request, 0.2))
    except WireError as error:
        return web.Response(status=error.status)


async def test_body_has_to_arrive_in_time() -> None:
    async def act(connection: socket.socket) -> None:
        connection.sendall(post(b"Content-Length: 10", body=b"{"))
        assert await asyncio.to_thread(connection.recv, 12) == b"HTTP/1.1 408"

    await _listening(act, _received)


async def test_body_that_goes_wrong_later_is_refused() -> None:
    begun = asyncio.Event()

    async def handle(request: web.BaseRequest) -> web.Response:
        begun.set()
        return await _received(request)

    async def act(connection: socket.socket) -> None:
        connection.sendall(CHUNKED + b"2\r\n{}\r\n")
        await begun.wait()
        connection.sendall(b"zz\r\n")
        assert (await asyncio.to_thread(connection.recv, 12))[8:] in {b" 400", b" 408"}

    await _listening(act, handle)


def test_body_that_goes_wrong_later_is_refused_by_the_parser_in_python_too() -> None:
    name = test_body_that_goes_wrong_later_is_refused.__name__
    program = f"import asyncio; from {__name__} import {name}; asyncio.run({name}())"
    environment, root = {**os.environ, "AIOHTTP_NO_EXTENSIONS": "1"}, Path(__file__).parents[3]
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, only one address leads to the machine itself")
def test_sandbox_listens_on_one_address(target: Sandbox) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", int(target.base_url.rpartition(":")[2])), timeout=10)
