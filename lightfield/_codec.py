"""The one encoder, and how an absent key differs from null.

An optional key that was absent reads as None, yet stays absent when the record is encoded again.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from .errors import LightfieldTypeError, LightfieldValueError

S = TypeVar("S", bound=type[msgspec.Struct])

ABSENT: Any = msgspec.UNSET
"""Default of a key that may be absent. Read through ``absent_is_none`` it is None."""


def absent_is_none(struct: S) -> S:
    """Make the keys of a Struct that default to ``ABSENT`` read as None where they are absent."""
    defaults = struct.__struct_defaults__
    for name, default in zip(struct.__struct_fields__[-len(defaults) :], defaults, strict=True):
        if default is msgspec.UNSET and name in struct.__dict__:
            read_through(struct, name, none_if_absent)
    return struct


def read_through(struct: type[msgspec.Struct], name: str, reader: Callable[[Any, Any], object]) -> None:
    """Pass a key of a Struct through ``reader(record, value)`` when it is read; what is stored and encoded stays."""
    get = struct.__dict__[name].__get__
    setattr(struct, name, property(lambda record: reader(record, get(record))))


def none_if_absent(_record: object, value: Any) -> Any:
    """Read an absent key as None."""
    return None if value is msgspec.UNSET else value


def encode(body: object) -> bytes:
    """Encode a body as JSON.

    Raises:
        LightfieldTypeError: The body holds something that has no JSON form.
        LightfieldValueError: The body holds a NaN, an infinity, a naive datetime or text that is no Unicode.
    """
    try:
        _check(body)
        return _ENCODER.encode(body)
    except TypeError as error:
        raise LightfieldTypeError(f"The body cannot be sent as JSON: {error}") from error
    except (ValueError, OverflowError, RecursionError) as error:
        raise LightfieldValueError(f"The body cannot be sent as JSON: {error}") from error


_ENCODER = msgspec.json.Encoder(decimal_format="number")


def _check(value: object) -> None:
    """Refuse what would be sent as something else: msgspec writes NaN as null and a naive datetime without zone."""
    if isinstance(value, dict):
        for item in value.values():  # pyright: ignore[reportUnknownVariableType]
            _check(item)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, list | tuple):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            _check(item)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, float | Decimal) and not _finite(value):
        raise ValueError(f"{value} is no JSON number")
    elif isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("a datetime without time zone is ambiguous")


def _finite(value: float | Decimal) -> bool:
    return value == value and abs(value) != float("inf")  # noqa: PLR0124
