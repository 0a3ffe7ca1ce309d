"""Which records does a list's query ask for?

A filter is ``key[operator]=value``; a ``-`` before the operator negates it. A field that is unset meets no operator,
and so meets every negated one. Texts are compared exactly, moments as moments and numbers as numbers.
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
from .timestamps import instant
from .values import in_words, options

Test: TypeAlias = Callable[[Record], bool]
_Holds: TypeAlias = Callable[[Value], bool]
_Operator: TypeAlias = Callable[[str, FieldDefinition], _Holds]

_NAME = re.compile(r"(?P<key>[^\[\]]+)(?:\[(?P<negated>-?)(?P<operator>[A-Za-z]+)\])?\Z")


def filters(collection: Collection, query: Iterable[tuple[str, str]]) -> list[Test]:
    """Turn the filters of a query into tests that a record must all pass."""
    return [_test(collection, name, wanted) for name, wanted in query]


def _test(collection: Collection, name: str, wanted: str) -> Test:
    found = _NAME.match(name)
    if found is None:
        raise bad_request(f"'{name}' is no filter: 'key[operator]' expected.", param=name)
    key, chosen = found["key"], found["operator"]
    definition = collection.definitions["fieldDefinitions"].get(key)
    if definition is None:
        test = _pointing(collection, key, chosen, wanted)
    else:
        allowed = _OPERATORS.get(definition["valueType"], {})
        chosen = chosen or next(iter(allowed), "equal")
        if chosen not in allowed:
            raise _no_operator(key, definition["valueType"], chosen)
        try:
            test = partial(_value_holds, key, allowed[chosen](wanted, definition))
        except ValueError:
            raise bad_request(f"{wanted!r} is no {definition['valueType']}.", code="invalid_type", param=key) from None
    return partial(_fails, test) if found["negated"] else test


def _value_holds(key: str, holds: _Holds, record: Record) -> bool:
    field = record["fields"].get(key)
    value = None if field is None else field["value"]
    return value is not None and holds(value)


def _fails(test: Test, record: Record) -> bool:
    return not test(record)


def _pointing(collection: Collection, name: str, chosen: str | None, wanted: str) -> Test:
    known = collection.definitions["relationshipDefinitions"]
    spelled, _, end = name.partition(":")
    slugs = {f"{'$' * key.startswith('$')}{each.get('slug')}": key for key, each in known.items()}
    key = spelled if spelled in known else slugs.get(spelled)
    if key is None or (end and end not in known[key].get("directions", {})):
        raise unknown_field(collection.kind.name, name, name)
    if chosen not in {None, "equal", "contains"}:
        raise _no_operator(name, "relationship", chosen or "")
    return partial(_points_at, key, end, wanted)


def _points_at(key: str, end: str, wanted: str, record: Record) -> bool:
    relationship = record["relationships"].get(key)
    if relationship is None:
        return False
    directions = relationship.get("directions", {})
    return wanted in (directions[end]["values"] if end in directions else relationship["values"])


def _no_operator(key: str, kind: str, chosen: str) -> WireError:
    return bad_request(f"'{key}' ({kind}) cannot be filtered with '{chosen}'.", param=key)


def _text(value: Value) -> str:
    return in_words(value) if isinstance(value, dict) else str(value)


def _equal_text(wanted: str, _: FieldDefinition) -> _Holds:
    return lambda value: _text(value) == wanted


def _starts_with(wanted: str, _: FieldDefinition) -> _Holds:
    return lambda value: bool(text := _text(value)) and text.startswith(wanted)


def _contains(wanted: str, _: FieldDefinition) -> _Holds:
    return lambda value: wanted in value if isinstance(value, list) else value == wanted


def _is_option(wanted: str, definition: FieldDefinition) -> _Holds:
    chosen = {option["id"] for option in options(definition) if wanted in {option["id"], option["label"]}}
    return lambda value: value == wanted or value in chosen


def _is_flag(wanted: str, _: FieldDefinition) -> _Holds:
    if wanted not in {"true", "false"}:
        raise ValueError(wanted)
    return lambda value: value is (wanted == "true")


def _number(compare: Callable[[float, float], bool], wanted: str, _: FieldDefinition) -> _Holds:
    bound = float(wanted)
    if not math.isfinite(bound):
        raise ValueError(wanted)
    return lambda value: isinstance(value, int | float) and compare(value, bound)


def _moment(compare: Callable[[object, object], bool], wanted: str, _: FieldDefinition) -> _Holds:
    bound = instant(wanted)

    def holds(value: Value) -> bool:
        try:
            return compare(instant(str(value)), bound)
        except ValueError:  # put in by hand
            return False

    return holds


def _ordered(compared: Callable[..., _Holds]) -> Mapping[str, _Operator]:
    return {
        "equal": partial(compared, operator.eq),
        "greaterThan": partial(compared, operator.gt),
        "greaterThanOrEqual": partial(compared, operator.ge),
        "lessThan": partial(compared, operator.lt),
        "lessThanOrEqual": partial(compared, operator.le),
    }


_TEXTUAL: Mapping[str, _Operator] = {"equal": _equal_text, "startsWith": _starts_with}
_LISTED: Mapping[str, _Operator] = {"contains": _contains}
_NUMERIC = _ordered(_number)
_OPERATORS: Mapping[str, Mapping[str, _Operator]] = {  # the first operator is the one that may be left out
    "NUMBER": _NUMERIC,
    "CURRENCY": _NUMERIC,
    "DATETIME": _ordered(_moment),
    "TEXT": _TEXTUAL,
    "FULL_NAME": _TEXTUAL,
    "SOCIAL_HANDLE": _TEXTUAL,
    "ADDRESS": _TEXTUAL,
    "CHECKBOX": {"equal": _is_flag},
    "SINGLE_SELECT": {"equal": _is_option},
    "EMAIL": _LISTED,
    "TELEPHONE": _LISTED,
    "URL": _LISTED,
}
