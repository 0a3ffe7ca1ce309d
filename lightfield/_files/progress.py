"""The progress of a transfer, and its time limits."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import msgspec

from lightfield._aio.caught import Caught
from lightfield._aio.loop import running_loop
from lightfield._aio.timeouts import with_timeout
from lightfield._config.checks import checked_hook, checked_seconds
from lightfield.errors import APITimeoutError, LightfieldError

T = TypeVar("T")

IDLE_TIMEOUT = 60.0
"""Seconds in which at least one byte must be transferred."""

RESPONSE_TIMEOUT = 300.0
"""The same once all bytes are handed over: some are still in buffers, and the storage has to respond."""


class Transfer(msgspec.Struct, frozen=True):
    """How far a transfer has come."""

    __module__ = "lightfield"
    done: int
    """Bytes transferred by the current attempt."""

    total: int | None
    """Bytes in all, if known."""


TransferHook = Callable[[Transfer], object]
"""Called on the client's event loop after each chunk."""


async def within_deadline(action: Awaitable[T], deadline: float | None, what: str) -> T:
    """Await a transfer, with the requests around it, until its deadline.

    Raises:
        APITimeoutError: The deadline has passed.
    """

    def on_timeout() -> APITimeoutError:
        error = APITimeoutError(f"The {what} did not end in {deadline:g} s.")
        error.deadline_exceeded = True
        return error

    return await with_timeout(action, deadline, on_timeout)


def check(hook: TransferHook | None, deadline: float | None) -> None:
    """Check the options of a transfer, and that it is awaited on asyncio.

    Raises:
        LightfieldTypeError: The hook cannot be called, or would have to be awaited, or the deadline is not a number.
        LightfieldValueError: The deadline is not above 0.
        LightfieldUsageError: No task of asyncio is running.
    """
    running_loop()
    checked_seconds("deadline", deadline)
    checked_hook("progress", hook)


class TransferProgress:
    """The bytes transferred by one attempt: reported to the hook, each putting off the idle timeout."""

    def __init__(self, hook: TransferHook | None, total: int | None) -> None:
        self._hook = hook
        self.done = 0
        self.total = total
        self.timeout = IDLE_TIMEOUT
        self.idle: asyncio.Timeout | None = None
        self.fault = Caught()
        """What failed on our side: aiohttp wraps it, and adds frames that hold the signed address."""

    def add(self, number: int) -> None:
        """Count some more bytes."""
        self.done += number
        self.timeout = RESPONSE_TIMEOUT if self.done == self.total else IDLE_TIMEOUT
        if self.idle is not None:
            with suppress(RuntimeError):  # it has ended: the response arrived before the last byte was sent
                self.idle.reschedule(asyncio.get_running_loop().time() + self.timeout)
        if self._hook is not None:
            try:
                self._hook(Transfer(self.done, self.total))
            except Exception as error:  # noqa: BLE001 # raised when the attempt has ended
                self.fault.error = error
        if self.fault.error is not None:
            raise LightfieldError("The progress hook failed.")
