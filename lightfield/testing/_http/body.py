"""Request bodies: decoding and validation."""

import asyncio
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from aiohttp import HttpVersion11, web
from aiohttp.http import HttpProcessingError

from lightfield._protocol.misfit import misfit

from .errors import WireError, bad_request, invalid_param, missing_param, too_large, too_late, unsupported_media_type
from .strictness import refuse_unknown

T = TypeVar("T")

_MAX_SIZE = 10_000_000


async def send_continue(request: web.BaseRequest) -> None:
    """Send ``100 Continue`` to a client that waits for it before it sends the body, as curl does with a long one."""
    if request.headers.get("Expect", "").lower() == "100-continue" and request.version >= HttpVersion11:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the response has not begun yet


async def receive(request: web.BaseRequest, seconds: float) -> bytes:
    """Return the body of a request, which is to be JSON.

    Raises:
        WireError: 413 if it is too long, 408 if it does not arrive within so many seconds, 400 if it is malformed.
    """
    if (request.content_length or 0) > _MAX_SIZE:
        raise too_large(_MAX_SIZE)
    await send_continue(request)
    try:
        async with asyncio.timeout(seconds):
            return await _received(request)
    except TimeoutError:
        raise too_late(seconds) from None
    except (web.RequestPayloadError, HttpProcessingError):
        raise bad_request("The body is malformed.") from None


async def _received(request: web.BaseRequest) -> bytes:
    received = bytearray()
    async for chunk in request.content.iter_any():
        received += chunk
        if len(received) > _MAX_SIZE:
            raise too_large(_MAX_SIZE)
    return bytes(received)


class Body(msgspec.Struct, frozen=True):
    """The bytes of a request body, their declared media type, and whether unknown members are refused."""

    content: bytes = b""
    media_type: str = ""
    strict: bool = True

    def read(self, body_type: type[T]) -> T:
        """Decode the JSON body into a type; an absent body counts as an empty object.

        Raises:
            WireError: 415 if it is not declared as JSON, 400 if it is malformed, does not match the type, or has an
                unknown member and is strict.
        """
        if self.content and self.media_type != "application/json":
            raise unsupported_media_type()
        content = self.content or b"{}"
        try:
            content.decode()  # msgspec does not look into the text that it skips
            decoded = msgspec.json.decode(content, type=body_type)
            members: object = msgspec.json.decode(content) if self.strict else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _validation_error(content, body_type, error) from None
        refuse_unknown(members, body_type)
        return decoded


class EmptyBody(msgspec.Struct):
    """A body of which no member is documented: any will do, as in ``{"reason": "duplicate"}``."""


def convert(value: object, value_type: Any, param: str, *, strict: bool = False) -> Any:
    """Convert one part of a body to a type, which may be a union."""
    try:
        converted = msgspec.convert(value, value_type)
    except msgspec.ValidationError as error:
        raise invalid_param(param, str(error)) from None
    if strict:
        refuse_unknown(value, value_type, param)
    return converted


def require(sent: Mapping[str, object], names: tuple[str, ...], parent: str) -> None:
    """Raise unless every name has a value."""
    for name in names:
        if sent.get(name) in (None, []):
            raise missing_param(f"{parent}.{name}")


def _validation_error(content: bytes, body_type: Any, reason: Exception) -> WireError:
    found = misfit(content, body_type)
    if found is None:
        return bad_request(f"The body is not valid JSON: {reason}.")
    param = found.path.removeprefix("$").removeprefix(".")
    return invalid_param(param or "body", found.reason) if found.reason else missing_param(param)
