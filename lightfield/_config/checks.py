"""Checks of single options."""

import math
import sys
from contextlib import suppress
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, get_args

from lightfield._protocol.shown import shown
from lightfield._protocol.timeout import Timeout
from lightfield._protocol.unicode import check_unicode
from lightfield.errors import LightfieldTypeError, LightfieldValueError

from .options import Priority, RateLimits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ssl import SSLContext

_PHASES = ("connect", "read", "write", "pool")
_ABSENT = object()
_MIN_RATE = 0.000_001
_MAX_RATE = 1_000_000


def checked_bool(name: str, value: object) -> bool:
    """Check a boolean."""
    if not isinstance(value, bool):
        raise LightfieldTypeError(f"{name} must be True or False, not {type(value).__name__}.")
    return value


def checked_budget(value: object) -> int | None:
    """Check the tokens of a retry budget."""
    return None if value is None else checked_count("retry_budget", value, 0)


def checked_context(value: object) -> "SSLContext | None":
    """Check TLS settings."""
    if value is None:
        return None
    from ssl import SSLContext

    if not isinstance(value, SSLContext):
        raise LightfieldTypeError(f"ssl_context must be an ssl.SSLContext, not {type(value).__name__}.")
    return value


def checked_limits(limits: object) -> RateLimits | None:
    """Check the rates of all categories."""
    if limits is None or isinstance(limits, RateLimits):
        for name in () if limits is None else RateLimits.__struct_fields__:
            checked_rate(f"rate_limits.{name}", getattr(limits, name), optional=False)
        return limits
    raise LightfieldTypeError(f"rate_limits must be RateLimits or None, not {type(limits).__name__}.")


def checked_group(group: object) -> str | None:
    """Check the name of a group of clients."""
    if group is not None and not isinstance(group, str):
        raise LightfieldTypeError(f"rate_limit_group must be a string, not {type(group).__name__}.")
    if group == "":
        raise LightfieldValueError("rate_limit_group is empty.")
    check_unicode("rate_limit_group", group)
    return group


def checked_share(value: object) -> float:
    """Check a share of the limit."""
    share = checked_seconds("rate_limit_share", value, optional=False) or 0.0
    if not _MIN_RATE <= share <= 1:
        raise LightfieldValueError(f"rate_limit_share must be above 0 and at most 1, and {_MIN_RATE:f} at least.")
    return share


def checked_priority(value: object) -> object:
    """Check a priority."""
    if not isinstance(value, str) or value not in get_args(Priority):
        raise LightfieldValueError(f"priority must be interactive or bulk, not {shown(value):.40}.")
    return value


def checked_hook(name: str, hook: object) -> object:
    """Check a hook: a plain function or None.

    Raises:
        LightfieldTypeError: It is not callable, or is a coroutine function, which would not be awaited.
    """
    if hook is not None and not callable(hook):
        raise LightfieldTypeError(f"{name} must be callable, not {type(hook).__name__}.")
    if iscoroutinefunction(hook) or iscoroutinefunction(getattr(hook, "__call__", None)):  # noqa: B004
        raise LightfieldTypeError(f"{name} must be a plain function, not a coroutine function: it is not awaited.")
    return hook


def checked_timeout(timeout: object) -> Timeout:
    """Check the limits of one attempt: seconds, a ``Timeout``, or an object like that of httpx."""
    if timeout is None or isinstance(timeout, int | float | str):
        return Timeout(total=checked_seconds("timeout", timeout))
    limits: Mapping[str, object]
    limits = (
        timeout.limits()
        if isinstance(timeout, Timeout)
        else {name: getattr(timeout, name, _ABSENT) for name in _PHASES}
    )
    if any(limit is _ABSENT for limit in limits.values()):
        raise LightfieldTypeError(f"timeout must be a number or a Timeout, not {type(timeout).__name__}.")
    checked = {name: checked_seconds(f"timeout.{name}", limit) for name, limit in limits.items()}
    return Timeout(**{"total": None, **checked})


def checked_seconds(name: str, value: object, *, optional: bool = True) -> float | None:
    """Check a duration in seconds."""
    if value is None and optional:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LightfieldTypeError(f"{name} must be a number, not {type(value).__name__}.")
    with suppress(OverflowError):
        if value > 0 and math.isfinite(value):
            return float(value)
    raise LightfieldValueError(f"{name} must be above 0 and finite.")


def checked_rate(name: str, value: object, *, optional: bool = True) -> float | None:
    """Check a rate per second."""
    rate = checked_seconds(name, value, optional=optional)
    if rate is not None and not _MIN_RATE <= rate <= _MAX_RATE:
        raise LightfieldValueError(f"{name} must be {_MIN_RATE:f} to {_MAX_RATE:,} per second.")
    return rate


def checked_size(name: str, value: object) -> int:
    """Check a maximum size in bytes. More than can be held in memory is the most that can be."""
    return min(checked_count(name, value, 1), sys.maxsize - 1)  # so that C functions take one byte more


def checked_count(name: str, value: object, minimum: int) -> int:
    """Check an integer."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise LightfieldTypeError(f"{name} must be an int, not {type(value).__name__}.")
    if value < minimum:
        raise LightfieldValueError(f"{name} must be {minimum} or more.")
    return value
