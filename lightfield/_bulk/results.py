"""What does a bulk give: an outcome for each id, a result in all, and how far it has come?"""

import asyncio
from collections.abc import Callable, Sized
from typing import Generic, Self, TypeVar

import msgspec

from lightfield.errors import LightfieldError

T = TypeVar("T")


class Outcome(msgspec.Struct, Generic[T], frozen=True):
    """What became of one id: a value or an error."""

    __module__ = "lightfield"

    id: str
    """The id; of a request without one, its position in the input: ``"0"``, ``"1"`` and so on."""

    value: T | None = None
    error: LightfieldError | None = None
    idempotency_key: str | None = None
    """The key of a write, for ``request.keyed(key)``, also of one whose time was over before it was sent.

    None for what takes none, and for what was refused before.
    """


class BulkResult(msgspec.Struct, Generic[T], frozen=True):
    """What became of many ids."""

    __module__ = "lightfield"

    values: list[T]
    """The values, in the order of the input; a repeated id has its value repeated, a failed one has none."""

    errors: dict[str, LightfieldError]
    """The failures, by id, in the order of the input.

    Where an id is taken by another failure, its position is added: ``"0 (position 7)"``.
    """

    def raise_for_errors(self) -> Self:
        """Give the result itself, if nothing failed.

        Raises:
            ExceptionGroup: Something failed. Its members are the errors; a note on each says which id it is of.
        """
        if not self.errors:
            return self
        for id, error in self.errors.items():
            note = f"id: {id}"
            if note not in getattr(error, "__notes__", ()):
                error.add_note(note)
        failed = len(self.errors)
        raise ExceptionGroup(f"{failed} of {failed + len(self.values)} failed", list(self.errors.values()))


class Progress(msgspec.Struct, frozen=True):
    """How far a bulk has come."""

    __module__ = "lightfield"

    done: int
    """Ids finished, failed ones included."""

    failed: int
    total: int | None
    """Ids in all, where the input tells. Ids that are repeated, or were done before, leave it when they are met."""

    rate: float
    """Ids finished per second so far."""

    eta: float | None
    """Seconds still to go, where the total is known."""


ProgressHook = Callable[[Progress], object]
"""Called on the client's event loop after each id."""


class ProgressReporter:
    """Counts outcomes and tells the hook."""

    def __init__(self, source: object, hook: ProgressHook | None) -> None:
        self._hook = hook
        self._started = 0.0
        self._done = self._failed = 0
        self._total = len(source) if isinstance(source, Sized) else None

    def start(self) -> None:
        """Begin to measure time."""
        self._started = asyncio.get_running_loop().time()

    def skip(self) -> None:
        """Leave one id out of the total."""
        self._total = None if self._total is None else self._total - 1

    def count(self, outcome: Outcome[T]) -> None:
        """Count an outcome and tell the hook."""
        if self._hook is None:
            return
        self._done += 1
        self._failed += outcome.error is not None
        elapsed = asyncio.get_running_loop().time() - self._started
        rate = self._done / elapsed if elapsed > 0 else 0.0
        eta = (self._total - self._done) / rate if self._total is not None and rate else None
        self._hook(Progress(self._done, self._failed, self._total, rate, eta))
