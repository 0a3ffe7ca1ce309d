"""Where a download goes: the file at a path, which is there whole or not at all, or an open file."""

import asyncio
import io
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

from .errors import LightfieldTypeError, LightfieldValueError

Writable: TypeAlias = str | os.PathLike[str] | BinaryIO
"""A path, or a file opened for writing bytes, which is written from where it stands."""


class Target:
    """What a download is written to.

    Raises:
        LightfieldTypeError: It is neither a path nor a file of bytes.
    """

    def __init__(self, given: Writable) -> None:
        if not isinstance(given, str | os.PathLike) and (
            isinstance(given, io.TextIOBase) or not hasattr(given, "write")
        ):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise LightfieldTypeError(f"Pass a path, or a file opened with 'wb', not {type(given).__name__}.")
        self._path = Path(given) if isinstance(given, str | os.PathLike) else None
        self._file = None if self._path is not None else cast("BinaryIO", given)
        self._start: int | None = None

    @property
    def _part(self) -> Path:
        path = cast("Path", self._path)
        return path.with_name(f"{path.name}.part")

    async def begin(self) -> None:
        """Make ready for the first byte, again where an attempt has failed.

        Raises:
            LightfieldValueError: It cannot be written, or not a second time.
        """
        await _written(self._rewind)

    def _rewind(self) -> None:
        if self._file is None:
            self._file = self._part.open("wb")
        elif self._start is None and self._path is None:
            with suppress(OSError):  # a pipe has no position, and can be written once
                self._start = self._file.tell()
                return
            self._start = -1
        else:
            self._file.seek(self._start or 0)
            self._file.truncate()

    async def take(self, part: bytes) -> None:
        """Write the next part.

        Raises:
            LightfieldValueError: It cannot be written.
        """
        file = cast("BinaryIO", self._file)
        if isinstance(file, io.BytesIO):
            file.write(part)
        else:
            await _written(lambda: file.write(part))

    async def finish(self) -> None:
        """Give the file at the path its name; flush an open file.

        Raises:
            LightfieldValueError: That is not possible.
        """
        await _written(self._close)

    def _close(self) -> None:
        file = cast("BinaryIO", self._file)
        if self._path is None:
            file.flush()
            return
        file.close()
        self._part.replace(self._path)

    def discard(self) -> None:
        """Leave nothing half done at the path; do nothing where it is finished."""
        if self._path is not None and self._file is not None:
            self._file.close()
            self._part.unlink(missing_ok=True)
            self._file = None


async def _written(act: Callable[[], object]) -> None:
    try:
        await asyncio.to_thread(act)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LightfieldValueError(f"The download cannot be written: {reason}.") from error
