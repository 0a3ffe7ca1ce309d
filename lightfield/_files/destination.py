"""The places that a download is written to, as files. Every function here may block: call them on a thread."""

import errno
import io
import os
import re
import stat
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast
from uuid import uuid4

from lightfield.errors import LightfieldTypeError

from .given import path_text

Downloadable: TypeAlias = str | os.PathLike[str] | os.PathLike[bytes] | BinaryIO
"""A path, or a file opened for writing bytes, which is written from its position on."""

_DESCRIPTOR = re.compile(r"/dev/std(?P<name>out|err)|(/dev|/proc/self)/fd/(?P<number>\d{1,9})")


def open_destination(to: Downloadable) -> "Destination | None":
    """Open what a download is written to; return None if that is a pipe that nobody reads yet.

    Raises:
        LightfieldTypeError: It is neither a path nor a binary file.
        Exception: That is not possible.
    """
    if isinstance(to, str | os.PathLike):
        return _open_path(path_text(to))
    if isinstance(to, io.TextIOBase) or not hasattr(to, "write"):
        raise LightfieldTypeError(f"Pass a path, or a file opened with 'wb', not {type(to).__name__}.")
    to.write(b"")  # raises if it is not open for writing
    return Destination(to)


def _open_path(path: str) -> "Destination | None":
    if os.name == "posix" and (descriptor := _DESCRIPTOR.fullmatch(path)):
        number = descriptor["number"] or {"out": 1, "err": 2}[descriptor["name"]]
        return _Opened(os.fdopen(os.dup(int(number)), "wb", buffering=0))
    if os.path.basename(path) in {"", ".", ".."}:  # noqa: PTH119 # a Path forgets what shows that it is a folder
        raise ValueError("no file can be made at this path: it is that of a folder")
    try:
        old = Path(path).stat()
    except FileNotFoundError:
        old = None
    if old is None or stat.S_ISREG(old.st_mode):
        return _Replacement(Path(path).resolve(), old)
    if stat.S_ISFIFO(old.st_mode) or stat.S_ISCHR(old.st_mode):
        return _open_in_place(path, old)
    raise ValueError("no file can be made at this path")


def _open_in_place(path: str, status: os.stat_result) -> "Destination | None":
    try:
        file = open(path, "wb", buffering=0, opener=_open_existing)  # noqa: SIM115
    except OSError as error:
        if stat.S_ISFIFO(status.st_mode) and error.errno == errno.ENXIO:
            return None
        raise
    os.set_blocking(file.fileno(), True)
    return _Opened(file)


def _open_existing(path: str, flags: int) -> int:
    """Open what is there without waiting, making no file, and not making a terminal that of this process."""
    return os.open(path, flags & ~(os.O_CREAT | os.O_TRUNC) | os.O_NOCTTY | os.O_NONBLOCK)


class Destination:
    """A file that somebody else has opened, and closes."""

    _start: int | None = None
    """The first position; None if it has no position, as a pipe."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._written = False
        with suppress(Exception):
            self._start, self._old_size = self._measure()

    def _measure(self) -> tuple[int | None, int]:
        start = self._file.tell()
        try:
            self._file.seek(0, os.SEEK_END)
            return start, self._file.tell()
        finally:
            self._file.seek(start)

    def rewind(self) -> None:
        """Get ready for the first byte, also after a failed attempt."""
        if self._written:
            if self._start is None:
                raise ValueError("it cannot be rewound for another attempt")
            self._file.truncate(self._old_size)
            self._file.seek(self._start)

    def write(self, chunk: bytes) -> None:
        """Write all of a chunk."""
        self._written = True
        rest = memoryview(chunk)
        while rest:
            number = cast("int | None", self._file.write(rest))
            if number == 0 or (number is None and isinstance(self._file, io.RawIOBase)):
                raise ValueError("nothing more can be written")
            rest = rest[len(rest) if number is None else number :]

    def finish(self) -> None:
        """Complete the file."""
        self._file.flush()

    def discard(self) -> None:
        """Release the file, and remove it if it is incomplete and was made here. Idempotent."""


class _Opened(Destination):
    """A file opened here, and written where it is: a pipe, a device, or a descriptor of this process."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            file.write(b"")  # raises if the descriptor is not open for writing
        except OSError:
            file.close()
            raise
        super().__init__(file)

    def _measure(self) -> tuple[int | None, int]:
        """Measure without moving: other processes may write at the same position."""
        status = os.fstat(self._file.fileno())
        return self._file.tell() if stat.S_ISREG(status.st_mode) else None, status.st_size

    def finish(self) -> None:
        self._file.close()

    def discard(self) -> None:
        with suppress(OSError):
            self._file.close()


class _Replacement(Destination):
    """A hidden file in the same folder, which takes the place of the one at the path when it is complete."""

    def __init__(self, path: Path, old: os.stat_result | None) -> None:
        if old is not None and _is_read_only(path, old):
            raise ValueError("the file there is read-only")
        self._path = path
        self._temporary = path.with_name(f".{uuid4().hex}.part")  # a longer name may be too long
        opener = partial(os.open, mode=0o666 if old is None else 0o600)
        try:
            file = open(self._temporary, "xb", buffering=0, opener=opener)  # noqa: SIM115
        except OSError as error:
            raise OSError(error.errno, f"no file can be made at this path: {error.strerror}") from error
        if old is not None:
            _copy_owner_and_mode(file.fileno(), old)
        super().__init__(file)

    def finish(self) -> None:
        self._file.close()
        self._temporary.replace(self._path)

    def discard(self) -> None:
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._temporary.unlink(missing_ok=True)


def _is_read_only(path: Path, status: os.stat_result) -> bool:
    """Return whether a file must not be written, even if the superuser could."""
    effective = os.access in os.supports_effective_ids
    return not status.st_mode & 0o222 or not os.access(path, os.W_OK, effective_ids=effective)


def _copy_owner_and_mode(descriptor: int, old: os.stat_result) -> None:
    """Make an empty file like another one, as far as the system permits."""
    if hasattr(os, "fchown"):  # pragma: no branch # Windows has none
        with suppress(OSError):
            os.fchown(descriptor, -1, old.st_gid)
        with suppress(OSError):
            os.fchown(descriptor, old.st_uid, -1)
        with suppress(OSError):
            os.fchmod(descriptor, old.st_mode & 0o777)
