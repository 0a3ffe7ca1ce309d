"""What a collection starts with: records that are made when they are asked for."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import cached_property, lru_cache
from typing import Any, TypeAlias, TypeVar

from .documents import Record, Value

T = TypeVar("T")
Column: TypeAlias = Sequence[T]
"""Something of every record, by position."""

_RECENT = 512
"""Records that were read lately, and are not made again."""


class Source(ABC):
    """Records in the order of their creation, by position. They are the same each time they are made."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, object], Column[Any]] = {}
        self._read = lru_cache(_RECENT)(self.record)

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of records."""

    @abstractmethod
    def identifier(self, position: int) -> str:
        """Return the id of a record."""

    @abstractmethod
    def position(self, identifier: str) -> int | None:
        """Return the position of a record, or None if there is none."""

    @abstractmethod
    def created_at(self, position: int) -> str:
        """Return the creation time of a record."""

    @abstractmethod
    def record(self, position: int) -> Record:
        """Make a record; each call returns a new one."""

    @abstractmethod
    def values(self, key: str) -> Column[Value]:
        """Return the values of a field."""

    @abstractmethod
    def related(self, key: str, direction: str) -> Column[Sequence[str]]:
        """Return the ids that a relationship points to in a direction, or in any if that is empty."""

    def peek(self, position: int) -> Record:
        """Return a record for reading only."""
        return self._read(position)

    def field_column(self, key: str, read: Callable[[Value], T | None]) -> Column[T | None]:
        """Return what ``read`` makes of the values of a field; None where the field is unset."""
        column = self._columns.get((key, read))
        if column is None:
            column = [None if value is None else read(value) for value in self.values(key)]
            self._columns[key, read] = column
        return column

    def relationship_column(self, key: str, direction: str) -> Column[Sequence[str]]:
        """Return the ids that a relationship points to, like ``related``, which it asks once only."""
        column = self._columns.get((key, direction))
        if column is None:
            known: dict[tuple[str, ...], tuple[str, ...]] = {}  # equal ones share memory
            column = [known.setdefault(ids := tuple(each), ids) for each in self.related(key, direction)]
            self._columns[key, direction] = column
        return column


class Documents(Source):
    """Records that are all made when one of them is asked for."""

    def __init__(self, make: Callable[[], Mapping[str, Record]] = dict) -> None:
        super().__init__()
        self._make = make

    @cached_property
    def _documents(self) -> list[Record]:
        return list(self._make().values())

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {record["id"]: position for position, record in enumerate(self._documents)}

    def __len__(self) -> int:
        return len(self._documents)

    def identifier(self, position: int) -> str:
        return self._documents[position]["id"]

    def position(self, identifier: str) -> int | None:
        return self._positions.get(identifier)

    def created_at(self, position: int) -> str:
        return self._documents[position]["createdAt"]

    def record(self, position: int) -> Record:
        return deepcopy(self._documents[position])

    def peek(self, position: int) -> Record:
        return self._documents[position]

    def values(self, key: str) -> Column[Value]:
        fields = (record["fields"].get(key) for record in self._documents)
        return [None if field is None else field["value"] for field in fields]

    def related(self, key: str, direction: str) -> Column[Sequence[str]]:
        return [related_ids(record, key, direction) for record in self._documents]


def related_ids(record: Record, key: str, direction: str) -> Sequence[str]:
    """Return the ids that a relationship of a record points to in a direction, or in any if that is empty."""
    relationship = record["relationships"].get(key)
    if relationship is None:
        return ()
    directions = relationship.get("directions", {})
    return directions[direction]["values"] if direction in directions else relationship["values"]
