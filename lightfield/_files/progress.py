"""How far has a transfer come, and may it go on?"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

import msgspec

from lightfield._aio.timeouts import with_timeout
from lightfield._config.config import checked_seconds
from lightfield.errors import APITimeoutError, LightfieldTypeError

if TYPE_CHECKING:
    from types import TracebackType


T = TypeVar("T")

STALL = 60.0
"""Seconds in which at least some bytes must move."""

TAIL = 300.0
"""The same once all bytes are handed over: some are still in buffers, and the storage has to answer."""


class Transfer(msgspec.Struct, frozen=True):
    """How far a transfer has come."""

    __module__ = "lightfield"
    done: int
    """Bytes moved; it begins anew with each attempt."""

    total: int | None
    """Bytes in all, where that is known."""


TransferHook = Callable[[Transfer], object]
"""Called on the client's event loop after each part."""


async def within_deadline(action: Awaitable[T], deadline: float | None, what: str) -> T:
    """Bound a transfer in time, with the requests around it.

    Raises:
        APITimeoutError: The deadline has passed.
    """

    def on_timeout() -> APITimeoutError:
        error = APITimeoutError(f"The {what} did not end in {deadline:g} s.")
        error.deadline_exceeded = True
        return error

    return await with_timeout(action, deadline, on_timeout)


def check(hook: TransferHook | None, deadline: float | None) -> None:
    """Check the options of a transfer.

    Raises:
        LightfieldTypeError: The hook cannot be called, or the deadline is no number.
        LightfieldValueError: The deadline is not above 0.
    """
    checked_seconds("deadline", deadline)
    if hook is not None and not callable(hook):
        raise LightfieldTypeError(f"progress must be callable, not {type(hook).__name__}.")


class TransferProgress:
    """Counts bytes, tells the hook, and puts off the stall."""

    def __init__(self, hook: TransferHook | None, total: int | None) -> None:
        self._hook = hook
        self.done = 0
        self.total = total
        self.patience = STALL
        self.stall: asyncio.Timeout | None = None
        self.fault: Exception | None = None
        """What went wrong on our side; whoever moves the bytes knows only that they ended."""

        self.trace: TracebackType | None = None
        """Where, in the hook; the frames further out hold the address."""

    def move(self, number: int) -> None:
        """Count some more bytes."""
        self.done += number
        self.patience = TAIL if self.done == self.total else STALL
        if self.stall is not None:
            with suppress(RuntimeError):  # it is over: the answer came before the last byte went
                self.stall.reschedule(asyncio.get_running_loop().time() + self.patience)
        if self._hook is not None:
            try:
                self._hook(Transfer(self.done, self.total))
            except Exception as error:
                self.fault, self.trace = error, error.__traceback__
                raise
