"""Paths and open files of every kind that Python takes."""

import enum
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
    assert [each.name for each in tmp_path.iterdir()] == ["call.txt"]
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
