"""Filters of list queries.

A filter is ``key[operator]=value``; a ``-`` before the operator negates it. An unset field matches no operator, hence
every negated one. Texts are compared exactly, datetimes as points in time and numbers by value.
"""

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeAlias

from lightfield.testing._http.errors import WireError, bad_request, unknown_field

from .collections import Collection
from .definitions import FieldDefinition
from .documents import Record, Value
from .timestamps import parse_timestamp
from .values import format_parts, options

Predicate: TypeAlias = Callable[[Record], bool]
_ValuePredicate: TypeAlias = Callable[[Value], bool]
_PredicateFactory: TypeAlias = Callable[[str, FieldDefinition], _ValuePredicate]

_NAME = re.compile(r"(?P<key>[^\[\]]+)(?:\[(?P<negated>-?)(?P<operator>[A-Za-z]+)\])?\Z")


def parse_filters(collection: Collection, query: Iterable[tuple[str, str]]) -> list[Predicate]:
    """Return one predicate per filter; a record must satisfy all of them."""
    return [_predicate(collection, name, expected) for name, expected in query]


def _predicate(collection: Collection, name: str, expected: str) -> Predicate:
    found = _NAME.match(name)
    if found is None:
        raise bad_request(f"'{name}' is not a filter of the form 'key[operator]'.", param=name)
    key, operator_name = found["key"], found["operator"]
    definition = collection.definitions["fieldDefinitions"].get(key)
    if definition is None:
        predicate = _relationship_predicate(collection, key, operator_name, expected)
    else:
        allowed = _OPERATORS.get(definition["valueType"], {})
        operator_name = operator_name or next(iter(allowed), "equal")
        if operator_name not in allowed:
            raise _unsupported_operator(key, definition["valueType"], operator_name)
        try:
            predicate = partial(_field_matches, key, allowed[operator_name](expected, definition))
        except ValueError:
            message = f"{expected!r} is not a valid {definition['valueType']}."
            raise bad_request(message, code="invalid_type", param=key) from None
    return partial(_negated, predicate) if found["negated"] else predicate


def _field_matches(key: str, matches: _ValuePredicate, record: Record) -> bool:
    field = record["fields"].get(key)
    value = None if field is None else field["value"]
    return value is not None and matches(value)


def _negated(predicate: Predicate, record: Record) -> bool:
    return not predicate(record)


def _relationship_predicate(collection: Collection, name: str, operator_name: str | None, expected: str) -> Predicate:
    definitions = collection.definitions["relationshipDefinitions"]
    name_or_slug, _, direction = name.partition(":")
    slugs = {f"{'$' * key.startswith('$')}{each.get('slug')}": key for key, each in definitions.items()}
    key = name_or_slug if name_or_slug in definitions else slugs.get(name_or_slug)
    if key is None or (direction and direction not in definitions[key].get("directions", {})):
        raise unknown_field(collection.record_type.name, name, name)
    if operator_name not in {None, "equal", "contains"}:
        raise _unsupported_operator(name, "relationship", operator_name or "")
    return partial(_points_at, key, direction, expected)


def _points_at(key: str, direction: str, expected: str, record: Record) -> bool:
    relationship = record["relationships"].get(key)
    if relationship is None:
        return False
    directions = relationship.get("directions", {})
    return expected in (directions[direction]["values"] if direction in directions else relationship["values"])


def _unsupported_operator(key: str, value_type: str, operator_name: str) -> WireError:
    return bad_request(f"'{key}' ({value_type}) cannot be filtered with '{operator_name}'.", param=key)


def _text(value: Value) -> str:
    return format_parts(value) if isinstance(value, dict) else str(value)


def _equal_text(expected: str, _: FieldDefinition) -> _ValuePredicate:
    return lambda value: _text(value) == expected


def _starts_with(expected: str, _: FieldDefinition) -> _ValuePredicate:
    return lambda value: bool(text := _text(value)) and text.startswith(expected)


def _contains(expected: str, _: FieldDefinition) -> _ValuePredicate:
    return lambda value: expected in value if isinstance(value, list) else value == expected


def _equal_option(expected: str, definition: FieldDefinition) -> _ValuePredicate:
    ids = {option["id"] for option in options(definition) if expected in {option["id"], option["label"]}}
    return lambda value: value == expected or value in ids


def _equal_boolean(expected: str, _: FieldDefinition) -> _ValuePredicate:
    if expected not in {"true", "false"}:
        raise ValueError(expected)
    return lambda value: value is (expected == "true")


def _number(compare: Callable[[float, float], bool], expected: str, _: FieldDefinition) -> _ValuePredicate:
    bound = float(expected)
    if not math.isfinite(bound):
        raise ValueError(expected)
    return lambda value: isinstance(value, int | float) and compare(value, bound)


def _datetime(compare: Callable[[object, object], bool], expected: str, _: FieldDefinition) -> _ValuePredicate:
    bound = parse_timestamp(expected)

    def matches(value: Value) -> bool:
        try:
            return compare(parse_timestamp(str(value)), bound)
        except ValueError:  # set directly by a test
            return False

    return matches


def _comparisons(factory: Callable[..., _ValuePredicate]) -> Mapping[str, _PredicateFactory]:
    return {
        "equal": partial(factory, operator.eq),
        "greaterThan": partial(factory, operator.gt),
        "greaterThanOrEqual": partial(factory, operator.ge),
        "lessThan": partial(factory, operator.lt),
        "lessThanOrEqual": partial(factory, operator.le),
    }


_TEXT_OPERATORS: Mapping[str, _PredicateFactory] = {"equal": _equal_text, "startsWith": _starts_with}
_LIST_OPERATORS: Mapping[str, _PredicateFactory] = {"contains": _contains}
_NUMBER_OPERATORS = _comparisons(_number)
_OPERATORS: Mapping[str, Mapping[str, _PredicateFactory]] = {  # the first operator is the default
    "NUMBER": _NUMBER_OPERATORS,
    "CURRENCY": _NUMBER_OPERATORS,
    "DATETIME": _comparisons(_datetime),
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
