"""A download is whole or not there at all."""

import asyncio
import io
from pathlib import Path
from typing import Any, cast

import pytest

from lightfield import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    LightfieldTypeError,
    LightfieldValueError,
    NotFoundError,
    Transfer,
)
from tests.client.both import Connect
from tests.faults.server import FIN, RST, Reply, http
from tests.faults.storage import CONTENT, SIGNED, StorageServer
from tests.secrets.seen import everything

FILE, URL, GET = "GET /v1/files/fil_1", "GET /v1/files/fil_1/url", f"GET /bucket/fil_1?{SIGNED}"
HALF: Reply = [http(200, CONTENT[:1000], length=len(CONTENT)), FIN]


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_an_address_that_cannot_be_sent_is_an_error_that_does_not_show_it(connect: Connect) -> None:
    with StorageServer(http(200, CONTENT), place=f"/bucket/\0?{SIGNED}") as server:
        async with connect(server.base_url, max_retries=0) as client:
            with pytest.raises(APIResponseValidationError, match="address or headers cannot be used") as caught:
                await client.file.download("fil_1")
    assert server.lines == [FILE, URL]
    assert SIGNED not in everything(caught.value)


async def test_a_file_is_fetched_into_memory_with_no_header_of_ours(connect: Connect) -> None:
    seen: list[Transfer] = []
    with StorageServer(http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            assert await client.file.download("fil_1", progress=seen.append) == CONTENT
    assert server.lines == [FILE, URL, GET]
    head = server.requests[2].partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    assert {line.partition(":")[0].lower() for line in head} == {"host"}
    assert seen[-1] == Transfer(len(CONTENT), len(CONTENT))


@pytest.mark.parametrize("fault", [http(503), FIN, RST, HALF], ids=["503", "fin", "rst", "half"])
async def test_after_a_passing_fault_it_begins_anew(connect: Connect, tmp_path: Path, fault: Reply) -> None:
    path = tmp_path / "call.txt"
    with StorageServer(fault, http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            assert await client.file.download_to("fil_1", path) == len(CONTENT)
    assert path.read_bytes() == CONTENT
    assert server.lines == [FILE, URL, GET, GET]
    assert names(tmp_path) == [path.name]


async def test_an_open_file_is_written_from_where_it_stands(connect: Connect) -> None:
    file = io.BytesIO()
    file.write(b"before")
    with StorageServer(HALF, http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            assert await client.file.download_to("fil_1", file) == len(CONTENT)
    assert file.getvalue() == b"before" + CONTENT


LONG = bytes(len(CONTENT)) + b"a tail"
OPENED = {
    "with a tail": ("r+b", LONG, 3),
    "with a tail that is overwritten": ("r+b", bytes(500), 3),
    "at its end": ("r+b", b"before", 6),
    "beyond its end": ("r+b", b"before", 10),
    "to append": ("a+b", b"before", 3),
    "in memory": ("", LONG, 3),
    "in memory beyond its end": ("", b"before", 10),
}


@pytest.mark.parametrize("kind", OPENED)
@pytest.mark.parametrize("faults", [[], [HALF, HALF]], ids=["first attempt", "third attempt"])
async def test_an_open_file_is_the_same_after_any_number_of_attempts(
    connect: Connect, tmp_path: Path, kind: str, faults: list[Reply]
) -> None:
    mode, old, start = OPENED[kind]
    path = tmp_path / "call.txt"
    path.write_bytes(old)
    with StorageServer(*faults, http(200, CONTENT)) as server, path.open(mode) if mode else io.BytesIO(old) as file:
        file.seek(start)
        async with connect(server.base_url) as client:
            assert await client.file.download_to("fil_1", cast("Any", file)) == len(CONTENT)
        start = len(old) if mode == "a+b" else start
        assert file.tell() == start + len(CONTENT)
        file.seek(0)
        assert file.read() == old[:start].ljust(start, b"\0") + CONTENT + old[start + len(CONTENT) :]


async def test_a_refused_download_leaves_an_open_file_as_it_was(connect: Connect) -> None:
    file = io.BytesIO(LONG)
    with StorageServer(http(404)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(NotFoundError):
                await client.file.download_to("fil_1", file)
    assert (file.tell(), file.getvalue()) == (0, LONG)


async def test_a_download_that_fails_leaves_what_was_there(connect: Connect, tmp_path: Path) -> None:
    path = tmp_path / "call.txt"
    path.write_bytes(b"old")
    with StorageServer(HALF, HALF) as server:
        async with connect(server.base_url, max_retries=1) as client:
            with pytest.raises(APIConnectionError, match="GET from localhost"):
                await client.file.download_to("fil_1", path)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == [path.name]


async def test_a_refusal_is_an_error_of_its_status(connect: Connect) -> None:
    with StorageServer(http(404, b"<Error/>")) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(NotFoundError, match="GET from localhost"):
                await client.file.download("fil_1")


async def test_two_downloads_to_one_path_do_not_mix(connect: Connect, tmp_path: Path) -> None:
    path = tmp_path / "call.txt"
    (tmp_path / "call.txt.part").write_text("somebody's own")
    with (
        StorageServer(http(200, CONTENT)) as one,
        StorageServer([http(200, b"x" * 9, length=10), FIN], announced=10) as other,
    ):
        async with connect(one.base_url) as first, connect(other.base_url, max_retries=0) as second:
            size, failure = await asyncio.gather(
                _download(first, path), _download(second, path), return_exceptions=True
            )
    assert size == len(CONTENT)
    assert isinstance(failure, APIConnectionError)
    assert path.read_bytes() == CONTENT
    assert sorted(names(tmp_path)) == ["call.txt", "call.txt.part"]


async def _download(client: Any, path: Path) -> int:
    size: int = await client.file.download_to("fil_1", path)
    return size


class Reluctant(io.RawIOBase):
    """Takes 1,000 bytes at a time."""

    def __init__(self) -> None:
        self.content = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self.content += bytes(data[:1000])
        return min(len(data), 1000)


async def test_a_file_that_takes_little_at_a_time_gets_all(connect: Connect) -> None:
    target = Reluctant()
    with StorageServer(http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            assert await client.file.download_to("fil_1", cast("Any", target)) == len(CONTENT)
    assert target.content == CONTENT


class Full(Reluctant):
    """Takes 1,000 bytes in all."""

    def write(self, data: Any, /) -> int:
        return 0 if self.content else super().write(data)


async def test_a_file_that_takes_no_more_ends_the_download(connect: Connect) -> None:
    with StorageServer(http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldValueError, match="nothing more can be written"):
                await client.file.download_to("fil_1", cast("Any", Full()))
    assert server.lines == [FILE, URL, GET]


async def test_a_file_that_is_not_open_for_writing_is_refused_at_once(connect: Connect, tmp_path: Path) -> None:
    path = tmp_path / "call.txt"
    path.write_bytes(b"old")
    with StorageServer() as server, path.open("rb") as file:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldValueError, match="The download cannot be written"):
                await client.file.download_to("fil_1", cast("Any", file))
            file.close()
            with pytest.raises(LightfieldValueError, match="The download cannot be written"):
                await client.file.download_to("fil_1", cast("Any", file))
    assert server.requests == []
    assert path.read_bytes() == b"old"


async def test_what_cannot_be_rewound_is_written_once(connect: Connect) -> None:
    with StorageServer(HALF, http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldValueError, match="cannot be rewound"):
                await client.file.download_to("fil_1", cast("Any", Reluctant()))


async def test_a_redirect_is_not_followed(connect: Connect) -> None:
    with StorageServer(http(200, b"other")) as other:
        with StorageServer(http(307, headers={"Location": f"{other.base_url}/bucket"})) as server:
            async with connect(server.base_url) as client:
                with pytest.raises(APIStatusError, match="307"):
                    await client.file.download("fil_1")
        assert other.requests == []


async def test_a_place_that_cannot_be_written_is_a_clear_error(connect: Connect, tmp_path: Path) -> None:
    with StorageServer(http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldValueError, match="cannot be written: no file can be made at this path"):
                await client.file.download_to("fil_1", tmp_path / "no" / "folder")
            with pytest.raises(LightfieldValueError, match="cannot be written: no file can be made at this path"):
                await client.file.download_to("fil_1", tmp_path)
    assert server.requests == []


@pytest.mark.parametrize("kind", [RuntimeError, ValueError, OSError, KeyError])
async def test_what_a_progress_hook_raises_ends_the_download(connect: Connect, kind: type[Exception]) -> None:
    def hook(_: Transfer) -> None:
        raise kind("mine")

    with StorageServer(http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(kind, match="mine"):
                await client.file.download("fil_1", progress=hook)
    assert server.lines == [FILE, URL, GET]


@pytest.mark.parametrize("to", [io.StringIO(), 5, None])
async def test_what_is_no_place_is_refused_at_once(connect: Connect, to: Any) -> None:
    with StorageServer() as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldTypeError):
                await client.file.download_to("fil_1", to)
    assert server.requests == []


async def test_a_progress_hook_that_has_to_be_awaited_is_refused_at_once(connect: Connect) -> None:
    async def hook(_: Transfer) -> None: ...

    with StorageServer() as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldTypeError, match="progress must be a plain function"):
                await client.file.download("fil_1", progress=hook)
            with pytest.raises(LightfieldTypeError, match="progress must be a plain function"):
                await client.file.download_to("fil_1", io.BytesIO(), progress=hook)
    assert server.requests == []
