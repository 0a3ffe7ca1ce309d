"""A download has the size that the API announced, and takes no more memory than allowed."""

import gzip
import sys
from pathlib import Path
from typing import Any

import pytest

from lightfield import APIConnectionError, APIProtocolError, APIResponseValidationError, LightfieldError, Transfer
from tests.client.both import Connect
from tests.faults.server import FIN, Ever, Reply, http
from tests.faults.storage import CONTENT, DOCUMENT, SIGNED, StorageServer
from tests.lifecycle.script import run
from tests.secrets.seen import everything

SIZE = len(CONTENT)
ENDLESS = Ever(bytes(100_000))
OPEN_END = b"HTTP/1.1 200 OK\r\n\r\n"
"""Headers of a body that ends with its connection."""

GZIP_OPEN_END = OPEN_END.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
UNKNOWN = pytest.mark.parametrize("announced", [None, 0, -1])


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


def zipped(content: bytes = CONTENT, encoding: str = "gzip") -> bytes:
    """Write a response with a body that the storage holds compressed."""
    return http(200, content if encoding == "br" else gzip.compress(content), {"Content-Encoding": encoding})


async def failure(
    connect: Connect, server: StorageServer, kind: type[LightfieldError], to: Path | None = None, **options: Any
) -> str:
    """Download what cannot be right, and give the message."""
    with server:
        async with connect(server.base_url, **options) as client:
            with pytest.raises(LightfieldError) as caught:
                await (client.file.download("fil_1") if to is None else client.file.download_to("fil_1", to))
    assert type(caught.value) is kind
    assert SIGNED not in everything(caught.value)
    return str(caught.value)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def fetched(server: StorageServer) -> int:
    """Count the requests to the storage."""
    return sum(SIGNED in line for line in server.lines)


BEYOND: dict[str, Reply] = {
    "a byte more": [OPEN_END + CONTENT + b"x", FIN],
    "chunked": CHUNKED + chunk(CONTENT + b"x") + b"0\r\n\r\n",
    "endless": [OPEN_END, ENDLESS],
    "endless and chunked": [CHUNKED, Ever(chunk(bytes(100_000)))],
    "a bomb": zipped(bytes(50_000_000)),
}


@pytest.mark.parametrize("reply", BEYOND.values(), ids=BEYOND)
@pytest.mark.parametrize("in_memory", [True, False])
async def test_more_than_announced_is_not_taken(
    connect: Connect, tmp_path: Path, reply: Reply, in_memory: bool
) -> None:
    server = StorageServer(*[reply] * 9)
    message = await failure(connect, server, APIResponseValidationError, None if in_memory else tmp_path / "a")
    assert "GET from localhost: the API announced 768,000 bytes, the storage sends more" in message
    assert fetched(server) == 2
    assert names(tmp_path) == []


@pytest.mark.parametrize("length", [SIZE - 1, SIZE + 1, 0])
async def test_a_length_that_contradicts_the_announcement_is_an_error(connect: Connect, length: int) -> None:
    server = StorageServer(*[http(200, bytes(length))] * 9)
    message = await failure(connect, server, APIResponseValidationError)
    assert f"the API announced 768,000 bytes, the storage sends {length:,} bytes" in message
    assert fetched(server) == 2


CUT: dict[str, Reply] = {
    "without a length": [OPEN_END + CONTENT[:1000], FIN],
    "without a byte": [OPEN_END, FIN],
    "chunked": CHUNKED + chunk(CONTENT[:1000]) + b"0\r\n\r\n",
    "gzip": zipped(CONTENT[:1000]),
    "within the gzip": [GZIP_OPEN_END + gzip.compress(b"a")[:9], FIN],
}


