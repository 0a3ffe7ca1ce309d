"""Row 7: a proxy stands between, and its password is nowhere to be read."""

import base64
import pickle
import socket
from collections.abc import Iterator

import pytest
import trustme

from lightfield import APIConnectionError, APIError, APITimeoutError, LightfieldValueError, Timeout
from tests.client.both import KEY, Connect
from tests.faults.calls import Call
from tests.faults.certificates import certified, trusting
from tests.faults.proxy import OPEN, ProxyServer
from tests.faults.rows import GOOD, check, check_unsent
from tests.faults.server import FIN, ID, RST, STALL, FaultServer, Reply, header, http
from tests.secrets.seen import everything

PASSWORD = "0penSesame"
IN_BASE64 = base64.b64encode(f"ann:{PASSWORD}".encode()).decode()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture
def api(authority: trustme.CA) -> Iterator[FaultServer]:
    """The API, which is spoken to with TLS."""
    with FaultServer(tls=certified(authority.issue_cert("localhost"))) as server:
        yield server


def url(place: str) -> str:
    return f"http://ann:{PASSWORD}@{place}"


def check_secrets(error: APIError, place: str) -> None:
    """Check that the proxy is named, and its password is not: in no cause, frame or pickle."""
    shown = everything(error) + repr(pickle.dumps(error))
    assert place in str(error)
    assert PASSWORD not in shown
    assert IN_BASE64 not in shown


async def test_row_7_proxy_that_lets_through(
    connect: Connect, call: Call, api: FaultServer, authority: trustme.CA
) -> None:
    with ProxyServer() as proxy:
        async with connect(api.base_url, proxy=url(proxy.address), ssl_context=trusting(authority)) as client:
            assert (await call(client)).id == ID
            assert PASSWORD not in repr(client)
    assert proxy.requests[0].startswith(f"CONNECT {api.address} HTTP/1.1\r\n".encode())
    assert header(proxy.requests[0], "Proxy-Authorization") == f"Basic {IN_BASE64}"
    assert KEY.encode() not in b"".join(proxy.requests)
    assert header(api.requests[0], "Proxy-Authorization") is None
    assert (len(proxy.requests), len(api.requests)) == (1, 1)


async def test_row_7_proxy_that_speaks_tls(
    connect: Connect, call: Call, api: FaultServer, authority: trustme.CA
) -> None:
    with ProxyServer(tls=certified(authority.issue_cert("localhost"))) as proxy:
        through = url(proxy.address).replace("http://", "https://")
        async with connect(api.base_url, proxy=through, ssl_context=trusting(authority), max_retries=0) as client:
            assert (await call(client)).id == ID
    assert (len(proxy.requests), len(api.requests)) == (1, 1)


async def test_row_7_proxy_that_refuses_the_connection(connect: Connect, call: Call, api: FaultServer) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{bound.getsockname()[1]}"
        async with connect(api.base_url, proxy=url(place)) as client:
            with pytest.raises(APIConnectionError, match="proxy") as caught:
                await call(client)
    check(caught.value, call, APIConnectionError, attempts=1)
    check_secrets(caught.value, place)
    assert (caught.value.sent, caught.value.permanent) == (False, True)


NO = {
    "403": http(403),
    "404": http(404),
    "407": http(407, headers={"Proxy-Authenticate": "Basic"}),
    "407-echo": http(407, f"{PASSWORD}?".encode(), {"Proxy-Authenticate": f'Basic realm="{IN_BASE64}"'}),
    "429": http(429),
}


@pytest.mark.parametrize("name", NO)
async def test_row_7_proxy_that_says_no(connect: Connect, call: Call, api: FaultServer, name: str) -> None:
    with ProxyServer(NO[name]) as proxy:
        async with connect(api.base_url, proxy=url(proxy.address)) as client:
            with pytest.raises(APIConnectionError, match=rf"the proxy .*: status {name[:3]}") as caught:
                await call(client)
    check(caught.value, call, APIConnectionError, attempts=1)
    check_secrets(caught.value, proxy.address)
    assert (caught.value.sent, caught.value.permanent) == (False, True)
    assert (len(proxy.requests), api.requests) == (1, [])


async def test_row_7_proxy_that_cannot_reach_the_api(
    connect: Connect, call: Call, api: FaultServer, authority: trustme.CA
) -> None:
    options = {"ssl_context": trusting(authority), "max_retries": 1}
    with ProxyServer(http(502), OPEN) as proxy:
        async with connect(api.base_url, proxy=url(proxy.address), **options) as client:
            assert (await call(client)).id == ID
    with ProxyServer(http(502)) as proxy:
        async with connect(api.base_url, proxy=url(proxy.address), **options) as client:
            with pytest.raises(APIConnectionError, match=r"the proxy .*: status 502") as caught:
                await call(client)
    check_unsent(caught.value, call, APIConnectionError)
    check_secrets(caught.value, proxy.address)
    assert (len(proxy.requests), len(api.requests)) == (2, 1)


