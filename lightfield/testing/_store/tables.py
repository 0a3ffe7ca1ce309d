"""Documents by id, and which of them have changed."""

from collections.abc import Iterable, Iterator, MutableMapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from _collections_abc import dict_items, dict_values

T = TypeVar("T")


class Change(NamedTuple):
    """The new state of a document: its JSON, the content of a file, or None if it was deleted."""

    table: str
    id: str
    document: str | bytes | None


class Tracked(Protocol):
    """Documents by id that know which of them have changed."""

    def peek(self, identifier: str, /) -> Any:
        """Return a document for reading only, or None."""

    def pop(self, key: str, default: None, /) -> Any:
        """Remove a document, if there is one."""

    def put(self, identifier: str, document: Any, /) -> None:
        """Add or replace a document."""

    def take_changes(self) -> Iterable[str]:
        """Return the ids of the documents that were set or deleted since the last time."""
        ...

    def in_memory(self) -> Iterable[tuple[str, object]]:
        """Return the documents that are in memory and their ids."""
        ...


class Table(MutableMapping[str, T]):
    """Documents of one kind by id.

    Whoever changes a document in place puts it back afterwards, ``table[id] = document``: so it is known what changed.
    """

    def __init__(self, documents: dict[str, T] | None = None) -> None:
        self._documents: dict[str, T] = {} if documents is None else documents
        self._changed: dict[str, None] = {}

    def __getitem__(self, identifier: str) -> T:
        return self._documents[identifier]

    def __setitem__(self, identifier: str, document: T) -> None:
        self._documents[identifier] = document
        self._changed[identifier] = None

    def put(self, identifier: str, document: T) -> None:
        """Add or replace a document."""
        self[identifier] = document

    def __delitem__(self, identifier: str) -> None:
        del self._documents[identifier]
        self._changed[identifier] = None

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __contains__(self, identifier: object) -> bool:
        return identifier in self._documents

    def __len__(self) -> int:
        return len(self._documents)

    def peek(self, identifier: str) -> T | None:
        """Return a document, or None."""
        return self._documents.get(identifier)

    def values(self) -> "dict_values[str, T]":
        """Return a view of the documents, which can be reversed."""
        return self._documents.values()

    def items(self) -> "dict_items[str, T]":
        """Return a view of the ids with their documents, which can be reversed."""
        return self._documents.items()

    def take_changes(self) -> list[str]:
        """Return the ids of the documents that were set or deleted since the last time, in this order."""
        taken: list[str] = []
        while self._changed:  # one by one: a test may be changing others on its own thread
            taken.append(self._changed.popitem()[0])
        return taken[::-1]

    def in_memory(self) -> list[tuple[str, T]]:
        """Return the documents that are in memory and their ids."""
        return list(self._documents.items())


class Counts(Table[int]):
    """Numbers by id; one that was never set is 0."""

    def __getitem__(self, identifier: str) -> int:
        return self._documents.get(identifier, 0)
