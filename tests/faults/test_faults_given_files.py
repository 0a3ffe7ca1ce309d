"""Paths and open files of every kind that Python takes, and what they raise."""

import enum
import gzip
import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lightfield import LightfieldError, LightfieldTypeError, LightfieldUsageError, LightfieldValueError
from tests.client.both import Connect
from tests.faults.server import http
from tests.faults.storage import CONTENT, StorageServer


class Name(str, enum.Enum):  # noqa: UP042 # a StrEnum returns its value
    """A path whose ``str`` is another one."""

    CALL = "call.txt"


class Misleading(str):
    """A path whose ``str`` is another one, and differs with each call."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"{id(object())}.txt"


def entry(name: str) -> os.DirEntry[bytes]:
    """Find a file as ``os.scandir`` does by bytes."""
    with os.scandir(b".") as entries:
        return next(each for each in entries if each.name == os.fsencode(name))


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


PATHS: dict[str, Callable[[str], Any]] = {"enum": Name, "subclass": Misleading, "entry by bytes": entry}


@pytest.mark.parametrize("kind", PATHS)
async def test_a_path_leads_where_open_would_go(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "call.txt").write_bytes(b"old")
    path = PATHS[kind]("call.txt")
    with StorageServer(http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            assert await client.file.download_to("fil_1", path) == len(CONTENT)
    assert names(tmp_path) == ["call.txt"]
    assert (tmp_path / "call.txt").read_bytes() == CONTENT
    for file in (path, open(path, "rb")):  # noqa: ASYNC230, PTH123, SIM115
        with StorageServer(http(200)) as server:
            async with connect(server.base_url) as client:
                await client.file.upload(file)
        assert b'{"filename":"call.txt","mimeType":"text/plain"' in server.body(0)
        assert server.body(1) == CONTENT
    file.close()


async def test_a_name_may_be_an_enum(connect: Connect) -> None:
    for filename in (Name.CALL, Misleading("call.txt")):
        with StorageServer(http(200)) as server:
            async with connect(server.base_url) as client:
                await client.file.upload(CONTENT, filename=filename)
        assert b'{"filename":"call.txt","mimeType":"text/plain"' in server.body(0)


class Raising(io.BytesIO):
    """A file whose methods raise what they are told to, at a call of a number."""

    def __init__(self, method: str, error: Exception, *, at: int = 1) -> None:
        super().__init__(b"" if method == "write" else CONTENT)
        self.name = "call.txt"
        self.calls = 0
        plain = getattr(self, method)

        def call(*args: Any) -> Any:
            self.calls += 1
            if self.calls >= at:
                raise error
            return plain(*args)

        setattr(self, method, call)


ERRORS = [
    EOFError("mine"),
    lzma.LZMAError("mine"),
    zipfile.BadZipFile("mine"),
    zlib.error("mine"),
    StopIteration("mine"),
    TypeError("mine"),
    RuntimeError("mine"),
]


async def failure(connect: Connect, what: str, *args: Any, **options: Any) -> LightfieldError:
    """Transfer what cannot be, and give the error."""
    with StorageServer(http(200, b"" if what == "upload" else CONTENT), last="CANCELLED") as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldError) as caught:
                await getattr(client.file, what)(*args, **options)
    return caught.value


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(("method", "at"), [("tell", 1), ("read", 1), ("read", 2), ("read", 3), ("seek", 5)])
async def test_what_a_file_raises_that_is_read_is_the_cause_of_an_error_of_ours(
    connect: Connect, method: str, at: int, error: Exception
) -> None:
    caught = await failure(connect, "upload", Raising(method, error, at=at))
    assert type(caught) is LightfieldValueError
    assert str(caught).startswith("The file cannot be read")
    assert "mine" in str(caught)
    assert caught.__cause__ is error


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(("method", "at"), [("write", 1), ("write", 2), ("write", 3), ("flush", 1)])
async def test_what_a_file_raises_that_is_written_is_the_cause_of_an_error_of_ours(
    connect: Connect, method: str, at: int, error: Exception
) -> None:
    caught = await failure(connect, "download_to", "fil_1", Raising(method, error, at=at))
    assert type(caught) is LightfieldValueError
    assert str(caught) == "The download cannot be written: mine."
    assert caught.__cause__ is error


@pytest.mark.parametrize(("what", "method"), [("upload", "read"), ("download_to", "write")])
async def test_an_error_of_ours_that_a_file_raises_stays(connect: Connect, what: str, method: str) -> None:
    error = LightfieldUsageError("mine")
    args = ("fil_1",) if what == "download_to" else ()
    assert await failure(connect, what, *args, Raising(method, error)) is error


@pytest.mark.parametrize("at", [1, 2])
async def test_a_position_that_cannot_be_told_is_none(connect: Connect, at: int) -> None:
    target = Raising("tell", RuntimeError("mine"), at=at)
    with StorageServer(http(503), http(200, CONTENT)) as server:
        async with connect(server.base_url) as client:
            assert await client.file.download_to("fil_1", target) == len(CONTENT)
    assert target.getvalue() == CONTENT


async def test_a_compressed_file_that_is_cut_is_refused(connect: Connect, tmp_path: Path) -> None:
    path = tmp_path / "call.txt"
    path.write_bytes(gzip.compress(CONTENT)[:-1000])
    with gzip.open(path) as file:
        assert "end-of-stream" in str(await failure(connect, "upload", file))


class Text(Raising):
    """A file that returns text in the end."""

    def __init__(self) -> None:
        super().__init__("close", ValueError())

    def read(self, size: int | None = -1, /) -> Any:
        read = super().read(size)
        return read if size == 1 else read.decode("latin-1")


class Nameless(io.BytesIO):
    """A file that cannot tell its name."""

    @property
    def name(self) -> str:
        raise RuntimeError("mine")


class Unusable:
    """A path and a file that is neither."""

    def __fspath__(self) -> Any:
        return 5


class Unreadable:
    """A file that does not tell whether it can be used."""

    @property
    def read(self) -> Any:
        raise RuntimeError("mine")

    write = read


async def test_what_cannot_be_used_is_refused(connect: Connect) -> None:
    assert type(await failure(connect, "upload", Text())) is LightfieldTypeError
    for file in (Nameless(CONTENT), Unusable(), Unreadable()):
        assert type(await failure(connect, "upload", file)) is LightfieldValueError
    for target in (Unusable(), Unreadable()):
        assert type(await failure(connect, "download_to", "fil_1", target)) is LightfieldValueError


async def test_a_name_is_not_asked_for_if_one_is_given(connect: Connect) -> None:
    with StorageServer(http(200)) as server:
        async with connect(server.base_url) as client:
            await client.file.upload(Nameless(CONTENT), filename="call.txt")
    assert server.body(1) == CONTENT


async def test_a_view_is_sent_as_it_reads(connect: Connect) -> None:
    view = memoryview(CONTENT)
    for part in (view[::-2], view.cast("I")[::2]):
        with StorageServer(http(200)) as server:
            async with connect(server.base_url) as client:
                await client.file.upload(part, filename="call.txt")
        assert server.body(1) == part.tobytes()
    view.release()
    caught = await failure(connect, "upload", view, filename="call.txt")
    assert type(caught) is LightfieldValueError
