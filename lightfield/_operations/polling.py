"""How is the end of background work awaited, without asking too often or for ever?"""

from collections.abc import Awaitable, Callable, Collection
from typing import Any, Protocol, TypeVar

from lightfield._aio.timeouts import with_timeout
from lightfield._config.config import checked_seconds
from lightfield.errors import LightfieldTypeError, WaitTimeoutError

FINISHED = frozenset(
    {
        "aborted",
        "canceled",
        "cancelled",
        "complete",
        "completed",
        "done",
        "error",
        "errored",
        "expired",
        "failed",
        "finished",
        "skipped",
        "stopped",
        "succeeded",
        "success",
        "timed_out",
    },
)
"""Statuses after which nothing more happens, in lower case. The API documents some; a word not among them goes on."""

DEADLINE = 600.0
_FIRST_PAUSE = 0.5
_MAX_PAUSE = 5.0
_GROWTH = 1.5


class Running(Protocol):
    """A document with a status."""

    @property
    def status(self) -> str:
        """How far the work has come."""
        ...


S = TypeVar("S", bound=Running)


async def poll_until_done(
    fetch: Callable[[], Awaitable[S]],
    pause: Callable[[float], Awaitable[Any]],
    deadline: float | None,
    ends: Collection[str] = FINISHED,
) -> S:
    """Ask again, after growing pauses of up to 5 seconds, until the status is an end.

    Raises:
        WaitTimeoutError: It was none in ``deadline`` seconds. The error holds what was last seen.
    """
    checked_seconds("deadline", deadline)
    words = _folded(ends)
    last: S | None = None

    async def ask() -> S:
        nonlocal last
        wait = _FIRST_PAUSE
        while True:
            last = await fetch()
            if last.status.casefold() in words:
                return last
            await pause(wait)
            wait = min(wait * _GROWTH, _MAX_PAUSE)

    def on_timeout() -> WaitTimeoutError:
        seen = "nothing was seen of it" if last is None else f"the last status was {last.status!a:.40}"
        return WaitTimeoutError(f"Not finished in {deadline:g} s; {seen}.", last)

    return await with_timeout(ask(), deadline, on_timeout)


def _folded(ends: Collection[str]) -> frozenset[str]:
    if isinstance(ends, str) or not isinstance(ends, Collection) or not all(isinstance(word, str) for word in ends):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise LightfieldTypeError("ends must be a collection of statuses.")
    return frozenset(word.casefold() for word in ends)
