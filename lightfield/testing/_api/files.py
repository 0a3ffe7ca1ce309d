"""Operations on files."""

import hashlib
from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from lightfield.testing._crm.storage import Upload
from lightfield.testing._crm.timestamps import current_timestamp, format_timestamp, now
from lightfield.testing._http.body import EmptyBody
from lightfield.testing._http.errors import bad_request, conflict, not_found, unprocessable

from .records import page_bounds
from .routes import Call, Handler

_MAX_SIZE = 512 * 1024 * 1024
_MAX_ATTACHMENT_SIZE = 20 * 1024 * 1024
_URL_LIFETIME = timedelta(hours=1)


class _CreateRequest(msgspec.Struct, rename="camel"):
    filename: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    mime_type: Annotated[str, msgspec.Meta(min_length=1, pattern=r"^[^\r\n]+$")]
    size_bytes: Annotated[int, msgspec.Meta(ge=1, le=_MAX_SIZE)]
    purpose: Literal["meeting_transcript", "knowledge_user", "knowledge_workspace", "email_attachment"] | None = None


class _CompleteRequest(msgspec.Struct):
    md5: str | None = None


def create(call: Call) -> object:
    """Create a file and return the URL for its upload."""
    request = call.body.read(_CreateRequest)
    if request.purpose == "email_attachment" and request.size_bytes > _MAX_ATTACHMENT_SIZE:
        raise bad_request("An attachment may have at most 20 MiB.", param="sizeBytes")
    created = now()
    knowledge = (request.purpose or "").startswith("knowledge")
    stem, dot, extension = request.filename.rpartition(".")
    suffixed = f"{stem or extension}_{int(created.timestamp() * 1000)}{dot}{extension if stem else ''}"
    upload = Upload(
        file={
            "id": call.workspace.new_id("fil"),
            "createdAt": format_timestamp(created),
            "completedAt": None,
            "expiresAt": format_timestamp(created + _URL_LIFETIME),
            "filename": suffixed if knowledge else request.filename,
            "mimeType": request.mime_type,
            "sizeBytes": request.size_bytes,
            "status": "PENDING",
        },
        headers={"content-type": request.mime_type} | ({"if-none-match": "*"} if knowledge else {}),
        write_signature=call.workspace.new_id("put"),
        read_signature=call.workspace.new_id("get"),
    )
    call.workspace.storage.uploads[upload.file["id"]] = upload
    upload_url = upload.url(call.origin, upload.write_signature)
    return {**upload.file, "uploadUrl": upload_url, "uploadHeaders": upload.headers}


def retrieve(call: Call) -> object:
    """Return one file."""
    return _upload(call).file


def listing(call: Call) -> object:
    """Return a page of the files, newest first; those that came with chat messages are not listed."""
    limit, offset = page_bounds(call.query)
    uploads = call.workspace.index.storage.uploads
    for identifier in list(uploads):
        call.workspace.storage.find(identifier)  # which may end it
    files = [upload.file for upload in reversed(uploads.values()) if upload.write_signature]
    return {"data": files[offset : offset + limit], "object": "list", "totalCount": len(files)}


def complete(call: Call) -> object:
    """Complete an upload."""
    upload, request = _upload(call), call.body.read(_CompleteRequest)
    if upload.file["status"] == "COMPLETED":
        return upload.file
    _check_pending(upload)
    content = call.workspace.storage.contents.get(upload.file["id"])
    if content is None:
        raise bad_request("This file has no content.")
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if request.md5 is not None and request.md5.lower() != digest:
        raise unprocessable("The MD5 of the content differs.", param="md5")
    return _finish(call, upload, "COMPLETED")


def cancel(call: Call) -> object:
    """Cancel an upload."""
    call.body.read(EmptyBody)
    upload = _upload(call)
    _check_pending(upload)
    call.workspace.storage.contents.pop(upload.file["id"], None)
    return _finish(call, upload, "CANCELLED")


def url(call: Call) -> object:
    """Return a temporary URL for the content."""
    upload = _upload(call)
    if upload.file["status"] != "COMPLETED":
        raise conflict(f"The file is {upload.file['status']}, not COMPLETED.")
    return {"url": upload.url(call.origin, upload.read_signature), "expiresAt": format_timestamp(now() + _URL_LIFETIME)}


def _upload(call: Call) -> Upload:
    upload = call.workspace.storage.find(call.params["id"])
    if upload is None:
        raise not_found("files")
    return upload


def _check_pending(upload: Upload) -> None:
    if upload.file["status"] != "PENDING":
        raise conflict(f"The file is {upload.file['status']}, not PENDING.")


def _finish(call: Call, upload: Upload, status: str) -> object:
    upload.file["status"] = status
    upload.file["expiresAt"] = None
    upload.file["completedAt"] = current_timestamp() if status == "COMPLETED" else None
    call.workspace.storage.uploads[upload.file["id"]] = upload
    return upload.file


HANDLERS: dict[str, Handler] = {
    "file.create": create,
    "file.list": listing,
    "file.retrieve": retrieve,
    "file.complete": complete,
    "file.cancel": cancel,
    "file.url": url,
}
