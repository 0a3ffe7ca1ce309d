"""Documents by id, and which of them have changed."""

from typing import TypeVar

T = TypeVar("T")


class Table(dict[str, T]):
    """Documents of one kind by id.

    Whoever changes a document in place puts it back afterwards, ``table[id] = document``: so it is known what changed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._changed: set[str] = set()

    def __setitem__(self, identifier: str, document: T) -> None:
        super().__setitem__(identifier, document)
        self._changed.add(identifier)

    def __delitem__(self, identifier: str) -> None:
        super().__delitem__(identifier)
        self._changed.add(identifier)

    def take_changes(self) -> set[str]:
        """Return the ids of the documents that were set or deleted since the last time."""
        changed, self._changed = self._changed, set()
        return changed
