"""Calls, built from what is documented about an operation, each with the request that must come of it."""

import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, TypeAlias
from urllib.parse import quote

from tests.contract.build import Variant, documents
from tests.contract.facts import OPERATIONS, SHAPES, Operation
from tests.contract.spelling import officially

Manner: TypeAlias = Literal["full", "bare", "null", "odd", "official"]
"""With every parameter; with the required ones only; with null where it may stand within a parameter; with the required
ones only, and ids that must be percent-encoded; with every parameter, in the official SDK's spelling if it differs."""

UNSPECIFIED = "Body_unspecified"
_REASON = {"reason": "déjà vu", "more": [1, None]}
_QUERY = {"limit": 10, "offset": 50, "status": "trashed", "after": "cursor +/=&ü"}
_FILTERS = {
    "$name[-equal]": "Acme & Co",
    "$amount[greaterThanOrEqual]": 100_000,
    "$closeDate[lessThan]": "2026-03-01T00:00:00+00:00",
    "parent:asSource[contains]": "acc_1",
    "approved": True,
}
_FILTER_PAIRS = [(name, "true" if value is True else str(value)) for name, value in _FILTERS.items()]
_VARIANTS: dict[Manner, Variant] = {"bare": "bare", "odd": "bare", "null": "null"}
_SLUGS = {"enrichment_run.enrich": "contacts"}


class Call(NamedTuple):
    """One call, and what it must send."""

    fact: Operation
    manner: Manner
    args: list[Any]
    kwargs: dict[str, Any]
    path: str
    query: list[tuple[str, str]]
    body: dict[str, Any]
    """Empty also where none is sent."""

    def __str__(self) -> str:
        return f"{self.fact.operation}-{self.manner}"


def wire(name: str) -> str:
    """Give the wire name of a Python parameter."""
    first, *others = name.removesuffix("_").split("_")
    return first + "".join(map(str.capitalize, others))


def calls(fact: Operation) -> Iterator[Call]:
    """Build the calls of an operation; several of a manner where its body can take several forms."""
    manners: list[Manner] = ["full", "bare", "odd"]
    if fact.body not in (None, UNSPECIFIED):
        manners.extend(("null", "official"))
    for manner in manners:
        for body in _bodies(fact, manner):
            ids = _ids(fact, odd=manner == "odd")
            query = {name: _QUERY[name] for name in fact.query if manner not in ("bare", "odd")}
            pairs = [(name, str(value)) for name, value in query.items()]
            members = _members(fact, body, official=manner == "official")
            if manner == "official" and members == _members(fact, body):
                continue
            given: dict[str, Any] = {**ids, **query, **members}
            if fact.filtered and manner == "full":
                given["filters"], pairs = _FILTERS, [*pairs, *_FILTER_PAIRS]
            args = [given.pop(name) for name in fact.positional]
            yield Call(fact, manner, args, given, _path(fact, ids), pairs, body)


def _bodies(fact: Operation, manner: Manner) -> list[dict[str, Any]]:
    if fact.body is None:
        return [{}]
    if fact.body == UNSPECIFIED:
        return [_REASON if manner == "full" else {}]
    return documents(fact.body, _VARIANTS.get(manner, "full"))


def _members(fact: Operation, body: dict[str, Any], *, official: bool = False) -> dict[str, Any]:
    """Give the parts of a body as arguments."""
    if fact.body in (None, UNSPECIFIED):
        return {"body": body} if body else {}
    given = {name: body[wire(name)] for name in fact.keyword if wire(name) in body}
    if official:
        shapes = SHAPES[fact.body]["properties"]
        given = {name: officially(part, shapes[wire(name)]) for name, part in given.items()}
    return given


def _ids(fact: Operation, *, odd: bool) -> dict[str, str]:
    """Give a value for each placeholder of the path, by Python name."""
    names = [name for name in [*fact.positional, *fact.keyword] if f"{{{wire(name)}}}" in fact.path]
    ids = {name: ("$stage" if name == "field_key" else "é 1+2:3") if odd else f"{name}_1" for name in names}
    return {**ids, "entity_slug": _SLUGS[fact.operation]} if fact.operation in _SLUGS else ids


def _path(fact: Operation, ids: dict[str, str]) -> str:
    values = {wire(name): quote(value, safe="") for name, value in ids.items()}
    return re.sub(r"{(\w+)}", lambda found: values[found[1]], fact.path)


CALLS = [call for fact in OPERATIONS for call in calls(fact)]
