"""An upload sends exactly what the storage wants, again where it must, and gives the file up where it cannot be had."""

import asyncio
import io
import os
import socket
import tempfile
import traceback
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lightfield import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    ClientClosedError,
    LightfieldTypeError,
    LightfieldValueError,
    PermissionDeniedError,
    Transfer,
)
from tests.client.both import KEY, Connect, until
from tests.faults.server import FIN, RST, STALL, FaultServer, Reply, header, http
from tests.faults.storage import CONTENT, HEADERS, MD5, SIGNED, StorageServer
from tests.ids import lasting

CREATE, PUT = "POST /v1/files", f"PUT /bucket/fil_1?{SIGNED}"
COMPLETE, CANCEL = "POST /v1/files/fil_1/complete", "POST /v1/files/fil_1/cancel"


async def never_awaited(_: Transfer) -> None:
    """Stand for a progress hook that has to be awaited."""


def path_of(folder: Path) -> Path:
    path = folder / "call.txt"
    path.write_bytes(CONTENT)
    return path


@pytest.mark.parametrize("kind", ["path", "str", "bytes", "file", "memory"])
async def test_each_kind_of_file_arrives_whole(connect: Connect, tmp_path: Path, kind: str) -> None:
    path = path_of(tmp_path)
    with StorageServer(http(200)) as server, path.open("rb") as opened:
        files: dict[str, Any] = {"path": path, "str": str(path), "bytes": CONTENT, "file": opened}
        file = files.get(kind, io.BytesIO(CONTENT))
        async with connect(server.base_url) as client:
            done = await client.file.upload(file, filename="call.txt", purpose="meeting_transcript")
    assert done.status == "COMPLETED"
    assert server.lines == [CREATE, PUT, COMPLETE]
    assert server.body(0) == (
        b'{"filename":"call.txt","mimeType":"text/plain","sizeBytes":768000,"purpose":"meeting_transcript"}'
    )
    assert server.body(1) == CONTENT
    assert server.body(2) == f'{{"md5":"{MD5}"}}'.encode()


async def test_the_storage_gets_its_headers_and_none_of_ours(connect: Connect) -> None:
    with StorageServer(http(201), headers={**HEADERS, "if-none-match": "*"}) as server:
        async with connect(server.base_url) as client:
            await client.file.upload(CONTENT, filename="call.txt")
    head = server.requests[1].partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    names = {line.partition(":")[0].lower() for line in head}
    assert names == {"host", "content-length", "content-type", "x-goog-meta", "if-none-match"}
    assert header(server.requests[1], "content-type") == "text/plain"


async def test_a_file_is_sent_from_where_it_stands(connect: Connect) -> None:
    opened = io.BytesIO(b"skipped" + CONTENT)
    opened.seek(7)
    with StorageServer(http(503), http(200)) as server:
        async with connect(server.base_url) as client:
            await client.file.upload(opened, filename="call.txt")
    assert server.body(1) == server.body(2) == CONTENT


@pytest.mark.parametrize("fault", [http(503), http(408), FIN, RST], ids=["503", "408", "fin", "rst"])
async def test_after_a_passing_fault_all_is_sent_again(connect: Connect, tmp_path: Path, fault: Reply) -> None:
    with StorageServer(fault, http(200)) as server:
        async with connect(server.base_url) as client:
            await client.file.upload(path_of(tmp_path))
    assert server.lines == [CREATE, PUT, PUT, COMPLETE]
    assert server.body(2) == CONTENT


async def test_stored_by_an_attempt_whose_answer_was_lost(connect: Connect) -> None:
    with StorageServer(FIN, http(412), headers={"if-none-match": "*"}) as server:
        async with connect(server.base_url) as client:
            await client.file.upload(CONTENT, filename="call.txt")
    assert server.lines == [CREATE, PUT, PUT, COMPLETE]
    assert MD5.encode() in server.body(3)


@pytest.mark.parametrize(
    ("status", "kind"), [(403, PermissionDeniedError), (412, APIStatusError), (307, APIStatusError)]
)
async def test_a_refused_file_is_given_up(connect: Connect, status: int, kind: type[APIStatusError]) -> None:
    with StorageServer(http(status, b"<Error/>", {"Location": "http://127.0.0.1:1/"}), last="CANCELLED") as server:
        async with connect(server.base_url) as client:
            with pytest.raises(kind) as caught:
                await client.file.upload(CONTENT, filename="call.txt")
    assert server.lines == [CREATE, PUT, CANCEL]
    assert caught.value.status_code == status
    assert "PUT to localhost" in str(caught.value)