@pytest.mark.parametrize("reply", CUT.values(), ids=CUT)
async def test_a_body_that_is_cut_is_fetched_anew(connect: Connect, reply: Reply) -> None:
    with StorageServer(reply, http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            assert await client.file.download("fil_1") == CONTENT
    assert fetched(server) == 2


async def test_a_body_that_is_always_cut_is_an_error_that_says_where(connect: Connect, tmp_path: Path) -> None:
    server = StorageServer(*[CUT["without a length"]] * 2)
    message = await failure(connect, server, APIConnectionError, tmp_path / "a", max_retries=1)
    assert "GET from localhost: the body ended after 1,000 of 768,000 bytes" in message
    assert names(tmp_path) == []


@UNKNOWN
@pytest.mark.parametrize(
    "reply", [http(200, CONTENT), CHUNKED + chunk(CONTENT) + b"0\r\n\r\n", zipped()], ids=["length", "chunked", "gzip"]
)
async def test_without_an_announcement_the_storage_is_believed(
    connect: Connect, reply: Reply, announced: int | None
) -> None:
    with StorageServer(reply, announced=announced) as server:
        async with connect(server.base_url) as client:
            assert await client.file.download("fil_1") == CONTENT


async def test_an_empty_file_is_one_if_the_storage_says_so(connect: Connect) -> None:
    with StorageServer(http(200), announced=0) as server:
        async with connect(server.base_url) as client:
            assert await client.file.download("fil_1") == b""


async def test_where_nobody_knows_the_size_a_cut_could_not_be_seen(connect: Connect) -> None:
    server = StorageServer([OPEN_END + CONTENT, FIN], announced=None)
    message = await failure(connect, server, APIResponseValidationError, max_retries=0)
    assert "neither the API nor the storage announced the size" in message


@UNKNOWN
async def test_a_gzip_without_a_byte_is_cut(connect: Connect, announced: int | None) -> None:
    with StorageServer([GZIP_OPEN_END, FIN], zipped(), announced=announced) as server:
        async with connect(server.base_url) as client:
            assert await client.file.download("fil_1") == CONTENT
    assert fetched(server) == 2
    server = StorageServer([GZIP_OPEN_END, FIN], announced=announced)
    message = await failure(connect, server, APIConnectionError, max_retries=0)
    assert "the gzip of the response is truncated" in message


EMPTY: dict[str, Reply] = {
    "a gzip of nothing": [GZIP_OPEN_END + gzip.compress(b""), FIN],
    "a length of 0": http(200, headers={"Content-Encoding": "gzip"}),
    "no chunk": CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n") + b"0\r\n\r\n",
}


@pytest.mark.parametrize("reply", EMPTY.values(), ids=EMPTY)
async def test_an_empty_file_may_be_called_gzip(connect: Connect, reply: Reply) -> None:
    with StorageServer(reply, announced=None) as server:
        async with connect(server.base_url) as client:
            assert await client.file.download("fil_1") == b""


@pytest.mark.parametrize("announced", [None, 5])
@pytest.mark.parametrize("coding", ["identity", "gzip", "gzip, chunked", "gzip\r\nTransfer-Encoding: chunked", SIGNED])
async def test_a_transfer_encoding_other_than_chunked_is_an_error(
    connect: Connect, coding: str, announced: int | None
) -> None:
    head = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n".encode()
    body = chunk(b"a cut") + b"0\r\n\r\n" if "chunked" in coding else b"a cut"
    reply: Reply = [head + body, FIN]
    server = StorageServer(*[reply] * 9, announced=announced)
    message = await failure(connect, server, APIProtocolError)
    assert "GET from localhost: the body has a Transfer-Encoding other than chunked" in message
    assert fetched(server) == 2


@UNKNOWN
async def test_endless_body_without_an_announcement_ends_at_the_limit(connect: Connect, announced: int | None) -> None:
    server = StorageServer([CHUNKED, Ever(chunk(bytes(100_000)))], announced=announced)
    message = await failure(connect, server, APIConnectionError, max_response_bytes=1_000_000)
    assert "larger than max_response_bytes (1,000,000): raise that, or download it to a path" in message
    assert fetched(server) == 1


async def test_file_beyond_the_limit_of_the_caller_is_not_fetched_into_memory(connect: Connect, tmp_path: Path) -> None:
    server = StorageServer(http(200, CONTENT))
    message = await failure(connect, server, APIConnectionError, max_response_bytes=SIZE - 1)
    assert "larger than max_response_bytes (767,999)" in message
    assert fetched(server) == 0
    with StorageServer(http(200, CONTENT)) as server:
        async with connect(server.base_url, max_response_bytes=SIZE - 1) as client:
            assert await client.file.download_to("fil_1", tmp_path / "a") == SIZE
    with StorageServer(http(200, CONTENT)) as server:
        async with connect(server.base_url, max_response_bytes=SIZE) as client:
            assert await client.file.download("fil_1") == CONTENT


async def test_file_in_memory_may_be_larger_than_the_default_for_other_responses(connect: Connect) -> None:
    content = bytes(33 * 1024 * 1024)
    with StorageServer(http(200, content), announced=len(content)) as server:
        async with connect(server.base_url) as client:
            assert await client.file.download("fil_1") == content


@pytest.mark.parametrize("announced", [None, 512 * 1024 * 1024 + 1])
async def test_file_larger_than_any_of_the_api_is_an_error_at_once(
    connect: Connect, tmp_path: Path, announced: int | None
) -> None:
    server = StorageServer([http(200, length=512 * 1024 * 1024 + 1), ENDLESS], announced=announced)
    message = await failure(connect, server, APIConnectionError, tmp_path / "a")
    assert "larger than 512 MB (536,870,912 bytes), the largest that the API allows" in message
    assert fetched(server) == (announced is None)


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
async def test_what_is_stored_as_gzip_is_decompressed(connect: Connect, encoding: str) -> None:
    seen: list[Transfer] = []
    with StorageServer(zipped(encoding=encoding)) as server:
        async with connect(server.base_url) as client:
            assert await client.file.download("fil_1", progress=seen.append) == CONTENT
    assert seen[-1] == Transfer(SIZE, SIZE)


@pytest.mark.parametrize("encoding", ["", "identity"])
async def test_no_encoding_is_none(connect: Connect, encoding: str) -> None:
    with StorageServer(http(200, CONTENT, {"Content-Encoding": encoding})) as server:
        async with connect(server.base_url) as client:
            assert await client.file.download("fil_1") == CONTENT


@pytest.mark.parametrize(
    ("encoding", "shown"), [("br", "br"), ("gzip, gzip", "something unknown"), (SIGNED, "something unknown")]
)
async def test_an_encoding_that_cannot_be_undone_is_an_error(connect: Connect, encoding: str, shown: str) -> None:
    server = StorageServer(*[http(200, CONTENT, {"Content-Encoding": encoding})] * 9)
    message = await failure(connect, server, APIProtocolError)
    assert f"GET from localhost: the response is encoded as {shown}, which was not requested" in message
    assert fetched(server) == 2


@pytest.mark.parametrize("after", [b"more", ENDLESS], ids=["more", "endless"])
async def test_what_follows_the_gzip_is_an_error(connect: Connect, after: bytes | Ever) -> None:
    server = StorageServer([GZIP_OPEN_END + gzip.compress(CONTENT), after, FIN])
    message = await failure(connect, server, APIConnectionError, max_retries=0)
    assert "followed by other data" in message


@pytest.mark.parametrize("status", [204, 206, 299])
async def test_a_success_that_is_not_the_whole_file_is_an_error(connect: Connect, status: int) -> None:
    body = {"body": CONTENT[:1000], "headers": {"Content-Range": f"bytes 0-999/{SIZE}"}} if status != 204 else {}
    server = StorageServer(*[http(status, **body)] * 9)  # type: ignore[arg-type]
    message = await failure(connect, server, APIResponseValidationError)
    assert f"GET from localhost: status {status}, which is not a whole file" in message
    assert fetched(server) == 2


async def test_the_total_is_known_where_the_storage_does_not_tell_it(connect: Connect) -> None:
    seen: list[Transfer] = []
    with StorageServer(CHUNKED + chunk(CONTENT) + b"0\r\n\r\n") as server:
        async with connect(server.base_url) as client:
            await client.file.download("fil_1", progress=seen.append)
    assert {transfer.total for transfer in seen} == {SIZE}
    with StorageServer(http(200, CONTENT), announced=None) as server:
        async with connect(server.base_url) as client:
            await client.file.download("fil_1", progress=seen.append)
    assert {transfer.total for transfer in seen} == {SIZE}


async def test_an_invalid_id_is_refused_and_the_size_is_asked_for_first(connect: Connect) -> None:
    with StorageServer(http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldError, match="not a valid id"):
                await client.file.download("../fil_1")
            await client.file.download("fil_1")
    assert server.requests[0].startswith(DOCUMENT)


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_download_takes_as_much_memory_as_the_file() -> None:
    """A quarter more is allowed, for the growth of the buffer and what else is in memory."""
    size = 128 * 1024 * 1024
    script = """
import re, sys
from pathlib import Path
from lightfield import Lightfield

def memory(of):
    return int(re.search(of + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024

with Lightfield(api_key="sk_lf_sandbox", base_url=sys.argv[1]) as client:
    client.file.retrieve("fil_1")
    before = memory("VmRSS")
    content = client.file.download("fil_1")
    print(len(content), memory("VmHWM") - before)
"""
    with StorageServer(http(200, bytes(size)), announced=size) as server:
        length, taken = map(int, run(script, server.base_url).split())
    assert length == size
    assert taken < 1.25 * size
