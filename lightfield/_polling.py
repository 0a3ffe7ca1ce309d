"""How is the end of background work awaited, without asking too often or for ever?"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Protocol, TypeVar

from ._config import checked_seconds
from .errors import LightfieldTypeError, WaitTimeoutError

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
_LONGEST_PAUSE = 5.0
_GROWTH = 1.5


class Running(Protocol):
    """A document with a status."""

    @property
    def status(self) -> str:
        """How far the work has come."""
        ...


S = TypeVar("S", bound=Running)


async def finished(
    fetch: Callable[[], Awaitable[S]],
    pause: Callable[[float], Awaitable[Any]],
    deadline: float | None,
    ends: Collection[str] = FINISHED,
) -> S:
    """Ask again, after growing pauses of up to 5 seconds, until the status is an end.

    Raises:
        WaitTimeoutError: It was none in ``deadline`` seconds. The error holds what was last seen.
    """
    limit = asyncio.timeout(checked_seconds("deadline", deadline))
    seen: deque[S] = deque(maxlen=1)
    try:
        async with limit:
            return await _end(fetch, pause, _folded(ends), seen)
    except TimeoutError:
        if not limit.expired():
            raise
    last = seen[0] if seen else None
    what = f"the last status was {last.status!a:.40}" if last else "nothing was seen of it"
    raise WaitTimeoutError(f"Not finished in {deadline:g} s; {what}.", last)


async def _end(
    fetch: Callable[[], Awaitable[S]],
    pause: Callable[[float], Awaitable[Any]],
    ends: frozenset[str],
    seen: deque[S],
) -> S:
    wait = _FIRST_PAUSE
    while True:
        found = await fetch()
        if found.status.casefold() in ends:
            return found
        seen.append(found)
        await pause(wait)
        wait = min(wait * _GROWTH, _LONGEST_PAUSE)


def _folded(ends: Collection[str]) -> frozenset[str]:
    if isinstance(ends, str) or not isinstance(ends, Collection) or not all(isinstance(word, str) for word in ends):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise LightfieldTypeError("ends must be a collection of statuses.")
    return frozenset(word.casefold() for word in ends)
