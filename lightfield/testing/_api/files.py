"""What can be done with files?"""

import hashlib
from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from lightfield.testing._crm.storage import Upload
from lightfield.testing._crm.timestamps import iso, now
from lightfield.testing._http.body import Nothing
from lightfield.testing._http.errors import bad_request, conflict, no_record, unprocessable
from lightfield.testing._http.query import whole_number

from .records import MOST
from .routes import Call, Route

_LARGEST = 512 * 1024 * 1024
_LARGEST_ATTACHMENT = 20 * 1024 * 1024
_LIFETIME = timedelta(hours=1)


class _Announced(msgspec.Struct, rename="camel"):
    filename: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    mime_type: Annotated[str, msgspec.Meta(min_length=1, pattern=r"^[^\r\n]+$")]
    size_bytes: Annotated[int, msgspec.Meta(ge=1, le=_LARGEST)]
    purpose: Literal["meeting_transcript", "knowledge_user", "knowledge_workspace", "email_attachment"] | None = None


class _Completed(msgspec.Struct):
    md5: str | None = None


def create(call: Call) -> object:
    """Announce a file, and learn where its bytes go."""
    sent = call.body.read(_Announced)
    if sent.purpose == "email_attachment" and sent.size_bytes > _LARGEST_ATTACHMENT:
        raise bad_request("An attachment has 20 MiB at most.", param="sizeBytes")
    created = now()
    knowledge = (sent.purpose or "").startswith("knowledge")
    stem, dot, ending = sent.filename.rpartition(".")
    suffixed = f"{stem or ending}_{int(created.timestamp() * 1000)}{dot}{ending if stem else ''}"
    upload = Upload(
        file={
            "id": call.workspace.new_id("fil"),
            "createdAt": iso(created),
            "completedAt": None,
            "expiresAt": iso(created + _LIFETIME),
            "filename": suffixed if knowledge else sent.filename,
            "mimeType": sent.mime_type,
            "sizeBytes": sent.size_bytes,
            "status": "PENDING",
        },
        headers={"content-type": sent.mime_type} | ({"if-none-match": "*"} if knowledge else {}),
        write_signature=call.workspace.new_id("put"),
        read_signature=call.workspace.new_id("get"),
    )
    call.workspace.storage.uploads[upload.file["id"]] = upload
    address = upload.address(call.origin, upload.write_signature)
    return {**upload.file, "uploadUrl": address, "uploadHeaders": upload.headers}


def retrieve(call: Call) -> object:
    """Return one file."""
    return _upload(call).file


def listing(call: Call) -> object:
    """Return a page of the files, newest first."""
    limit = whole_number(call.query, "limit", MOST, 1, MOST)
    offset = whole_number(call.query, "offset", 0, 0)
    files = [upload.file for upload in reversed(list(call.workspace.storage.uploads.values()))]
    return {"data": files[offset : offset + limit], "object": "list", "totalCount": len(files)}


def complete(call: Call) -> object:
    """Declare that the bytes are stored."""
    upload, sent = _upload(call), call.body.read(_Completed)
    if upload.file["status"] == "COMPLETED":
        return upload.file
    _pending(upload)
    if upload.content is None:
        raise bad_request("No bytes were stored for this file.")
    if sent.md5 is not None and sent.md5.lower() != hashlib.md5(upload.content, usedforsecurity=False).hexdigest():
        raise unprocessable("The stored bytes have another MD5.", param="md5")
    return _end(upload, "COMPLETED")


def cancel(call: Call) -> object:
    """Give an upload up."""
    call.body.read(Nothing)
    upload = _upload(call)
    _pending(upload)
    upload.content = None
    return _end(upload, "CANCELLED")


def url(call: Call) -> object:
    """Return where the bytes can be read for a while."""
    upload = _upload(call)
    if upload.file["status"] != "COMPLETED":
        raise conflict(f"The file is {upload.file['status']}, not COMPLETED.")
    return {"url": upload.address(call.origin, upload.read_signature), "expiresAt": iso(now() + _LIFETIME)}


def _upload(call: Call) -> Upload:
    upload = call.workspace.storage.uploads.get(call.params["id"])
    if upload is None:
        raise no_record("files")
    return upload


def _pending(upload: Upload) -> None:
    if upload.file["status"] != "PENDING":
        raise conflict(f"The file is {upload.file['status']}, not PENDING.")


def _end(upload: Upload, status: str) -> object:
    upload.file["status"] = status
    upload.file["expiresAt"] = None
    upload.file["completedAt"] = iso(now()) if status == "COMPLETED" else None
    return upload.file


ROUTES = (
    Route("POST", "/v1/files", "Write", create),
    Route("GET", "/v1/files", "Search", listing),
    Route("GET", "/v1/files/{id}", "Read", retrieve),
    Route("POST", "/v1/files/{id}/complete", "Write", complete),
    Route("POST", "/v1/files/{id}/cancel", "Write", cancel),
    Route("GET", "/v1/files/{id}/url", "Read", url),
)
