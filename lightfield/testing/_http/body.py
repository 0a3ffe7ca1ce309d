"""What does the body of a request say?"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from .errors import WireError, bad_request, invalid, missing, not_json

T = TypeVar("T")

_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]+)`")
_WHERE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


class Body(msgspec.Struct, frozen=True):
    """The bytes of a body and the media type that they are said to have."""

    content: bytes = b""
    media: str = ""

    def read(self, shape: type[T]) -> T:
        """Return what the JSON says; no body is an empty object.

        Raises:
            WireError: 415 when it is not declared to be JSON, 400 when it is broken or has another shape.
        """
        if self.content and self.media != "application/json":
            raise not_json()
        try:
            return msgspec.json.decode(self.content or b"{}", type=shape)
        except msgspec.ValidationError as error:
            raise _misshapen(error) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise bad_request(f"The body is not valid JSON: {error}.") from None


class Nothing(msgspec.Struct):
    """A body that has nothing to say, such as ``{}``."""


def part(value: object, shape: Any, param: str) -> Any:
    """Return one part of a body in its shape, which may be a union."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise invalid(param, str(error)) from None


def require(sent: Mapping[str, object], names: tuple[str, ...], within: str) -> None:
    """Refuse a body in which one of the names is unset."""
    for name in names:
        if sent.get(name) in (None, []):
            raise missing(f"{within}.{name}")


def _misshapen(error: msgspec.ValidationError) -> WireError:
    message = str(error)
    absent, place = _MISSING.search(message), _WHERE.search(message)
    path = place["path"] if place else ""
    if absent:
        return missing(f"{path}.{absent['name']}" if path else absent["name"])
    return invalid(path or "body", _WHERE.sub("", message))
