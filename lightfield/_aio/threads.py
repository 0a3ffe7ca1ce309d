"""Blocking work, such as reading a file or looking up a name, on daemon threads, each of which does one thing.

Not on the threads of the event loop: those are few, so that work that hangs would hold up all other, and the ends of
the loop and of the interpreter wait for them.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import Generic, TypeAlias, TypeVar

from lightfield.errors import LightfieldUsageError

from .caught import Caught
from .fork import register_fork_reset
from .loop import running_loop

T = TypeVar("T")

CANCEL_TIMEOUT = 0.1
"""Seconds that a cancellation waits for a thread: one that writes to a pipe nobody reads may never end."""

IDLE_TIMEOUT = 1.0
"""Seconds after which a thread without work ends."""


async def in_thread(
    act: Callable[[], T], undo: Callable[[T], object] | None = None, *, patience: float = CANCEL_TIMEOUT
) -> T:
    """Call a function on a thread.

    A thread cannot be cancelled: a cancellation waits for it, for ``patience`` seconds at most. When it ends, ``undo``
    is called with its result, also if that is later, or after the end of the event loop.

    Raises:
        LightfieldUsageError: No thread can be started: there are too many, or the interpreter shuts down; or no task of
            asyncio is running.
    """
    work = _start(act, undo)
    try:
        await asyncio.shield(work.ended)
    except asyncio.CancelledError:
        ended = work.ended
        if work.cancel() and undo is not None:  # it has just ended, with nothing undone
            with suppress(LightfieldUsageError):
                ended = _start(work.undo).ended
        await asyncio.wait([ended], timeout=patience)
        raise
    return work.take()


class _Work(Generic[T]):
    """A call on a thread."""

    _result: T

    def __init__(self, act: Callable[[], T], undo: Callable[[T], object] | None) -> None:
        self._act, self._undo, self._context = act, undo, copy_context()
        self._loop = running_loop()
        self._lock = threading.Lock()
        self._returned = self._cancelled = False
        self._error = Caught()
        self.ended = self._loop.create_future()
        """Done when the thread has nothing more to do."""

    def run(self) -> None:
        try:
            self._result = self._context.run(self._act)
        except BaseException as error:  # noqa: BLE001 # raised by ``take``
            self._error.error = error
        with self._lock:
            self._returned, cancelled = True, self._cancelled
        if cancelled:
            self.undo()
        try:
            self._loop.call_soon_threadsafe(self.ended.set_result, None)
        except RuntimeError:  # the event loop is closed
            if not cancelled:
                self.undo()

    def undo(self) -> None:
        """Undo what was done."""
        if self._undo is not None and self._error.error is None:
            with suppress(Exception):
                self._undo(self._result)

    def cancel(self) -> bool:
        """Have the thread undo its work, and return whether that comes too late."""
        with self._lock:
            self._cancelled = True
            return self._returned

    def take(self) -> T:
        """Return or raise the outcome."""
        if self._error.error is not None:
            raise self._error.take()
        return self._result


def _start(act: Callable[[], T], undo: Callable[[T], object] | None = None) -> _Work[T]:
    work = _Work(act, undo)
    try:
        jobs = _idle.pop()
    except IndexError:
        jobs = _start_thread()
    jobs.put(work.run)
    return work


_Jobs: TypeAlias = "SimpleQueue[Callable[[], None]]"

_idle: list[_Jobs] = []
"""The queues of the threads that have no work."""

register_fork_reset(_idle.clear)


def _start_thread() -> _Jobs:
    jobs: _Jobs = SimpleQueue()
    try:
        threading.Thread(target=_work, args=(jobs,), name="lightfield-blocking", daemon=True).start()
    except RuntimeError as error:
        raise LightfieldUsageError(f"No thread can be started for blocking work: {error}.") from None
    return jobs


def _work(jobs: _Jobs) -> None:
    while True:
        try:
            jobs.get(timeout=IDLE_TIMEOUT)()
        except Empty:
            with suppress(ValueError):  # it has just been given work
                _idle.remove(jobs)
                return
        else:
            _idle.append(jobs)
