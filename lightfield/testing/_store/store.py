"""The SQLite file that keeps a workspace.

It holds what differs from the initial records, which derive from the seed: one row for each document that has changed,
with its JSON, or the content of a file, or NULL if the document was deleted.

What was written survives the end of the process, however sudden, such as ``kill -9``. It is not forced onto the disk
each time, which would take milliseconds: a power cut may lose the last writes, but does not damage the file. The file
is locked while it is open. Closing it leaves that one file; if a killed process has left a ``-wal`` file beside it, the
two belong together until the next start.
"""

import errno
import os
import sqlite3
import weakref
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from lightfield._aio.fork import register_fork_reset

from .tables import Change

_APPLICATION_ID = 0x4C46_4352
_FORMAT = 1
_HEADER = 100  # bytes that every SQLite file begins with
_CREATE = (
    "CREATE TABLE sandbox (beginning TEXT NOT NULL, sessions INTEGER NOT NULL)",
    """CREATE TABLE documents (
        position INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, document, UNIQUE (kind, id)
    )""",
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {_FORMAT}",
)
_WRITE = """
INSERT INTO documents (kind, id, document) VALUES (?, ?, ?)
ON CONFLICT (kind, id) DO UPDATE SET document = excluded.document, position = CASE
    WHEN document IS NOT NULL OR excluded.document IS NULL THEN position
    ELSE (SELECT max(position) + 1 FROM documents)  -- was deleted, and is now the last one
END
"""


class Store:
    """The SQLite file that keeps one workspace.

    Every method raises OSError if the file cannot be read or written, or is in use, and ValueError if it is no store.

    Attributes:
        beginning: What the initial records derive from, as JSON; once it is open, what the file says.
        session: The number of sandboxes that have used the file, including this one.
    """

    def __init__(self, path: str | os.PathLike[str], beginning: str) -> None:
        self.beginning = beginning
        self.session = 0
        self._path = Path(path).absolute()
        self._connection: sqlite3.Connection | None = None
        _stores.add(self)

    def open(self) -> None:
        """Open the file, which is created if there is none."""
        self._check_path()
        with self._clear_errors():
            connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
        self._connection = connection

    def claim(self) -> None:
        """Use the file as another sandbox from now on: one that has used it before and was stopped cannot go on."""
        with self._clear_errors():
            self._connected().execute("UPDATE sandbox SET sessions = sessions + 1")
        self.session += 1

    def read(self) -> list[Change]:
        """Return the last state of every document that has changed, in the order in which they first did."""
        with self._clear_errors():
            rows = self._connected().execute("SELECT kind, id, document FROM documents ORDER BY position")
            return [Change(*row) for row in rows]

    def write(self, changes: list[Change]) -> None:
        """Write all changes or, if this raises, none of them."""
        connection = self._connected()
        with self._clear_errors(), connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_WRITE, changes)

    @property
    def closed(self) -> bool:
        """Whether it is not open."""
        return self._connection is None

    def close(self) -> None:
        """Close the file; idempotent."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def leave_to_parent(self) -> None:
        """Forget the file in a forked process. Closing it there would remove what the parent goes on to write to."""
        connection, self._connection = self._connection, None
        if connection is not None:
            import ctypes

            ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))  # its destructor would close it too

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            raise OSError(errno.EBADF, f"the store {self._path} is closed")
        return self._connection

    def _check_path(self) -> None:
        if not os.path.isdir(self._path.parent):  # noqa: PTH112 # unlike that of pathlib, this never raises
            reason = f"{self._path} cannot be created: the folder {self._path.parent} does not exist"
            raise FileNotFoundError(errno.ENOENT, reason)
        if self._path.is_dir():
            raise IsADirectoryError(errno.EISDIR, f"{self._path} is a folder; a store is a file")
        if self._path.exists():
            if 0 < self._path.stat().st_size < _HEADER:  # SQLite overwrites a file of one byte
                raise _not_sqlite(self._path)
            if not os.access(self._path, os.W_OK):
                raise _not_writable(self._path, "it is read-only")

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        if self._is_new(connection):
            for statement in _CREATE:
                connection.execute(statement)
            connection.execute("INSERT INTO sandbox VALUES (?, 0)", (self.beginning,))
        self.beginning, session = connection.execute("SELECT beginning, sessions FROM sandbox").fetchone()
        if self.session not in {0, session}:
            reason = "another sandbox has used it in the meantime; make a new Sandbox to go on"
            raise OSError(errno.EBUSY, f"{self._path} has changed: {reason}")
        self.session = session
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    def _is_new(self, connection: sqlite3.Connection) -> bool:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application != _APPLICATION_ID and (application or tables):
            raise ValueError(f"{self._path} belongs to another program: name another file for the store")
        if version > _FORMAT:
            reason = f"a newer version of lightfield has written it (format {version}; this one reads {_FORMAT})"
            raise ValueError(f"{self._path} cannot be read: {reason}; upgrade, or name another file for the store")
        return not tables

    @contextmanager
    def _clear_errors(self) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _explained(self._path, error) from None


_stores: weakref.WeakSet[Store] = weakref.WeakSet()


def _leave_to_parent() -> None:
    for store in tuple(_stores):
        store.leave_to_parent()


register_fork_reset(_leave_to_parent)


def _not_sqlite(path: Path) -> ValueError:
    return ValueError(f"{path} is not an SQLite file: name another file for the store")


def _not_writable(path: Path, reason: str) -> PermissionError:
    return PermissionError(errno.EACCES, f"{path} cannot be written: make it and its folder writable ({reason})")


def _explained(path: Path, error: sqlite3.Error) -> Exception:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # without what SQLite adds to it
    if code == sqlite3.SQLITE_NOTADB:
        return _not_sqlite(path)
    if code == sqlite3.SQLITE_CORRUPT:
        return ValueError(f"{path} is damaged ({error}): restore a copy, or name another file for the store")
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return OSError(errno.EBUSY, f"{path} is in use: stop the other sandbox, or name another file for the store")
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return _not_writable(path, str(error))
    return OSError(errno.EIO, f"{path} cannot be read or written: {error}")
