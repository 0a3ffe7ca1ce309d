"""A portal: one event loop on one daemon thread, which runs coroutines for all other threads.

A blocking client has one. ``call`` blocks until a coroutine has run on the portal's loop. It works from any thread,
even one that runs another loop (a notebook); from the portal's own thread it would deadlock, and is refused. An
interrupted call (Ctrl-C) cancels its coroutine before it returns. The thread starts with the first call and ends with
``close``, with the last reference to the portal, or with the interpreter.
"""

import asyncio
import threading
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import suppress
from typing import Any, Generic, TypeVar

from lightfield.errors import ClientClosedError, LightfieldError, LightfieldUsageError

from .batches import BatchedIterator
from .caught import Caught
from .clock import on_real_time
from .fork import register_fork_reset
from .tasks import start_now

T = TypeVar("T")

CLOSE_TIMEOUT = 1.0
"""Seconds that ``on_close`` may take."""

CANCEL_TIMEOUT = 0.4
"""Seconds to wait until an interrupted call is cancelled."""

SIGNAL_INTERVAL = 0.1
"""Seconds between checks for a signal. One that arrives just before a wait begins, or that another thread receives,
does not end the wait; on Windows none does."""


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
        self.closed = False  # whether ``close`` was called
        _portals.add(self)

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and return its result.

        Raises:
            LightfieldUsageError: Called from the portal's own thread.
            ClientClosedError: The portal is closed, or was closed during the call.
            SystemExit: The interpreter ends without waiting for this thread, which ends silently.
        """
        try:
            return self._wait(coroutine)
        except LightfieldError:
            if self._stopped_at_exit() and threading.current_thread().daemon:
                raise SystemExit from None
            raise

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        call = PortalCall(coroutine)
        try:
            self._submit(call)
            while not call.done.acquire(timeout=SIGNAL_INTERVAL):
                pass  # Python handles signals here
        except BaseException:
            call.cancel()
            raise
        return call.result()

    def iterate(self, results: AsyncGenerator[T, None]) -> Generator[T, None, None]:
        """Iterate an asynchronous iterator, with one hop to the loop for each batch that is ready."""
        batches = BatchedIterator(results)
        try:
            while batch := self.call(batches.take()):
                yield from batch
        finally:
            if threading.current_thread() is self._thread:  # the garbage collector may run on any thread
                batches.cancel()
            else:
                with suppress(ClientClosedError):
                    self.call(batches.stop())

    def close(self) -> None:
        """Run ``on_close`` on the loop, stop it and join its thread. Idempotent; takes about a second at most."""
        with self._lock:
            self.closed = True
            stop, self._stop = self._stop, None
        if stop is not None:
            stop()

    def _submit(self, call: "PortalCall[Any]") -> None:
        if threading.current_thread() is self._thread:
            raise LightfieldUsageError(
                "A blocking call from the client's own loop thread would deadlock. Use AsyncLightfield there.",
            )
        with self._lock:  # nothing is handed to a loop that is stopping
            if self.closed:
                raise ClientClosedError("The client is closed.")
            call.loop = self._loop or self._start()
            try:
                call.loop.call_soon_threadsafe(call.start)
            except RuntimeError:  # the interpreter shuts down and has closed the loop
                call.loop = None
                raise ClientClosedError("The client is closed.") from None

    def _stopped_at_exit(self) -> bool:
        return not self.closed and self._stop is not None and not self._stop.alive

    def _start(self) -> asyncio.AbstractEventLoop:
        try:
            loop = on_real_time(self._new_loop())
        except OSError as error:
            raise LightfieldUsageError(f"The event loop of the client cannot be created: {error}.") from None
        thread = threading.Thread(target=_run, args=(loop,), name=self._name, daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # too many threads, or the interpreter shuts down
            loop.close()
            raise ClientClosedError(f"The thread of the client cannot be started: {error}.") from None
        self._stop = weakref.finalize(self, _stop, loop, thread, self._on_close)
        self._thread, self._loop = thread, loop
        return loop

    def reset_after_fork(self) -> None:
        """Forget the thread, which a forked process does not have, and the lock, which nobody there may release."""
        self._lock = threading.RLock()
        self._loop = self._thread = self._stop = None


_portals: weakref.WeakSet[Portal] = weakref.WeakSet()


def _reset_portals() -> None:
    for portal in tuple(_portals):
        portal.reset_after_fork()


register_fork_reset(_reset_portals)


class PortalCall(Generic[T]):
    """One coroutine that is run by a portal. Lighter than a concurrent future, and its cancellation can be awaited."""

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine
        self._task: asyncio.Task[None] | None = None
        self._result: T
        self._caught: Caught | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.done = threading.Lock()
        self.done.acquire()

    def start(self) -> None:
        self._task = start_now(self._run(), asyncio.get_running_loop())

    async def _run(self) -> None:
        try:
            self._result = await self._coroutine
        except BaseException as error:  # noqa: BLE001 # raised by ``result``
            self._caught = Caught(error)
        self.done.release()  # sooner than a callback of the task

    def cancel(self) -> None:
        """Cancel the coroutine and wait until it has released its connection."""
        if self.loop is None:
            self._coroutine.close()
            return
        cancelled = threading.Lock()  # not `done`, which may have been acquired just before the interrupt
        cancelled.acquire()
        with suppress(RuntimeError):  # the loop is closed, and the coroutine has ended
            self.loop.call_soon_threadsafe(self._cancel, cancelled)
            cancelled.acquire(timeout=CANCEL_TIMEOUT)

    def _cancel(self, cancelled: threading.Lock) -> None:
        def end(_: object) -> None:
            self._coroutine.close()  # it may not have begun
            cancelled.release()

        if self._task is None:  # interrupted before it was handed over
            end(None)
            return
        self._task.add_done_callback(end)
        self._task.cancel()

    def result(self) -> T:
        if self._caught is None:
            return self._result
        if isinstance(self._caught.error, asyncio.CancelledError):
            raise ClientClosedError("The client was closed during the call.")
        raise self._caught.take()


def _run_until_stopped(loop: asyncio.AbstractEventLoop) -> bool:
    """Run a loop until it is stopped, or until an exit or interrupt in a task, whose caller gets it too."""
    try:
        loop.run_forever()
    except (SystemExit, KeyboardInterrupt):
        return True
    return False


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        while _run_until_stopped(loop):
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
    async def close() -> None:
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await on_close()
        except TimeoutError:
            pass
        finally:
            loop.stop()

    if not thread.is_alive():  # it belongs to the parent of this forked process
        return
    asyncio.run_coroutine_threadsafe(close(), loop)
    if threading.current_thread() is not thread:
        thread.join(2 * CLOSE_TIMEOUT)
