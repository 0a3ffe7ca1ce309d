"""The destination of a download: a path, at which the file appears only when it is complete, or an open file."""

import io
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast
from uuid import uuid4

from lightfield._aio.threads import in_thread
from lightfield.errors import LightfieldTypeError, LightfieldValueError

Downloadable: TypeAlias = str | os.PathLike[str] | BinaryIO
"""A path, or a file opened for writing bytes, which is written from its position on."""


class DownloadTarget:
    """What a download is written to.

    Raises:
        LightfieldTypeError: It is neither a path nor a binary file.
        LightfieldValueError: It cannot be written.
    """

    _path: Path | None = None
    _temporary: Path | None = None
    _file: BinaryIO | None = None
    _started = False
    _start: int | None = None
    """The first position of an open file; None if it has no position, as a pipe."""

    def __init__(self, to: Downloadable) -> None:
        if isinstance(to, str | os.PathLike):
            self._path = Path(to).resolve()
            if self._path.is_dir() or not self._path.parent.is_dir():
                raise LightfieldValueError("The download cannot be written: no file can be made at this path.")
            self._temporary = self._path.with_name(f".{self._path.name[:200]}.{uuid4().hex}.part")
            return
        if isinstance(to, io.TextIOBase) or not hasattr(to, "write"):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise LightfieldTypeError(f"Pass a path, or a file opened with 'wb', not {type(to).__name__}.")
        self._file = to
        with suppress(OSError, ValueError, AttributeError):
            self._start = to.tell()
        try:
            to.write(b"")
        except (OSError, ValueError, TypeError) as error:
            raise _unwritable(error) from error

    async def start(self) -> None:
        """Get ready for the first byte, also after a failed attempt.

        Raises:
            LightfieldValueError: It cannot be written, or not a second time.
        """
        await _write(self._rewind)

    def _rewind(self) -> None:
        if self._temporary is not None:
            if self._file is not None:
                self._file.close()
            self._file = self._temporary.open("wb")
            return
        file = cast("BinaryIO", self._file)
        if self._started:
            if self._start is None:
                raise ValueError("it cannot be rewound for another attempt")
            file.seek(self._start)
            file.truncate()
        self._started = True

    async def write(self, chunk: bytes) -> None:
        """Write the next bytes.

        Raises:
            LightfieldValueError: They cannot be written.
        """
        await _write(lambda: self._write_all(chunk))

    def _write_all(self, chunk: bytes) -> None:
        rest = memoryview(chunk)
        while rest:
            number = cast("int | None", cast("BinaryIO", self._file).write(rest))
            if number == 0:
                raise ValueError("nothing more can be written")
            rest = rest[len(rest) if number is None else number :]

    async def finish(self) -> None:
        """Move the complete file to its path; flush an open file.

        Raises:
            LightfieldValueError: That is not possible.
        """
        await _write(self._close)

    def _close(self) -> None:
        file = cast("BinaryIO", self._file)
        if self._temporary is None or self._path is None:
            file.flush()
            return
        file.close()
        self._temporary.replace(self._path)
        self._file = None

    def discard(self) -> None:
        """Remove an incomplete file; do nothing after ``finish``."""
        if self._temporary is not None and self._file is not None:
            self._file.close()
            self._temporary.unlink(missing_ok=True)
            self._file = None


async def _write(act: Callable[[], object]) -> None:
    try:
        await in_thread(act)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise _unwritable(error) from error


def _unwritable(error: Exception) -> LightfieldValueError:
    return LightfieldValueError(f"The download cannot be written: {getattr(error, 'strerror', None) or error}.")
