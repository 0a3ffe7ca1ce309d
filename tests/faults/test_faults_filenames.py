"""A file of any name can be uploaded, and where its name cannot be sent the error says so."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from lightfield import LightfieldValueError
from tests.client.both import Connect
from tests.faults.server import http
from tests.faults.storage import CONTENT, StorageServer


async def announced(connect: Connect, file: Any, **options: Any) -> tuple[str, str]:
    """Upload a file, and give the name and the type that the API was told."""
    with StorageServer(http(200)) as server:
        async with connect(server.base_url) as client:
            assert (await client.file.upload(file, **options)).status == "COMPLETED"
    body = json.loads(server.body(0))
    assert server.body(1) == CONTENT
    return body["filename"], body["mimeType"]


class PathOfBytes:
    """A path as ``os.scandir(b".")`` gives it."""

    def __init__(self, path: bytes) -> None:
        self._path = path

    def __fspath__(self) -> bytes:
        return self._path


@pytest.fixture
def latin(tmp_path: Path) -> bytes:
    """A file whose name is not UTF-8."""
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9.csv")  # noqa: PTH118 # a Path holds no bytes
    try:
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(CONTENT)
    except OSError:
        pytest.skip("the file system takes no such name")
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="names there are UTF-16")
@pytest.mark.parametrize("kind", ["str", "path", "path-of-bytes", "opened", "opened-by-bytes"])
async def test_a_name_that_is_not_utf_8_is_announced_with_replacement_characters(
    connect: Connect, latin: bytes, kind: str
) -> None:
    name = os.fsdecode(latin)
    kinds: dict[str, Any] = {"str": name, "path": Path(name), "path-of-bytes": PathOfBytes(latin)}
    with open(latin if kind == "opened-by-bytes" else name, "rb") as opened:  # noqa: ASYNC230, PTH123
        assert await announced(connect, kinds.get(kind, opened)) == ("caf\ufffd.csv", "text/csv")


@pytest.mark.skipif(sys.platform == "win32", reason="names there are UTF-16")
async def test_another_name_may_be_given(connect: Connect, latin: bytes) -> None:
    path = Path(os.fsdecode(latin))
    assert await announced(connect, path, filename="café.txt") == ("café.txt", "text/plain")
    assert await announced(connect, path, mime_type="text/x-own") == ("caf\ufffd.csv", "text/x-own")


@pytest.mark.parametrize("name", ["report.csv.gz", "data:text,html", "http://x/y.png", "a\0/\\b.txt", "\U0001f600.txt"])
async def test_a_name_is_announced_as_it_is(connect: Connect, name: str) -> None:
    types = {"report.csv.gz": "application/gzip", "data:text,html": "application/octet-stream"}
    expected = types.get(name, "image/png" if name.endswith("png") else "text/plain")
    assert await announced(connect, CONTENT, filename=name) == (name, expected)


async def test_a_descriptor_that_was_opened_has_no_name(connect: Connect, tmp_path: Path) -> None:
    path = tmp_path / "call.txt"
    path.write_bytes(CONTENT)
    with StorageServer() as server, os.fdopen(os.open(path, os.O_RDONLY), "rb") as opened:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldValueError, match="filename must have 1 to 255 characters"):
                await client.file.upload(opened)
    assert server.requests == []


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"filename": "caf\udce9.txt"}, "filename is not valid Unicode"),
        ({"filename": "a", "mime_type": "text/\ud800"}, "mimeType is not valid Unicode"),
        ({"filename": "x" * 10_000}, "filename must have 1 to 255 characters"),
    ],
)
async def test_an_error_of_a_name_speaks_of_the_name(connect: Connect, options: dict[str, Any], named: str) -> None:
    with StorageServer() as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldValueError, match=named):
                await client.file.upload(CONTENT, **options)
            if "mime_type" in options:
                with pytest.raises(LightfieldValueError, match=named):
                    await client.file.create(filename="a", mime_type=options["mime_type"], size_bytes=1)
    assert server.requests == []
