"""Files.

API page: https://docs.lightfield.app/using-the-api/file-uploads/
"""

from lightfield._protocol.codec import ABSENT, absent_is_none

from .document import Document


@absent_is_none
class File(Document, frozen=True, kw_only=True):
    """A file: uploaded, or still to be."""

    id: str
    created_at: str
    filename: str
    mime_type: str
    size_bytes: int
    status: str
    """``PENDING``, ``COMPLETED``, ``CANCELLED`` or ``EXPIRED``."""

    completed_at: str | None = ABSENT
    expires_at: str | None = ABSENT
    """Until when its bytes may be uploaded."""


class FileUpload(File, frozen=True, kw_only=True):
    """A file whose bytes are awaited, and where to put them."""

    upload_url: str
    """Signed: whoever has it may upload. Not shown by ``repr``."""

    upload_headers: dict[str, str]
    """The headers to send with the bytes: exactly these."""

    def __repr__(self) -> str:
        return f"FileUpload(id={self.id!r}, filename={self.filename!r}, status={self.status!r}, upload_url=…)"


class FileURL(Document, frozen=True, kw_only=True):
    """Where a file can be fetched for a while."""

    url: str
    """Signed: whoever has it may read. Not shown by ``repr``."""

    expires_at: str

    def __repr__(self) -> str:
        return f"FileURL(url=…, expires_at={self.expires_at!r})"
