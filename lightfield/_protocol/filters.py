"""Filters of a listing: conditions on fields and relationships, and their encoding in a query.

::

    client.opportunity.list(filters={"$amount[greaterThanOrEqual]": 100_000})
    client.opportunity.list(filters=[F("$amount") >= 100_000, ~(F("$account") == "acc_1")])

All conditions must hold; the API has no "or". The operators of a field depend on its value type.
API page: https://docs.lightfield.app/using-the-api/list-endpoints/
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Literal, NoReturn, TypeAlias, cast, get_args
from uuid import UUID

import msgspec

from lightfield.errors import LightfieldTypeError, LightfieldValueError

from .shown import shown
from .values import checked_value, query_text

Operator: TypeAlias = Literal[
    "equal", "greaterThan", "greaterThanOrEqual", "lessThan", "lessThanOrEqual", "startsWith", "contains"
]
FilterValue: TypeAlias = str | int | float | Decimal | date | UUID | Enum
"""Value to compare a field with. A ``datetime`` must be timezone-aware; a ``bool`` is for a CHECKBOX."""

_OPERATORS = frozenset(get_args(Operator))
_PARTS = re.compile(r"(?P<key>[^\[\]]+)(\[-?(?P<operator>[^\[\]]*)\])?")
_PAGING = frozenset({"limit", "offset"})


class Filter(msgspec.Struct, frozen=True):
    """One condition. ``~`` negates it."""

    __module__ = "lightfield"
    key: str
    operator: Operator
    value: FilterValue
    negated: bool = False

    @property
    def name(self) -> str:
        """Name of the query parameter, such as ``$name[-equal]``."""
        return f"{self.key}[{'-' if self.negated else ''}{self.operator}]"

    def __invert__(self) -> "Filter":
        return Filter(self.key, self.operator, self.value, not self.negated)

    def __bool__(self) -> NoReturn:
        raise LightfieldTypeError(
            "Conditions cannot be combined with `and`, `or` or chained comparisons; pass a list of them."
        )


Filters: TypeAlias = Mapping[str, FilterValue] | Filter | Iterable[Filter] | None
"""Conditions that must all hold: none, one, several, or a mapping of the API's query parameters."""


class F:
    """A field or relationship to compare: ``F("$amount") >= 100_000``, ``F("$name") == "Acme"``.

    Raises:
        LightfieldTypeError: The key is not a string, or an operator does not support the type of its value.
        LightfieldValueError: The key is malformed, or a value cannot be sent.
    """

    __module__ = "lightfield"

    def __init__(self, key: str) -> None:
        if not isinstance(key, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise LightfieldTypeError(f"A key must be a string, not {type(key).__name__}.")
        if not key.strip() or "[" in key or "]" in key:
            raise LightfieldValueError(f"A key must look like $name or icp-score, not {key!a:.60}.")
        self.key = key

    @property
    def as_source(self) -> "F":
        """A relationship within one record type, from its source."""
        return F(f"{self.key}:asSource")

    @property
    def as_destination(self) -> "F":
        """A relationship within one record type, from its destination."""
        return F(f"{self.key}:asDestination")

    def startswith(self, text: str) -> Filter:
        """Match text by prefix. The empty prefix matches every record that has the field set."""
        return self._filter("startsWith", text, str)

    def contains(self, text: str) -> Filter:
        """Match one of several EMAIL, TELEPHONE or URL values, or the id of a related record."""
        return self._filter("contains", text, str)

    def __eq__(self, value: FilterValue) -> Filter:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._filter("equal", value)

    def __ne__(self, value: FilterValue) -> Filter:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return ~(self == value)

    def __gt__(self, value: FilterValue) -> Filter:
        return self._filter("greaterThan", value)

    def __ge__(self, value: FilterValue) -> Filter:
        return self._filter("greaterThanOrEqual", value)

    def __lt__(self, value: FilterValue) -> Filter:
        return self._filter("lessThan", value)

    def __le__(self, value: FilterValue) -> Filter:
        return self._filter("lessThanOrEqual", value)

    def __hash__(self) -> int:
        return hash(self.key)

    def _filter(self, operator: Operator, value: FilterValue, kind: type = object) -> Filter:
        name = f"{self.key!a:.60}"
        plain = checked_value(name, value)
        if not isinstance(plain, kind) or (isinstance(plain, bool) and operator != "equal"):
            raise LightfieldTypeError(f"{operator} does not take {type(value).__name__} (key {name}).")
        query_text(name, plain)
        return Filter(self.key, operator, plain)

    def __repr__(self) -> str:
        return f"F({self.key!r})"


def filter_pairs(filters: Filters) -> list[tuple[str, str]]:
    """Return conditions as query parameters.

    Raises:
        LightfieldValueError: A condition cannot be sent, or two have the same name, which the API leaves undefined.
        LightfieldTypeError: The input is neither a condition, an iterable of conditions nor a mapping.
    """
    pairs = [] if filters is None else [_query_pair(name, value) for name, value in _query_items(filters)]
    names = [name for name, _ in pairs]
    duplicate = next((name for name in names if names.count(name) > 1), None)
    if duplicate is not None:
        raise LightfieldValueError(f"Two conditions are named {duplicate!a:.80}; the API accepts one per name.")
    return pairs


def _query_items(filters: Filters) -> Iterable[tuple[object, object]]:
    if isinstance(filters, Mapping):
        return cast("Mapping[object, object]", filters).items()
    conditions = [filters] if isinstance(filters, Filter) else filters
    if not isinstance(conditions, Iterable) or isinstance(conditions, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise LightfieldTypeError(f"filters must be a mapping or conditions, not {type(filters).__name__}.")
    checked = list(conditions)
    for item in checked:
        if not isinstance(item, Filter):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise LightfieldTypeError(
                f"filters must hold conditions such as F('$name') == 'Acme', not {shown(item):.60}."
            )
    return [(item.name, item.value) for item in checked]


def _query_pair(name: object, value: object) -> tuple[str, str]:
    if not isinstance(name, str):
        raise LightfieldTypeError(f"A filter's name must be a string, not {type(name).__name__}.")
    parts = _PARTS.fullmatch(name)
    if parts is None or not parts["key"].strip():
        raise LightfieldValueError(f"A filter must look like $name[equal], not {name!a:.80}.")
    if parts["operator"] is not None and parts["operator"] not in _OPERATORS:
        raise LightfieldValueError(f"{name!a:.80} must use an operator of {', '.join(sorted(_OPERATORS))}.")
    if name in _PAGING:
        raise LightfieldValueError(f"{name} is not a filter; pass {name}=... instead.")
    return name, query_text(f"{name!a:.80}", value)
