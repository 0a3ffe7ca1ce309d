"""Members that a caller adds to the query or the body of a request, in place of those of the same name."""

from collections.abc import Iterator, Mapping
from typing import cast
from urllib.parse import parse_qsl

import msgspec

from lightfield.errors import LightfieldTypeError, LightfieldValueError

from .builders import encode_query
from .codec import encode
from .omit import without_omitted
from .shown import shown
from .values import query_text


def merge_query(query: str, more: str) -> str:
    """Return both queries, form-encoded; parameters of the second replace those of the same name."""
    stronger = parse_qsl(more, keep_blank_values=True)
    replaced = {name for name, _ in stronger}
    kept = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] not in replaced]
    return encode_query([*kept, *stronger])


def query_of(option: str, members: object) -> str:
    """Return a mapping as a query, form-encoded: lists joined by commas, mappings as ``name[key]``, without None.

    Raises:
        LightfieldTypeError: It is not a mapping, or a value is neither a single value nor a collection of these.
        LightfieldValueError: A value cannot be sent.
    """
    try:
        return encode_query(_pairs(option, members))
    except RecursionError:
        raise LightfieldValueError(f"{option} is nested too deeply, or contains itself.") from None


def _pairs(option: str, members: object) -> Iterator[tuple[str, str]]:
    if not isinstance(members, Mapping):
        raise LightfieldTypeError(f"{option} must be a mapping, not {type(members).__name__}.")
    for name, value in without_omitted(cast("Mapping[object, object]", members)).items():
        if not isinstance(name, str):
            raise LightfieldTypeError(f"{option} has a name that is not a string: {shown(name):.60}.")
        name = str.__str__(name)  # noqa: PLW2901
        if isinstance(value, Mapping):
            inner = cast("Mapping[object, object]", value).items()
            yield from _pairs(option, {f"{name}[{key}]": item for key, item in inner})
        elif isinstance(value, list | tuple):
            items = cast("list[object] | tuple[object, ...]", value)
            yield name, ",".join(query_text(f"{option}[{name!a}]", item) for item in items if item is not None)
        elif text := "" if value is None else query_text(f"{option}[{name!a}]", value):
            yield name, text


def merge_body(body: bytes | None, option: str, extra: object) -> bytes:
    """Return a JSON body with more members, in place of those of the same name; its numbers stay exact.

    Raises:
        LightfieldTypeError: They are not a mapping, or cannot be encoded as JSON.
        LightfieldValueError: A value cannot be sent.
    """
    if not isinstance(extra, Mapping):
        raise LightfieldTypeError(f"{option} must be a mapping, not {type(extra).__name__}.")
    try:
        members: dict[str, msgspec.Raw] = msgspec.json.decode(body or b"{}", type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        raise LightfieldTypeError(f"{option} needs a body that is a JSON object.") from None
    given = cast("Mapping[object, object]", extra)
    if unnamed := [name for name in given if not isinstance(name, str)]:
        raise LightfieldTypeError(f"{option} has a name that is not a string: {shown(unnamed[0]):.60}.")
    added: dict[str, msgspec.Raw] = msgspec.json.decode(encode(without_omitted(given)), type=dict[str, msgspec.Raw])
    return msgspec.json.encode(members | added)
