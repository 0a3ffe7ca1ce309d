"""Where do the bytes of files go?

The API hands out addresses of a storage that is not part of it: whoever calls it shows a signature, not a key, and
sends the headers that were signed. It lies outside of ``/v1`` and has no rate limit.
"""

from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from .documents import File

PREFIX = "/storage/"
_OF_THE_API = ("Authorization", "Lightfield-Version", "Idempotency-Key")


@dataclass
class Upload:
    """A file, what is needed to store its bytes and to read them, and the bytes once they are stored."""

    file: File
    headers: dict[str, str]
    write_signature: str
    read_signature: str
    content: bytearray | None = None

    def address(self, origin: str, signature: str) -> str:
        """Return where its bytes are written or read."""
        return f"{origin}{PREFIX}{self.file['id']}?signature={signature}"


class Storage:
    """The files of one sandbox, by id."""

    def __init__(self) -> None:
        self.uploads: dict[str, Upload] = {}

    async def respond(self, request: web.BaseRequest) -> web.Response:
        """Store the bytes of a file, or return them."""
        upload = self.uploads.get(request.rel_url.path.removeprefix(PREFIX))
        try:
            return await _answer(upload, request)
        except _Refusal as refusal:
            reason = HTTPStatus(refusal.status).phrase
            return web.Response(status=refusal.status, text=f"{reason}: {refusal}\n")


class _Refusal(Exception):  # noqa: N818 - it is an answer
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


async def _answer(upload: Upload | None, request: web.BaseRequest) -> web.Response:
    if upload is None:
        raise _Refusal(404, "no such object")
    if carried := [name for name in _OF_THE_API if name in request.headers]:
        raise _Refusal(403, f"{', '.join(carried)} must not be sent to the storage")
    if request.method == "PUT":
        return await _put(upload, request)
    if request.method == "GET":
        return _get(upload, request)
    raise _Refusal(405, "only PUT and GET")


async def _put(upload: Upload, request: web.BaseRequest) -> web.Response:
    _show(request, upload.write_signature)
    for name, value in upload.headers.items():
        if request.headers.get(name) != value:
            raise _Refusal(403, f"the signature covers '{name}: {value}'")
    _writable(upload)
    size = upload.file["sizeBytes"]
    if request.content_length not in {None, size}:
        raise _Refusal(400, f"{size} bytes expected")
    content = bytearray()
    async for chunk in request.content.iter_any():
        content += chunk
        if len(content) > size:
            break
    if len(content) != size:
        raise _Refusal(400, f"{size} bytes expected")
    _writable(upload)  # while the bytes were on their way, others may have arrived
    upload.content = content
    return web.Response(status=200)


def _get(upload: Upload, request: web.BaseRequest) -> web.Response:
    _show(request, upload.read_signature)
    return web.Response(body=upload.content, headers={"Content-Type": upload.file["mimeType"]})


def _writable(upload: Upload) -> None:
    if upload.content is not None and "if-none-match" in upload.headers:
        raise _Refusal(412, "the object is stored already")
    if upload.file["status"] != "PENDING":
        raise _Refusal(403, "the upload is over")


def _show(request: web.BaseRequest, signature: str) -> None:
    if request.rel_url.query.get("signature") != signature:
        raise _Refusal(403, "the signature does not match")
