"""What is uploaded: bytes, the file at a path, or an open file."""

import asyncio
import hashlib
import io
import mimetypes
import os
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, cast

from lightfield.errors import LightfieldTypeError, LightfieldValueError

Uploadable: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO
"""A path, bytes, or a file opened for reading bytes, which is sent from its position to its end."""

MAX_UPLOAD = 512 * 1024 * 1024
_CHUNK = 256 * 1024


class UploadSource:
    """Bytes to upload, which can be read more than once. They are tried before anything is sent.

    Raises:
        LightfieldTypeError: It is neither a path nor bytes nor a binary file.
        LightfieldValueError: It cannot be read or rewound, or its size is not 1 byte to 512 MB.
    """

    md5: str | None = None
    """The MD5 in hexadecimal; None until all bytes have been read."""

    def __init__(self, file: Uploadable, filename: str | None = None, mime_type: str | None = None) -> None:
        for name, value in (("filename", filename), ("mime_type", mime_type)):
            if value is not None and not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise LightfieldTypeError(f"{name} must be a string, not {type(value).__name__}.")
        self._lock = threading.Lock()
        self._opened_here = isinstance(file, str | os.PathLike)
        self._file = _open(file)
        try:
            self._start, self.size = self._measure()
            self.filename = _checked_name(filename or _default_name(file))
        except BaseException:
            self.close()
            raise
        self.mime_type = mime_type or mimetypes.guess_type(self.filename)[0] or "application/octet-stream"

    def _measure(self) -> tuple[int, int]:
        try:
            start = self._file.tell()
            self._file.seek(0, os.SEEK_END)
            size = self._file.tell() - start
            self._file.seek(start)
            first = cast("object", self._file.read(1))
            self._file.seek(start)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise LightfieldValueError(f"The file cannot be read and rewound: {_reason(error)}.") from error
        if not isinstance(first, bytes):
            raise LightfieldTypeError("The file does not return bytes: open it with 'rb'.")
        if not 0 < size <= MAX_UPLOAD:
            raise LightfieldValueError(f"A file must hold 1 byte to 512 MB, not {size} bytes.")
        return start, size

    async def chunks(self) -> AsyncIterator[bytes]:
        """Read all bytes from the start, off the event loop.

        Raises:
            LightfieldValueError: The file cannot be read, or its size has changed.
        """
        digest, offset = hashlib.md5(usedforsecurity=False), 0
        while offset < self.size:
            chunk = await asyncio.to_thread(self._read, offset, min(_CHUNK, self.size - offset))
            offset += len(chunk)
            if not chunk or (offset == self.size and len(await asyncio.to_thread(self._read, offset, 1))):
                raise LightfieldValueError("The file was changed while it was uploaded.")
            digest.update(chunk)
            if offset == self.size:  # before the last chunk is sent: the response may arrive before this goes on
                self.md5 = digest.hexdigest()
            yield chunk

    def _read(self, offset: int, number: int) -> bytes:
        try:
            with self._lock:  # the thread of a cancelled attempt may still be reading
                self._file.seek(self._start + offset)
                return self._file.read(number)
        except (OSError, ValueError) as error:
            raise LightfieldValueError(f"The file cannot be read: {_reason(error)}.") from error

    def close(self) -> None:
        """Close the file if it was opened here."""
        if self._opened_here:
            with self._lock:
                self._file.close()


def _open(file: object) -> BinaryIO:
    if isinstance(file, bytes | bytearray | memoryview):
        return io.BytesIO(cast("bytes", file))
    if isinstance(file, str | os.PathLike):
        try:
            return Path(cast("str", file)).open("rb")
        except (OSError, ValueError) as error:
            raise LightfieldValueError(f"The file cannot be read: {_reason(error)}.") from error
    if isinstance(file, io.TextIOBase) or not hasattr(file, "read"):
        raise LightfieldTypeError(f"Pass a path, bytes, or a file opened with 'rb', not {type(file).__name__}.")
    return cast("BinaryIO", file)


def _default_name(file: object) -> str:
    name: Any = getattr(file, "name", None) if hasattr(file, "read") else file
    with suppress(TypeError):  # not a path, or one of bytes
        return Path(name).name
    return ""


def _checked_name(filename: str) -> str:
    if not 0 < len(filename) <= 255:
        raise LightfieldValueError("filename must have 1 to 255 characters; bytes have no name of their own.")
    return filename


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
