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
        self.is_reserve: bool = True
        """Set to False where slots are not taken evenly at the limit: what remains may be needed."""

        self.may_be_spent: bool = True
        """Whether the rate may be raised for a reserve."""

        self._second = 0
        self._minimum = 0
        self._earlier_minima: deque[int] = deque(maxlen=2)

    def observe(self, now: float, count: int) -> None:
        """Record what remains."""
        second = int(now)
        if not self.is_reserve or second not in {self._second, self._second + 1}:
            self._earlier_minima.clear()
            self.is_reserve = True
        if second == self._second + 1:
            self._earlier_minima.append(self._minimum)
        if second != self._second:
            self._second, self._minimum = second, count
        self.count, self._minimum = count, min(self._minimum, count)

    def rate_factor(self, limit: float, rate: float) -> float:
        """Return the factor by which what remains raises or lowers a rate."""
        if self.count is None:
            return 1.0
        scarce = _SCARCE * limit
        if self.count < scarce:
            return 1.0 - _SCARCE_DECREASE * (1 - self.count / scarce)
        earlier, known = self._earlier_minima, self.is_reserve and self.may_be_spent
        reserve = min(self._minimum, *earlier) if known and len(earlier) == earlier.maxlen else 0
        return _RESERVE_INCREASE if reserve > _RESERVE * limit and rate >= limit else 1.0
