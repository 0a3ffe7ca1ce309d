"""A server that cannot prove who it is never gets to see the key."""

import datetime as dt
import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from lightfield import APIConnectionError
from tests.client.both import Connect
from tests.faults.server import ID, FaultServer

YESTERDAY = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)

CHILD = """
import asyncio, sys
from lightfield import APIConnectionError, AsyncLightfield, Lightfield
kind, url = sys.argv[1:]
async def awaited():
    async with AsyncLightfield(api_key="sk_lf_secret", base_url=url, max_retries=3) as client:
        return await client.opportunity.retrieve("opp_1")
def blocking():
    with Lightfield(api_key="sk_lf_secret", base_url=url, max_retries=3) as client:
        return client.opportunity.retrieve("opp_1")
try:
    print((blocking() if kind == "blocking" else asyncio.run(awaited())).id)
except APIConnectionError as error:
    print(error.permanent, error.sent, len(error.attempts), error)
"""


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


def certified(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)  # pyright: ignore[reportUnknownMemberType]
    return context


async def test_certificate_of_an_unknown_authority_is_final(connect: Connect, authority: trustme.CA) -> None:
    with FaultServer(tls=certified(authority.issue_cert("localhost"))) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(APIConnectionError, match=r"TLS certificate of localhost:\d+ was refused") as caught:
                await client.opportunity.retrieve(ID)
    error = caught.value
    assert type(error) is APIConnectionError
    assert (error.permanent, error.sent, len(error.attempts)) == (True, False, 1)
    assert isinstance(error.__cause__, ssl.SSLCertVerificationError)
    assert (server.connections, server.requests) == (1, [])


@pytest.mark.parametrize("kind", ["awaited", "blocking"])
@pytest.mark.parametrize(
    ("name", "expires", "outcome"),
    [
        ("localhost", None, "opp_1"),
        ("another.example", None, "True False 1 GET /v1/opportunities/opp_1: the TLS certificate of localhost"),
        ("localhost", YESTERDAY, "True False 1 GET /v1/opportunities/opp_1: the TLS certificate of localhost"),
    ],
    ids=["good", "other-host", "expired"],
)
def test_certificate_of_a_trusted_authority_must_fit_too(
    authority: trustme.CA,
    tmp_path: Path,
    kind: str,
    name: str,
    expires: dt.datetime | None,
    outcome: str,
) -> None:
    """The authority is trusted through OpenSSL's own variable, which is read when the process starts."""
    trusted = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(trusted)
    with FaultServer(tls=certified(authority.issue_cert(name, not_after=expires))) as server:
        child = subprocess.run(
            [sys.executable, "-W", "error", "-c", CHILD, kind, server.base_url],
            env={**os.environ, "SSL_CERT_FILE": str(trusted)},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert (child.returncode, child.stderr) == (0, "")
    assert child.stdout.startswith(outcome)
    assert len(server.requests) == (outcome == "opp_1")
