"""Filters of list queries.

A filter is ``key[operator]=value``; a ``-`` before the operator negates it. An unset field matches no operator, hence
every negated one. Texts are compared exactly, datetimes as points in time and numbers by value.
"""

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

from lightfield.testing._http.errors import WireError, bad_request, unknown_field

from .collections import Collection
from .conditions import Comparison, Condition, FieldCondition, RelationshipCondition
from .definitions import FieldDefinition
from .documents import Value
from .pipelines import resolve_filters
from .selects import matching
from .timestamps import parse_timestamp
from .values import format_parts

_Operator: TypeAlias = Callable[[str, FieldDefinition], Comparison]

_NAME = re.compile(r"(?P<key>[^\[\]]+)(?:\[(?P<negated>-?)(?P<operator>[A-Za-z]+)\])?\Z")


def parse_filters(collection: Collection, query: Iterable[tuple[str, str]]) -> list[Condition]:
    """Return one condition per filter; a record must fulfil all of them."""
    return [_condition(collection, name, expected) for name, expected in resolve_filters(collection, query)]


def _condition(collection: Collection, name: str, expected: str) -> Condition:
    found = _NAME.match(name)
    if found is None:
        raise bad_request(f"'{name}' is not a filter of the form 'key[operator]'.", param=name)
    key, operator_name, negated = found["key"], found["operator"], bool(found["negated"])
    definition = collection.definitions["fieldDefinitions"].get(key)
    if definition is None:
        key, direction = _relationship(collection, key, operator_name)
        return RelationshipCondition(key, direction, expected, negated)
    allowed = _OPERATORS.get(definition["valueType"], {})
    operator_name = operator_name or next(iter(allowed), "equal")
    if operator_name not in allowed:
        raise _unsupported_operator(key, definition["valueType"], operator_name)
    try:
        return FieldCondition(key, allowed[operator_name](expected, definition), negated)
    except ValueError:
        message = f"{expected!r} is not a valid {definition['valueType']}."
        raise bad_request(message, code="invalid_type", param=key) from None


def _relationship(collection: Collection, name: str, operator_name: str | None) -> tuple[str, str]:
    definitions = collection.definitions["relationshipDefinitions"]
    name_or_slug, _, direction = name.partition(":")
    slugs = {f"{'$' * key.startswith('$')}{each.get('slug')}": key for key, each in definitions.items()}
    key = name_or_slug if name_or_slug in definitions else slugs.get(name_or_slug)
    if key is None or (direction and direction not in definitions[key].get("directions", {})):
        raise unknown_field(collection.record_type.name, name, name)
    if operator_name not in {None, "equal", "contains"}:
        raise _unsupported_operator(name, "relationship", operator_name or "")
    return key, direction


def _unsupported_operator(key: str, value_type: str, operator_name: str) -> WireError:
    return bad_request(f"'{key}' ({value_type}) cannot be filtered with '{operator_name}'.", param=key)


def _text(value: Value) -> str:
    return format_parts(value) if isinstance(value, dict) else str(value)


def _text_unless_empty(value: Value) -> str | None:
    return _text(value) or None


def _several(value: Value) -> object:
    return value if isinstance(value, list) else [value]


def _unread(value: Value) -> object:
    return value


def _number(value: Value) -> float | None:
    return value if isinstance(value, int | float) else None


def _moment(value: Value) -> datetime | None:
    try:
        return parse_timestamp(str(value))
    except ValueError:  # set directly by a test
        return None


def _is_in(value: object, expected: set[str]) -> bool:
    return isinstance(value, str) and value in expected


def _equal_text(expected: str, _: FieldDefinition) -> Comparison:
    return Comparison(_text, operator.eq, expected)


def _starts_with(expected: str, _: FieldDefinition) -> Comparison:
    return Comparison(_text_unless_empty, str.startswith, expected)


def _contains(expected: str, _: FieldDefinition) -> Comparison:
    return Comparison(_several, operator.contains, expected)


def _equal_option(expected: str, definition: FieldDefinition) -> Comparison:
    ids = {option["id"] for option in matching(definition, expected)}
    return Comparison(_unread, _is_in, {expected, *ids})


def _equal_boolean(expected: str, _: FieldDefinition) -> Comparison:
    if expected not in {"true", "false"}:
        raise ValueError(expected)
    return Comparison(_unread, operator.is_, expected == "true")


def _compare_number(compare: Callable[[Any, Any], bool], expected: str, _: FieldDefinition) -> Comparison:
    bound = float(expected)
    if not math.isfinite(bound):
        raise ValueError(expected)
    return Comparison(_number, compare, bound)


def _compare_moment(compare: Callable[[Any, Any], bool], expected: str, _: FieldDefinition) -> Comparison:
    return Comparison(_moment, compare, parse_timestamp(expected))


def _comparisons(factory: Callable[..., Comparison]) -> Mapping[str, _Operator]:
    return {
        "equal": partial(factory, operator.eq),
        "greaterThan": partial(factory, operator.gt),
        "greaterThanOrEqual": partial(factory, operator.ge),
        "lessThan": partial(factory, operator.lt),
        "lessThanOrEqual": partial(factory, operator.le),
    }


_TEXT_OPERATORS: Mapping[str, _Operator] = {"equal": _equal_text, "startsWith": _starts_with}
_LIST_OPERATORS: Mapping[str, _Operator] = {"contains": _contains}
_NUMBER_OPERATORS = _comparisons(_compare_number)
_OPERATORS: Mapping[str, Mapping[str, _Operator]] = {  # the first operator is the default
    "NUMBER": _NUMBER_OPERATORS,
    "CURRENCY": _NUMBER_OPERATORS,
    "DATETIME": _comparisons(_compare_moment),
    "TEXT": _TEXT_OPERATORS,
    "FULL_NAME": _TEXT_OPERATORS,
    "SOCIAL_HANDLE": _TEXT_OPERATORS,
    "ADDRESS": _TEXT_OPERATORS,
    "CHECKBOX": {"equal": _equal_boolean},
    "SINGLE_SELECT": {"equal": _equal_option},
    "EMAIL": _LIST_OPERATORS,
    "TELEPHONE": _LIST_OPERATORS,
    "URL": _LIST_OPERATORS,
}
