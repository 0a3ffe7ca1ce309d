"""Where a download goes: the file at a path, which is there whole or not at all, or an open file."""

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
"""A path, or a file opened for writing bytes, which is written from where it stands."""


class Target:
    """What a download is written to.

    Raises:
        LightfieldTypeError: It is neither a path nor a file of bytes.
        LightfieldValueError: It cannot be written.
    """

    _path: Path | None = None
    _part: Path | None = None
    _file: BinaryIO | None = None
    _begun = False
    _start: int | None = None
    """Where an open file stood; None where it cannot tell, as a pipe."""

    def __init__(self, given: Downloadable) -> None:
        if isinstance(given, str | os.PathLike):
            self._path = Path(given).resolve()
            if self._path.is_dir() or not self._path.parent.is_dir():
                raise LightfieldValueError("The download cannot be written: there is no place for a file at this path.")
            self._part = self._path.with_name(f".{self._path.name[:200]}.{uuid4().hex}.part")
            return
        if isinstance(given, io.TextIOBase) or not hasattr(given, "write"):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise LightfieldTypeError(f"Pass a path, or a file opened with 'wb', not {type(given).__name__}.")
        self._file = given
        with suppress(OSError, ValueError, AttributeError):
            self._start = given.tell()
        try:
            given.write(b"")
        except (OSError, ValueError, TypeError) as error:
            raise _unwritable(error) from error

    async def begin(self) -> None:
        """Make ready for the first byte, again where an attempt has failed.

        Raises:
            LightfieldValueError: It cannot be written, or not a second time.
        """
        await _written(self._rewind)

    def _rewind(self) -> None:
        if self._part is not None:
            if self._file is not None:
                self._file.close()
            self._file = self._part.open("wb")
            return
        file = cast("BinaryIO", self._file)
        if self._begun:
            if self._start is None:
                raise ValueError("it cannot be rewound for another attempt")
            file.seek(self._start)
            file.truncate()
        self._begun = True

    async def take(self, part: bytes) -> None:
        """Write the next part.

        Raises:
            LightfieldValueError: It cannot be written.
        """
        await _written(lambda: self._write(part))

    def _write(self, part: bytes) -> None:
        rest = memoryview(part)
        while rest:
            number = cast("int | None", cast("BinaryIO", self._file).write(rest))
            if number == 0:
                raise ValueError("nothing more can be written")
            rest = rest[len(rest) if number is None else number :]

    async def finish(self) -> None:
        """Give the file at the path its name; flush an open file.

        Raises:
            LightfieldValueError: That is not possible.
        """
        await _written(self._close)

    def _close(self) -> None:
        file = cast("BinaryIO", self._file)
        if self._part is None or self._path is None:
            file.flush()
            return
        file.close()
        self._part.replace(self._path)
        self._file = None

    def discard(self) -> None:
        """Leave nothing half done at the path; do nothing where it is finished."""
        if self._part is not None and self._file is not None:
            self._file.close()
            self._part.unlink(missing_ok=True)
            self._file = None


async def _written(act: Callable[[], object]) -> None:
    try:
        await in_thread(act)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise _unwritable(error) from error


def _unwritable(error: Exception) -> LightfieldValueError:
    return LightfieldValueError(f"The download cannot be written: {getattr(error, 'strerror', None) or error}.")