async def test_what_fails_for_good_is_given_up_and_its_own_error_raised(connect: Connect) -> None:
    with StorageServer(FIN, FIN, http(500, {"type": "x", "message": "cancel fails too"})) as server:
        async with connect(server.base_url, max_retries=1) as client:
            with pytest.raises(APIConnectionError, match="PUT to localhost") as caught:
                await client.file.upload(CONTENT, filename="call.txt")
    assert server.lines[:4] == [CREATE, PUT, PUT, CANCEL]
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert SIGNED not in shown
    assert KEY not in shown


async def test_the_deadline_ends_an_upload(connect: Connect) -> None:
    with StorageServer(STALL, last="CANCELLED") as server:
        async with connect(server.base_url) as client:
            with pytest.raises(APITimeoutError, match=r"upload did not end in 0\.3 s"):
                await client.file.upload(CONTENT, filename="call.txt", deadline=0.3)
    assert server.lines == [CREATE, PUT, CANCEL]


async def test_a_cancelled_upload_is_given_up(connect: Connect) -> None:
    with StorageServer(STALL, last="CANCELLED") as server:
        async with connect(server.base_url) as client:
            uploading = asyncio.ensure_future(_upload(client))
            await until(lambda: len(server.requests) == 2)
            uploading.cancel()
            await asyncio.gather(uploading, return_exceptions=True)
            if "Threaded" not in type(client).__name__:
                assert uploading.cancelled()
                await until(lambda: len(server.requests) == 3)
                assert server.lines == [CREATE, PUT, CANCEL]


async def _upload(client: Any, content: bytes = CONTENT, **options: Any) -> object:
    return await client.file.upload(content, filename="call.txt", **options)


async def test_a_file_that_changes_meanwhile_is_given_up(connect: Connect, tmp_path: Path) -> None:
    path = path_of(tmp_path)

    def shrink(_: Transfer) -> None:
        path.write_bytes(b"")

    with StorageServer(http(200), last="CANCELLED") as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldValueError, match="was changed while it was uploaded"):
                await client.file.upload(path, progress=shrink)
    assert server.lines.count(CANCEL) == 1


@pytest.mark.parametrize("mode", ["w+", "wb", "closed", "pipe"])
async def test_a_file_that_gives_no_bytes_is_refused_at_once(connect: Connect, tmp_path: Path, mode: str) -> None:
    reading, writing = os.pipe()
    kinds: dict[str, Any] = {
        "w+": partial(_text_file, "some text"),
        "wb": partial((tmp_path / "a").open, "wb"),
        "closed": partial(path_of(tmp_path).open, "rb"),
        "pipe": partial(os.fdopen, os.dup(reading), "rb"),
    }
    opened = kinds[mode]()
    with StorageServer() as server, opened:
        if mode == "closed":
            opened.close()
        async with connect(server.base_url) as client:
            with pytest.raises((LightfieldTypeError, LightfieldValueError)):
                await client.file.upload(opened, filename="call.txt")
    os.close(reading)
    os.close(writing)
    assert server.requests == []


def _text_file(text: str) -> Any:
    file = tempfile.NamedTemporaryFile("w+")  # noqa: SIM115 # the caller closes it
    file.write(text)
    file.seek(0)
    return file


async def test_a_signed_address_is_used_to_the_letter(connect: Connect) -> None:
    place = "/b%2Fc/~x%20y?X=a%2Bb%2F%3D&Y=%c3%bc"
    with StorageServer(http(200), place=place) as server:
        async with connect(server.base_url) as client:
            await client.file.upload(CONTENT, filename="call.txt")
    assert server.lines[1] == f"PUT {place}"


@pytest.mark.parametrize("name", ["Transfer-Encoding", "connection", "x y", "", "x\r\ny"])
async def test_a_header_that_would_change_the_framing_is_not_sent(connect: Connect, name: str) -> None:
    with StorageServer(headers={name: "chunked"}, last="CANCELLED") as server:
        async with connect(server.base_url) as client:
            with pytest.raises(APIResponseValidationError, match="cannot be sent"):
                await client.file.upload(CONTENT, filename="call.txt")
    assert server.lines == [CREATE, CANCEL]


