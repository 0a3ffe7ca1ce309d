"""Downloads to what blocks, or fails halfway: the call ends in time, and nothing incomplete is left."""

import asyncio
import io
import os
import resource
import select
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from lightfield import APITimeoutError, LightfieldValueError, Transfer
from lightfield._files.download import DownloadTarget
from tests.client.both import Connect, until
from tests.faults.server import http
from tests.faults.storage import CONTENT, StorageServer
from tests.faults.test_faults_deadline import DEADLINE, in_time

if sys.platform == "win32":
    pytest.skip("pipes with a path are of POSIX", allow_module_level=True)

MANY = 50
"""More than the threads of an event loop."""


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Path]:
    """Give a pipe that nobody reads; at the end whoever still opens it is let go, and hangs up."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    yield path
    assert path.is_fifo()
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""
    os.close(reader)


async def late(connect: Connect, to: Any, *, requests: bool) -> None:
    """Download to what blocks, until the deadline."""
    with StorageServer(http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            with in_time(), pytest.raises(APITimeoutError, match="The download did not end in") as caught:
                await client.file.download_to("fil_1", to, deadline=DEADLINE)
    assert caught.value.deadline_exceeded
    assert bool(server.requests) == requests


async def test_a_pipe_without_a_reader_ends_by_the_deadline(connect: Connect, pipe: Path) -> None:
    await late(connect, pipe, requests=False)


async def test_a_pipe_that_was_given_up_is_left_alone(connect: Connect, pipe: Path) -> None:
    """A thread that still waited for a reader would hang up on the next one."""
    await late(connect, pipe, requests=False)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    poll = select.poll()
    poll.register(reader)
    assert await asyncio.to_thread(poll.poll, 200) == []
    os.close(reader)


async def test_many_of_them_hold_up_no_other_download(connect: Connect, pipe: Path) -> None:
    with StorageServer(http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            with in_time():
                late = [client.file.download_to("fil_1", pipe, deadline=DEADLINE) for _ in range(MANY)]
                errors = await asyncio.gather(*late, return_exceptions=True)
            assert {type(error) for error in errors} == {APITimeoutError}
            assert await client.file.download_to("fil_1", pipe.with_name("file")) == len(CONTENT)


async def test_a_reader_that_reads_no_more_is_given_up_and_hung_up_on(connect: Connect, pipe: Path) -> None:
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    await late(connect, pipe, requests=True)
    os.set_blocking(reader, True)
    rest = await asyncio.to_thread(_drain, reader)
    assert CONTENT.startswith(rest)


def _drain(reader: int) -> bytes:
    with open(reader, "rb") as file:
        return file.read()


async def test_a_reader_that_goes_away_is_a_clear_error(connect: Connect, pipe: Path) -> None:
    def read_a_little() -> None:
        with pipe.open("rb", buffering=0) as file:
            file.read(10)

    reading = asyncio.create_task(asyncio.to_thread(read_a_little))
    with StorageServer(http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldValueError, match="cannot be written: Broken pipe"):
                await client.file.download_to("fil_1", pipe)
    await reading


class Blocking(io.RawIOBase):
    """Blocks where it is told to, until it is set free."""

    def __init__(self, where: str) -> None:
        self.free = threading.Event()
        self._where = where

    def _block(self, where: str) -> None:
        if where == self._where:
            self.free.wait()

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        self._block("tell")
        return 0

    def write(self, data: Any, /) -> int:
        self._block("write" if data else "write nothing")
        return len(data)

    def flush(self) -> None:
        self._block("flush")


@pytest.mark.parametrize("where", ["tell", "write nothing", "write", "flush"])
async def test_an_open_file_that_blocks_ends_by_the_deadline(connect: Connect, where: str) -> None:
    file = Blocking(where)
    try:
        await late(connect, file, requests=where in {"write", "flush"})
    finally:
        file.free.set()


async def test_a_pipe_that_would_block_is_a_clear_error(connect: Connect) -> None:
    """Nothing is lost silently where a write of a file that does not block returns None."""
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    with StorageServer(http(200, CONTENT)) as server, os.fdopen(ours), os.fdopen(theirs, "wb", buffering=0) as file:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldValueError, match="nothing more can be written"):
                await client.file.download_to("fil_1", cast("Any", file))


@pytest.fixture
def small_files() -> Iterator[None]:
    """Let no file grow beyond 100,000 bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("small_files")
async def test_a_full_disk_is_a_clear_error_and_leaves_what_was_there(connect: Connect, tmp_path: Path) -> None:
    path = tmp_path / "call.txt"
    path.write_bytes(b"old")
    with StorageServer(http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldValueError, match="cannot be written: File too large"):
                await client.file.download_to("fil_1", path)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("becomes", ["nothing", "a folder", "nowhere"])
async def test_what_stands_at_the_path_may_change_meanwhile(connect: Connect, tmp_path: Path, becomes: str) -> None:
    path = tmp_path / "folder" / "call.txt"
    path.parent.mkdir()
    path.write_bytes(b"old")

    def hook(transfer: Transfer) -> None:
        if transfer.done == transfer.total:
            path.unlink()
            if becomes == "a folder":
                path.mkdir()
            if becomes == "nowhere":
                shutil.rmtree(path.parent)

    with StorageServer(http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            if becomes == "nothing":
                assert await client.file.download_to("fil_1", path, progress=hook) == len(CONTENT)
            else:
                with pytest.raises(LightfieldValueError, match=r"cannot be written: (Is a directory|No such file)"):
                    await client.file.download_to("fil_1", path, progress=hook)
    assert names(tmp_path) == ["folder"] * (becomes != "nowhere")
    if becomes != "nowhere":
        assert names(path.parent) == ["call.txt"]


async def test_where_no_thread_can_be_started_an_incomplete_file_is_removed_nevertheless(tmp_path: Path) -> None:
    target, before = DownloadTarget(tmp_path / "call.txt"), threading.stack_size()
    await target.open()
    assert len(names(tmp_path)) == 1
    await until(lambda: not any(thread.name == "lightfield-blocking" for thread in threading.enumerate()))
    threading.stack_size(2**45)  # so large that no thread gets it
    try:
        await target.discard()
    finally:
        threading.stack_size(before)
    assert names(tmp_path) == []


async def test_what_was_given_up_before_its_thread_began_is_not_opened(tmp_path: Path) -> None:
    target = DownloadTarget(tmp_path / "call.txt")
    await target.discard()
    await target.open()
    assert names(tmp_path) == []
