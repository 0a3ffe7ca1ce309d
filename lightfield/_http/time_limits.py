"""Time limits of attempts, which cost little as long as they are kept."""

import asyncio
import math
from typing import Any

import msgspec


class TimeLimits:
    """The time limits of one event loop. They share one timer, since nearly everything ends in time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.running: set[TimeLimit] = set()
        self._timer: asyncio.TimerHandle | None = None
        self.next: float = math.inf
        """When the timer fires."""

    def set_timer(self, at: float) -> None:
        """Have the timer fire earlier."""
        if self._timer is not None:
            self._timer.cancel()
        self.next, self._timer = at, self.loop.call_at(at, self._expire)

    def _expire(self) -> None:
        now, self.next = self.loop.time(), math.inf  # timers of uvloop may be a millisecond early
        for limit in tuple(self.running):
            if limit.at <= now:
                limit.expire()
            elif limit.at < self.next:
                self.set_timer(limit.at)


class TimeLimit(msgspec.Struct, eq=False):
    """A time limit of a ``with`` block: like ``asyncio.timeout``, which takes ten times as long."""

    limits: TimeLimits
    task: "asyncio.Task[Any]"
    """The running task. It is cancelled when the time is over; the block then raises ``TimeoutError``."""

    seconds: float | None
    """None for no limit."""

    end: float | None
    """The loop's time at which the block ends in any case; None for no such time."""

    started: float = 0.0
    at: float = math.inf
    cancelling: int = 0
    expired: bool = False

    def __enter__(self) -> None:
        limits, seconds, end = self.limits, self.seconds, self.end
        self.cancelling, self.started = self.task.cancelling(), limits.loop.time()
        if seconds is not None:
            self.at = self.started + seconds
        if end is not None and end < self.at:
            self.at = end
        limits.running.add(self)
        if self.at < limits.next:
            limits.set_timer(self.at)

    def expire(self) -> None:
        """End the block."""
        self.limits.running.discard(self)
        self.expired = True
        self.task.cancel()

    def __exit__(self, kind: type[BaseException] | None, _error: object, _trace: object) -> None:
        self.limits.running.discard(self)
        if self.expired and self.task.uncancel() <= self.cancelling and kind is asyncio.CancelledError:
            raise TimeoutError
