"""The place where JSON does not fit a type. msgspec reports it only in message text, which may change."""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, cast, get_args, get_origin

import msgspec

_ABSENT: Any = object()


class Misfit(NamedTuple):
    """The first place that does not fit, without any of the content."""

    path: str
    """Keys of a Struct by name, those of a mapping as ``[...]``: ``$.fields[...].valueType``."""

    reason: str | None
    """What msgspec says of it; None if a required value is missing."""


def misfit(content: bytes, shape: Any) -> Misfit | None:
    """Return the first place where JSON does not fit a type; None if it fits or is not JSON."""
    try:
        return _within(msgspec.json.decode(content), shape, "$")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _within(value: object, shape: Any, path: str) -> Misfit | None:
    try:
        msgspec.json.decode(msgspec.json.encode(value), type=shape)  # `convert` fails at numbers beyond a float
    except msgspec.DecodeError as error:
        for step, inner, kind in _parts(value, shape):
            inner_path = path + step
            found = Misfit(inner_path, None) if inner is _ABSENT else _within(inner, kind, inner_path)
            if found is not None:
                return found
        return Misfit(path, str(error))
    return None


def _parts(value: object, shape: Any) -> Iterator[tuple[str, object, Any]]:
    """Yield the parts of a value: path, value and type of each."""
    kind, kinds = get_origin(shape) or shape, get_args(shape)
    if kind in {Annotated, Union, UnionType}:
        for one in kinds[:1] if kind is Annotated else kinds:
            yield from _parts(value, one)
    elif isinstance(value, list) and kind is list:
        items = enumerate(cast("list[object]", value))
        yield from ((f"[{number}]", inner, kinds[0]) for number, inner in items)
    elif isinstance(value, dict) and kind is dict:
        yield from (("[...]", inner, kinds[1]) for inner in cast("dict[str, object]", value).values())
    elif isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        members = cast("dict[str, object]", value)
        for field in msgspec.structs.fields(shape):
            if field.required or field.encode_name in members:
                yield f".{field.encode_name}", members.get(field.encode_name, _ABSENT), field.type
