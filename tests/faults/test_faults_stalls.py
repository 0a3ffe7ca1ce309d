"""A transfer that stands still is ended after a minute, on a real socket and a clock that runs 300 times as fast."""

import asyncio
import selectors
import socket
from collections.abc import Awaitable, Callable

import pytest

from lightfield import APITimeoutError, AsyncLightfield, Timeout
from tests.client.both import awaited
from tests.faults.server import STALL, Reply, http
from tests.faults.storage import CONTENT, StorageServer

SPEED = 300
PATIENT = Timeout(connect=None, total=None)


class _HastySelector(selectors.SelectSelector):
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(None if timeout is None else timeout / SPEED)


class HastyLoop(asyncio.SelectorEventLoop):
    """An event loop whose minutes take a fifth of a second."""

    def __init__(self) -> None:
        super().__init__(_HastySelector())

    def time(self) -> float:
        return super().time() * SPEED


def seconds(server: StorageServer, act: Callable[[AsyncLightfield], Awaitable[object]], match: str) -> float:
    """Say after how many seconds a transfer that never ends was given up."""

    async def wait() -> float:
        loop = asyncio.get_running_loop()
        async with awaited(server.base_url, timeout=PATIENT, max_retries=0) as client:
            began = loop.time()
            with pytest.raises(APITimeoutError, match=match):
                await act(client)
            return loop.time() - began

    with asyncio.Runner(loop_factory=HastyLoop) as runner:
        return runner.run(wait())


@pytest.mark.parametrize(
    "script", [STALL, [http(200, CONTENT[:1000], length=len(CONTENT)), STALL]], ids=["head", "body"]
)
def test_a_download_of_which_nothing_comes_for_a_minute_is_ended(script: Reply) -> None:
    with StorageServer(script) as server:
        took = seconds(server, lambda client: client.file.download("fil_1"), "no data in 60 s while receiving")
    assert took >= 60


def test_an_upload_that_nobody_reads_for_a_minute_is_ended() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        with StorageServer(last="CANCELLED", url=url) as server:
            big = bytes(16 * 1024 * 1024)
            took = seconds(
                server, lambda client: client.file.upload(big, filename="a"), "no data in 60 s while sending"
            )
    assert took >= 60


def test_an_answer_may_take_five_minutes_once_all_is_sent() -> None:
    with StorageServer(STALL, last="CANCELLED") as server:
        took = seconds(
            server, lambda client: client.file.upload(CONTENT, filename="a"), "no data in 300 s while sending"
        )
    assert took >= 300
