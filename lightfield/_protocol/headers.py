"""Headers of a caller's own, beside those that every request has."""

import re
from collections.abc import Mapping
from typing import cast

from lightfield.errors import LightfieldTypeError, LightfieldValueError

from .omit import is_omitted
from .shown import shown

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)?")

_RESERVED = frozenset(
    {
        *("authorization", "proxy-authorization", "host", "accept-encoding"),
        *("content-length", "content-encoding", "transfer-encoding", "te", "trailer", "expect"),
        *("connection", "keep-alive", "proxy-connection", "upgrade"),
    }
)
"""Headers that the client sets: the API key, and what frames the message or concerns the connection."""

VERSION_HEADER = "lightfield-version"


class Headers(dict[str, str | None]):
    """Headers by name; None removes one that a client would send. Its repr shows no values: some are secret."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __repr__(self) -> str:
        return f"<Headers {', '.join(self)}>"


def merge_headers(*several: Mapping[str, str | None] | None) -> Headers:
    """Return all headers, the later ones instead of the earlier ones of the same name in any case."""
    merged: dict[str, tuple[str, str | None]] = {}
    for headers in several:
        merged |= {name.lower(): (name, value) for name, value in (headers or {}).items()}
    return Headers(merged.values())


def checked_headers(option: str, headers: object, *reserved: str) -> Headers:
    """Check the headers of an option, and those also that it may not set.

    Raises:
        LightfieldTypeError: They are not a mapping of strings.
        LightfieldValueError: One is malformed, or set by the client itself. Values are never shown.
    """
    if not isinstance(headers, Mapping):
        raise LightfieldTypeError(f"{option} must be a mapping of names to strings, not {type(headers).__name__}.")
    checked = Headers()
    for name, value in cast("Mapping[object, object]", headers).items():
        if not isinstance(name, str) or not _NAME.fullmatch(str.__str__(name)):
            raise LightfieldValueError(f"{option} has a malformed name: {shown(name):.60}.")
        if name.lower() in _RESERVED or name.lower() in reserved:
            raise LightfieldValueError(f"{option} cannot set {name}: the client sets it itself.")
        removed = value is None or is_omitted(value)
        if removed and name.lower() == "content-type":
            raise LightfieldValueError(f"{option} cannot remove {name}: a body needs one.")
        checked[str.__str__(name)] = None if removed else _checked_value(f"{option}[{name!a}]", value)
    return checked


def _checked_value(where: str, value: object) -> str:
    if not isinstance(value, str):
        raise LightfieldTypeError(f"{where} must be a string, not {type(value).__name__}.")
    text = str.__str__(value)  # what a subclass, such as an enum, makes of itself may be something else
    if not _VALUE.fullmatch(text):
        raise LightfieldValueError(
            f"{where} must be printable ASCII without line breaks or surrounding whitespace (not shown)."
        )
    return text
