"""An event loop for both ends of a socket on which nobody waits: what takes time is over at once."""

import asyncio
import selectors

from tests.clock import DeadlockError

_PATIENCE = 5.0  # seconds of real time for what comes from another thread


class _Selector(selectors.DefaultSelector):
    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if not events and timeout is None:
            events = super().select(_PATIENCE)
            if not events:
                raise DeadlockError("nothing is ready and no timer is set")
        if not events and timeout is not None:
            self.now += max(timeout, 0.0)
        return events


class HastyLoop(asyncio.SelectorEventLoop):
    """Jumps to the next timer as soon as no socket has news.

    Client and server both live on it. What one of them has written is there for the other to read at once; should it
    not be, the network was slow, which no test here may mind.
    """

    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now
