"""An API and a file storage on one fault server, told how the storage misbehaves."""

import hashlib
from collections.abc import Mapping

from tests.faults.server import FaultServer, Reply, http

CONTENT = bytes(range(256)) * 3_000
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
SIGNED = "X-Signature=5ecret"
DOCUMENT = b"GET /v1/files/fil_1 "
HEADERS = {"content-type": "text/plain", "x-goog-meta": "1"}


def file(status: str, size: int = len(CONTENT)) -> dict[str, object]:
    """Write the document of a file."""
    return {
        "id": "fil_1",
        "createdAt": "2026-06-01T12:00:00.000Z",
        "completedAt": None,
        "expiresAt": None,
        "filename": "call.txt",
        "mimeType": "text/plain",
        "sizeBytes": size,
        "status": status,
    }


class StorageServer(FaultServer):
    """Answers ``create`` or ``url``, then as it is told, then ``complete`` or ``cancel``; ``retrieve`` at any time.

    ``announced`` is the size of the file by the API.
    """

    def __init__(
        self,
        *script: Reply,
        headers: Mapping[str, str] = HEADERS,
        last: str = "COMPLETED",
        url: str | None = None,
        place: str = f"/bucket/fil_1?{SIGNED}",
        announced: object = len(CONTENT),
    ) -> None:
        super().__init__()
        self._document = http(200, {**file("COMPLETED"), "sizeBytes": announced})
        signed = url or f"{self.base_url}{place}"
        where = {"uploadUrl": signed, "uploadHeaders": dict(headers), "url": signed}
        ticket = {**file("PENDING"), "expiresAt": "2026-06-01T13:00:00.000Z", **where}
        self._script = (http(200, ticket), *script, http(200, file(last)))

    def _reply_to(self, request: bytes) -> Reply:
        if request.startswith(DOCUMENT):
            return self._document
        told = sum(not before.startswith(DOCUMENT) for before in self.requests)
        return self._script[min(told, len(self._script) - 1)]

    @property
    def lines(self) -> list[str]:
        """The request lines, without protocol."""
        return [request.split(b" HTTP/", 1)[0].decode() for request in self.requests]

    def body(self, number: int) -> bytes:
        """The body of a request."""
        return self.requests[number].partition(b"\r\n\r\n")[2]
