"""The official SDK's spelling of requests: Python names for the members that the API fixes."""

import re
from typing import Any, cast

from tests.contract.facts import SHAPES, Shape


def python_name(name: str) -> str:
    """Give the Python name of a member: ``due_at`` for ``$dueAt``, ``email`` for ``EMAIL``, ``from_`` for ``$from``."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)
    joined = "_".join(words).lower()
    return f"{joined}_" if joined == "from" else joined


def officially(document: Any, shape: Shape) -> Any:
    """Give a document the official spelling: the members of objects are renamed, the keys of maps are not."""
    shape = _member(document, shape)
    if isinstance(document, list):
        return [officially(item, shape["items"]) for item in document]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(document, dict):
        return document
    members = cast("dict[str, Any]", document)
    if "properties" not in shape:
        entries = shape.get("additionalProperties", {})
        return {key: officially(value, entries) for key, value in members.items()}
    return {python_name(key): officially(value, shape["properties"][key]) for key, value in members.items()}


def _member(document: Any, shape: Shape) -> Shape:
    """Give the member of a union that fits a document; it is looked at no deeper than its keys."""
    if "$ref" in shape:
        return _member(document, SHAPES[shape["$ref"].rpartition("/")[2]])
    members = [_member(document, member) for member in shape.get("anyOf", [])]
    return next((member for member in members if _fits(document, member)), shape)


def _fits(document: Any, shape: Shape) -> bool:
    if isinstance(document, dict):
        return shape.get("type") == "object" and document.keys() <= shape.get("properties", document).keys()
    return isinstance(document, list) == (shape.get("type") == "array")
