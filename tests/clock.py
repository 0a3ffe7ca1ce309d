"""An event loop with a virtual clock: where only timers are left to wait for, time jumps to the next one.

``run(coroutine)`` is ``asyncio.run`` on such a loop: hours of pacing and retrying pass in milliseconds, and always in
the same way. A wait that nothing can end is reported at once instead of hanging.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

START = 1_000.0


class DeadlockError(AssertionError):
    """Every task waits, and no timer is set that could wake one."""


class _JumpingSelector(selectors.SelectSelector):
    now = START

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if not events:
            if timeout is None:
                raise DeadlockError("nothing is ready and no timer is set")
            self.now += max(timeout, 0.0)
        return events


class VirtualClockLoop(asyncio.SelectorEventLoop):
    """An event loop that skips the time in which nothing happens."""

    def __init__(self) -> None:
        self._clock = _JumpingSelector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now

    def stall(self, seconds: float) -> None:
        """Let time pass in which the loop runs nothing, as if it were busy."""
        self._clock.now += seconds


def stall(seconds: float) -> None:
    """Keep the running loop busy."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualClockLoop)
    loop.stall(seconds)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a virtual clock that begins at ``START``."""
    with asyncio.Runner(loop_factory=VirtualClockLoop) as runner:
        return runner.run(coroutine)
