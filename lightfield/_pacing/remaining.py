"""What remains of the limit, as the server states it in ``X-RateLimit-Remaining``."""

from collections import deque

_SCARCE = 0.16  # part of the limit below which the rate is lowered
_SCARCE_DECREASE = 0.15
_RESERVE = 0.2  # part of the limit that must remain for the rate to be raised
_RESERVE_INCREASE = 1.2


class Remaining:
    """The last count, and the minimum of each of the last seconds."""

    def __init__(self) -> None:
        self.count: int | None = None
        self._second = 0
        self._minimum = 0
        self._earlier_minima: deque[int] = deque(maxlen=2)

    def observe(self, now: float, count: int) -> None:
        """Record what remains."""
        second = int(now)
        if second == self._second + 1:
            self._earlier_minima.append(self._minimum)
        elif second != self._second:
            self._earlier_minima.clear()
        if second != self._second:
            self._second, self._minimum = second, count
        self.count, self._minimum = count, min(self._minimum, count)

    def forget_minima(self) -> None:
        """Forget earlier minima: where few slots are taken, what remains is no reserve."""
        self._earlier_minima.clear()

    def rate_factor(self, limit: float, rate: float) -> float:
        """Return the factor by which what remains raises or lowers a rate."""
        if self.count is None:
            return 1.0
        scarce = _SCARCE * limit
        if self.count < scarce:
            return 1.0 - _SCARCE_DECREASE * (1 - self.count / scarce)
        earlier = self._earlier_minima
        reserve = min(self._minimum, *earlier) if len(earlier) == earlier.maxlen else 0
        return _RESERVE_INCREASE if reserve > _RESERVE * limit <= _RESERVE * rate else 1.0
