"""What changes in a workspace, and who is told.

Each request runs within ``with journal``: what it has changed is in the store before it is answered, all of it or
nothing, and the search index is told at the same time. Handlers run one after another on one thread, so what is found
changed before one begins was changed by a test. A test may also change a document in place, which nothing marks: such
changes are looked for when the sandbox stops and when its index is refreshed, by comparing every document in memory
with its last known state.

A change that cannot be written stays in memory and is written with the next one. Until that succeeds every request is
answered 503, so that nobody relies on what may be lost; sent again with its idempotency key, a write is not repeated.
"""

import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from lightfield.testing._http.errors import unavailable

from .tables import Change, Tracked

if TYPE_CHECKING:
    from .search_index import SearchIndex
    from .store import Store


class Journal:
    """Passes on what changes in the tables of a workspace.

    Attributes:
        store: The file that keeps changes.
        index: Shows changes in lists later.
    """

    def __init__(self) -> None:
        self.store: Store | None = None
        self.index: SearchIndex | None = None
        self._tables: Mapping[str, Tracked] = {}
        self._pending: dict[tuple[str, str], None] = {}
        self._known: dict[tuple[str, str], int] = {}
        self._refresh = threading.Event()

    def begin(self, tables: Mapping[str, Tracked]) -> None:
        """Pass on what changes from now on."""
        self._tables = tables
        for table in tables.values():
            table.take_changes()
        self._known = {(each.table, each.id): hash(each.document) for each in self._documents()}

    def refresh(self) -> None:
        """Have lists show every change from the next request on, also those made in place."""
        self._refresh.set()

    def open(self) -> None:
        """Open the store, if there is one.

        Raises:
            OSError: The file cannot be opened, or another sandbox uses it or has used it.
            ValueError: It is not a store any more.
        """
        if self.store is not None:
            self.store.open()

    def close(self) -> None:
        """Keep what has changed, also in place, and close the store; idempotent.

        Raises:
            OSError: The store cannot be written.
            ValueError: A test has set a document that is not JSON.
        """
        if self.store is None or self.store.closed:
            return
        try:
            self._pass_on(at_once=True)
            self._find_changes_in_place()
            self._pass_on(at_once=True)
        finally:
            self.store.close()

    def __enter__(self) -> None:
        if self._tables:
            self._pass_on_or_refuse(at_once=True)

    def __exit__(self, error_type: object, *_: object) -> None:
        if self._tables and error_type is None:
            self._pass_on_or_refuse(at_once=False)

    def _pass_on_or_refuse(self, *, at_once: bool) -> None:
        try:
            if self._refresh.is_set():
                self._refresh.clear()
                self._find_changes_in_place()
                at_once = True
                if self.index is not None:
                    self.index.refresh()
            self._pass_on(at_once=at_once)
        except (OSError, ValueError) as error:
            raise unavailable(str(error)) from error

    def _pass_on(self, *, at_once: bool) -> None:
        for name, table in self._tables.items():
            for identifier in table.take_changes():
                self._pending[name, identifier] = None
        if not self._pending:
            return
        changes = [_change(name, identifier, self._tables[name].peek(identifier)) for name, identifier in self._pending]
        if self.store is not None:
            self.store.write(changes)
        self._pending.clear()
        self._known.update(((each.table, each.id), hash(each.document)) for each in changes)
        if self.index is not None:
            self.index.add(changes, at_once=at_once)

    def _find_changes_in_place(self) -> None:
        for each in self._documents():
            if self._known.get((each.table, each.id)) != hash(each.document):
                self._pending[each.table, each.id] = None

    def _documents(self) -> Iterator[Change]:
        for name, table in self._tables.items():
            for identifier, document in table.in_memory():
                if not isinstance(document, bytes):  # contents of files are not changed in place
                    yield _change(name, identifier, document)


def _change(table: str, identifier: str, document: object) -> Change:
    if document is None or isinstance(document, bytes):
        return Change(table, identifier, document)
    try:
        return Change(table, identifier, msgspec.json.encode(document).decode())
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ValueError(f"{identifier!r} of {table} is not JSON, and cannot be kept: {error}") from error
