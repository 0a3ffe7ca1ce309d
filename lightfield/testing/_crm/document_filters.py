"""Filters of lists of other documents than records: those of sequences and senders.

A filter is ``key[operator]=value``. An unset value matches no filter.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from lightfield.testing._http.errors import bad_request, invalid_param, unknown_field

from .timestamps import normalized_timestamp

Document: TypeAlias = Mapping[str, Any]
Predicate: TypeAlias = Callable[[Document], bool]

_NAME = re.compile(r"(?P<key>\w+)(?:\[(?P<operator>\w+)\])?\Z", re.ASCII)
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equal": operator.eq,
    "contains": operator.contains,
    "greaterThan": operator.gt,
    "greaterThanOrEqual": operator.ge,
    "lessThan": operator.lt,
    "lessThanOrEqual": operator.le,
}


class Filter(NamedTuple):
    """One filter: how it reads its value, and the operators that it takes; empty stands for none.

    ``parse`` raises ValueError for a value that cannot be compared.
    """

    parse: Callable[[str], object]
    operators: tuple[str, ...] = ("equal", "")


def one_of(*values: str) -> Filter:
    """Return a filter for one of some values."""
    return Filter(partial(_choose, values))


def including(*values: str) -> Filter:
    """Return a filter for lists that contain one of some values."""
    return Filter(partial(_choose, values), ("contains", ""))


def _choose(values: tuple[str, ...], text: str) -> str:
    if text not in values:
        raise ValueError(f"expected one of {', '.join(values)}")
    return text


def _is_true(text: str) -> bool:
    return _choose(("true", "false"), text) == "true"


def _timestamp(text: str) -> str:
    try:
        return normalized_timestamp(text)
    except ValueError as error:
        raise ValueError(f"expected a timestamp, {error}") from None


TEXT = Filter(str)
FLAG = Filter(_is_true)
BOUNDS = Filter(_timestamp, ("greaterThanOrEqual", "lessThanOrEqual"))
COMPARISONS = Filter(_timestamp, (*BOUNDS.operators, "greaterThan", "lessThan"))


def document_predicates(
    collection: str, filters: Mapping[str, Filter], query: Iterable[tuple[str, str]]
) -> list[Predicate]:
    """Return one predicate per filter of a query; a document must satisfy all of them.

    Raises:
        WireError: 400 if the collection takes no such filter, operator or value.
    """
    sent = ((param, text) for param, text in query if param not in {"limit", "offset"})
    return [_predicate(collection, filters, param, text) for param, text in sent]


def _predicate(collection: str, filters: Mapping[str, Filter], param: str, text: str) -> Predicate:
    found = _NAME.match(param)
    if found is None or found["key"] not in filters:
        raise unknown_field(collection, param, param)
    chosen, operator_name = filters[found["key"]], found["operator"] or ""
    if operator_name not in chosen.operators:
        allowed = ", ".join(filter(None, chosen.operators))
        raise bad_request(f"'{found['key']}' can be filtered with {allowed} only.", param=param)
    try:
        expected = chosen.parse(text)
    except ValueError as error:
        raise invalid_param(param, str(error)) from None
    return partial(_matches, found["key"], _OPERATORS[operator_name or chosen.operators[0]], expected)


def _matches(key: str, compare: Callable[[Any, Any], bool], expected: object, document: Document) -> bool:
    value = document.get(key)
    return value is not None and compare(value, expected)
