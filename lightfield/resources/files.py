"""Files: uploads, downloads and metadata.

API page: https://docs.lightfield.app/using-the-api/file-uploads/
"""

import asyncio
import io
from contextlib import suppress
from functools import partial
from typing import Unpack, cast

from msgspec.json import Decoder

from lightfield._files.destination import Downloadable
from lightfield._files.download import DownloadTarget
from lightfield._files.progress import TransferHook, check, within_deadline
from lightfield._files.upload import Uploadable, UploadSource, with_source
from lightfield._operations import Awaits, CallOptions, M, Raw, Stream, operation, procedure, view
from lightfield._operations.performer import Awaiting
from lightfield._protocol.builders import get, path_segment, write
from lightfield._protocol.request import Request
from lightfield._protocol.shown import shown
from lightfield.errors import LightfieldError, LightfieldValueError
from lightfield.models import File, FileUpload, FileURL, Page
from lightfield.models.document import JSONObject
from lightfield.models.write import Purpose

from ._documents import Listable

DEADLINE = 3600.0
_CANCEL_TIMEOUT = 5.0  # seconds for cancelling a failed upload
_INTERRUPTED_TIMEOUT = 0.15  # the same, if the caller has been cancelled

_UPLOAD, _URL = Decoder(FileUpload), Decoder(FileURL)


class Files(Listable[M, File]):
    """``client.file``. Listings omit files uploaded in the app and attachments synced from chats."""

    _path = "/v1/files"
    _one: Decoder[File] = Decoder(File)
    _page: Decoder[Page[File]] = Decoder(Page[File])
    with_raw_response: "view[Files[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Files[Stream[M]]]" = view("streamed")

    @operation
    def create(
        self,
        *,
        filename: str,
        mime_type: str,
        size_bytes: int,
        purpose: Purpose | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[FileUpload]:
        """Register a file and get the address for its bytes. ``upload`` does this and the rest.

        Args:
            filename: 1 to 255 characters.
            mime_type: Such as ``text/plain``.
            size_bytes: 1 to 536,870,912.
            purpose: What it is for, so that the API can check it.
        """
        if isinstance(size_bytes, bool) or not isinstance(size_bytes, int) or size_bytes < 1:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise LightfieldValueError(f"size_bytes must be an int of 1 or more, not {shown(size_bytes):.40}.")
        body = {"filename": filename, "mimeType": mime_type, "sizeBytes": size_bytes, "purpose": purpose}
        return write(self._path, _UPLOAD, body, "filename", "mimeType")

    @operation
    def complete(self, id: str, *, md5: str | None = None, **_: Unpack[CallOptions]) -> Request[File]:
        """Complete an upload whose bytes are all stored.

        Args:
            id: The file's id.
            md5: Their MD5 in hexadecimal, for the API to compare.
        """
        return write(f"{self._items}/{path_segment(id)}/complete", self._one, {"md5": md5})

    @operation
    def cancel(self, id: str, *, body: JSONObject | None = None, **_: Unpack[CallOptions]) -> Request[File]:
        """Cancel an upload that is not complete."""
        return write(f"{self._items}/{path_segment(id)}/cancel", self._one, body)

    @operation
    def url(self, id: str, **_: Unpack[CallOptions]) -> Request[FileURL]:
        """Fetch an address from which a completed file can be downloaded for a while, without a key."""
        return get(f"{self._items}/{path_segment(id)}/url", _URL)

    @procedure
    async def upload(
        self,
        file: Uploadable,
        *,
        filename: str | None = None,
        mime_type: str | None = None,
        purpose: Purpose | None = None,
        progress: TransferHook | None = None,
        deadline: float | None = DEADLINE,
    ) -> File:
        """Upload a file: register it, store its bytes and have them checked. A failed upload is cancelled.

        Args:
            file: A path, bytes, or a file opened for reading bytes; 1 byte to 512 MB, streamed.
            filename: Its name; by default that of the path or file. Bytes need one.
            mime_type: Its type; by default what the name suggests.
            purpose: What it is for, so that the API can check it.
            progress: Called on the event loop after each part.
            deadline: Seconds for all of it.

        Raises:
            LightfieldValueError: The file cannot be read, or its size or name is not valid.
            APIStatusError: The API or the storage returned an error status.
            APITimeoutError: The deadline has passed.
        """
        check(progress, deadline)
        send = partial(_upload, cast("Files[Awaits]", self), self._awaiting, purpose, progress)
        return await within_deadline(with_source(send, file, filename, mime_type), deadline, "upload")

    @procedure
    async def download(
        self, id: str, *, progress: TransferHook | None = None, deadline: float | None = DEADLINE
    ) -> bytes:
        """Download a completed file into memory, up to ``max_response_bytes`` if that is set: see ``download_to``."""
        content = io.BytesIO()
        await cast("Files[Awaits]", self).download_to(id, content, progress=progress, deadline=deadline)
        return content.getvalue()

    @procedure
    async def download_to(
        self, id: str, to: Downloadable, *, progress: TransferHook | None = None, deadline: float | None = DEADLINE
    ) -> int:
        """Download a completed file to a path or an open file, and return its size in bytes.

        Args:
            id: The file's id.
            to: A path, where the file appears once it is complete, with the mode and owner of the one before; the path
                of a pipe or a device, which is written to; or a file opened for writing bytes.
            progress: Called on the event loop after each part.
            deadline: Seconds for all of it.

        Raises:
            LightfieldValueError: It cannot be written there.
            APIResponseValidationError: The size differs from that by the API.
            APITimeoutError: The deadline has passed.
        """
        check(progress, deadline)
        client, path = self._awaiting, f"{self._items}/{path_segment(id)}"
        action = client.storage.download(client.send, path, DownloadTarget(to), progress)
        return await within_deadline(action, deadline, "download")


async def _upload(
    files: Files[Awaits], client: Awaiting, purpose: Purpose | None, progress: TransferHook | None, source: UploadSource
) -> File:
    ticket = await files.create(
        filename=source.filename, mime_type=source.mime_type, size_bytes=source.size, purpose=purpose
    )
    try:
        md5 = await client.storage.put(ticket, source, progress)
        return await files.complete(ticket.id, md5=md5)
    except BaseException as error:
        with suppress(LightfieldError, TimeoutError):
            async with asyncio.timeout(_CANCEL_TIMEOUT if isinstance(error, Exception) else _INTERRUPTED_TIMEOUT):
                await files.cancel(ticket.id)
        raise
