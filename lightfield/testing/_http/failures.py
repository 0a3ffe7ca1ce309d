"""What may happen to a request instead of its answer."""

import asyncio
import re
import socket
import struct
import sys
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Literal, TypeAlias, TypedDict, cast, get_args

import msgspec
from aiohttp import web

from .errors import failed, throttled

Way: TypeAlias = Literal["reset", "stall", "truncate", "slow", "garbage"]
Answer: TypeAlias = Callable[[], Awaitable[web.Response]]

JSON = "application/json; charset=utf-8"

_STATUSES = range(300, 600)
_MAX_SECONDS = 1_000_000
_PIECES = 20
_INTERVAL = 0.05
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_GARBAGE = b"<!doctype html><title>\xff\x00</title>"
_CUT_SHORT = b'{"id": "cut short", "fields": {}, "relationships": {}}'
_APPLIED = {"GET": {"slow", "truncate"}, "PUT": {"slow", "truncate", "garbage"}}
"""Ways that answer what the request asks for; the status 200 says that an upload is stored."""

_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class FailureOptions(TypedDict, total=False):
    """The options of ``Sandbox.fail`` that say what happens."""

    status: int
    with_: Way
    headers: Mapping[str, str]
    body: object
    applied: bool
    seconds: float


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one request."""

    status: int | None = None
    with_: Way | None = None
    headers: Mapping[str, str] = {}
    body: object = None
    applied: bool = False
    seconds: float = 2.0

    def __post_init__(self) -> None:
        if (self.status is None) == (self.with_ is None):
            raise ValueError('a fault needs either status=503, for example, or with_="reset"')
        if self.with_ not in (None, *get_args(Way)):
            raise ValueError(f"with_ must be one of {', '.join(get_args(Way))}; got {self.with_!r}")
        if self.status is not None and self.status not in _STATUSES:
            raise ValueError(f"status must be that of a failure, from 300 to 599; got {self.status!r}")
        if self.with_ is not None and (self.headers or self.body is not None):
            raise ValueError("headers and body belong to a status")
        _check_headers(self.headers)
        if not 0 < self.seconds <= _MAX_SECONDS:
            raise ValueError(f"seconds must be above 0 and at most {_MAX_SECONDS:,}")
        _encoded(self.body)  # fails at once, not when a request does

    def response(self, headers: Mapping[str, str]) -> web.Response:
        """Return the response, with some headers that its own ones replace."""
        if self.with_ is not None:
            content = _GARBAGE if self.with_ == "garbage" else _CUT_SHORT
            return web.Response(body=content, headers={"Content-Type": JSON, **headers})
        status = self.status or 0
        error = throttled() if status == HTTPStatus.TOO_MANY_REQUESTS else failed(status)
        response = web.Response(status=status, body=_encoded(error.body if self.body is None else self.body))
        for name, value in (("Content-Type", JSON), *headers.items(), *error.headers.items(), *self.headers.items()):
            response.headers[name] = value
        return response


async def fail(request: web.BaseRequest, failure: Failure, headers: Mapping[str, str], answer: Answer) -> Any:
    """Answer a request as a failure describes.

    Args:
        request: The request.
        failure: What is to happen.
        headers: Headers of every response to it.
        answer: Processes the request.
    """
    way = failure.with_
    response = None
    if failure.applied or way in _APPLIED.get(request.method, {"slow"}):
        response = await answer()
    if response is None or way in {None, "garbage"}:
        response = failure.response(headers)
    return await _WAYS[way](request, response, failure.seconds) if way in _WAYS else response


async def _reset(request: web.BaseRequest, _: web.Response, __: float) -> web.Response:
    if request.transport is not None:
        connection: socket.socket = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
        request.transport.abort()
    raise ConnectionResetError


async def _stall(request: web.BaseRequest, _: web.Response, __: float) -> web.Response:
    while request.transport is not None:  # noqa: ASYNC110 - aiohttp has no event for it
        await asyncio.sleep(_INTERVAL)
    raise ConnectionResetError


async def _truncate(request: web.BaseRequest, response: web.Response, _: float) -> web.StreamResponse:
    body = _content(request, response)
    stream = await _begin(request, response, max(1, len(body)))  # of no body, a byte is missing too
    await stream.write(body[: len(body) // 2])
    request.protocol.force_close()
    return stream


async def _trickle(request: web.BaseRequest, response: web.Response, seconds: float) -> web.StreamResponse:
    body = _content(request, response)
    if not body:
        await asyncio.sleep(seconds)
    stream = await _begin(request, response, len(body))
    size = max(1, -(-len(body) // _PIECES))
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / _PIECES)
        await stream.write(body[start : start + size])
    return stream


_WAYS: Mapping[Any, Callable[[web.BaseRequest, web.Response, float], Awaitable[web.StreamResponse]]] = {
    "reset": _reset,
    "stall": _stall,
    "truncate": _truncate,
    "slow": _trickle,
}


def _content(request: web.BaseRequest, response: web.Response) -> bytes:
    """Return the body of a response, of which a HEAD request gets none."""
    return response.body if isinstance(response.body, bytes) and request.method != "HEAD" else b""


async def _begin(request: web.BaseRequest, response: web.Response, length: int) -> web.StreamResponse:
    """Send the head of a response whose body is to follow."""
    stream = web.StreamResponse(status=response.status, headers=response.headers)
    stream.content_length = length
    await stream.prepare(request)
    return stream


def _check_headers(headers: object) -> None:
    if not isinstance(headers, Mapping):
        raise TypeError(f"headers must be a mapping of names to values, not {type(headers).__name__}")
    for name, value in cast("Mapping[object, object]", headers).items():
        if not (isinstance(name, str) and _NAME.fullmatch(name)):
            raise ValueError(f"{name!r} is not a valid header name: it must have no spaces, colons or line breaks")
        if not (isinstance(value, str) and _VALUE.fullmatch(value)):
            raise ValueError(f"the header {name} must be text without line breaks and other control characters")


def _encoded(body: object) -> bytes:
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else msgspec.json.encode(body)
