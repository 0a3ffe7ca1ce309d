"""Simulated latency of responses."""

from random import Random


class Latency:
    """A fixed number of seconds, or a range from which each response draws."""

    def __init__(self, seconds: float | tuple[float, float], rng: Random) -> None:
        self._minimum, self._maximum = seconds if isinstance(seconds, tuple) else (seconds, seconds)
        if not 0 <= self._minimum <= self._maximum < float("inf"):
            raise ValueError(f"latency must be seconds >= 0, or a (minimum, maximum) pair; got {seconds}")
        self._rng = rng

    def draw(self) -> float:
        """Return the latency of the next response in seconds."""
        if self._minimum == self._maximum:
            return self._minimum
        return self._rng.uniform(self._minimum, self._maximum)
