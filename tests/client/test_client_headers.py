"""What goes over the wire: these headers, and no others."""

import platform
from importlib.metadata import version

import aiohttp
import pytest

from tests.client.both import Connect
from tests.faults.server import ID, FaultServer

AGENT = (
    f"lightfield-async/{version('lightfield-async')} python/{platform.python_version()} aiohttp/{aiohttp.__version__}"
)


def parts(request: bytes) -> tuple[str, dict[str, str], bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    assert len(dict(headers)) == len(headers)
    return first, dict(headers), body


def usual(server: FaultServer) -> dict[str, str]:
    return {
        "Host": server.address,
        "Authorization": "Bearer sk_lf_1",
        "Lightfield-Version": "2026-03-01",
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "User-Agent": AGENT,
    }


async def test_read_sends_these_headers_only(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url, api_key="sk_lf_1") as client:
            await client.opportunity.retrieve(ID)
    first, headers, body = parts(server.requests[0])
    assert first == f"GET /v1/opportunities/{ID} HTTP/1.1"
    assert headers == usual(server)
    assert body == b""


async def test_write_adds_its_type_length_and_key(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url, api_key="sk_lf_1") as client:
            await client.request("POST", "/v1/things", body={"a": 1})
    first, headers, body = parts(server.requests[0])
    assert first == "POST /v1/things HTTP/1.1"
    assert headers.pop("Idempotency-Key")
    assert headers == {**usual(server), "Content-Type": "application/json", "Content-Length": "7"}
    assert body == b'{"a":1}'


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_write_without_body_says_so(connect: Connect, method: str) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            await client.request(method, "/v1/things")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    _, headers, body = parts(server.requests[0])
    assert (headers["Content-Type"], headers["Content-Length"], body) == ("application/json", "0", b"")


async def test_connection_is_kept_for_the_next_request(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            for _ in range(3):
                await client.opportunity.retrieve(ID)
    assert (len(server.requests), server.connections) == (3, 1)
