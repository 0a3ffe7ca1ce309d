"""Rows 5 and 6: a server that cannot prove who it is never gets to see the key."""

import asyncio
import datetime as dt
import ssl
from pathlib import Path

import pytest
import trustme

from lightfield import APIConnectionError, APITimeoutError, Timeout
from tests.client.both import Connect
from tests.faults.calls import Call
from tests.faults.certificates import certified, inquiring, outdated, trusting
from tests.faults.rows import check, check_unsent, name
from tests.faults.server import FIN, ID, RST, STALL, FaultServer, Reply
from tests.lifecycle.script import run

YESTERDAY = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.mark.parametrize(
    ("trusted", "host", "expires", "codes"),
    [
        (False, "localhost", None, {18, 19, 20, 21}),  # an authority that is not there, or not trusted
        (True, "another.example", None, {62}),
        (True, "localhost", YESTERDAY, {10}),
    ],
    ids=["unknown-authority", "other-host", "expired"],
)
async def test_row_5_certificate_that_proves_nothing(
    connect: Connect,
    call: Call,
    authority: trustme.CA,
    trusted: bool,
    host: str,
    expires: dt.datetime | None,
    codes: set[int],
) -> None:
    options = {"ssl_context": trusting(authority)} if trusted else {}
    with FaultServer(tls=certified(authority.issue_cert(host, not_after=expires))) as server:
        async with connect(server.base_url, **options) as client:
            with pytest.raises(APIConnectionError, match=r"TLS certificate of localhost:\d+ was refused: ") as caught:
                await call(client)
    error = caught.value
    check(error, call, APIConnectionError, attempts=1)
    assert (error.permanent, error.sent) == (True, False)
    assert isinstance(error.__cause__, ssl.SSLCertVerificationError)
    assert error.__cause__.verify_code in codes
    assert error.__cause__.verify_message in str(error)
    assert (server.connections, server.requests) == (1, [])


async def test_row_5_authority_of_ones_own(connect: Connect, call: Call, authority: trustme.CA) -> None:
    with FaultServer(tls=certified(authority.issue_cert("localhost"))) as server:
        async with connect(server.base_url, ssl_context=trusting(authority)) as client:
            assert (await call(client)).id == ID


async def test_row_5_server_that_wants_a_certificate(connect: Connect, call: Call, authority: trustme.CA) -> None:
    with_one = trusting(authority)
    authority.issue_cert("client.example").configure_cert(with_one)  # pyright: ignore[reportUnknownMemberType]
    tls = inquiring(certified(authority.issue_cert("localhost")), authority)
    with FaultServer(tls=tls) as server:
        async with connect(server.base_url, ssl_context=trusting(authority), max_retries=1) as client:
            with pytest.raises(APIConnectionError, match="connection lost while waiting for the response") as caught:
                await call(client)
        assert server.requests == []
        async with connect(server.base_url, ssl_context=with_one) as client:
            assert (await call(client)).id == ID
    check(caught.value, call, APIConnectionError)


CHILD = """
import asyncio, sys
from tests.client import both
from tests.faults import calls
kind, url = sys.argv[1:]
async def main():
    async with getattr(both, kind)(url) as client:
        print((await calls.read(client)).id, (await calls.write(client)).id)
asyncio.run(main())
"""


async def test_row_5_authority_of_the_environment(
    connect: Connect,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """OpenSSL's own variable counts in a program that is started with it."""
    trusted = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(trusted)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with FaultServer(tls=certified(authority.issue_cert("localhost"))) as server:
        answer = await asyncio.to_thread(run, CHILD, name(connect), server.base_url)
    assert answer == f"{ID} {ID}\n"
    assert len(server.requests) == 2


@pytest.mark.parametrize("greeting", [FIN, RST, b"220 smtp.example ESMTP\r\n"], ids=["fin", "rst", "no-tls"])
async def test_row_6_handshake_that_breaks_off(connect: Connect, call: Call, greeting: Reply) -> None:
    with FaultServer(greeting=greeting) as server:
        async with connect(f"https://{server.address}", max_retries=1) as client:
            with pytest.raises(APIConnectionError, match=r"cannot connect to localhost:\d+: ") as caught:
                await call(client)
    check_unsent(caught.value, call, APIConnectionError)
    assert not server.requests


async def test_row_6_no_protocol_in_common(connect: Connect, call: Call, authority: trustme.CA) -> None:
    with FaultServer(tls=outdated(certified(authority.issue_cert("localhost")))) as server:
        async with connect(server.base_url, ssl_context=trusting(authority), max_retries=1) as client:
            with pytest.raises(APIConnectionError, match=r"cannot connect to localhost:\d+: ") as caught:
                await call(client)
    check_unsent(caught.value, call, APIConnectionError)
    assert isinstance(caught.value.__cause__, ssl.SSLError)
    assert not server.requests


async def test_row_6_handshake_that_is_never_answered(connect: Connect, call: Call) -> None:
    with FaultServer(STALL) as server:
        async with connect(f"https://{server.address}", timeout=Timeout(connect=0.15), max_retries=1) as client:
            with pytest.raises(APITimeoutError, match=r"timed out while connecting \(timeout\.connect\)") as caught:
                await call(client)
    check_unsent(caught.value, call, APITimeoutError)
