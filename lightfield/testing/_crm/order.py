"""The order in which records are listed."""

from bisect import insort
from collections.abc import Iterable, Iterator

from .documents import Record

_MAX_INSERTIONS = 100  # sorting is faster beyond this


class Order:
    """Newest first by ``createdAt``; ties are broken by insertion, last one first.

    A test may change the records at any time, even from another thread. So each access compares the ids with those of
    the previous one and sorts only the new ones.
    """

    def __init__(self, records: dict[str, Record]) -> None:
        self._records = records
        self._known: list[str] = []
        self._ascending: list[str] = []

    def newest_first(self) -> Iterator[Record]:
        """Iterate over the current records."""
        self._refresh()
        found = (self._records.get(identifier) for identifier in reversed(list(self._ascending)))
        return (record for record in found if record is not None)

    def page(self, offset: int, limit: int) -> tuple[list[Record], int]:
        """Return a page and the total number of records."""
        self._refresh()
        total = len(self._ascending)
        stop = max(total - offset, 0)
        chosen = reversed(self._ascending[max(stop - limit, 0) : stop])
        found = (self._records.get(identifier) for identifier in chosen)
        return [record for record in found if record is not None], total

    def newest_created_at(self) -> str:
        """Return the creation time of the newest record; empty if there is none."""
        self._refresh()
        return self._created_at(self._ascending[-1]) if self._ascending else ""

    def _refresh(self) -> None:
        present = list(self._records)
        count = len(self._known)
        if present[:count] == self._known and len(present) < count + _MAX_INSERTIONS:
            self._insert(present[count:])
        else:
            self._ascending = sorted(present, key=self._created_at)
        self._known = present

    def _insert(self, added: Iterable[str]) -> None:
        for identifier in added:
            insort(self._ascending, identifier, key=self._created_at)

    def _created_at(self, identifier: str) -> str:
        record = self._records.get(identifier)
        return "" if record is None else record.get("createdAt", "")
