"""In which order are records listed?"""

from bisect import insort
from collections.abc import Iterable, Iterator

from .documents import Record

_FEW = 100  # beyond that, sorting all is quicker


class Order:
    """The newest first, by ``createdAt``; of those created at once, the one added last.

    A test may change the records at any time, and from another thread. So each look compares the ids with those of the
    look before, and sorts only what is new.
    """

    def __init__(self, records: dict[str, Record]) -> None:
        self._records = records
        self._seen: list[str] = []
        self._ascending: list[str] = []

    def newest_first(self) -> Iterator[Record]:
        """Go through the records that are there when this is called."""
        self._look()
        found = (self._records.get(identifier) for identifier in reversed(list(self._ascending)))
        return (record for record in found if record is not None)

    def page(self, offset: int, limit: int) -> tuple[list[Record], int]:
        """Return a page, and how many records there are."""
        self._look()
        total = len(self._ascending)
        stop = max(total - offset, 0)
        chosen = reversed(self._ascending[max(stop - limit, 0) : stop])
        found = (self._records.get(identifier) for identifier in chosen)
        return [record for record in found if record is not None], total

    def latest(self) -> str:
        """Return when the newest one was created; empty where there is none."""
        self._look()
        return self._created(self._ascending[-1]) if self._ascending else ""

    def _look(self) -> None:
        present = list(self._records)
        known = len(self._seen)
        if present[:known] == self._seen and len(present) < known + _FEW:
            self._insert(present[known:])
        else:
            self._ascending = sorted(present, key=self._created)
        self._seen = present

    def _insert(self, added: Iterable[str]) -> None:
        for identifier in added:
            insort(self._ascending, identifier, key=self._created)

    def _created(self, identifier: str) -> str:
        record = self._records.get(identifier)
        return "" if record is None else record.get("createdAt", "")