@pytest.mark.parametrize("fault", [FIN, RST, [b"no HTTP\r\n\r\n", FIN]], ids=["fin", "rst", "garbage"])
async def test_row_7_proxy_that_breaks_off(
    connect: Connect, call: Call, api: FaultServer, authority: trustme.CA, fault: Reply
) -> None:
    options = {"ssl_context": trusting(authority), "max_retries": 1}
    with ProxyServer(fault, OPEN) as proxy:
        async with connect(api.base_url, proxy=url(proxy.address), **options) as client:
            assert (await call(client)).id == ID
    with ProxyServer(fault) as proxy:
        async with connect(api.base_url, proxy=url(proxy.address), **options) as client:
            with pytest.raises(APIConnectionError, match=r"connecting|invalid HTTP response") as caught:
                await call(client)
    assert (caught.value.sent, len(caught.value.attempts)) == (False, 2)
    assert PASSWORD not in everything(caught.value)
    assert len(api.requests) == 1


async def test_row_7_proxy_that_is_silent(connect: Connect, call: Call, api: FaultServer) -> None:
    limit = Timeout(connect=0.15)
    with ProxyServer(STALL) as proxy:
        async with connect(api.base_url, proxy=url(proxy.address), timeout=limit, max_retries=1) as client:
            with pytest.raises(APITimeoutError, match=r"timed out while connecting \(timeout\.connect\)") as caught:
                await call(client)
    check_unsent(caught.value, call, APITimeoutError)
    assert PASSWORD not in everything(caught.value)
    assert api.requests == []


async def test_row_7_proxy_of_an_address_without_tls(connect: Connect, call: Call) -> None:
    """Such a proxy sees the request itself; what it says with 407 is its own word, and not the API's."""
    with ProxyServer(GOOD, http(407)) as proxy:
        async with connect("http://localhost:9", proxy=url(proxy.address)) as client:
            assert (await call(client)).id == ID
            with pytest.raises(APIConnectionError, match=r"the proxy .*: status 407") as caught:
                await call(client)
    assert proxy.requests[0].split(b" ")[1].startswith(b"http://localhost:9/v1/opportunities")
    check(caught.value, call, APIConnectionError, attempts=1)
    check_secrets(caught.value, proxy.address)
    assert (caught.value.sent, caught.value.permanent) == (False, True)


def elsewhere(proxy: FaultServer, scheme: str = "http") -> str:
    """Give the URL of a proxy by an address that is not known to be on this machine."""
    return f"{scheme}://ann:{PASSWORD}@0.0.0.0:{proxy.port}"


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:9", "http://localhost:9", "HTTP://[::1]:9"])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_row_7_proxy_on_another_host_that_would_read_the_key(
    connect: Connect, base_url: str, scheme: str
) -> None:
    with ProxyServer(GOOD) as proxy:
        with pytest.raises(LightfieldValueError, match="in the clear") as caught:
            async with connect(base_url, proxy=elsewhere(proxy, scheme)) as client:
                await client.opportunity.retrieve(ID)
        async with connect("https://localhost:9", proxy=elsewhere(proxy, scheme)) as client:
            with pytest.raises(LightfieldValueError, match="in the clear"):
                client.with_options(base_url=base_url)
    assert proxy.connections == 0
    assert PASSWORD not in f"{caught.value} {caught.value!r}"


async def test_row_7_proxy_on_another_host_that_may_read_the_key(connect: Connect, call: Call) -> None:
    with ProxyServer(GOOD) as proxy:
        async with connect("http://127.0.0.1:9", proxy=elsewhere(proxy), allow_http=True) as client:
            assert (await call(client)).id == ID
    assert len(proxy.requests) == 1


@pytest.mark.parametrize(
    "proxy",
    [f"ann:{PASSWORD}@localhost:1", f"socks5://ann:{PASSWORD}@localhost:1", f"http://ann:{PASSWORD}@localhost:99999"],
    ids=["no-scheme", "socks", "port"],
)
async def test_row_7_proxy_that_cannot_be_one(connect: Connect, proxy: str) -> None:
    with pytest.raises(LightfieldValueError, match="proxy") as caught:
        async with connect("https://api.lightfield.invalid", proxy=proxy):
            pass
    assert PASSWORD not in f"{caught.value} {caught.value!r}"
