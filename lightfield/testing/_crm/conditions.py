"""Conditions that records fulfil or not."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

from .documents import Record, Value
from .sources import Source, related_ids


class Condition(Protocol):
    """What a record must fulfil."""

    def __call__(self, record: Record) -> bool:
        """Whether a record fulfils it."""
        ...

    def among(self, source: Source, positions: Iterable[int]) -> list[int]:
        """Return those of some positions whose records, as the source makes them, fulfil it."""
        ...


class Comparison(NamedTuple):
    """A comparison of what ``read`` returns for a value, where None matches nothing."""

    read: Callable[[Value], object]
    compare: Callable[[Any, Any], bool]
    expected: object


class FieldCondition(NamedTuple):
    """A comparison of a field. An unset field matches nothing, hence fulfils every negated condition."""

    key: str
    comparison: Comparison
    negated: bool

    def __call__(self, record: Record) -> bool:
        """Whether a record fulfils it."""
        read, compare, expected = self.comparison
        field = record["fields"].get(self.key)
        value = None if field is None or field["value"] is None else read(field["value"])
        return (value is not None and compare(value, expected)) != self.negated

    def among(self, source: Source, positions: Iterable[int]) -> list[int]:
        """Return those of some positions whose records, as the source makes them, fulfil it."""
        read, compare, expected = self.comparison
        column, negated = source.field_column(self.key, read), self.negated
        return [
            position
            for position in positions
            if ((value := column[position]) is not None and compare(value, expected)) != negated
        ]


class RelationshipCondition(NamedTuple):
    """That a relationship points to a record."""

    key: str
    direction: str
    expected: str
    negated: bool

    def __call__(self, record: Record) -> bool:
        """Whether a record fulfils it."""
        return (self.expected in related_ids(record, self.key, self.direction)) != self.negated

    def among(self, source: Source, positions: Iterable[int]) -> list[int]:
        """Return those of some positions whose records, as the source makes them, fulfil it."""
        column, expected, negated = source.relationship_column(self.key, self.direction), self.expected, self.negated
        return [position for position in positions if (expected in column[position]) != negated]
