"""The HTTP response as a value."""

from collections.abc import Mapping
from typing import Any

import msgspec


class Response(msgspec.Struct, frozen=True, gc=False):
    """A complete HTTP response."""

    __module__ = "lightfield"
    status: int
    headers: Mapping[str, str]
    content: bytes

    def __reduce__(self) -> tuple[Any, ...]:
        from multidict import CIMultiDict

        return Response, (self.status, CIMultiDict(self.headers), self.content)

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
