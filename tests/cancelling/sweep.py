"""The sweep: one call, interrupted at each of its suspensions, each time with a server and a client of its own."""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractContextManager
from queue import SimpleQueue
from types import CodeType, MappingProxyType
from typing import Any, NamedTuple, Protocol, TypeAlias, cast
from weakref import WeakSet

import aiohttp.connector

from lightfield import AsyncLightfield
from lightfield._aio.threads import _idle  # pyright: ignore[reportPrivateUsage]
from tests.cancelling.steps import Steps, Way
from tests.client.both import KEY, until

Call: TypeAlias = Callable[[AsyncLightfield], Coroutine[Any, Any, object]]
PATIENCE = 10.0
MOMENT = 0.002
QUICK = 139
"""A seed that makes the first pause before a retry a short one."""

ALIEN = (aiohttp.connector.__file__, None)
"""Tasks of aiohttp, for whoever asks for the host next, and of the event loop, which closes a dropped generator."""

IN_USE: WeakSet[Any] = WeakSet()
"""Connections that were taken from a pool; one that is back, or was closed, says so itself."""


class Server(Protocol):
    """What a client can be pointed at."""

    @property
    def base_url(self) -> str: ...


class Tardy(SimpleQueue[Any]):
    """The jobs of a thread, which does each a moment after it has got it."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        job: Any = super().get(block, timeout)
        time.sleep(MOMENT)
        return job


def working() -> bool:
    """Tell whether a thread has work, or did not yet hear of it."""
    existing = [thread for thread in threading.enumerate() if thread.name == "lightfield-blocking"]
    return len(existing) > len(_idle)


class Scene(NamedTuple):
    """What is called, and where."""

    call: Call
    serve: Callable[[], AbstractContextManager[Server]]
    options: Mapping[str, Any] = MappingProxyType({"rate_limits": None})
    before: Call | None = None
    """What is called before, in peace."""

    settled: Callable[[], bool] = lambda: True
    """What must be so in the end."""


async def sweep(scene: Scene, way: Way) -> None:
    """Interrupt a call at its first suspension, at its second, and so on until it ends by itself."""
    number = 1
    while await _interrupted(scene, way, number):
        number += 1
    assert number > 1


async def _interrupted(scene: Scene, way: Way, number: int) -> bool:
    """Interrupt a call at one suspension; say whether it came so far."""
    random.seed(QUICK)
    with scene.serve() as server:
        async with AsyncLightfield(api_key=KEY, base_url=server.base_url, **scene.options) as client:
            if scene.before is not None:
                await scene.before(client)
            steps, before = Steps(scene.call(client), number), _others()
            async with asyncio.timeout(PATIENCE):
                await way(steps)
            await _clean(client, before)
        await until(lambda: not working())
    assert scene.settled()
    return steps.reached


async def _clean(client: AsyncLightfield, before: set[asyncio.Task[Any]]) -> None:
    """See to it that a call has left nothing behind that is, or could come to be, under way."""
    lanes = client.rate_limits
    assert {(lane.in_flight, lane.waiting) for lane in lanes.values()} == {(0, 0)}
    assert _connected(client) == 0
    assert _others() <= before
    await asyncio.sleep(0)
    assert client.rate_limits == lanes


def _others() -> set[asyncio.Task[Any]]:
    """Give the other tasks that are any of our business."""
    tasks = asyncio.all_tasks() - {cast("asyncio.Task[Any]", asyncio.current_task())}
    return {task for task in tasks if _code(task) not in ALIEN}


def _code(task: asyncio.Task[Any]) -> str | None:
    """Give the file whose code a task runs; None where that is none of Python."""
    code: CodeType | None = getattr(task.get_coro(), "cr_code", None)
    return code.co_filename if code else None


def _connected(client: Any) -> int:
    """Count the connections that are being made, or are neither closed nor back in the pool."""
    opened = client._transport._opened
    used = sum(not connection.closed for connection in IN_USE)
    return used + (0 if opened is None else len(client._transport.connecting))
