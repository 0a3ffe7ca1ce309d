"""Row 5: the certificate authorities of the environment, which count as it is when a client opens."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from lightfield import APIConnectionError, LightfieldValueError
from tests.client.both import KEY, Connect
from tests.faults.calls import Call
from tests.faults.certificates import certified, trusting
from tests.faults.proxy import ProxyServer
from tests.faults.rows import GOOD, check, name
from tests.faults.server import ID, FaultServer, http
from tests.faults.storage import CONTENT, SIGNED, StorageServer
from tests.lifecycle.script import run
from tests.secrets.seen import everything


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> Path:
    """A file with the certificate of the authority."""
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    return file


@pytest.fixture
def api(authority: trustme.CA) -> Iterator[FaultServer]:
    """The API, which is spoken to with TLS."""
    with FaultServer(tls=certified(authority.issue_cert("localhost"))) as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


async def test_row_5_file_of_authorities_that_is_named_late(
    connect: Connect, call: Call, api: FaultServer, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The libraries are loaded by then, and another client may be open."""
    async with connect(api.base_url) as early:
        with pytest.raises(APIConnectionError, match="refused") as caught:
            await call(early)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        async with connect(api.base_url) as late:
            assert (await call(late)).id == ID
        with pytest.raises(APIConnectionError, match="refused"):
            await call(early)
    check(caught.value, call, APIConnectionError, attempts=1)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="it names the files of such a directory")
async def test_row_5_directories_of_authorities(
    connect: Connect, api: FaultServer, trusted: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = ["openssl", "x509", "-hash", "-noout", "-in", str(trusted)]
    digest = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()  # noqa: ASYNC221
    directory = tmp_path / "authorities"
    directory.mkdir()
    shutil.copy(trusted, directory / f"{digest}.0")
    monkeypatch.setenv("SSL_CERT_DIR", os.pathsep.join([str(tmp_path / "gone"), str(directory)]))
    async with connect(api.base_url) as client:
        assert (await client.opportunity.retrieve(ID)).id == ID


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\n", "directory"], ids=ascii)
async def test_row_5_file_without_authorities(
    connect: Connect,
    call: Call,
    api: FaultServer,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    content: bytes | str | None,
) -> None:
    """OpenSSL passes over it, and says nothing. The client works as soon as there is something in it."""
    file = tmp_path / "company ca.pem"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content:
        file.mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    async with connect(api.base_url) as client:
        with pytest.raises(LightfieldValueError, match=r"SSL_CERT_FILE .*company ca\.pem") as caught:
            await call(client)
        assert api.connections == 0
        if content == "directory":
            file.rmdir()
        authority.cert_pem.write_to_path(file)
        assert (await call(client)).id == ID
    assert KEY not in everything(caught.value)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="may read every file")
async def test_row_5_file_of_authorities_that_may_not_be_read(
    connect: Connect, api: FaultServer, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.chmod(trusted, 0)  # noqa: PTH101
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with connect(api.base_url) as client:
        with pytest.raises(LightfieldValueError, match=r"SSL_CERT_FILE .*ca\.pem"):
            await client.opportunity.retrieve(ID)


async def test_row_5_directories_that_are_none(
    connect: Connect, call: Call, api: FaultServer, trusted: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", os.pathsep.join([str(tmp_path / "gone"), str(trusted)]))
    async with connect(api.base_url) as client:
        with pytest.raises(LightfieldValueError, match=r"SSL_CERT_DIR .*gone"):
            await call(client)
        assert api.connections == 0
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))  # which is enough
        assert (await call(client)).id == ID


async def test_row_5_no_authorities_are_needed_without_tls(
    connect: Connect, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/gone/ca.pem")
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            assert (await call(client)).id == ID


async def test_row_5_nor_with_a_context_of_ones_own(
    connect: Connect, call: Call, api: FaultServer, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = trusting(authority)
    monkeypatch.setenv("SSL_CERT_FILE", "/gone/ca.pem")
    async with connect(api.base_url, ssl_context=context) as client:
        assert (await call(client)).id == ID


async def test_row_5_a_proxy_that_speaks_tls_is_verified_with_them(
    connect: Connect, call: Call, authority: trustme.CA, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with ProxyServer(GOOD, tls=certified(authority.issue_cert("localhost"))) as proxy:
        async with connect("http://localhost:9", proxy=f"https://{proxy.address}") as client:
            assert (await call(client)).id == ID
    assert len(proxy.requests) == 1


async def test_row_5_so_is_the_storage(
    connect: Connect, authority: trustme.CA, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with (
        FaultServer(http(200, CONTENT), tls=certified(authority.issue_cert("localhost"))) as storage,
        StorageServer(url=f"{storage.base_url}/a") as server,
    ):
        async with connect(server.base_url) as client:
            assert await client.file.download("fil_1") == CONTENT
    assert len(storage.requests) == 1


async def test_row_5_a_storage_is_not_asked_without_them(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/gone/ca.pem")
    with FaultServer() as storage, StorageServer(url=f"https://{storage.address}/a?{SIGNED}") as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldValueError, match=r"SSL_CERT_FILE .*/gone/ca\.pem") as caught:
                await client.file.download("fil_1")
    assert storage.connections == 0
    assert SIGNED not in everything(caught.value)


REPLACED = """
import asyncio, ssl, sys
from lightfield import APIError
from tests.client import both
from tests.faults import calls
kind, trusted, untrusted, storing, file = sys.argv[1:]

class Replaced(ssl.SSLContext):
    made = 0
    def __init__(self, protocol):
        Replaced.made += 1
        self.load_verify_locations(file)

for name in "options", "verify_flags", "verify_mode", "minimum_version", "maximum_version":
    slot = getattr(super(ssl.SSLContext, ssl.SSLContext), name)  # those of ssl look for the class by its name
    setattr(Replaced, name, property(slot.__get__, slot.__set__))

async def told(client, call=calls.read):
    try:
        await call(client)
        return "answered"
    except APIError as error:
        return "refused" if "refused" in str(error) else repr(error)

def download(client):
    return client.file.download("fil_1")

async def main():
    connect = getattr(both, kind)
    own = ssl.create_default_context()
    async with (
        connect(untrusted) as opened,
        connect(untrusted, ssl_context=own) as with_own,
        connect(storing, ssl_context=own) as with_storage,
    ):
        print(await told(opened), await told(with_own))
        ssl.SSLContext = Replaced
        print(await told(opened), await told(with_own), await told(with_storage, download))
        async with connect(trusted) as first:
            print(await told(first))
        made = Replaced.made
        for _ in range(20):
            async with connect(trusted) as another:
                await told(another)
        print(Replaced.made - made)

asyncio.run(main())
"""


async def test_row_5_another_kind_of_context_counts_from_then_on(
    connect: Connect, api: FaultServer, trusted: Path
) -> None:
    """As truststore puts one into ``ssl``, which turns aiohttp's own verification off where a context was given.

    Clients that are open, and contexts of one's own, still verify; all later clients share one new context.
    """
    stranger = trustme.CA(key_type=trustme.KeyType.ECDSA).issue_cert("localhost")
    with FaultServer(tls=certified(stranger)) as another, StorageServer(url=f"{another.base_url}/a") as storing:
        places = [api.base_url, another.base_url, storing.base_url]
        answer = await asyncio.to_thread(run, REPLACED, name(connect), *places, str(trusted))
    assert answer.splitlines() == ["refused refused", "refused refused refused", "answered", "0"]
    assert another.requests == []
