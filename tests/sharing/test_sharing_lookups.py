"""The host of a Redis is looked up off the event loop: every address is tried, and TLS knows the name."""

import asyncio
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest
import trustme

from lightfield.integrations.redis import RedisLimits
from tests.client.both import Connect
from tests.faults.certificates import certified
from tests.faults.names import HOST, Names
from tests.faults.server import ID, FaultServer
from tests.sharing.server import RedisServer


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.1"]])
async def test_each_address_is_tried(
    connect: Connect,
    redis_server: RedisServer,
    addresses: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    Names(addresses).publish(monkeypatch)
    limits = RedisLimits(redis_server.url.replace("127.0.0.1", HOST))
    with FaultServer() as server:
        async with connect(server.base_url, rate_limits=limits) as client:
            assert (await client.opportunity.retrieve(ID)).id == ID
    assert redis_server.slots() > 0
    assert caplog.messages == []


async def test_a_name_that_is_unknown_fails_no_call(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Names(socket.gaierror(socket.EAI_NONAME, "unknown")).publish(monkeypatch)
    with FaultServer() as server:
        async with connect(server.base_url, rate_limits=RedisLimits(f"redis://{HOST}:9")) as client:
            assert (await client.opportunity.retrieve(ID)).id == ID
    assert caplog.messages == ["Redis is unavailable (ConnectionError): using a local rate limit."]


async def test_a_socket_file_needs_no_lookup(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    with FaultServer() as server:
        async with connect(server.base_url, rate_limits=RedisLimits("unix:///no/such/socket")) as client:
            assert (await client.opportunity.retrieve(ID)).id == ID
    assert caplog.messages == ["Redis is unavailable (ConnectionError): using a local rate limit."]


@pytest.fixture
def authority(tmp_path: Path) -> tuple[trustme.CA, Path]:
    ca = trustme.CA()
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return ca, path


async def test_a_certificate_is_for_the_name_not_for_its_address(
    connect: Connect, authority: tuple[trustme.CA, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    ca, path = authority
    context = certified(ca.issue_cert(HOST))
    Names(["127.0.0.1"]).publish(monkeypatch)
    asked = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener, FaultServer() as server:

        def answer() -> None:
            while not asked.is_set():
                plain, _ = listener.accept()
                with suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
                    if connection.recv(1):  # the handshake is over
                        asked.set()

        threading.Thread(target=answer, daemon=True).start()
        url = f"rediss://{HOST}:{listener.getsockname()[1]}?ssl_ca_certs={path}"
        async with connect(server.base_url, rate_limits=RedisLimits(url)) as client, asyncio.timeout(20):
            while not asked.is_set():  # a busy machine may need longer than the client waits for Redis
                await client.opportunity.retrieve(ID)
