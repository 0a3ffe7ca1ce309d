"""How long does an answer take?"""

from random import Random


class Latency:
    """A fixed number of seconds, or a range of which each answer draws its own."""

    def __init__(self, seconds: float | tuple[float, float], rng: Random) -> None:
        self._shortest, self._longest = seconds if isinstance(seconds, tuple) else (seconds, seconds)
        if not 0 <= self._shortest <= self._longest < float("inf"):
            raise ValueError(f"latency must be seconds >= 0, or a (shortest, longest) pair of them; got {seconds}")
        self._rng = rng

    def draw(self) -> float:
        """Return the seconds of the next answer."""
        if self._shortest == self._longest:
            return self._shortest
        return self._rng.uniform(self._shortest, self._longest)
