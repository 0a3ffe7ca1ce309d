"""Draws that follow from a seed and a position alone.

A draw has 64 dice. Each value uses dice of its own, so that it can be drawn without the others.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple, TypeVar

T = TypeVar("T")

_EPOCH = datetime(2026, 1, 5, 8)  # noqa: DTZ001 - UTC, and faster without saying so
_HOUR, _DAY = 3_600, 86_400
_JITTER = slice(0, 3)


class Draw(NamedTuple):
    """The draw of one position."""

    position: int
    dice: bytes

    def choice(self, die: int, choices: Sequence[T]) -> T:
        """Return one of some choices."""
        return choices[self.dice[die] % len(choices)]

    def maybe(self, die: int, percent: int, value: T) -> T | None:
        """Return a value in so many percent of all draws, and None in the others."""
        return value if self.dice[die] * 100 < percent * 256 else None

    def number(self, dice: slice, limit: int) -> int:
        """Return a number below a limit."""
        return int.from_bytes(self.dice[dice], "big") % limit

    def created(self) -> datetime:
        """Return a time less than an hour after that of the position; it is in UTC."""
        return _EPOCH + timedelta(hours=self.position, milliseconds=self.number(_JITTER, _HOUR * 1_000))

    def later(self, dice: slice, days: int) -> datetime:
        """Return a time from one hour to some days after the creation; it is in UTC."""
        return self.created() + timedelta(seconds=_HOUR + self.number(dice, days * _DAY - _HOUR))


def drawing(seed: int) -> Callable[[int], Draw]:
    """Return the function that draws for a position."""
    prefix = f"{seed} ".encode()
    return lambda position: Draw(position, blake2b(b"%b%d" % (prefix, position)).digest())
