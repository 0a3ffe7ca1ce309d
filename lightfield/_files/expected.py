"""The size of a download: what is announced, what arrives, and what may be held in memory."""

from typing import Any

from lightfield.errors import APIConnectionError, APIProtocolError, APIResponseValidationError
from lightfield.models.document import Document

from .upload import MAX_UPLOAD

_ENCODINGS = frozenset({"identity", "gzip", "x-gzip", "deflate", "compress", "br", "zstd"})


class Announcement(Document, frozen=True, kw_only=True):
    """What a download needs of a file's document."""

    size_bytes: int | None = None


def is_framed(response: Any) -> bool:
    """Return whether the end of a body differs from the loss of its connection."""
    return response.content_length is not None or "Transfer-Encoding" in response.headers


class ExpectedSize:
    """Compares the size of what a storage sends with what the API has announced.

    Args:
        what: The transfer, for messages.
        announced: The file's ``sizeBytes``; None, or 0 and below, if the API does not know it.
        max_memory: The largest size in bytes, if the file is held in memory and the caller has limited that.
    """

    def __init__(self, what: str, announced: int | None, max_memory: int | None) -> None:
        self._what = what
        self._max_memory = max_memory
        self.announced = announced if announced and announced > 0 else None

    def check_allowed(self, size: int) -> None:
        """Check a size against the limits, which hold whatever is announced.

        Raises:
            APIConnectionError: It exceeds them.
        """
        reason = f"512 MB ({MAX_UPLOAD:,} bytes), the largest that the API allows" if size > MAX_UPLOAD else None
        if self._max_memory is not None and size > self._max_memory:
            reason = f"max_response_bytes ({self._max_memory:,}): raise that, or download it to a path"
        if reason is not None:
            failure = APIConnectionError(f"the file is larger than {reason}")
            failure.permanent = True
            raise failure

    def check_head(self, response: Any) -> str:
        """Check what the headers of a response say, and return the content encoding.

        Raises:
            APIConnectionError: The file is too large.
            APIProtocolError: The body is transferred in another way than whole or in chunks.
            APIResponseValidationError: They contradict the API, or the end of the body could not be recognised.
        """
        transfer = ",".join(response.headers.getall("Transfer-Encoding", ("chunked",)))
        if transfer.strip().lower() != "chunked":  # which one is not shown: it might echo the signed address
            raise APIProtocolError(f"{self._what}: the body has a Transfer-Encoding other than chunked")
        encoding = response.headers.get("Content-Encoding", "").strip().lower() or "identity"
        if encoding not in _ENCODINGS:
            encoding = "something unknown"  # not shown: it might echo the signed address
        length = response.content_length
        if encoding == "identity" and length is not None:
            self.check_allowed(length)
            if self.announced not in {None, length}:
                raise self._contradiction(f"{length:,} bytes")
        if self.announced is None and encoding == "identity" and not is_framed(response):
            raise self._invalid("neither the API nor the storage announced the size, so a cut would go unnoticed")
        return encoding

    def check_received(self, size: int) -> None:
        """Check the number of bytes that have arrived so far, decompressed.

        Raises:
            APIConnectionError: The file is too large.
            APIResponseValidationError: They are more than announced.
        """
        if self.announced is not None and size > self.announced:
            raise self._contradiction("more")
        self.check_allowed(size)

    def check_whole(self, size: int) -> None:
        """Check the number of bytes that have arrived when the body has ended.

        Raises:
            APIConnectionError: They are fewer than announced.
        """
        if self.announced is not None and size < self.announced:
            raise APIConnectionError(f"the body ended after {size:,} of {self.announced:,} bytes")

    def _contradiction(self, sent: str) -> APIResponseValidationError:
        return self._invalid(f"the API announced {self.announced:,} bytes, the storage sends {sent}")

    def _invalid(self, reason: str) -> APIResponseValidationError:
        return APIResponseValidationError(f"{self._what}: {reason}")
