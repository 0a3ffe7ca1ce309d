"""Faults on demand: which requests fail, and how."""

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from random import Random
from types import TracebackType
from typing import Self, TypeAlias, Unpack

from lightfield.testing._names import check_name

from .failures import Failure, FailureOptions, Way
from .recorder import RecordedRequest

Choice: TypeAlias = Callable[[RecordedRequest], Failure | None]
Condition: TypeAlias = Callable[[RecordedRequest], object]
Kind: TypeAlias = int | Way

EVERY = "*"
CURABLE: tuple[Kind, ...] = (429, 500, 502, 503, 504, "reset", "truncate")
"""Failures after which a request can be sent again."""


class FaultOptions(FailureOptions, total=False):
    """The options of ``Sandbox.fail``."""

    times: int | None
    after: int
    only: Condition | None


class Fault:
    """A fault that was set up, until it is cancelled; as a context manager, until the block ends.

    Attributes:
        hits: The number of requests that have failed so.
    """

    __module__ = "lightfield.testing"

    def __init__(self, choose: Choice, end: Callable[["Fault"], None], times: int | None = None) -> None:
        self.hits: int = 0
        self._choose = choose
        self._end = end
        self._times = times

    def __repr__(self) -> str:
        return f"<Fault {self._choose}: {self.hits} of {self._times or 'any number of'} hits>"

    def cancel(self) -> None:
        """End the fault; idempotent."""
        self._end(self)

    def strike(self, request: RecordedRequest) -> Failure | None:
        """Return what is to happen to a request; None if this fault lets it pass."""
        failure = self._choose(request)
        if failure is not None:
            self.hits += 1
            if self.hits == self._times:
                self.cancel()
        return failure

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.cancel()


class _Chosen:
    """Chooses the requests of one operation, but for the first ones."""

    def __init__(self, operation: str, failure: Failure, after: int, only: Condition | None) -> None:
        if type(after) is not int or after < 0:
            raise ValueError(f"after must be an int, at least 0; got {after!r}")
        if only is not None and not callable(only):
            raise TypeError(f"only must be a function that takes a request, not {type(only).__name__}")
        self._operation = operation
        self._failure = failure
        self._after = after
        self._only = only

    def __str__(self) -> str:
        return f"{self._operation}, {self._failure.status or self._failure.with_}"

    def __call__(self, request: RecordedRequest) -> Failure | None:
        if self._operation not in {EVERY, request.operation} or (self._only and not self._only(request)):
            return None
        if self._after:
            self._after -= 1
            return None
        return self._failure


class _Chance:
    """Chooses requests at random, the same ones for the same seed."""

    def __init__(self, rate: float, seed: int, kinds: Iterable[Kind]) -> None:
        if not 0 <= rate <= 1:
            raise ValueError(f"rate must be from 0 to 1; got {rate}")
        self._rate = rate
        self._rng = Random(seed)  # noqa: S311
        self._failures = [_variants(kind) for kind in kinds]
        if not self._failures:
            raise ValueError("kinds must have at least one status or way to fail")

    def __str__(self) -> str:
        return f"chaos, {self._rate:g} of all requests"

    def __call__(self, _: RecordedRequest) -> Failure | None:
        return self._rng.choice(self._rng.choice(self._failures)) if self._rng.random() < self._rate else None


def _variants(kind: Kind) -> Sequence[Failure]:
    """Describe a failure; if an answer gets lost, nobody knows whether the request took effect."""
    if isinstance(kind, int):
        return [Failure(status=kind)]
    return [Failure(with_=kind), Failure(with_=kind, applied=True)]


class Faults:
    """The faults of one sandbox. Any thread may set them up and end them."""

    def __init__(self, operations: Collection[str]) -> None:
        self._operations = operations
        self._faults: list[Fault] = []
        self._chaos: Fault | None = None

    def add(
        self,
        operation: str = EVERY,
        *,
        times: int | None = 1,
        after: int = 0,
        only: Condition | None = None,
        **failure: Unpack[FailureOptions],
    ) -> Fault:
        """Set up a fault."""
        if operation != EVERY:
            check_name("operation", operation, self._operations)
        if times is not None and (type(times) is not int or times < 1):
            raise ValueError(f"times must be an int, at least 1, or None for ever; got {times!r}")
        fault = Fault(_Chosen(operation, Failure(**failure), after, only), self._remove, times)
        self._faults.append(fault)
        return fault

    def chaos(self, rate: float, seed: int, kinds: Iterable[Kind]) -> Fault:
        """Have a share of all other requests fail, instead of the share so far."""
        fault = Fault(_Chance(rate, seed, kinds), self._remove)
        self._chaos = fault if rate else None
        return fault

    def take(self, request: RecordedRequest) -> Failure | None:
        """Return what is to happen to a request; None if it is to be answered."""
        for fault in tuple(self._faults):
            failure = fault.strike(request)
            if failure is not None:
                return failure
        return self._chaos.strike(request) if self._chaos else None

    def _remove(self, fault: Fault) -> None:
        if fault is self._chaos:
            self._chaos = None
        with suppress(ValueError):
            self._faults.remove(fault)
