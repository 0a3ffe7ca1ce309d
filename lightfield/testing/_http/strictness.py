"""Members of a body that its type does not have."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple, cast

import msgspec

from .errors import bad_request


class _Shape(NamedTuple):
    """The members of an object, none if it may have any, and the shape of the items of a list."""

    members: Mapping[str, "_Shape"] = {}
    items: "_Shape | None" = None


def refuse_unknown(value: object, kind: Any, param: str = "") -> None:
    """Raise if an object has a member that its type lacks; a type without any members takes all.

    Raises:
        WireError: 400 ``unknown_field``.
    """
    found = _unknown(value, _shape(kind), param)
    if found is not None:
        message = f"'{found}' is not documented; Sandbox(strict=False) ignores it."
        raise bad_request(message, code="unknown_field", param=found)


@cache
def _shape(kind: Any) -> _Shape:
    return _describe(msgspec.inspect.type_info(kind))


def _describe(info: msgspec.inspect.Type) -> _Shape:
    if isinstance(info, msgspec.inspect.StructType | msgspec.inspect.TypedDictType):
        members = {each.encode_name: _describe(each.type) for each in info.fields}
        tag = getattr(info, "tag_field", None)
        return _Shape(members | ({tag: _Shape()} if tag else {}))
    if isinstance(info, msgspec.inspect.UnionType):
        shapes = [_describe(each) for each in info.types]
        members = {name: inner for shape in shapes for name, inner in shape.members.items()}
        return _Shape(members, next((shape.items for shape in shapes if shape.items), None))
    if isinstance(info, msgspec.inspect.ListType):
        return _Shape(items=_describe(info.item_type))
    return _Shape()


def _unknown(value: object, shape: _Shape, path: str) -> str | None:
    if isinstance(value, list) and shape.items:
        for number, item in enumerate(cast("list[object]", value)):
            if found := _unknown(item, shape.items, f"{path}[{number}]"):
                return found
    if isinstance(value, dict) and shape.members:
        for name, inner in cast("dict[str, object]", value).items():
            inner_path = f"{path}.{name}" if path else name
            known = shape.members.get(name)
            found = inner_path if known is None else _unknown(inner, known, inner_path)
            if found is not None:
                return found
    return None
