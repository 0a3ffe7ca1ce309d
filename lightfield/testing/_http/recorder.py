"""The requests that a server received, as tests look at them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web
from multidict import CIMultiDict

from lightfield.testing._names import check_name

_SECRET = ("Authorization", "Cookie", "Proxy-Authorization")
_SIGNED = "signature="
_MAX_SHARED = 64


@dataclass(eq=False, repr=False, slots=True, kw_only=True)
class RecordedRequest:
    """One request that the sandbox received.

    Attributes:
        operation: The name of the operation, such as ``opportunity.retrieve``; ``storage.put`` and ``storage.get`` for
            the contents of files; empty if the API has no such operation.
        method: The HTTP method.
        path: The path as it was sent, percent-encoded, without the query.
        query_string: The query as it was sent, without the signature of the file storage.
        headers: The headers without credentials; names are case-insensitive.
        body: The body; empty while it is arriving, and for the contents of files, which ``Sandbox.content`` returns.
        status: The status of the response; None if there is none, or not yet.
    """

    __module__ = "lightfield.testing"

    operation: str
    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes = b""
    status: int | None = None

    @property
    def query(self) -> dict[str, str | list[str]]:
        """The decoded parameters of the query; one that was sent several times has a list of values."""
        found: dict[str, str | list[str]] = {}
        for name, value in parse_qsl(self.query_string, keep_blank_values=True):
            before = found.get(name)
            if before is None:
                found[name] = value
            else:
                found[name] = [*before, value] if isinstance(before, list) else [before, value]
        return found

    @property
    def json(self) -> Any:
        """The decoded body; None if there is none or it is not JSON."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def __repr__(self) -> str:
        target = f"{self.path}?{self.query_string}" if self.query_string else self.path
        return f"<{self.method} {target} ({self.operation or 'no operation'}): {self.status or 'no response'}>"


class RecordedRequests(list[RecordedRequest]):
    """The requests that the sandbox received, in the order in which they arrived.

    It grows as requests arrive. Any thread may read it.
    """

    __module__ = "lightfield.testing"

    def __init__(self, found: Collection[RecordedRequest] = (), *, operations: Collection[str] = ()) -> None:
        super().__init__(found)
        self._operations = operations

    @property
    def last(self) -> RecordedRequest:
        """The latest request; IndexError if there is none."""
        if not self:
            raise IndexError("the sandbox has received no such request; `requests` shows what it has received")
        return self[-1]

    def of(self, operation: str) -> "RecordedRequests":
        """Return the requests of one operation so far.

        Args:
            operation: Its name, such as ``opportunity.retrieve``.

        Raises:
            ValueError: There is no such operation.
        """
        check_name("operation", operation, self._operations)
        return RecordedRequests([each for each in self if each.operation == operation], operations=self._operations)


class Recorder:
    """Makes records of requests. Those with the same headers share them, as most requests of a client do."""

    def __init__(self) -> None:
        self._headers: dict[object, Mapping[str, str]] = {}

    def record(self, request: web.BaseRequest, operation: str) -> RecordedRequest:
        """Return the record of a request whose body has not arrived yet."""
        url = request.rel_url
        is_signed = operation.startswith("storage.") or _SIGNED in url.raw_query_string
        return RecordedRequest(
            operation=operation,
            method=request.method,
            path=url.raw_path,
            query_string="" if is_signed else url.raw_query_string,
            headers=self._headers.get(request.raw_headers) or self._shared(request),
        )

    def _shared(self, request: web.BaseRequest) -> Mapping[str, str]:
        headers = CIMultiDict(request.headers)
        for name in _SECRET:
            headers.popall(name, None)
        if len(self._headers) >= _MAX_SHARED:
            self._headers.clear()
        self._headers[request.raw_headers] = headers
        return headers
