"""Documents, built from their shapes.

The documents of a shape take, between them, every way it has: every member of every union and enum, true and false.
There is no cross product of ways: those of the parts of an object are gone through side by side.
"""

from itertools import cycle, islice
from typing import Any, Literal, TypeAlias, get_args

from jsonschema import Draft202012Validator

from tests.contract.facts import SHAPES, Shape

Variant: TypeAlias = Literal["full", "bare", "null", "empty", "new"]
"""Every optional part is there; or none is; or what may be null is null; or lists and maps are empty; or there is what
may come one day: keys and members of enums that nobody knows yet."""

VARIANTS: tuple[Variant, ...] = get_args(Variant)
NEW = "SOMETHING_NEW"
NEW_KEY = "somethingNew"

_NULL: Shape = {"type": "null"}


def documents(shape: str, variant: Variant) -> list[Any]:
    """Build documents of a shape that take, between them, every way it has."""
    return _ways(SHAPES[shape], variant, shape)


def misfits(document: Any, shape: str) -> list[str]:
    """Say in what a document is not of a shape."""
    validator: Any = Draft202012Validator({"$ref": f"#/$defs/{shape}", "$defs": SHAPES})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def _ways(shape: Shape, variant: Variant, name: str) -> list[Any]:
    members = _members(shape)
    if variant == "null" and _NULL in members:
        return [None]
    return [way for member in members if member != _NULL for way in _ways_of_one(member, variant, name)] or [None]


def _members(shape: Shape) -> list[Shape]:
    """Give the members of a union, wherever it is written; anything else is its own only member."""
    if "$ref" in shape:
        return _members(SHAPES[shape["$ref"].rpartition("/")[2]])
    if "anyOf" in shape:
        return [inner for member in shape["anyOf"] for inner in _members(member)]
    kinds: Any = shape.get("type")
    return [{"type": kind} for kind in kinds] if isinstance(kinds, list) else [shape]  # pyright: ignore[reportUnknownVariableType]


def _ways_of_one(shape: Shape, variant: Variant, name: str) -> list[Any]:
    if "type" not in shape:
        known = shape["enum"] if "enum" in shape else [shape["const"]]
        return [NEW] if variant == "new" else [*known]
    if shape["type"] == "object":
        return _objects(shape, variant)
    if shape["type"] == "array":
        return [[] if variant == "empty" else _ways(shape["items"], variant, name)]
    plain: dict[str, list[Any]] = {"string": [_text(name)], "integer": [3], "number": [12.5], "boolean": [True, False]}
    return plain[shape["type"]]


def _text(name: str) -> str:
    if name.endswith(("At", "Date")):
        return "2026-05-01T16:00:00.000Z"
    if name.lower().endswith(("id", "ids", "values", "add", "remove", "replace")):
        return "opp_1"
    if name.lower().endswith(("url", "link")):
        return "https://example.com/a?b=c%20d"
    return f'{name} "é" <\N{PARTY POPPER}>'


def _objects(shape: Shape, variant: Variant) -> list[Any]:
    """Build objects: the ways of their parts side by side, the shorter ones again and again."""
    required = shape.get("required", [])
    ways = {
        key: _ways(part, variant, key)
        for key, part in shape.get("properties", {}).items()
        if key in required or variant != "bare"
    }
    count = max(map(len, ways.values()), default=1)
    columns = [islice(cycle(column), count) for column in ways.values()]
    rows = zip(*columns, strict=True) if columns else [()]
    more = _entries(shape, variant)
    return [{**dict(zip(ways, row, strict=True)), **more} for row in rows]


def _entries(shape: Shape, variant: Variant) -> dict[str, Any]:
    """Build what an object has besides its own parts: the entries of a map, or a key that nobody knows yet."""
    is_map = "properties" not in shape
    if variant == "empty" or not (is_map or variant == "new"):
        return {}
    if "additionalProperties" not in shape:
        return {NEW_KEY: {"nested": [1, None, NEW]}} if variant == "new" else {}
    entries = _ways(shape["additionalProperties"], variant, "value")
    return {f"$key_{number}": entry for number, entry in enumerate(entries, 1)}
