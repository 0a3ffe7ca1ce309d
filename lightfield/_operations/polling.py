"""Polling of background work until it is done."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any, Protocol, TypeVar

from lightfield._aio.loop import running_loop
from lightfield._aio.timeouts import with_timeout
from lightfield._config.checks import checked_seconds
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
"""Final statuses, in lower case. The API documents only some; any other status means that the work goes on."""

DEADLINE = 600.0
_FIRST_INTERVAL = 0.5
_MAX_INTERVAL = 5.0
_GROWTH = 1.5


class Running(Protocol):
    """A document with a status."""

    @property
    def status(self) -> str:
        """The status of the work."""
        ...


S = TypeVar("S", bound=Running)


async def poll_until_done(
    fetch: Callable[[], Awaitable[S]],
    sleep: Callable[[float], Awaitable[Any]],
    deadline: float | None,
    ends: Collection[str] = FINISHED,
) -> S:
    """Poll at growing intervals of up to 5 seconds until the status is final.

    Raises:
        WaitTimeoutError: It was not final in ``deadline`` seconds. The error holds the last document.
    """
    final = _checked(deadline, ends)
    last: S | None = None

    async def poll() -> S:
        nonlocal last
        interval = _FIRST_INTERVAL
        while True:
            last = await fetch()
            if last.status.casefold() in final:
                return last
            await sleep(interval)
            interval = min(interval * _GROWTH, _MAX_INTERVAL)

    def on_timeout() -> WaitTimeoutError:
        seen = "no response arrived" if last is None else f"the last status was {last.status!a:.40}"
        return WaitTimeoutError(f"Not finished in {deadline:g} s; {seen}.", last)

    return await with_timeout(poll(), deadline, on_timeout)


def _checked(deadline: float | None, ends: Collection[str]) -> frozenset[str]:
    """Check the arguments, and that they are awaited on asyncio; return the final statuses in lower case."""
    running_loop()
    checked_seconds("deadline", deadline)
    if isinstance(ends, str) or not isinstance(ends, Collection) or not all(isinstance(word, str) for word in ends):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise LightfieldTypeError("ends must be a collection of statuses.")
    return frozenset(word.casefold() for word in ends)
