"""Results of a bulk: outcomes, the collected result, and progress."""

import asyncio
from collections.abc import Callable, Sized
from typing import Generic, Self, TypeVar

import msgspec

from lightfield._aio.loop import running_loop
from lightfield.errors import LightfieldError

T = TypeVar("T")


class Outcome(msgspec.Struct, Generic[T], frozen=True):
    """The outcome of one id: a value or an error."""

    __module__ = "lightfield"
    id: str
    """The id; of a request without one, its position in the input: ``"0"``, ``"1"`` and so on."""

    value: T | None = None
    error: LightfieldError | None = None
    idempotency_key: str | None = None
    """The key of a write, for ``request.keyed(key)``, even if it was never sent because its deadline had passed.

    None for requests that take none and for invalid input.
    """


class BulkResult(msgspec.Struct, Generic[T], frozen=True):
    """The outcomes of many ids."""

    __module__ = "lightfield"
    values: list[T]
    """The values, in the order of the input; repeated for a repeated id, missing for a failed one."""

    errors: dict[str, LightfieldError]
    """The failures, by id, in the order of the input.

    If two failures have the same id, the position is added to the second: ``"0 (position 7)"``.
    """

    def raise_for_errors(self) -> Self:
        """Return the result itself if nothing failed.

        Raises:
            ExceptionGroup: Something failed. Its members are the errors, each with a note that names its id.
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
    """The progress of a bulk."""

    __module__ = "lightfield"
    done: int
    """Ids finished, failed ones included."""

    failed: int
    total: int | None
    """Ids in all, if the input has a length. Repeated ids and ids in ``done`` are subtracted when found."""

    rate: float
    """Ids finished per second so far."""

    eta: float | None
    """Estimated seconds remaining, if the total is known."""


ProgressHook = Callable[[Progress], object]
"""Called on the client's event loop after each id."""


class ProgressReporter:
    """Count outcomes and call the hook."""

    def __init__(self, source: object, hook: ProgressHook | None) -> None:
        self._hook = hook
        self._started = 0.0
        self._done = self._failed = 0
        self._total = len(source) if isinstance(source, Sized) else None

    def start(self) -> None:
        """Start measuring time."""
        self._started = running_loop().time()

    def skip(self) -> None:
        """Subtract one id from the total."""
        self._total = None if self._total is None else self._total - 1

    def count(self, outcome: Outcome[T]) -> None:
        """Count an outcome and call the hook."""
        if self._hook is None:
            return
        self._done += 1
        self._failed += outcome.error is not None
        elapsed = asyncio.get_running_loop().time() - self._started
        rate = self._done / elapsed if elapsed > 0 else 0.0
        eta = (self._total - self._done) / rate if self._total is not None and rate else None
        self._hook(Progress(self._done, self._failed, self._total, rate, eta))
