"""Single values of bodies, filters and queries: one rule for all.

Values of numpy and pandas are recognised by their attributes; neither library is imported.
"""

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from lightfield.errors import LightfieldTypeError, LightfieldValueError

T = TypeVar("T")

Plain: TypeAlias = str | bool | int | float | Decimal | datetime | date

_MAX_NUMBER = 10**30
_MAX_DECIMALS = 100
_MISSING = {"NaTType", "NAType"}


def _original(kind: type[T]) -> type[T]:
    return next(base for base in kind.__mro__ if base.__module__ == "datetime")


CALENDAR = (_original(datetime), _original(date))
"""Python's own ``datetime`` and ``date``: freezegun puts subclasses in place of the names, but not within a tuple."""


def plain_value(value: object) -> Plain:
    """Return a single value as an instance of one of Python's own types, none of their subclasses.

    An ``Enum`` member is its value, a ``UUID`` its text, a scalar of numpy the number that it holds. What is finer than
    microseconds is cut off.

    Raises:
        ValueError: NaN, an infinity, a missing value, or a datetime without a time zone.
        TypeError: The value is None, several values, bytes, or of another type.
    """
    kind = type(value)
    if kind.__name__ in _MISSING and kind.__module__.startswith("pandas"):
        raise ValueError(f"{value} is a missing value; None clears a field")
    for known, convert in _CONVERTERS.items():
        if isinstance(value, known):
            return convert(value)
    return _numpy_scalar(value)


def _finite_float(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"a number must be finite, not {float(value)}")
    return float(value)


def _finite_decimal(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError(f"a number must be finite, not {value}")
    return Decimal(value)


def _moment(value: datetime) -> datetime:
    offset = value.utcoffset()
    if offset is None or offset.microseconds or offset.seconds % 60:
        raise ValueError("a datetime needs a time zone, with an offset of whole minutes")
    kind = CALENDAR[0]
    return value if type(value) is kind else kind.combine(value.date(), value.time(), value.tzinfo)


def _numpy_scalar(value: object) -> Plain:
    kind = getattr(getattr(value, "dtype", None), "kind", None) if getattr(value, "shape", None) == () else None
    if kind == "M":
        raise ValueError("a datetime needs a time zone, which those of numpy do not have")
    convert = _OF_NUMPY.get(kind) if isinstance(kind, str) else None
    if convert is None:
        raise TypeError(f"{type(value).__name__} is neither text nor a number, a boolean, a date or a datetime")
    return convert(value)


_CONVERTERS: Mapping[type, Callable[[Any], Plain]] = {  # subclasses first
    Enum: lambda member: plain_value(member.value),
    str: str.__str__,
    bool: bool,
    int: int,
    float: _finite_float,
    Decimal: _finite_decimal,
    datetime: _moment,
    date: lambda day: CALENDAR[1](day.year, day.month, day.day),
    UUID: str,
}
_OF_NUMPY: Mapping[str, Callable[[Any], Plain]] = {
    "b": bool,
    "i": int,
    "u": int,
    "f": lambda number: _finite_float(float(number)),
}


def checked_value(name: str, value: object) -> Plain:
    """Return a value as ``plain_value`` does.

    Raises:
        LightfieldValueError: It cannot be sent.
        LightfieldTypeError: It is of a type that cannot be sent.
    """
    try:
        return plain_value(value)
    except (ValueError, OverflowError) as error:
        raise LightfieldValueError(f"{name}: {error}.") from None
    except TypeError:
        found = type(value).__name__
        message = f"{name} must be text, a number, a boolean, a date or a datetime, not {found}."
        raise LightfieldTypeError(message) from None


def query_text(name: str, value: object) -> str:
    """Return a value as it stands in a query.

    Raises:
        LightfieldValueError: It cannot be sent.
        LightfieldTypeError: It is of a type that cannot be sent.
    """
    plain = checked_value(name, value)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, date):
        return plain.isoformat()
    if isinstance(plain, int | Decimal) and not -_MAX_NUMBER <= plain <= _MAX_NUMBER:
        raise LightfieldValueError(f"{name}: the number must be finite and at most {_MAX_NUMBER:.0e}.")
    if isinstance(plain, Decimal):
        return _decimal_text(name, plain)
    return str(plain)


def _decimal_text(name: str, number: Decimal) -> str:
    if len(number.as_tuple().digits) - 1 - number.adjusted() > _MAX_DECIMALS:
        raise LightfieldValueError(f"{name}: the number must have {_MAX_DECIMALS} decimals at most.")
    return f"{number:f}"
