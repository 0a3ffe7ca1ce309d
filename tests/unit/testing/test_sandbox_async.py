"""Does ``async with Sandbox()`` leave the caller's loop free?"""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import aiohttp
import pytest

from lightfield.testing import Sandbox


def _running() -> bool:
    return "lightfield-sandbox" in {thread.name for thread in threading.enumerate()}


class HeldSandbox(Sandbox):
    """Its start and its stop have begun, on a thread of their own, but get nowhere until they have leave."""

    def __init__(self) -> None:
        super().__init__(opportunities=1)
        self.reached, self.leave = threading.Event(), threading.Event()

    def start(self) -> None:
        self._wait_for_leave()
        super().start()

    def stop(self) -> None:
        self._wait_for_leave()
        super().stop()

    def _wait_for_leave(self) -> None:
        self.reached.set()
        assert self.leave.wait(10)

    async def give_leave(self) -> None:
        """Can only run where the loop is free."""
        await asyncio.to_thread(self.reached.wait, 10)
        self.reached.clear()
        self.leave.set()


async def test_entering_does_not_block_the_loop() -> None:
    sandbox = HeldSandbox()
    allowing = asyncio.create_task(sandbox.give_leave())
    async with (
        sandbox,
        aiohttp.ClientSession(sandbox.base_url) as session,
        session.get("/v1/nothing") as response,
    ):
        assert response.status == 401
    await allowing
    assert not _running()


async def test_leaving_does_not_block_the_loop() -> None:
    sandbox = HeldSandbox()
    sandbox.leave.set()
    async with sandbox:
        sandbox.reached.clear()
        sandbox.leave.clear()
        allowing = asyncio.create_task(sandbox.give_leave())
    await allowing
    assert not _running()


async def test_it_needs_no_thread_of_the_loop() -> None:
    taken = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        asyncio.get_running_loop().set_default_executor(pool)
        pool.submit(taken.wait, 20)
        async with asyncio.timeout(10), Sandbox(opportunities=1):
            assert _running()
        taken.set()
    assert not _running()


async def test_cancelled_entry_leaves_nothing_running() -> None:
    sandbox = HeldSandbox()
    entering = asyncio.create_task(sandbox.__aenter__())
    await asyncio.to_thread(sandbox.reached.wait, 10)
    entering.cancel()
    _, pending = await asyncio.wait({entering}, timeout=0.05)
    assert pending == {entering}  # it cannot undo what has not been done yet
    sandbox.leave.set()
    with pytest.raises(asyncio.CancelledError):
        await entering
    assert not _running()
