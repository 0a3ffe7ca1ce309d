"""Does the sandbox start and stop promptly, quietly and as often as it is told to?"""

import gc
import http.client
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from lightfield.testing import Sandbox

HEADERS = {"Authorization": "Bearer sk_lf_sandbox", "Lightfield-Version": "2026-03-01"}
TIDY = """
import asyncio, http.client, logging
import aiohttp
from lightfield.testing import Sandbox

logging.getLogger("asyncio").addFilter(lambda record: not record.msg.startswith("Executing"))  # slowly: a busy machine

with Sandbox(opportunities=1) as sandbox:
    connection = http.client.HTTPConnection(sandbox.base_url.removeprefix("http://"))
    connection.request("GET", "/v1/nothing")
    connection.getresponse().read()
connection.close()

async def main():
    async with Sandbox(opportunities=1) as sandbox, aiohttp.ClientSession(sandbox.base_url) as session:
        async with session.get("/v1/nothing") as response:
            await response.read()

asyncio.run(main())
"""
FORGOTTEN = """
from lightfield.testing import Sandbox
Sandbox(opportunities=1).start()
"""


def _port(sandbox: Sandbox) -> int:
    return int(sandbox.base_url.rsplit(":", 1)[1])


def _connect(sandbox: Sandbox) -> socket.socket:
    return socket.create_connection(("127.0.0.1", _port(sandbox)), timeout=10)


def _get(sandbox: Sandbox, path: str = "/v1/nothing") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", _port(sandbox), timeout=10)
    connection.request("GET", path, headers=HEADERS)
    status = connection.getresponse().status
    connection.close()
    return status


def _request(sandbox: Sandbox) -> bytes:
    lines = [f"GET /v1/opportunities/{sandbox.opportunity_ids[0]} HTTP/1.1", "Host: sandbox"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in HEADERS.items()), "", ""]).encode()


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "lightfield-sandbox"]


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_address_is_known_once_started_and_kept_when_stopped() -> None:
    sandbox = Sandbox(opportunities=1)
    with pytest.raises(RuntimeError, match="has not been started"):
        _ = sandbox.base_url
    with sandbox:
        address = sandbox.base_url
        assert address.startswith("http://127.0.0.1:")
    assert sandbox.base_url == address
    with pytest.raises(ConnectionRefusedError):
        _get(sandbox)


def test_start_and_stop_may_be_repeated() -> None:
    sandbox = Sandbox(opportunities=1)
    sandbox.stop()
    sandbox.start()
    address = sandbox.base_url
    sandbox.start()
    assert sandbox.base_url == address
    assert len(_threads()) == 1
    assert _get(sandbox) == 404
    sandbox.stop()
    sandbox.stop()
    assert _threads() == []


def test_restarted_sandbox_keeps_its_port_its_records_and_its_count() -> None:
    sandbox = Sandbox(opportunities=3)
    with sandbox:
        address = sandbox.base_url
        sandbox.opportunities.popitem()
        assert _get(sandbox) == 404
    with sandbox:
        assert sandbox.base_url == address
        assert len(sandbox.opportunity_ids) == 2
        assert _get(sandbox) == 404
        assert len(sandbox.requests) == 2


def test_port_in_use_is_a_clear_error_and_can_be_got_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        sandbox = Sandbox(opportunities=1, port=port)
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}; port=0 takes a free port"):
            sandbox.start()
        assert _threads() == []
        sandbox.stop()
    with sandbox:
        assert sandbox.base_url == f"http://127.0.0.1:{port}"
        assert _get(sandbox) == 404


def test_many_threads_start_one_server() -> None:
    sandbox = Sandbox(opportunities=1)
    barrier = threading.Barrier(8)

    def start(_: int) -> str:
        barrier.wait(10)
        sandbox.start()
        return sandbox.base_url

    with ThreadPoolExecutor(8) as pool:
        addresses = set(pool.map(start, range(8)))
    assert len(addresses) == 1
    assert len(_threads()) == 1
    sandbox.stop()


def test_leaving_by_an_exception_stops_it() -> None:
    with pytest.raises(LookupError), Sandbox(opportunities=1):
        raise LookupError
    assert _threads() == []


def test_stop_does_not_wait_for_idle_connections() -> None:
    sandbox = Sandbox(opportunities=1)
    sandbox.start()
    with _connect(sandbox) as fresh, _connect(sandbox) as used:
        used.sendall(_request(sandbox))
        assert used.recv(12) == b"HTTP/1.1 200"
        started = time.monotonic()
        sandbox.stop()
        assert time.monotonic() - started < 1
        assert fresh.recv(1) == b""
        while used.recv(65536):
            pass


def test_stop_drops_a_request_in_flight() -> None:
    sandbox = Sandbox(opportunities=1, latency=60)
    sandbox.start()
    with _connect(sandbox) as waiting:
        waiting.sendall(_request(sandbox))
        _wait_for(lambda: len(sandbox.requests) == 1)
        started = time.monotonic()
        sandbox.stop()
        assert time.monotonic() - started < 1
        assert waiting.recv(1) == b""


def test_stop_does_not_wait_for_a_client_that_stopped_reading() -> None:
    sandbox = Sandbox(opportunities=1)
    sandbox.opportunities[sandbox.opportunity_ids[0]]["fields"]["$name"]["value"] = "x" * 30_000_000
    sandbox.start()
    with _connect(sandbox) as stuck:
        stuck.sendall(_request(sandbox))
        assert stuck.recv(12) == b"HTTP/1.1 200"
        started = time.monotonic()
        sandbox.stop()
        assert time.monotonic() - started < 1
        gc.collect()  # a transport left open would warn now


def test_stop_amid_a_burst_of_connections_leaks_none(caplog: pytest.LogCaptureFixture) -> None:
    def burst(sandbox: Sandbox, begun: threading.Event) -> None:
        connections: list[socket.socket] = []
        with suppress(ConnectionError):  # until nobody listens any more
            while len(connections) < 400:
                connections.append(_connect(sandbox))
                if len(connections) == 50:
                    begun.set()
        for connection in connections:
            connection.close()

    for _ in range(5):
        with ThreadPoolExecutor(1) as pool, Sandbox(opportunities=0) as sandbox:
            begun = threading.Event()
            pool.submit(burst, sandbox, begun)
            assert begun.wait(10)
    gc.collect()  # a transport left open would warn now
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("script", [TIDY, FORGOTTEN], ids=["tidy", "forgotten"])
def test_development_mode_has_nothing_to_say(script: str) -> None:
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", script]
    environment = {**os.environ, "PYTHONASYNCIODEBUG": "1"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
