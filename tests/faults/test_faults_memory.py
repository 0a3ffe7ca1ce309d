"""A failure that has been handled is freed at once, with its frames: no cycle waits for the garbage collector."""

import gc
import weakref
from collections.abc import Awaitable, Callable, Iterator

import pytest

from lightfield import AsyncLightfield, Transfer
from tests.client.both import awaited
from tests.faults.server import FIN, ID, STALL, FaultServer, Reply, http
from tests.faults.storage import CONTENT, StorageServer

Act = Callable[[AsyncLightfield], Awaitable[object]]


class MineError(Exception):
    """What a hook raises."""


def hook(_: Transfer) -> None:
    raise MineError


def retrieve(client: AsyncLightfield) -> Awaitable[object]:
    return client.opportunity.retrieve(ID)


def upload(client: AsyncLightfield) -> Awaitable[object]:
    return client.file.upload(CONTENT, filename="a")


def upload_with_hook(client: AsyncLightfield) -> Awaitable[object]:
    return client.file.upload(CONTENT, filename="a", progress=hook)


def download_with_hook(client: AsyncLightfield) -> Awaitable[object]:
    return client.file.download("fil_1", progress=hook)


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize(
    ("act", "reply"),
    [
        (retrieve, FIN),
        (retrieve, STALL),
        (retrieve, [b"garbage\r\n\r\n", FIN]),
        (retrieve, http(500)),
        (upload, FIN),
        (upload, http(403)),
        (upload_with_hook, http(200)),
        (download_with_hook, http(200, CONTENT)),
    ],
    ids=["lost", "silent", "malformed", "status", "upload-lost", "upload-refused", "upload-hook", "download-hook"],
)
async def test_handled_failure_is_freed_at_once(act: Act, reply: Reply) -> None:
    stored = StorageServer(reply) if act is not retrieve else FaultServer(reply)
    failures: list[weakref.ref[Exception]] = []
    with stored as server:
        async with awaited(server.base_url, max_retries=0, timeout=2 if act is not retrieve else 0.2) as client:
            try:
                await act(client)
            except Exception as error:  # noqa: BLE001
                failures.append(weakref.ref(error))
    assert [failure() for failure in failures] == [None]
