"""Uploads and downloads, interrupted at each suspension: no file stays open, and none half written."""

from functools import partial
from pathlib import Path

from lightfield import AsyncLightfield
from tests.cancelling.conftest import Interrupt
from tests.cancelling.sweep import Scene, sweep
from tests.faults.server import http
from tests.faults.storage import CONTENT, StorageServer

UPLOADS = partial(StorageServer, http(200))
DOWNLOADS = partial(StorageServer, [http(200, CONTENT)[:400_000], 0.01, http(200, CONTENT)[400_000:]])


async def upload(path: Path, client: AsyncLightfield) -> object:
    return await client.file.upload(path)


async def download(_: Path, client: AsyncLightfield) -> object:
    return await client.file.download("fil_1")


async def download_to(path: Path, client: AsyncLightfield) -> object:
    return await client.file.download_to("fil_1", path.with_name("copy.txt"))


def test_upload(interrupt: Interrupt, tmp_path: Path) -> None:
    path = tmp_path / "call.txt"
    path.write_bytes(CONTENT)
    interrupt(partial(sweep, Scene(partial(upload, path), UPLOADS)))


def test_download(interrupt: Interrupt, tmp_path: Path) -> None:
    interrupt(partial(sweep, Scene(partial(download, tmp_path), DOWNLOADS)))


def test_download_to(interrupt: Interrupt, tmp_path: Path) -> None:
    def whole() -> bool:
        sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
        return sizes in ({}, {"copy.txt": len(CONTENT)})

    path = tmp_path / "call.txt"
    interrupt(partial(sweep, Scene(partial(download_to, path), DOWNLOADS, settled=whole)))
