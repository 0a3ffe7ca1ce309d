"""One event loop on one daemon thread, and the way into it from everywhere else.

The blocking client lives on a portal: whoever calls ``call`` sleeps until the coroutine has run on the portal's loop.
It works from any thread, also where another loop runs (a notebook). From its own thread it would wait for itself, so
that is refused. An interrupted call (Ctrl-C) cancels its coroutine before it returns. The thread starts with the first
call and ends with ``close``, with the last reference to the portal, or with the interpreter.
"""

import asyncio
import threading
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import suppress
from typing import Any, Generic, TypeVar

from lightfield.errors import ClientClosedError, LightfieldError, LightfieldUsageError

from .batches import BatchedIterator
from .fork import reset_after_fork

T = TypeVar("T")

CLOSE_TIMEOUT = 1.0
"""Seconds that closing may take."""

CANCEL_TIMEOUT = 0.4
"""Seconds that cancelling an interrupted call may take."""


class Portal:
    """One event loop on one daemon thread."""

    def __init__(
        self,
        name: str,
        on_close: Callable[[], Coroutine[Any, Any, object]],
        new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
    ) -> None:
        self._name = name
        self._on_close = on_close
        self._new_loop = new_loop
        self._lock = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: weakref.finalize[..., Portal] | None = None
        self._closed = False
        _portals.add(self)

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and give its result.

        Raises:
            LightfieldUsageError: Called from the portal's own thread.
            ClientClosedError: The portal is closed, or was closed during the call.
            SystemExit: The interpreter ends, and does not wait for this thread: it ends without a word.
        """
        try:
            return self._wait(coroutine)
        except LightfieldError:
            if self._left_by_the_interpreter() and threading.current_thread().daemon:
                raise SystemExit from None
            raise

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        call = PortalCall(coroutine)
        try:
            self._submit(call)
            call.over.acquire()
        except BaseException:
            call.abandon()
            raise
        try:
            return call.result()
        finally:
            del call

    def iterate(self, results: AsyncGenerator[T, None]) -> Generator[T, None, None]:
        """Iterate an asynchronous iterator, one hop to the loop for every batch that is ready."""
        pump = BatchedIterator(results)
        try:
            while batch := self.call(pump.take()):
                yield from batch
        finally:
            if threading.current_thread() is self._thread:  # the garbage collector runs where it likes
                pump.cancel()
            else:
                with suppress(ClientClosedError):
                    self.call(pump.stop())

    def close(self) -> None:
        """Say farewell on the loop, stop it and join its thread. Idempotent; takes about a second at most."""
        with self._lock:
            self._closed = True
            stop, self._stop = self._stop, None
        if stop is not None:
            stop()

    def _submit(self, call: "PortalCall[Any]") -> None:
        if threading.current_thread() is self._thread:
            raise LightfieldUsageError(
                "A blocking call from the client's own loop thread would wait for itself for ever. "
                "Use AsyncLightfield there.",
            )
        with self._lock:  # so that nothing is handed to a loop that has been told to stop
            if self._closed:
                raise ClientClosedError("The client is closed.")
            call.loop = self._loop or self._start()
            try:
                call.loop.call_soon_threadsafe(call.start)
            except RuntimeError:  # the interpreter is on its way out and has closed the loop
                call.loop = None
                raise ClientClosedError("The client is closed.") from None

    def _left_by_the_interpreter(self) -> bool:
        return not self._closed and self._stop is not None and not self._stop.alive

    def _start(self) -> asyncio.AbstractEventLoop:
        try:
            loop = self._new_loop()
        except OSError as error:
            raise LightfieldUsageError(f"The event loop of the client cannot be made: {error}.") from None
        thread = threading.Thread(target=_run, args=(loop,), name=self._name, daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # there are too many, or the interpreter is on its way out
            loop.close()
            raise ClientClosedError(f"The thread of the client cannot be started: {error}.") from None
        self._stop = weakref.finalize(self, _stop, loop, thread, self._on_close)
        self._thread, self._loop = thread, loop
        return loop

    def reset_after_fork(self) -> None:
        """Forget the thread, which a forked process has not, and the lock, which it may hold for ever."""
        self._lock = threading.RLock()
        self._loop = self._thread = self._stop = None


_portals: weakref.WeakSet[Portal] = weakref.WeakSet()


def _begin_afresh() -> None:
    for portal in tuple(_portals):
        portal.reset_after_fork()


reset_after_fork(_begin_afresh)


class PortalCall(Generic[T]):
    """One coroutine on its way through the portal. Leaner than a concurrent future, and its end can be awaited."""

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine
        self._task: asyncio.Task[T] | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.over = threading.Lock()
        self.over.acquire()

    def start(self) -> None:
        self._task = asyncio.ensure_future(self._coroutine)
        self._task.add_done_callback(lambda _: self.over.release())

    def abandon(self) -> None:
        """Cancel it and wait until it has let go of its connection."""
        if self.loop is None:
            self._coroutine.close()
            return
        gone = threading.Lock()  # not `over`, which may have been acquired just before the interrupt
        gone.acquire()
        with suppress(RuntimeError):  # the loop is closed: it is over already
            self.loop.call_soon_threadsafe(self._cancel, gone)
            gone.acquire(timeout=CANCEL_TIMEOUT)

    def _cancel(self, gone: threading.Lock) -> None:
        if self._task is None:  # interrupted before it was handed over
            self._coroutine.close()
            gone.release()
            return
        self._task.add_done_callback(lambda _: gone.release())
        self._task.cancel()

    def result(self) -> T:
        task, self._task = self._task, None
        if task is None or task.cancelled():
            raise ClientClosedError("The client was closed during the call.")
        try:
            return task.result()
        finally:
            del task  # an exception's traceback would hold it, and it the exception


def _interrupted(loop: asyncio.AbstractEventLoop) -> bool:
    """Run until stopped; an exit or interrupt that a callback raised is its caller's, who gets it from the task."""
    try:
        loop.run_forever()
    except (SystemExit, KeyboardInterrupt):
        return True
    return False


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        while _interrupted(loop):
            pass
    finally:
        loop.run_until_complete(_cancel_rest())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _cancel_rest() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


def _stop(
    loop: asyncio.AbstractEventLoop,
    thread: threading.Thread,
    on_close: Callable[[], Coroutine[Any, Any, object]],
) -> None:
    async def leave() -> None:
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await on_close()
        except TimeoutError:
            pass
        finally:
            loop.stop()

    if not thread.is_alive():  # it is the parent's, of which this process was forked off
        return
    asyncio.run_coroutine_threadsafe(leave(), loop)
    if threading.current_thread() is not thread:
        thread.join(2 * CLOSE_TIMEOUT)
