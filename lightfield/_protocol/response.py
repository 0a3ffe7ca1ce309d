"""The HTTP response as a value, and the HTTP request it answers."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Protocol

import msgspec

from .display import ShownByRepr


class HTTPRequest(ShownByRepr, msgspec.Struct, frozen=True, gc=False):
    """An HTTP request that was sent."""

    __module__ = "lightfield"
    method: str
    url: str
    headers: Mapping[str, str]
    """Without the API key; names are case-insensitive."""

    def __reduce__(self) -> tuple[Any, ...]:
        from multidict import CIMultiDict

        return HTTPRequest, (self.method, self.url, CIMultiDict(self.headers))

    def __repr__(self) -> str:
        return f"<HTTPRequest {self.method} {self.url}>"


class Body(Protocol):
    """A body that is yet to be read."""

    @property
    def closed(self) -> bool:
        """Whether it was read to its end or closed."""
        ...

    def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield it, decompressed, as it arrives."""
        ...

    async def read(self) -> bytes:
        """Return all of it."""
        ...

    def close(self) -> None:
        """Close the connection, unless all of it was read."""
        ...


class Response(ShownByRepr, msgspec.Struct, frozen=True, gc=False):
    """An HTTP response."""

    __module__ = "lightfield"
    status: int
    headers: Mapping[str, str]
    content: bytes
    request: HTTPRequest | None = None
    """What was sent; None for a response that was decoded."""

    seconds: float = 0.0
    """Time from sending the request to the end of what was read."""

    body: Body | None = None
    """What is yet to be read, instead of ``content``."""

    def __reduce__(self) -> tuple[Any, ...]:
        from multidict import CIMultiDict

        return Response, (self.status, CIMultiDict(self.headers), self.content, self.request, self.seconds)

    def __repr__(self) -> str:
        return f"<Response {self.status}, {len(self.content)} bytes>"

    @property
    def status_code(self) -> int:
        """Alias of ``status``."""
        return self.status

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """Return the body, decoded as JSON.

        Raises:
            ValueError: It is not JSON.
        """
        from json import loads

        return loads(self.content)
