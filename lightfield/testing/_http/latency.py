"""Simulated latency of responses."""

from random import Random

MAX_LATENCY = 1_000_000


class Latency:
    """A fixed number of seconds, or a range from which each response draws."""

    def __init__(self, seconds: float | tuple[float, float], rng: Random) -> None:
        pair = seconds if isinstance(seconds, tuple) else (seconds, seconds)
        if not all(type(each) in {int, float} for each in pair):
            raise TypeError("latency must be a number of seconds, or a (minimum, maximum) pair")
        if len(pair) != 2 or not 0 <= pair[0] <= pair[1] <= MAX_LATENCY:
            raise ValueError(f"latency must be seconds >= 0, or a (minimum, maximum) pair; at most {MAX_LATENCY:,}")
        self._minimum, self._maximum = pair
        self._rng = rng

    def draw(self) -> float:
        """Return the latency of the next response in seconds."""
        if self._minimum == self._maximum:
            return self._minimum
        return self._rng.uniform(self._minimum, self._maximum)
