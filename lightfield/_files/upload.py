"""What is uploaded: bytes, the file at a path, or an open file."""

import asyncio
import hashlib
import io
import os
import stat
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, TypeVar, cast

from lightfield._aio.threads import in_thread
from lightfield._protocol.unicode import LONE_SURROGATE
from lightfield.errors import LightfieldTypeError, LightfieldUsageError, LightfieldValueError

from .given import explained, path_text
from .media_types import media_type

T = TypeVar("T")

Uploadable: TypeAlias = str | os.PathLike[str] | os.PathLike[bytes] | bytes | bytearray | memoryview | BinaryIO
"""A path, bytes, or a file opened for reading bytes, which is sent from its position to its end."""

MAX_UPLOAD = 512 * 1024 * 1024
CLOSE_TIMEOUT = 0.05
"""Seconds to wait until a file is closed: the thread that reads it may never end."""

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
        with explained("The file cannot be read"):
            self._file = _open(file)
        try:
            with explained("The file cannot be read and rewound"):
                self._start, self.size = self._measure()
                own_name = filename or _name(file if self._opened_here else getattr(file, "name", None))
            self.filename = _checked_name(own_name)
        except BaseException:
            self.close()
            raise
        self.mime_type = mime_type or media_type(self.filename)

    def _measure(self) -> tuple[int, int]:
        start = self._file.tell()
        self._file.seek(0, os.SEEK_END)
        size = self._file.tell() - start
        self._file.seek(start)
        _checked_bytes(self._file.read(1))
        self._file.seek(start)
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
            chunk = await in_thread(partial(self._read, offset), patience=0.0)
            offset += len(chunk)
            digest.update(chunk)
            if offset == self.size:  # before the last chunk is sent: the response may arrive before this goes on
                self.md5 = digest.hexdigest()
            yield chunk

    def _read(self, offset: int) -> bytes:
        number = min(_CHUNK, self.size - offset)
        with explained("The file cannot be read"), self._lock:  # the thread of a cancelled attempt may still be reading
            self._file.seek(self._start + offset)
            chunk = _checked_bytes(self._file.read(number))
            changed = not chunk or (offset + len(chunk) == self.size and self._file.read(1))
        if changed:
            raise LightfieldValueError("The file was changed while it was uploaded.")
        return chunk

    async def release(self) -> None:
        """Close the file if it was opened here, off the event loop; wait for that for a moment only."""
        if self._opened_here:
            with suppress(OSError, LightfieldUsageError):
                async with asyncio.timeout(CLOSE_TIMEOUT):
                    await in_thread(self.close, patience=0.0)

    def close(self) -> None:
        """Close the file if it was opened here."""
        if self._opened_here:
            with self._lock:
                self._file.close()


async def with_source(
    use: Callable[[UploadSource], Awaitable[T]], file: Uploadable, filename: str | None, mime_type: str | None
) -> T:
    """Use a file that is opened on a thread, and closed in the end."""
    source = await in_thread(partial(UploadSource, file, filename, mime_type), UploadSource.close)
    try:
        return await use(source)
    finally:
        await source.release()


def _open(file: object) -> BinaryIO:
    if isinstance(file, bytes | bytearray | memoryview):
        return io.BytesIO(bytes(cast("bytes", file)))
    if isinstance(file, str | os.PathLike):
        return _open_path(Path(path_text(file)))
    if isinstance(file, io.TextIOBase) or not hasattr(file, "read"):
        raise LightfieldTypeError(f"Pass a path, bytes, or a file opened with 'rb', not {type(file).__name__}.")
    return cast("BinaryIO", file)


def _open_path(path: Path) -> BinaryIO:
    if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe may take for ever, and it has no size
        raise ValueError("it is a directory, a pipe or a device")
    return path.open("rb")


def _name(path: Any) -> str:
    """Return the name in a path, with U+FFFD for each byte that is not UTF-8."""
    with suppress(TypeError):  # no path: None, or a descriptor
        return LONE_SURROGATE.sub("\ufffd", Path(path_text(path)).name)
    return ""


def _checked_name(filename: str) -> str:
    if not 0 < len(filename) <= 255:
        raise LightfieldValueError("filename must have 1 to 255 characters; bytes have no name of their own.")
    return str.__str__(filename)


def _checked_bytes(chunk: object) -> bytes:
    if not isinstance(chunk, bytes):
        raise LightfieldTypeError("The file does not return bytes: open it with 'rb'.")
    return chunk
