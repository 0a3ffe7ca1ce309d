"""The destination of a download, written on threads, since any use of a file may block for ever."""

import asyncio
import io
import threading
from collections.abc import Callable
from functools import partial

from lightfield._aio.threads import in_thread
from lightfield.errors import LightfieldUsageError

from .destination import Destination, Downloadable, open_destination
from .given import explained

_READER_INTERVAL = 0.05
"""Seconds between looks for the reader of a pipe. A thread that waits for one would take it away from a later call."""


class DownloadTarget:
    """What a download is written to: a path, at which the file appears only when it is complete, or an open file."""

    def __init__(self, to: Downloadable) -> None:
        self.in_memory = isinstance(to, io.BytesIO)
        self._to = to
        self._destination: Destination | None = None
        self._lock = threading.Lock()
        self._used = self._discarded = False

    async def open(self) -> None:
        """Open it, before anything is sent.

        Raises:
            LightfieldTypeError: It is neither a path nor a binary file.
            LightfieldValueError: It cannot be written.
        """
        await self._use(self._open)
        while self._destination is None and not self._discarded:
            await asyncio.sleep(_READER_INTERVAL)
            await self._use(self._open)

    def _open(self) -> None:
        self._destination = open_destination(self._to)

    async def start(self) -> None:
        """Get ready for the first byte, also after a failed attempt.

        Raises:
            LightfieldValueError: It cannot be written, or not a second time.
        """
        await self._use(self._opened.rewind)

    async def write(self, chunk: bytes) -> None:
        """Write the next bytes.

        Raises:
            LightfieldValueError: They cannot be written.
        """
        await self._use(partial(self._opened.write, chunk))

    async def finish(self) -> None:
        """Move the complete file to its path; flush an open file.

        Raises:
            LightfieldValueError: That is not possible.
        """
        await self._use(self._finish)

    def _finish(self) -> None:
        self._opened.finish()
        self._destination = None

    async def discard(self) -> None:
        """Release it, and remove an incomplete file. A thread that still uses it does that as soon as it can."""
        with self._lock:
            self._discarded = True
            destination = None if self._used else self._destination
        if destination is None:
            return
        try:
            async with asyncio.timeout(0):  # a thread is waited for a moment nevertheless
                await in_thread(destination.discard)
        except TimeoutError:
            pass
        except LightfieldUsageError:  # no thread can be started
            destination.discard()

    @property
    def _opened(self) -> Destination:
        assert self._destination is not None  # noqa: S101
        return self._destination

    async def _use(self, act: Callable[[], object]) -> None:
        await in_thread(partial(self._act, act))

    def _act(self, act: Callable[[], object]) -> None:
        with self._lock:
            if self._discarded:  # before the thread began
                return
            self._used = True
        try:
            with explained("The download cannot be written"):
                act()
        finally:
            with self._lock:
                self._used = False
                discarded = self._discarded
            if discarded and self._destination is not None:
                self._destination.discard()
