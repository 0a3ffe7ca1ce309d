"""What is uploaded: bytes, the file at a path, or an open file; readable again from its start, part by part."""

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
"""A path, bytes, or a file opened for reading bytes, which is sent from where it stands to its end."""

MAX_UPLOAD = 512 * 1024 * 1024
_PART = 256 * 1024


class Source:
    """Bytes to upload, tried before anything is sent.

    Raises:
        LightfieldTypeError: It is neither a path nor bytes nor a file of bytes.
        LightfieldValueError: It cannot be read or rewound, or its size is not 1 byte to 512 MB.
    """

    def __init__(self, given: Uploadable, filename: str | None = None, mime_type: str | None = None) -> None:
        for name, value in (("filename", filename), ("mime_type", mime_type)):
            if value is not None and not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise LightfieldTypeError(f"{name} must be a string, not {type(value).__name__}.")
        self._lock = threading.Lock()
        self._own = isinstance(given, str | os.PathLike)
        self._file = _opened(given)
        try:
            self._start, self.size = self._measured()
            self.filename = _checked(filename or _named(given))
        except BaseException:
            self.close()
            raise
        self.mime_type = mime_type or mimetypes.guess_type(self.filename)[0] or "application/octet-stream"

    def _measured(self) -> tuple[int, int]:
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
            raise LightfieldTypeError("The file gives no bytes: open it with 'rb'.")
        if not 0 < size <= MAX_UPLOAD:
            raise LightfieldValueError(f"A file must hold 1 byte to 512 MB, not {size} bytes.")
        return start, size

    def read(self, offset: int, number: int) -> bytes:
        """Read some bytes at an offset from the start, whatever else is being read.

        Raises:
            LightfieldValueError: They cannot be read.
        """
        try:
            with self._lock:
                self._file.seek(self._start + offset)
                return self._file.read(number)
        except (OSError, ValueError) as error:
            raise LightfieldValueError(f"The file cannot be read: {_reason(error)}.") from error

    def close(self) -> None:
        """Close the file if it was opened here."""
        if self._own:
            with self._lock:
                self._file.close()


class Reading:
    """Reads a source from its start, as often as need be, and remembers what the bytes were."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.md5: str | None = None
        """The MD5 in hexadecimal; None until all bytes have been read."""

    async def parts(self) -> AsyncIterator[bytes]:
        """Read the source off the event loop.

        Raises:
            LightfieldValueError: It cannot be read, or does not hold as many bytes as it was said to.
        """
        digest, offset, size = hashlib.md5(usedforsecurity=False), 0, self._source.size
        while offset < size:
            part = await self._part(offset, min(_PART, size - offset))
            offset += len(part)
            if not part or (offset == size and await self._part(size, 1)):
                raise LightfieldValueError("The file was changed while it was uploaded.")
            digest.update(part)
            if offset == size:  # before the last part goes: the answer may be quicker than the return from here
                self.md5 = digest.hexdigest()
            yield part

    async def _part(self, offset: int, number: int) -> bytes:
        return await asyncio.to_thread(self._source.read, offset, number)


def _opened(given: object) -> BinaryIO:
    if isinstance(given, bytes | bytearray | memoryview):
        return io.BytesIO(cast("bytes", given))
    if isinstance(given, str | os.PathLike):
        try:
            return Path(cast("str", given)).open("rb")
        except (OSError, ValueError) as error:
            raise LightfieldValueError(f"The file cannot be read: {_reason(error)}.") from error
    if isinstance(given, io.TextIOBase) or not hasattr(given, "read"):
        raise LightfieldTypeError(f"Pass a path, bytes, or a file opened with 'rb', not {type(given).__name__}.")
    return cast("BinaryIO", given)


def _named(given: object) -> str:
    name: Any = getattr(given, "name", None) if hasattr(given, "read") else given
    with suppress(TypeError):  # no path, or one of bytes
        return Path(name).name
    return ""


def _checked(filename: str) -> str:
    if not 0 < len(filename) <= 255:
        raise LightfieldValueError("filename must have 1 to 255 characters; bytes have none of their own.")
    return filename


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
