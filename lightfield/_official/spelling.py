"""Names of members of a request: code may use those of the API, such as ``$dueAt``, or Python's, such as ``due_at``.

The names of closed shapes come from the typed dicts in ``models.wire``, those of addresses and full names from their
Structs. Open shapes, such as the fields of an account, keep their keys.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from keyword import iskeyword
from typing import Any, NamedTuple, TypeAlias, cast, get_args, get_origin, get_type_hints, is_typeddict

import msgspec

from lightfield._protocol.omit import is_omitted
from lightfield.errors import LightfieldTypeError, one_line

Respell: TypeAlias = Callable[[Any, str], Any]
"""Takes a value and its path for error messages; returns the value with the API's names."""

_INNER_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_MAX_PATH = 120
_MAX_KEY = 60


class Member(NamedTuple):
    """A member of a shape."""

    wire_name: str
    respell: Respell | None
    """What is done to its value; None if the value has no names to change."""


def spelled(path: str, value: object, shape: object) -> Any:
    """Return a value of a shape with the API's names for its members, without the omitted ones.

    A value that is not a mapping is returned unchanged.

    Args:
        path: The parameter that has the value.
        value: The value, with either name for each member.
        shape: A type of ``models.wire`` or ``models.writable``.

    Raises:
        LightfieldTypeError: A closed shape has no such member, or a member is given under both names.
    """
    respell = _respelling(shape)
    return value if respell is None else respell(value, path)


def python_name(wire_name: str) -> str:
    """Return the Python name for the API's name of a member."""
    plain = wire_name.removeprefix("$")
    name = plain.lower() if plain.isupper() else _INNER_CAPITAL.sub("_", plain).lower()
    return f"{name}_" if iskeyword(name) else name


@cache
def _respelling(shape: Any) -> Respell | None:
    """Return the function for a type, or None if its values have no names to respell."""
    if is_typeddict(shape):
        return _object(_members(shape), closed=True)
    origin, parts = get_origin(shape), get_args(shape)
    if origin is Mapping:
        return _each_value(_respelling(parts[1]))
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return _each_item(_respelling(parts[0]))
    structs = [part for part in parts if isinstance(part, type) and issubclass(part, msgspec.Struct)]
    of_parts = next(filter(None, map(_respelling, parts)), None)
    return of_parts or (_object(_struct_members(structs), closed=False) if structs else None)


def _members(shape: Any) -> dict[str, Member]:
    members: dict[str, Member] = {}
    for wire_name, annotation in get_type_hints(shape).items():
        members[wire_name] = members[python_name(wire_name)] = Member(wire_name, _respelling(annotation))
    return members


def _struct_members(structs: Iterable[type[msgspec.Struct]]) -> dict[str, Member]:
    members: dict[str, Member] = {}
    for struct in structs:
        for name, wire_name in zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True):
            members[wire_name] = members[name] = Member(wire_name, None)
    return members


def _object(members: Mapping[str, Member], *, closed: bool) -> Respell:
    def respell(value: object, path: str) -> object:
        if not isinstance(value, Mapping):
            return value
        result: dict[str, object] = {}
        for key, item in cast("Mapping[str, object]", value).items():
            member = members.get(key)
            if member is None:
                if closed:
                    raise _unknown(path, key, members)
                member = Member(key, None)
            if is_omitted(item):
                continue
            if member.wire_name in result:
                raise _repeated(path, member.wire_name)
            result[member.wire_name] = item if member.respell is None else member.respell(item, f"{path}.{key}")
        return result

    return respell


def _each_value(respell: Respell | None) -> Respell | None:
    if respell is None:
        return None

    def respell_values(value: object, path: str) -> object:
        if not isinstance(value, Mapping):
            return value
        items = cast("Mapping[str, object]", value).items()
        return {key: respell(item, f"{path}.{key}") for key, item in items}

    return respell_values


def _each_item(respell: Respell | None) -> Respell | None:
    if respell is None:
        return None

    def respell_items(value: object, path: str) -> object:
        if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping):
            return value  # pyright: ignore[reportUnknownVariableType]
        items = cast("Iterable[object]", value)
        return [respell(item, f"{path}[{index}]") for index, item in enumerate(items)]

    return respell_items


def _unknown(path: str, key: object, members: Mapping[str, Member]) -> LightfieldTypeError:
    where = one_line(path, _MAX_PATH)
    if not isinstance(key, str):
        return LightfieldTypeError(f"The keys of {where} must be strings, not {type(key).__name__}.")
    near = get_close_matches(key, members, 1)
    known = dict.fromkeys(python_name(member.wire_name) for member in members.values())
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
    return LightfieldTypeError(
        f"{where}.{one_line(key, _MAX_KEY)} is not a known member; {hint} "
        "To send a member that the SDK does not know, use extra_body."
    )


def _repeated(path: str, wire_name: str) -> LightfieldTypeError:
    where, name = one_line(path, _MAX_PATH), python_name(wire_name)
    return LightfieldTypeError(f"{where} has both {wire_name} and {name}, which are the same member.")
