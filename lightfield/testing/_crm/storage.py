"""Object storage for the contents of files.

The API returns signed URLs of a storage service that is separate from it: requests carry a signature instead of the API
key, and the headers that were signed. It is outside ``/v1`` and has no rate limit.
"""

from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from lightfield.testing._http.body import send_continue
from lightfield.testing._http.errors import WireError
from lightfield.testing._store.journal import Journal
from lightfield.testing._store.tables import Table

from .documents import File
from .timestamps import current_timestamp

PREFIX = "/storage/"
_API_HEADERS = ("Authorization", "Lightfield-Version", "Idempotency-Key")


@dataclass
class Upload:
    """A file, and what is needed to write and read its content."""

    file: File
    headers: dict[str, str]
    write_signature: str
    read_signature: str

    def url(self, origin: str, signature: str) -> str:
        """Return a signed URL for writing or reading the content."""
        return f"{origin}{PREFIX}{self.file['id']}?signature={signature}"

    def expire(self) -> bool:
        """End the upload if its time is over, and return whether it was."""
        expires = self.file["expiresAt"]
        if self.file["status"] != "PENDING" or expires is None or expires > current_timestamp():
            return False
        self.file["status"], self.file["expiresAt"] = "EXPIRED", None
        return True


class Storage:
    """The files of one sandbox.

    Attributes:
        uploads: The files by id.
        contents: The contents that are stored, by the id of the file.
    """

    def __init__(self) -> None:
        self.uploads: Table[Upload] = Table()
        self.contents: Table[bytes] = Table()

    def find(self, identifier: str) -> Upload | None:
        """Return an upload in its present state, or None."""
        upload = self.uploads.get(identifier)
        if upload is not None and upload.expire():
            self.uploads[identifier] = upload
            self.contents.pop(identifier, None)
        return upload

    async def respond(self, request: web.BaseRequest, journal: Journal) -> web.Response:
        """Store the content of a file, or return it."""
        upload = self.find(request.rel_url.path.removeprefix(PREFIX))
        try:
            return await self._respond(upload, request, journal)
        except (_StorageError, WireError) as error:
            reason = HTTPStatus(error.status).phrase
            return web.Response(status=error.status, text=f"{reason}: {error}\n")

    async def _respond(self, upload: Upload | None, request: web.BaseRequest, journal: Journal) -> web.Response:
        if upload is None:
            raise _StorageError(404, "no such object")
        if sent := [name for name in _API_HEADERS if name in request.headers]:
            raise _StorageError(403, f"{', '.join(sent)} must not be sent to the storage")
        if request.method == "PUT":
            return await self._put(upload, request, journal)
        if request.method == "GET":
            return self._get(upload, request)
        raise _StorageError(405, "only PUT and GET")

    async def _put(self, upload: Upload, request: web.BaseRequest, journal: Journal) -> web.Response:
        _check_signature(request, upload.write_signature)
        for name, value in upload.headers.items():
            if request.headers.get(name) != value:
                raise _StorageError(403, f"the signature covers '{name}: {value}'")
        self._check_writable(upload)
        size = upload.file["sizeBytes"]
        if request.content_length not in {None, size}:
            raise _StorageError(400, f"{size} bytes expected")
        await send_continue(request)
        content = bytearray()
        async for chunk in request.content.iter_any():
            content += chunk
            if len(content) > size:
                break
        if len(content) != size:
            raise _StorageError(400, f"{size} bytes expected")
        with journal:
            self._check_writable(upload)  # another upload may have finished in the meantime
            self.contents[upload.file["id"]] = bytes(content)
        return web.Response(status=200)

    def _get(self, upload: Upload, request: web.BaseRequest) -> web.Response:
        _check_signature(request, upload.read_signature)
        content = self.contents.get(upload.file["id"])
        return web.Response(body=content, headers={"Content-Type": upload.file["mimeType"]})

    def _check_writable(self, upload: Upload) -> None:
        if upload.file["id"] in self.contents and "if-none-match" in upload.headers:
            raise _StorageError(412, "the object already exists")
        if upload.file["status"] != "PENDING":
            raise _StorageError(403, "the upload has ended")


class _StorageError(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def _check_signature(request: web.BaseRequest, signature: str) -> None:
    if request.rel_url.query.get("signature") != signature:
        raise _StorageError(403, "the signature does not match")
