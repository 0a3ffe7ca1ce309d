"""A limit on how many of something may start in a minute."""

from collections import deque

from lightfield._aio.clock import monotonic_ns

from .limits import Clock

_MINUTE = 60_000_000_000  # in nanoseconds
_SECOND = 1_000_000_000


class StartLimit:
    """Admits ``limit`` starts in any 60 seconds; ``clock`` counts nanoseconds and is monotonic."""

    def __init__(self, limit: int, clock: Clock = monotonic_ns) -> None:
        self._clock = clock
        self._starts: deque[int] = deque(maxlen=limit)

    def take(self) -> int:
        """Admit a start and return 0, or return how many seconds it has to wait, rounded up."""
        now = self._clock()
        if len(self._starts) == self._starts.maxlen and now - self._starts[0] < _MINUTE:
            return -((now - self._starts[0] - _MINUTE) // _SECOND)
        self._starts.append(now)
        return 0
