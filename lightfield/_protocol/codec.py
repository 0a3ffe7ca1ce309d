"""The JSON encoder of request bodies, and the difference between absent keys and null.

An optional key that was absent reads as None but stays absent when the record is encoded again.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar, cast

import msgspec

from lightfield.errors import LightfieldTypeError, LightfieldValueError

from .values import CALENDAR, plain_value

S = TypeVar("S", bound=type[msgspec.Struct])

ABSENT: Any = msgspec.UNSET
"""Default of a key that may be absent. ``absent_is_none`` makes it read as None."""


def absent_is_none(struct: S) -> S:
    """Make the absent keys of a Struct, those left at ``ABSENT``, read as None."""
    defaults = struct.__struct_defaults__
    for name, default in zip(struct.__struct_fields__[-len(defaults) :], defaults, strict=True):
        if default is msgspec.UNSET and name in struct.__dict__:
            read_through(struct, name, none_if_absent)
    return struct


def read_through(struct: type[msgspec.Struct], name: str, reader: Callable[[Any, Any], object]) -> None:
    """Pass a key of a Struct through ``reader(record, value)`` on reads; the stored and encoded value is unchanged."""
    get = getattr(struct, name).__get__
    setattr(struct, name, property(lambda record: reader(record, get(record))))


def none_if_absent(_record: object, value: Any) -> Any:
    """Return the value, or None if the key was absent."""
    return None if value is msgspec.UNSET else value


def encode(body: object) -> bytes:
    """Encode a body as JSON.

    Raises:
        LightfieldTypeError: The body contains bytes or a type that JSON cannot represent.
        LightfieldValueError: The body contains NaN, an infinity, a datetime without a time zone or invalid Unicode.
    """
    try:
        plain = _builtins(body)
        _check_values(plain)
        return _ENCODER.encode(plain)
    except TypeError as error:
        raise LightfieldTypeError(f"The body contains a value that cannot be encoded as JSON: {error}") from error
    except RecursionError as error:
        raise LightfieldValueError("The body is nested too deeply to be sent as JSON, or contains itself.") from error
    except UnicodeError as error:
        raise LightfieldValueError(f"The body contains text that is not valid Unicode: {error}") from error
    except (ValueError, OverflowError) as error:
        raise LightfieldValueError(f"The body cannot be sent as JSON: {error}") from error


_UNCONVERTED = (CALENDAR[0], time, timedelta, Decimal, bytes, bytearray, memoryview)
"""Left unconverted, to be checked: msgspec would encode each as a string in a format of its own choice."""

_CHECKED = (float, *_UNCONVERTED)

_UNCHECKED = frozenset({str, int, bool, type(None)})


def _enc_hook(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[object, object]", value))
    if isinstance(value, str | bytes | bytearray) or not isinstance(value, Sequence | AbstractSet):
        return plain_value(value)
    return list(cast("Sequence[object]", value))


_builtins = partial(msgspec.to_builtins, builtin_types=_UNCONVERTED, enc_hook=_enc_hook)

_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=plain_value)


def _check_values(value: object) -> None:
    """Reject values that msgspec would alter: it encodes NaN as null, and a naive datetime without an offset."""
    if type(value) in _UNCHECKED:
        return
    if isinstance(value, dict):
        for key, item in cast("dict[object, object]", value).items():
            if type(key) is not str:
                _check_values(key)
            _check_values(item)
    elif isinstance(value, list | tuple):
        for item in cast("list[object]", value):
            _check_values(item)
    elif isinstance(value, _CHECKED):
        plain_value(cast("object", value))
    else:  # the value of an Enum, which to_builtins leaves as it is
        _check_values(_builtins(value))
