"""A file that hangs, as on a network mount whose server is gone, holds up neither its upload nor any other."""

import asyncio
import io
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lightfield import APITimeoutError, LightfieldValueError
from tests.client.both import Connect, until
from tests.faults.leased import leased, needs_leases
from tests.faults.server import STALL, http
from tests.faults.storage import CONTENT, StorageServer
from tests.faults.test_faults_deadline import DEADLINE, in_time

CREATE, CANCEL = "POST /v1/files", "POST /v1/files/fil_1/cancel"


class Stuck(io.BytesIO):
    """An open file, one of whose methods hangs from some call on."""

    name = "call.txt"

    def __init__(self, method: str, calls: int, over: threading.Event) -> None:
        super().__init__(CONTENT)
        self._method, self._left, self._over = method, calls, over

    def _pass(self, method: str) -> None:
        if method == self._method:
            self._left -= 1
            if self._left < 0:
                self._over.wait(20)

    def tell(self) -> int:
        self._pass("tell")
        return super().tell()

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._pass("seek")
        return super().seek(offset, whence)

    def read(self, size: int | None = -1, /) -> bytes:
        self._pass("read")
        return super().read(size)


class StuckPath:
    """A path that is long in coming."""

    def __init__(self, over: threading.Event) -> None:
        self._over = over

    def __fspath__(self) -> str:
        self._over.wait(20)
        return "/no/such/file"


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """Set at the end of the test: nothing hangs any more."""
    event = threading.Event()
    yield event
    event.set()


async def late(connect: Connect, file: Any, server: StorageServer) -> None:
    """Upload what hangs, and see it end with its deadline."""
    async with connect(server.base_url) as client:
        with in_time(), pytest.raises(APITimeoutError, match=r"The upload did not end in 0\.3 s") as caught:
            await client.file.upload(file, deadline=DEADLINE)
    assert caught.value.deadline_exceeded


STUCK: dict[str, tuple[Callable[[threading.Event], object], list[str]]] = {
    "path": (StuckPath, []),
    "tell": (lambda over: Stuck("tell", 0, over), []),
    "seek": (lambda over: Stuck("seek", 1, over), []),
    "first-read": (lambda over: Stuck("read", 0, over), []),
    "read": (lambda over: Stuck("read", 2, over), [CREATE, CANCEL]),
}


@pytest.mark.parametrize("where", STUCK)
async def test_the_deadline_ends_an_upload_whose_file_hangs(
    connect: Connect, where: str, over: threading.Event
) -> None:
    make, lines = STUCK[where]
    with StorageServer(last="CANCELLED") as server:
        await late(connect, make(over), server)
    assert [line for line in server.lines if not line.startswith("PUT")] == lines


async def test_the_deadline_ends_an_upload_whose_file_hangs_while_the_api_is_silent(
    connect: Connect, over: threading.Event
) -> None:
    with StorageServer(STALL, STALL) as server:
        await late(connect, Stuck("read", 2, over), server)


@needs_leases
async def test_the_deadline_ends_an_upload_whose_file_cannot_be_opened_in_time(
    connect: Connect, tmp_path: Path
) -> None:
    with StorageServer() as server, leased(tmp_path / "call.txt") as path:
        await late(connect, path, server)
    assert server.requests == []


@needs_leases
async def test_many_files_that_hang_hold_up_no_other(connect: Connect, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_bytes(CONTENT)
    with StorageServer(http(200)) as server, leased(tmp_path / "call.txt") as path:
        async with connect(server.base_url) as client:
            hanging = [asyncio.ensure_future(_upload(client, path)) for _ in range(50)]
            await asyncio.wait(hanging, timeout=0.3)
            assert (await client.file.upload(other, deadline=10)).status == "COMPLETED"
            assert not any(each.done() for each in hanging)
            for each in hanging:
                each.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)
    assert server.lines[0] == CREATE


async def _upload(client: Any, path: Path) -> object:
    return await client.file.upload(path)


@needs_leases
async def test_a_file_that_opens_after_all_is_closed(connect: Connect, tmp_path: Path) -> None:
    with StorageServer() as server:
        with leased(tmp_path / "call.txt") as path:
            await late(connect, path, server)
        await until(lambda: not _is_open(path))
    assert server.requests == []


def _is_open(path: Path) -> bool:
    return str(path) in {os.path.realpath(each) for each in Path("/proc/self/fd").iterdir()}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
@pytest.mark.parametrize("writer", [False, True], ids=["nobody-writes", "stalls"])
async def test_a_pipe_is_refused_at_once(connect: Connect, tmp_path: Path, writer: bool) -> None:
    path = tmp_path / "call.txt"
    os.mkfifo(path)
    held = os.open(path, os.O_RDWR) if writer else None
    with StorageServer() as server:
        async with connect(server.base_url) as client:
            with in_time(), pytest.raises(LightfieldValueError, match="it is a directory, a pipe or a device"):
                await client.file.upload(path)
    if held is not None:
        os.close(held)
    assert server.requests == []