async def test_closing_ends_an_upload_that_nobody_reads(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        seen: list[Transfer] = []
        with StorageServer(url=url) as server:
            async with connect(server.base_url) as client:
                big = bytes(64 * 1024 * 1024)
                uploading = asyncio.ensure_future(_upload(client, big, progress=seen.append))
                await until(lambda: len(seen) > 0)
                async with asyncio.timeout(10):
                    await client.close()
                    with pytest.raises(ClientClosedError):
                        await uploading


async def test_progress_tells_of_every_byte(connect: Connect) -> None:
    seen: list[Transfer] = []
    with StorageServer(http(200)) as server:
        async with connect(server.base_url) as client:
            await client.file.upload(CONTENT, filename="call.txt", progress=seen.append)
    assert [step.done for step in seen] == sorted({step.done for step in seen})
    assert seen[-1] == Transfer(len(CONTENT), len(CONTENT))
    assert len(seen) == 3


@pytest.mark.parametrize("kind", [RuntimeError, ValueError, OSError, KeyError])
async def test_what_a_progress_hook_raises_ends_the_upload(connect: Connect, kind: type[Exception]) -> None:
    def hook(_: Transfer) -> None:
        raise kind("mine")

    with StorageServer(http(200), last="CANCELLED") as server:
        async with connect(server.base_url) as client:
            with pytest.raises(kind, match="mine"):
                await client.file.upload(CONTENT, filename="call.txt", progress=hook)
    lines = server.lines  # the server may note the upload that was broken off after what came on another connection
    assert lines[0] == CREATE
    assert lines.count(CANCEL) == 1
    assert len(lines) <= 3


@pytest.mark.parametrize(
    "url", ["ftp://h/x", "nonsense", "http://", "http://[::1", "http://h:99999/", "http://a..b/", "file:///etc/passwd"]
)
async def test_an_address_that_is_none_is_not_used(connect: Connect, url: str) -> None:
    with StorageServer(last="CANCELLED", url=url) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(APIResponseValidationError, match="not shown"):
                await client.file.upload(CONTENT, filename="call.txt")
    assert server.lines == [CREATE, CANCEL]


async def test_an_address_in_clear_text_on_another_host_must_be_allowed(connect: Connect) -> None:
    with (
        FaultServer(http(200)) as storage,
        StorageServer(last="CANCELLED", url=f"http://0.0.0.0:{storage.port}/") as api,
    ):
        async with connect(api.base_url) as client:
            with pytest.raises(APIResponseValidationError, match="not https"):
                await client.file.upload(CONTENT, filename="call.txt")
    assert storage.connections == 0
    with FaultServer(http(200)) as storage, StorageServer(url=f"http://0.0.0.0:{storage.port}/") as api:
        async with connect(api.base_url, allow_http=True) as client:
            await client.file.upload(CONTENT, filename="call.txt")
    assert len(storage.requests) == 1


@pytest.mark.parametrize(
    ("file", "options", "kind"),
    [
        (b"", {"filename": "a"}, LightfieldValueError),
        (b"x", {}, LightfieldValueError),
        (b"x", {"filename": "x" * 256}, LightfieldValueError),
        ("/no/such/file", {}, LightfieldValueError),
        (io.StringIO("text"), {"filename": "a"}, LightfieldTypeError),
        (5, {"filename": "a"}, LightfieldTypeError),
        (None, {"filename": "a"}, LightfieldTypeError),
        (b"x", {"filename": "a", "deadline": -1}, LightfieldValueError),
        (b"x", {"filename": 5}, LightfieldTypeError),
        (b"x", {"filename": "a", "mime_type": 5}, LightfieldTypeError),
        (b"x", {"filename": "a", "progress": 5}, LightfieldTypeError),
        (b"x", {"filename": "a", "progress": never_awaited}, LightfieldTypeError),
        ("/", {"filename": "a"}, LightfieldValueError),
        ("nul\0", {"filename": "a"}, LightfieldValueError),
    ],
    ids=lasting,
)
async def test_what_cannot_be_uploaded_is_refused_at_once(
    connect: Connect, file: Any, options: dict[str, Any], kind: type[Exception]
) -> None:
    with StorageServer() as server:
        async with connect(server.base_url) as client:
            with pytest.raises(kind):
                await client.file.upload(file, **options)
    assert server.requests == []
