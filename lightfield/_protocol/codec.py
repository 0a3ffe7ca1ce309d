"""The one encoder, and how an absent key differs from null.

An optional key that was absent reads as None, yet stays absent when the record is encoded again.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeVar, cast

import msgspec

from lightfield.errors import LightfieldTypeError, LightfieldValueError

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
        LightfieldTypeError: The body holds something that has no JSON form, or bytes.
        LightfieldValueError: The body holds a NaN, an infinity, a datetime without zone or text that is no Unicode.
    """
    try:
        plain = msgspec.to_builtins(body, builtin_types=_KEPT, str_keys=True, enc_hook=_plain)
        _check(plain)
        return _ENCODER.encode(plain)
    except TypeError as error:
        raise LightfieldTypeError(f"The body cannot be sent as JSON: {error}") from error
    except (ValueError, OverflowError, RecursionError) as error:
        raise LightfieldValueError(f"The body cannot be sent as JSON: {error}") from error


_KEPT = (datetime, time, timedelta, Decimal, bytes, bytearray, memoryview)
"""Left as they are, to be checked; msgspec would write each as a string of its own choice."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[object, object]", value))
    if isinstance(value, datetime):  # a subclass, as all that follow: msgspec takes plain types only
        return datetime.combine(value.date(), value.time(), value.tzinfo)
    if isinstance(value, str):
        return str.__str__(value)
    for kind in (int, float, Decimal):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, Sequence | AbstractSet):
        return list(cast("Sequence[object]", value))
    raise _formless(value)


def _check(value: object) -> None:
    """Refuse what would be sent as something else: msgspec writes NaN as null and a naive datetime without zone."""
    if isinstance(value, dict | list | tuple):
        inner = cast("dict[object, object]", value).values() if isinstance(value, dict) else cast("list[object]", value)
        for item in inner:
            _check(item)
    elif isinstance(value, float | Decimal):
        if not (value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)):
            raise ValueError(f"{value} is no JSON number")
    elif isinstance(value, datetime):
        offset = value.utcoffset()
        if offset is None or offset.microseconds or offset.seconds % 60:
            raise ValueError("a datetime needs a time zone, with an offset of whole minutes")
    elif isinstance(value, _KEPT):
        raise _formless(cast("object", value))


def _formless(value: object) -> TypeError:
    return TypeError(f"{type(value).__name__} has no JSON form of its own")
