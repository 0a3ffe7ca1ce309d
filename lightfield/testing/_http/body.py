"""What does the body of a request say?"""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from lightfield._protocol.misfit import misfit

from .errors import WireError, bad_request, invalid, missing, not_json

T = TypeVar("T")


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
        content = self.content or b"{}"
        try:
            return msgspec.json.decode(content, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _unfit(content, shape, error) from None


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


def _unfit(content: bytes, shape: Any, reason: Exception) -> WireError:
    found = misfit(content, shape)
    if found is None:
        return bad_request(f"The body is not valid JSON: {reason}.")
    param = found.path.removeprefix("$").removeprefix(".")
    return missing(param) if found.missing else invalid(param or "body", str(reason))
