"""Files.

API page: https://docs.lightfield.app/using-the-api/file-uploads/
"""

from lightfield._protocol.codec import ABSENT, absent_is_none
from lightfield._protocol.display import ShownByRepr

from .document import Document


@absent_is_none
class File(Document, frozen=True, kw_only=True):
    """A file, whether its upload is complete or not."""

    id: str
    created_at: str
    filename: str
    mime_type: str
    size_bytes: int
    status: str
    """``PENDING``, ``COMPLETED``, ``CANCELLED`` or ``EXPIRED``."""

    completed_at: str | None = ABSENT
    expires_at: str | None = ABSENT
    """When the upload expires."""


class FileUpload(ShownByRepr, File, frozen=True, kw_only=True):
    """A file to upload, and the URL for its content."""

    upload_url: str
    """Signed: grants permission to upload. Omitted from ``repr``."""

    upload_headers: dict[str, str]
    """The exact headers to send with the content."""

    def __repr__(self) -> str:
        return f"FileUpload(id={self.id!r}, filename={self.filename!r}, status={self.status!r}, upload_url=…)"


class FileURL(ShownByRepr, Document, frozen=True, kw_only=True):
    """A temporary URL for the content of a file."""

    url: str
    """Signed: grants permission to read. Omitted from ``repr``."""

    expires_at: str

    def __repr__(self) -> str:
        return f"FileURL(url=…, expires_at={self.expires_at!r})"
