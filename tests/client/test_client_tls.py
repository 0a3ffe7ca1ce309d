"""Connections that speak TLS are few: they are kept, and a new one resumes the session of an earlier one."""

import asyncio
import ssl
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import trustme

from lightfield import APIConnectionError, AsyncLightfield, Lightfield
from tests.client.both import KEY, Connect
from tests.faults.certificates import certified, trusting
from tests.faults.proxy import ProxyServer
from tests.faults.server import FIN, ID, OPPORTUNITY, FaultServer, Reply, http
from tests.faults.storage import CONTENT, StorageServer

CONCURRENCY = 32
"""Requests of a bulk that are under way at once, by default."""

GOOD_ONCE: Reply = [http(200, OPPORTUNITY, {"Connection": "close"}), FIN]


class Frugal(FaultServer):
    """Ends a connection after some responses, the last of which says so, as nginx does after 1,000."""

    def __init__(self, tls: ssl.SSLContext, responses: int) -> None:
        super().__init__(tls=tls)
        self._responses = responses
        self._count = threading.local()

    def _reply_to(self, request: bytes) -> Reply:
        self._count.value = getattr(self._count, "value", 0) + 1
        return GOOD_ONCE if self._count.value == self._responses else super()._reply_to(request)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture
def tls(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The context of a server that clients trust."""
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return certified(authority.issue_cert("localhost", "127.0.0.1"))


def resumed(tls: ssl.SSLContext) -> int:
    """Count the connections that resumed a session of a server."""
    return tls.session_stats()["hits"]


async def call(connect: Connect, url: str, times: int = 1) -> None:
    async with connect(url, max_retries=0) as client:
        for _ in range(times):
            assert (await client.opportunity.retrieve(ID)).id == ID


async def retrieve_all(client: AsyncLightfield, count: int) -> None:
    outcomes = client.opportunity.iter_many(f"opp_{number}" for number in range(count))
    assert all([outcome.error is None async for outcome in outcomes])


async def test_a_bulk_keeps_its_connections(connect: Connect, tls: ssl.SSLContext) -> None:
    with FaultServer(tls=tls) as server:
        async with connect(server.base_url, rate_limits=None) as client:
            await retrieve_all(client, 2_000)
    assert len(server.requests) == 2_000
    assert server.connections <= CONCURRENCY


async def test_a_bulk_loses_and_repeats_nothing_when_connections_end(connect: Connect, tls: ssl.SSLContext) -> None:
    with Frugal(tls, responses=20) as server:
        async with connect(server.base_url, rate_limits=None, max_retries=0) as client:
            await retrieve_all(client, 2_000)
    sent = Counter(request.partition(b"\r\n")[0] for request in server.requests)
    assert (len(sent), set(sent.values())) == (2_000, {1})
    assert server.connections <= 2_000 / 20 + CONCURRENCY


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
async def test_a_later_client_resumes_the_session(
    connect: Connect, tls: ssl.SSLContext, version: ssl.TLSVersion
) -> None:
    tls.maximum_version = version
    with FaultServer(tls=tls) as server:
        for _ in range(3):
            await call(connect, server.base_url)
    assert (server.connections, resumed(tls)) == (3, 2)


async def test_so_does_a_later_connection_of_a_client(connect: Connect, tls: ssl.SSLContext) -> None:
    with FaultServer(GOOD_ONCE, tls=tls) as server:
        await call(connect, server.base_url, times=3)
    assert (server.connections, resumed(tls)) == (3, 2)


async def test_so_does_one_through_a_proxy_and_one_to_it(
    connect: Connect, tls: ssl.SSLContext, authority: trustme.CA
) -> None:
    between = certified(authority.issue_cert("localhost"))
    with FaultServer(tls=tls) as api, ProxyServer(tls=between) as proxy:
        for _ in range(2):
            async with connect(f"https://127.0.0.1:{api.port}", proxy=f"https://{proxy.address}") as client:
                assert (await client.opportunity.retrieve(ID)).id == ID
    assert (resumed(between), resumed(tls)) == (1, 1)


async def test_so_does_one_to_the_storage(connect: Connect, tls: ssl.SSLContext) -> None:
    with FaultServer(http(200, CONTENT), tls=tls) as storage:
        for _ in range(2):
            with StorageServer(url=f"{storage.base_url}/a") as server:
                async with connect(server.base_url) as client:
                    assert await client.file.download("fil_1") == CONTENT
    assert (storage.connections, resumed(tls)) == (2, 1)


async def test_a_session_is_not_resumed_with_another_host(connect: Connect, tls: ssl.SSLContext) -> None:
    with FaultServer(tls=tls) as server:
        for host in ("localhost", "127.0.0.1"):
            await call(connect, f"https://{host}:{server.port}")
        assert resumed(tls) == 0
        await call(connect, server.base_url)
        assert resumed(tls) == 1


async def test_a_server_that_knows_no_session_is_verified_again(
    connect: Connect, tls: ssl.SSLContext, authority: trustme.CA
) -> None:
    with FaultServer(tls=tls) as server:
        await call(connect, server.base_url)
    stranger = trustme.CA(key_type=trustme.KeyType.ECDSA).issue_cert("localhost")
    with FaultServer(tls=certified(stranger)) as another:
        with pytest.raises(APIConnectionError, match="refused"):
            await call(connect, another.base_url)
        assert another.requests == []
    with FaultServer(tls=(restarted := certified(authority.issue_cert("localhost")))) as another:
        for _ in range(3):
            await call(connect, another.base_url)
        assert (another.connections, resumed(restarted)) == (3, 2)


async def test_no_session_is_resumed_after_a_connection_that_failed(connect: Connect, tls: ssl.SSLContext) -> None:
    """The session may be why it failed."""
    with FaultServer(tls=tls) as server:
        await call(connect, server.base_url)
    with pytest.raises(APIConnectionError, match="cannot connect"):
        await call(connect, server.base_url)
    with FaultServer(tls=tls, port=server.port) as server:
        await call(connect, server.base_url)
        assert resumed(tls) == 0
        await call(connect, server.base_url)
        assert resumed(tls) == 1


async def test_an_own_context_is_left_as_it_is(connect: Connect, tls: ssl.SSLContext, authority: trustme.CA) -> None:
    own = trusting(authority)
    with FaultServer(tls=tls) as server:
        for _ in range(2):
            async with connect(server.base_url, ssl_context=own) as client:
                await client.opportunity.retrieve(ID)
    assert (server.connections, resumed(tls)) == (2, 0)
    assert own.sslobject_class is ssl.SSLObject


async def test_clients_on_many_threads_share_sessions(tls: ssl.SSLContext) -> None:
    def work(_: int) -> None:
        with Lightfield(api_key=KEY, base_url=server.base_url, max_retries=0) as client:
            assert client.opportunity.retrieve(ID).id == ID

    with FaultServer(tls=tls) as server:
        work(0)
        with ThreadPoolExecutor(8) as pool:
            await asyncio.gather(*(asyncio.get_running_loop().run_in_executor(pool, work, n) for n in range(40)))
    assert (server.connections, resumed(tls)) == (41, 40)


def test_a_session_is_resumed_on_uvloop(tls: ssl.SSLContext) -> None:
    uvloop = pytest.importorskip("uvloop")

    async def calls() -> None:
        for _ in range(2):
            async with AsyncLightfield(api_key=KEY, base_url=server.base_url) as client:
                await client.opportunity.retrieve(ID)

    with FaultServer(tls=tls) as server:
        uvloop.run(calls())
    assert (server.connections, resumed(tls)) == (2, 1)
