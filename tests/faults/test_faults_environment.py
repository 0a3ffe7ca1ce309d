"""What the environment says about proxies counts where it is asked for, for the API and for the storage."""

from pathlib import Path

import pytest

from lightfield import LightfieldValueError
from tests.client.both import Connect
from tests.faults.server import ID, OPPORTUNITY, FaultServer, header, http
from tests.faults.storage import StorageServer


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUEST_METHOD"]:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def test_it_is_not_read_unless_asked_for(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer() as server, FaultServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.base_url)
        async with connect(server.base_url) as client:
            assert (await client.opportunity.retrieve(ID)).id == ID
    assert proxy.requests == []


async def test_its_proxy_is_gone_through(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer(http(200, OPPORTUNITY)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.address.replace("localhost", "http://me:secret@localhost"))
        async with connect("http://127.0.0.1:9", trust_env=True) as client:
            assert (await client.opportunity.retrieve(ID)).id == ID
    assert proxy.requests[0].startswith(b"GET http://127.0.0.1:9/v1/opportunities/opp_1 HTTP/1.1\r\n")
    assert header(proxy.requests[0], "Proxy-Authorization") == "Basic bWU6c2VjcmV0"


async def test_a_host_that_it_exempts_is_reached_directly(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer() as server, FaultServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        monkeypatch.setenv("NO_PROXY", "localhost")
        async with connect(server.base_url, trust_env=True) as client:
            await client.opportunity.retrieve(ID)
    assert (len(server.requests), len(proxy.requests)) == (1, 0)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("allow_http", [False, True])
async def test_row_7_proxy_of_the_environment_on_another_host(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, host: str, allow_http: bool
) -> None:
    with FaultServer() as server, FaultServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://0.0.0.0:{proxy.port}")
        async with connect(f"http://{host}:{server.port}", trust_env=True, allow_http=allow_http) as client:
            assert (await client.opportunity.retrieve(ID)).id == ID
            with StorageServer(http(200)) as storage:
                sibling = client.with_options(base_url=storage.base_url)
                await sibling.file.upload(b"hello", filename="a")
                await sibling.close()
    assert (len(server.requests), len(storage.requests), proxy.connections) == (1, 3, 0)


async def test_row_7_port_that_the_environment_exempts(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer() as server, FaultServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        monkeypatch.setenv("NO_PROXY", f"example.com, {server.address}")
        async with connect(server.base_url, trust_env=True) as client:
            await client.opportunity.retrieve(ID)
        async with connect("http://localhost:9", trust_env=True) as client:
            await client.opportunity.retrieve(ID)
    assert (len(server.requests), len(proxy.requests)) == (1, 1)


async def test_a_proxy_for_all_is_gone_through(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer() as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.base_url)
        async with connect("http://localhost:9", trust_env=True) as client:
            await client.opportunity.retrieve(ID)
    assert len(proxy.requests) == 1


async def test_a_proxy_that_is_named_goes_before_it(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer(http(200, OPPORTUNITY)) as named, FaultServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        async with connect("http://127.0.0.1:9", trust_env=True, proxy=named.base_url) as client:
            await client.opportunity.retrieve(ID)
    assert (len(named.requests), len(proxy.requests)) == (1, 0)


async def test_a_proxy_that_is_none_is_refused_at_once_and_not_shown(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "socks5://me:secret@localhost:1")
    with pytest.raises(LightfieldValueError, match="proxy is malformed") as caught:
        async with connect("http://127.0.0.1:9", trust_env=True):
            pass
    assert "secret" not in str(caught.value)


async def test_the_storage_is_reached_through_it_too(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with StorageServer() as server, FaultServer(http(200)) as proxy:
        async with connect(server.base_url, trust_env=True) as client:
            monkeypatch.setenv("HTTP_PROXY", proxy.base_url)  # from here on, so that only the storage is behind it
            file = tmp_path / "a.txt"
            file.write_bytes(b"hello")
            await client.file.upload(file)
    assert [request.split(b" ", 1)[0] for request in proxy.requests] == [b"PUT"]
    assert header(proxy.requests[0], "Authorization") is None
