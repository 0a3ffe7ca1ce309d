"""The API key is nowhere to be read: not in an error, its causes, its frames' variables, a log line or a repr."""

import logging
import pickle
import socket
import traceback

import pytest
import trustme

from lightfield import ClientClosedError, LightfieldError, LightfieldUsageError, LightfieldValueError, Timeout
from tests.client.both import Connect
from tests.faults.server import FIN, ID, RST, STALL, FaultServer, Reply, http
from tests.faults.storage import SIGNED, StorageServer
from tests.faults.test_faults_tls import certified

SECRET = "9f2b1c7d4e"
KEY = f"sk_lf_{SECRET}"


FAULTS: dict[str, Reply] = {
    "fin": FIN,
    "rst": RST,
    "stall": STALL,
    "body-cut": [http(200, b"{", length=99), RST],
    "body-stalls": [http(200, b"{", length=99), STALL],
    "garbage": [b"garbage\r\n\r\n", FIN],
    "bad-gzip": http(200, b"no gzip", {"Content-Encoding": "gzip"}),
    "html": http(200, b"<html>"),
    "redirect": http(307, headers={"Location": "https://example.invalid/"}),
    "unauthorized": http(401, {"error": {"type": "unauthorized", "message": "Unknown key."}}),
    "echo": http(401, {"error": {"type": "unauthorized", "message": f"Unknown key {KEY}."}}),
    "throttled": http(429),
    "html-502": http(502, b"<html>"),
}


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def everything(error: BaseException | None) -> str:
    """Render an error, and all that led to it, with the variables of every frame."""
    seen: list[str] = []
    while error is not None:
        seen += [str(error), repr(error), repr(error.args), repr(vars(error))]
        seen += traceback.TracebackException.from_exception(error, capture_locals=True).format()
        error = error.__cause__ or error.__context__
    return "\n".join(seen)


async def failure(connect: Connect, url: str, **options: object) -> LightfieldError:
    async with connect(url, api_key=KEY, timeout=Timeout(total=0.2), **{"max_retries": 0, **options}) as client:
        assert SECRET not in repr(client)
        with pytest.raises(LightfieldError) as caught:
            await client.request("POST", "/v1/things", body={})
    return caught.value


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_no_fault_of_a_server_shows_the_key(
    connect: Connect,
    fault: Reply,
    log: pytest.LogCaptureFixture,
) -> None:
    with FaultServer(fault) as server:
        error = await failure(connect, server.base_url)
    assert SECRET.encode() in server.requests[0]
    assert SECRET not in everything(error)
    assert SECRET.encode() not in pickle.dumps(error)
    assert SECRET not in log.text


ECHO = f"<Error><Code>SignatureDoesNotMatch</Code><Resource>/bucket/fil_1?{SIGNED}</Resource></Error>".encode()
STORAGE_FAULTS: dict[str, Reply] = {
    **{name: FAULTS[name] for name in ("fin", "rst", "stall", "garbage", "html-502")},
    "redirect": http(307, headers={"Location": f"https://example.invalid/?{SIGNED}"}),
    "echo": http(403, ECHO, {"X-Echo": SIGNED}),
    "echo-503": http(503, ECHO),
    "cut": [http(200, b"{", length=99), RST],
}


TRANSFERS = [(way, name) for way in ("upload", "download") for name in STORAGE_FAULTS]
TRANSFERS.remove(("upload", "cut"))  # an answer to an upload is not read to its end


@pytest.mark.parametrize(("way", "name"), TRANSFERS)
async def test_no_fault_of_the_storage_shows_a_signed_address(
    connect: Connect,
    way: str,
    name: str,
    log: pytest.LogCaptureFixture,
) -> None:
    with StorageServer(STORAGE_FAULTS[name]) as server:
        error = await transfer_failure(connect, server.base_url, way)
    assert SIGNED in server.lines[1]
    shown = everything(error)
    assert SIGNED not in shown
    assert SECRET not in shown
    assert SIGNED.encode() not in pickle.dumps(error)
    assert SIGNED not in log.text
    if name == "echo":
        assert "SignatureDoesNotMatch" in str(error)


@pytest.mark.parametrize("way", ["upload", "download"])
async def test_no_answer_that_cannot_be_decoded_shows_a_signed_address(connect: Connect, way: str) -> None:
    document = {"uploadUrl": f"https://example.invalid/a?{SIGNED}", "url": f"https://example.invalid/a?{SIGNED}"}
    with FaultServer(http(200, document)) as server:
        error = await transfer_failure(connect, server.base_url, way)
    assert "https://example.invalid/a?..." in str(error)
    assert SIGNED not in everything(error)


async def transfer_failure(connect: Connect, url: str, way: str) -> LightfieldError:
    async with connect(url, api_key=KEY, max_retries=0) as client:
        upload, download = client.file.upload, client.file.download
        with pytest.raises(LightfieldError) as caught:
            await (upload(b"a", filename="a", deadline=1) if way == "upload" else download("fil_1", deadline=1))
    return caught.value


async def test_no_failure_to_connect_shows_the_key(connect: Connect, log: pytest.LogCaptureFixture) -> None:
    certificate = trustme.CA(key_type=trustme.KeyType.ECDSA).issue_cert("localhost")
    with socket.socket() as refusing, FaultServer(tls=certified(certificate)) as untrusted:
        refusing.bind(("127.0.0.1", 0))
        port = refusing.getsockname()[1]
        for url in (f"http://127.0.0.1:{port}", "https://api.lightfield.invalid", untrusted.base_url):
            error = await failure(connect, url)
            assert SECRET not in everything(error)
    assert SECRET not in log.text


async def test_no_misuse_shows_the_key(connect: Connect, log: pytest.LogCaptureFixture) -> None:
    async with connect("http://localhost:1", api_key=KEY) as client:
        with pytest.raises(LightfieldValueError) as refused:
            await client.opportunity.retrieve("../accounts")
        await client.close()
        with pytest.raises(ClientClosedError) as closed:
            await client.opportunity.retrieve(ID)
        with pytest.raises(LightfieldUsageError) as kept:
            pickle.dumps(client)
    for each in (refused, closed, kept):
        assert SECRET not in everything(each.value)
    assert SECRET not in log.text


async def test_retries_are_logged_without_the_key(connect: Connect, log: pytest.LogCaptureFixture) -> None:
    with FaultServer(http(503)) as server:
        await failure(connect, server.base_url, max_retries=1)
    assert [record.levelname for record in log.records if record.name == "lightfield"] == ["DEBUG"]
    assert "Retry 1 in" in log.text
    assert SECRET not in log.text


@pytest.mark.parametrize("key", [f"{KEY}\n", f" {KEY}", f"{KEY}\u2028", f"{KEY}é", f"\x00{KEY}"])
async def test_key_that_cannot_be_sent_is_refused_unseen(connect: Connect, key: str) -> None:
    with pytest.raises(LightfieldValueError, match="not shown") as caught:
        async with connect("http://localhost:1", api_key=key):
            pass
    assert SECRET not in f"{caught.value} {caught.value!r}"
