"""The records of a collection by id."""

import threading
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, MutableMapping, ValuesView
from copy import deepcopy
from itertools import islice
from typing import Self

from .conditions import Condition
from .documents import Record
from .sources import Documents, Source


class Records(MutableMapping[str, Record]):
    """Records by id, oldest first: those of the source, then those that were added.

    A record of the source is made when it is asked for. ``records[id]`` keeps it, so that it can be changed in place;
    ``peek(id)`` does not, and is for reading only. Whoever changes a record in place puts it back afterwards,
    ``records[id] = record``: so it is known what changed. A test may do anything of this while the sandbox answers, and
    may hold on to a record; the sandbox itself, which leaves ``createdAt`` alone, uses ``hold`` and ``put`` instead.

    Attributes:
        source: What the collection started with.
        kept: The records of the source that are in memory, because they were changed or may have been.
        added: The other records.
        removed: The positions of the records of the source that are no longer there.
        moves: How often a record was removed, or one of the source put back in its place.
    """

    def __init__(self, source: Source | None = None) -> None:
        self.source: Source = Documents() if source is None else source
        self.kept: dict[str, Record] = {}
        self.added: dict[str, Record] = {}
        self.removed: set[int] = set()
        self.moves: int = 0
        self._lent: dict[str, Record] = {}
        self._changed: dict[str, None] = {}
        self._lock = threading.RLock()

    def peek(self, identifier: str) -> Record | None:
        """Return a record for reading only, or None if there is none; it is not kept."""
        for records in (self.added, self.kept):
            if identifier in records:
                return records.get(identifier)
        position = self._place(identifier)
        return None if position is None else self.source.peek(position)

    def hold(self, identifier: str) -> Record | None:
        """Return a record that is to be changed, but for its ``createdAt``; None if there is none."""
        with self._lock:
            position = None if identifier in self.added or identifier in self.kept else self._place(identifier)
            if position is not None:
                self.kept[identifier] = self.source.record(position)
            return self.peek(identifier)

    def put(self, identifier: str, record: Record) -> None:
        """Add or replace a record, whose ``createdAt`` will not be changed; one of the source gets its place back."""
        with self._lock:
            position = self.source.position(identifier)
            if position is None:
                created_at = self.added.get(identifier, record).get("createdAt")
                self.added[identifier] = record
            else:
                created_at = self.source.created_at(position)
                self.kept[identifier] = record
                self.moves += position in self.removed
                self.removed.discard(position)
            if identifier in self._lent or created_at != record.get("createdAt"):
                self._lent[identifier] = record
            self._changed[identifier] = None

    def added_since(self, count: int) -> list[str]:
        """Return the ids of the records that were added after the first ones, whose number is given."""
        with self._lock:
            return list(islice(reversed(self.added), max(len(self.added) - count, 0)))[::-1]

    def take_changes(self) -> list[str]:
        """Return the ids of the records that were set or deleted since the last time, in this order."""
        with self._lock:
            changed, self._changed = self._changed, {}
        return list(changed)

    def in_memory(self) -> list[tuple[str, Record]]:
        """Return the records that are in memory, and their ids."""
        with self._lock:
            return [*self.kept.items(), *self.added.items()]

    def matching(self, conditions: Iterable[Condition]) -> tuple[list[int], list[str]]:
        """Return what fulfils all conditions: the positions of records not in memory, and the ids of the others."""
        conditions = list(conditions)
        with self._lock:
            in_memory = self.in_memory()
            passed = self.removed | {position for each in self.kept if (position := self._place(each)) is not None}
        positions: Iterable[int] = range(len(self.source))
        for condition in conditions:
            positions = condition.among(self.source, positions)
        found = [each for each, record in in_memory if all(condition(record) for condition in conditions)]
        return [position for position in positions if position not in passed] if passed else list(positions), found

    def watched(self) -> list[tuple[str, str]]:
        """Return the id and the current ``createdAt`` of each record that may have been changed in place."""
        with self._lock:
            return [(each, record.get("createdAt", "")) for each, record in self._lent.items()]

    def _place(self, identifier: object) -> int | None:
        """Return the position of a record of the source that is still there."""
        position = self.source.position(identifier) if isinstance(identifier, str) else None
        return None if position in self.removed else position

    def __getitem__(self, identifier: str) -> Record:
        with self._lock:
            record = self.hold(identifier)
            if record is None:
                raise KeyError(identifier)
            self._lent[identifier] = record
            return record

    def __setitem__(self, identifier: str, record: Record) -> None:
        with self._lock:
            if identifier in self:
                self._lent[identifier] = record
            self.put(identifier, record)

    def __delitem__(self, identifier: str) -> None:
        with self._lock:
            position = self._place(identifier)
            if position is not None:
                self.removed.add(position)
                self.kept.pop(identifier, None)
            elif self.added.pop(identifier, None) is None:
                raise KeyError(identifier)
            self._lent.pop(identifier, None)
            self.moves += 1
            self._changed[identifier] = None

    def __contains__(self, identifier: object) -> bool:
        return identifier in self.added or self._place(identifier) is not None

    def __len__(self) -> int:
        with self._lock:
            return len(self.source) - len(self.removed) + len(self.added)

    def __iter__(self) -> Iterator[str]:
        yield from map(self.source.identifier, self._present(range(len(self.source))))
        yield from list(self.added)

    def __reversed__(self) -> Iterator[str]:
        yield from reversed(list(self.added))
        yield from map(self.source.identifier, self._present(reversed(range(len(self.source)))))

    def __repr__(self) -> str:
        return f"<{len(self)} records>"

    def _present(self, positions: Iterable[int]) -> Iterator[int]:
        return (position for position in positions if position not in self.removed)

    def copy(self) -> dict[str, Record]:
        """Return a dict of the records as they are now, which keeps to itself what is added or removed."""
        return dict(self.items())

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, object]) -> dict[str, Record]:
        return deepcopy(self.copy(), memo)

    def __or__(self, other: Mapping[str, Record]) -> dict[str, Record]:
        return {**self.copy(), **other}

    def __ror__(self, other: Mapping[str, Record]) -> dict[str, Record]:
        return {**other, **self.copy()}

    def __ior__(self, other: Mapping[str, Record]) -> Self:
        self.update(other)
        return self

    def keys(self) -> "_Keys":
        """Return a view of the ids."""
        return _Keys(self)

    def values(self) -> "_Values":
        """Return a view of the records."""
        return _Values(self)

    def items(self) -> "_Items":
        """Return a view of the ids with their records."""
        return _Items(self)

    def popitem(self) -> tuple[str, Record]:
        """Remove the last record, and return its id and the record."""
        for identifier in reversed(self):
            return identifier, self.pop(identifier)
        raise KeyError("there are no records")

    def clear(self) -> None:
        """Remove all records."""
        for identifier in self:
            self.pop(identifier, None)


class _Keys(KeysView[str]):
    def __init__(self, records: Records) -> None:
        super().__init__(records)
        self._records = records

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._records)


class _Items(ItemsView[str, Record]):
    def __init__(self, records: Records) -> None:
        super().__init__(records)
        self._records = records

    def __iter__(self) -> Iterator[tuple[str, Record]]:
        return self._pairs(self._records)

    def __reversed__(self) -> Iterator[tuple[str, Record]]:
        return self._pairs(reversed(self._records))

    def _pairs(self, identifiers: Iterable[str]) -> Iterator[tuple[str, Record]]:
        found = ((identifier, self._records.get(identifier)) for identifier in identifiers)
        return ((identifier, record) for identifier, record in found if record is not None)  # not removed meanwhile


class _Values(ValuesView[Record]):
    def __init__(self, records: Records) -> None:
        super().__init__(records)
        self._records = records

    def __iter__(self) -> Iterator[Record]:
        return (record for _, record in self._records.items())

    def __reversed__(self) -> Iterator[Record]:
        return (record for _, record in reversed(self._records.items()))
