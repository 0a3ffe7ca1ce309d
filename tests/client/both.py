"""One test, both clients: the blocking client in the clothes of the awaited one.

A test takes the fixture ``connect`` and runs twice. ``async with connect(url) as client`` gives an ``AsyncLightfield``,
or a ``Lightfield`` whose calls each run on a thread of their own, so that they can be awaited.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, suppress
from functools import partial
from typing import Any, Protocol, TypeVar, cast

from lightfield import APIResponse, AsyncLightfield, Lightfield
from lightfield._operations.resource import Resource

T = TypeVar("T")

KEY = "sk_lf_sandbox"


class Connect(Protocol):
    """Make a client of the one kind or the other, and close it at the end."""

    def __call__(self, base_url: str | None, /, **options: Any) -> AbstractAsyncContextManager[AsyncLightfield]: ...


@asynccontextmanager
async def awaited(
    base_url: str | None, /, api_key: str | None = KEY, **options: Any
) -> AsyncGenerator[AsyncLightfield]:
    async with AsyncLightfield(api_key=api_key, base_url=base_url, **options) as client:
        yield client


@asynccontextmanager
async def blocking(
    base_url: str | None, /, api_key: str | None = KEY, **options: Any
) -> AsyncGenerator[AsyncLightfield]:
    client = Lightfield(api_key=api_key, base_url=base_url, **options)
    try:
        yield cast("AsyncLightfield", Threaded(client))
    finally:
        await in_thread(client.close)


async def in_thread(call: Callable[[], T]) -> T:
    """Run a blocking call on a daemon thread, which cannot hold up the end of a test that failed."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(act: Callable[[Any], None], outcome: object) -> None:
        if not done.done():
            act(outcome)

    def run() -> None:
        act: Callable[[Any], None] = done.set_result
        outcome: object
        try:
            outcome = call()
        except BaseException as error:  # noqa: BLE001
            act, outcome = done.set_exception, error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, act, outcome)

    threading.Thread(target=run, daemon=True).start()
    return await done


async def until(condition: Callable[[], bool], patience: float = 10.0) -> None:
    """Let the loop turn until something is so."""
    async with asyncio.timeout(patience):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.001)


class Threaded:
    """A blocking client, one of its resources, or an undecoded response."""

    def __init__(self, target: object) -> None:
        self._target = target

    def __repr__(self) -> str:
        return repr(self._target)

    def __getattr__(self, name: str) -> Any:
        value: Any = getattr(self._target, name)
        if name in {"with_options", "copy", "of"}:
            return partial(_threaded, value)
        if name == "is_closed":
            return value
        if name != "plan" and isinstance(value, Resource):
            return Threaded(cast("object", value))
        return partial(_Pending, value) if callable(value) else value


def _threaded(make: Callable[..., object], *args: Any, **options: Any) -> Threaded:
    return Threaded(make(*args, **options))


class _Pending:
    """A blocking call that waits to be awaited, or to be iterated."""

    def __init__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self._call = partial(function, *args, **kwargs)

    def __await__(self) -> Generator[Any, None, Any]:
        result = yield from in_thread(self._call).__await__()
        return Threaded(result) if isinstance(result, APIResponse) else result  # pyright: ignore[reportUnknownArgumentType]

    async def __aenter__(self) -> Any:
        self._manager: AbstractContextManager[Any] = self._call()
        return Threaded(await in_thread(self._manager.__enter__))

    async def __aexit__(self, *error: object) -> None:
        leave: Callable[..., object] = self._manager.__exit__
        await in_thread(partial(leave, *error))

    async def __aiter__(self) -> AsyncIterator[Any]:
        end = object()
        results = self._call()
        loop, pool = asyncio.get_running_loop(), ThreadPoolExecutor(1)
        try:
            while (result := await loop.run_in_executor(pool, next, results, end)) is not end:
                yield result
        finally:
            pool.shutdown(wait=False)
