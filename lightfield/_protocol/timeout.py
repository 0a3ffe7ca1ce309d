"""Time limits of one attempt."""

from typing import Any, Protocol

import msgspec
from msgspec.structs import force_setattr

from .display import ShownByRepr

_UNSET: Any = msgspec.UNSET


class PhaseLimits(Protocol):
    """The limits of each phase in seconds, such as an ``httpx.Timeout``."""

    @property
    def connect(self) -> float | None:
        """Opening a connection."""
        ...

    @property
    def read(self) -> float | None:
        """Between two reads."""
        ...

    @property
    def write(self) -> float | None:
        """Between two writes."""
        ...

    @property
    def pool(self) -> float | None:
        """Getting a connection from the pool."""
        ...


class _Positional(msgspec.Struct, frozen=True):
    timeout: float | None = _UNSET
    """Limit of each phase that is not given; not kept."""


class Timeout(ShownByRepr, _Positional, frozen=True, kw_only=True, cache_hash=True):
    """Limits of one attempt in seconds; None for no limit.

    ``Timeout(60.0, connect=2.0)`` is the form of httpx: one limit for each phase that is not given, and none for the
    whole attempt.
    """

    __module__ = "lightfield"
    connect: float | None = _UNSET
    """Opening a connection, including TLS. Default 5."""

    read: float | None = _UNSET
    """Between two reads of the response. Default: no limit."""

    write: float | None = _UNSET
    """As in httpx; has no effect of its own, since ``read`` begins with sending."""

    pool: float | None = _UNSET
    """As in httpx; has no effect, since the pool of connections is unbounded."""

    total: float | None = _UNSET
    """The whole attempt, from the moment it has its slot. Default 30; no limit if the first argument is given."""

    def __post_init__(self) -> None:
        phases: dict[str, float | None] = {"connect": 5.0, "read": None, "write": None, "pool": None}
        defaults = {**phases, "total": 30.0}
        if self.timeout is not _UNSET:
            defaults = {**dict.fromkeys(phases, self.timeout), "total": None}
        for name, default in defaults.items():
            if getattr(self, name) is _UNSET:
                force_setattr(self, name, default)
        force_setattr(self, "timeout", None)

    def limits(self) -> dict[str, float | None]:
        """Return the limits by name."""
        return {name: getattr(self, name) for name in self.__struct_fields__ if name != "timeout"}

    def __reduce__(self) -> tuple[Any, ...]:
        return Timeout._unpickle, (self.limits(),)

    @classmethod
    def _unpickle(cls, limits: dict[str, float | None]) -> "Timeout":
        return Timeout(**limits)

    def __repr__(self) -> str:
        return f"Timeout({', '.join(f'{name}={value!r}' for name, value in self.limits().items())})"
