"""What is uploaded: bytes, the file at a path, or an open file; readable again from its start, part by part."""

import asyncio
import io
import mimetypes
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

from .errors import LightfieldTypeError, LightfieldValueError

Uploadable: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO
"""A path, bytes, or a file opened for reading bytes, which is sent from where it stands to its end."""

LARGEST = 512 * 1024 * 1024
_PART = 256 * 1024


class Source:
    """Bytes to upload.

    Raises:
        LightfieldTypeError: It is neither a path nor bytes nor a file of bytes.
        LightfieldValueError: There is no such file, it cannot be rewound, or its size is not 1 byte to 512 MB.
    """

    def __init__(self, given: Uploadable, filename: str | None = None, mime_type: str | None = None) -> None:
        self._path = Path(given) if isinstance(given, str | os.PathLike) else None
        self._file = _opened(given) if self._path is None else None
        self._start = 0 if self._file is None else _position(self._file)
        self.size = _size(self._path, self._file, self._start)
        if not 0 < self.size <= LARGEST:
            raise LightfieldValueError(f"A file must hold 1 byte to 512 MB, not {self.size} bytes.")
        self.filename = filename or _named(self._path, self._file)
        if not 0 < len(self.filename) <= 255:
            raise LightfieldValueError("filename must have 1 to 255 characters; bytes have none of their own.")
        self.mime_type = mime_type or mimetypes.guess_type(self.filename)[0] or "application/octet-stream"

    async def parts(self) -> AsyncIterator[bytes]:
        """Read it from its start, off the event loop where it is a file."""
        opened = None if self._path is None else await asyncio.to_thread(_open, self._path)
        try:
            async for part in self._read(opened or cast("BinaryIO", self._file)):
                yield part
        finally:
            if opened is not None:
                opened.close()

    async def _read(self, file: BinaryIO) -> AsyncIterator[bytes]:
        left = self.size
        file.seek(self._start)
        while left and (part := await _read(file, min(_PART, left))):
            left -= len(part)
            yield part
        if left or await _read(file, 1):
            raise LightfieldValueError("The file was changed while it was uploaded.")


async def _read(file: BinaryIO, number: int) -> bytes:
    return file.read(number) if isinstance(file, io.BytesIO) else await asyncio.to_thread(file.read, number)


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _opened(given: object) -> BinaryIO:
    if isinstance(given, bytes | bytearray | memoryview):
        return io.BytesIO(cast("bytes", given))
    if isinstance(given, io.TextIOBase) or not hasattr(given, "read"):
        raise LightfieldTypeError(f"Pass a path, bytes, or a file opened with 'rb', not {type(given).__name__}.")
    return cast("BinaryIO", given)


def _position(file: BinaryIO) -> int:
    try:
        return file.tell()
    except (OSError, AttributeError):
        raise LightfieldValueError(
            "The file cannot be rewound, as a repeated attempt needs it; pass its bytes."
        ) from None


def _size(path: Path | None, file: BinaryIO | None, start: int) -> int:
    try:
        if file is None:
            return cast("Path", path).stat().st_size
        size = file.seek(0, os.SEEK_END) - start
        file.seek(start)
    except (OSError, ValueError, AttributeError) as error:
        raise LightfieldValueError(f"The file cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    return size


def _named(path: Path | None, file: BinaryIO | None) -> str:
    name: object = path or getattr(file, "name", None)
    return Path(name).name if isinstance(name, str | Path) else ""
