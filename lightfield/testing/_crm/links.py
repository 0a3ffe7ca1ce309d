"""How do the relationships of a record change?"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from lightfield.testing._http.body import part
from lightfield.testing._http.errors import bad_request, invalid, unprocessable

from .collections import Collection, unset
from .definitions import RelationshipDefinition
from .documents import Record, Relationship
from .workspace import Workspace

_MOST = 25


class Change(NamedTuple):
    """What a record points at under one key once the change is made."""

    key: str
    values: list[str]


class _Operations(msgspec.Struct, forbid_unknown_fields=True):
    add: str | list[str] | msgspec.UnsetType = msgspec.UNSET
    remove: str | list[str] | msgspec.UnsetType = msgspec.UNSET
    replace: str | msgspec.UnsetType | None = msgspec.UNSET


def on_creation(workspace: Workspace, collection: Collection, sent: Mapping[str, object]) -> list[Change]:
    """Check the relationships of a record to be."""
    changes: list[Change] = []
    for key, value in sent.items():
        definition = _writable(collection, key, collection.kind.update_only)
        several: str | list[str] = part(value, str | list[str], f"relationships.{key}")
        identifiers = _several(several)
        _refer(workspace, definition, key, identifiers)
        changes.append(Change(key, _fitting(definition, key, identifiers)))
    return _few(changes, sum(len(change.values) for change in changes))


def on_update(workspace: Workspace, collection: Collection, record: Record, sent: Mapping[str, object]) -> list[Change]:
    """Check the operations on the relationships of a record."""
    changes: list[Change] = []
    named = 0
    for key, value in sent.items():
        definition = _writable(collection, key, collection.kind.create_only)
        operations: _Operations = part(value, _Operations, f"relationships.{key}")
        added, removed = _asked(operations, collection.kind.operations, key)
        named += len(added) + len(removed)
        _refer(workspace, definition, key, added)
        found = record["relationships"].get(key)
        kept = outgoing(found) if found and operations.replace is msgspec.UNSET else []
        left = [identifier for identifier in kept if identifier not in removed]
        changes.append(Change(key, _fitting(definition, key, [*left, *added])))
    return _few(changes, named)


def apply(workspace: Workspace, collection: Collection, record: Record, changes: Iterable[Change]) -> None:
    """Change the relationships of a record, and those of the records at the other end."""
    for key, values in changes:
        definition = collection.relationship(key)
        relationship = record["relationships"].setdefault(key, unset(definition))
        before = outgoing(relationship)
        _point(relationship, values)
        other = workspace.of_type(definition["objectType"])
        if other is not None:
            _mirror(collection, other, record["id"], key, (set(before) - set(values), _new(values, before)))


def outgoing(relationship: Relationship) -> list[str]:
    """Return the ids that a record points at, without those that only point at it."""
    directions = relationship.get("directions")
    return list(directions["asSource"]["values"] if directions else relationship["values"])


def _point(relationship: Relationship, values: list[str]) -> None:
    directions = relationship.get("directions")
    if directions:
        directions["asSource"]["values"] = list(values)
    relationship["values"] = values
    _unite(relationship)


def _unite(relationship: Relationship) -> None:
    directions = relationship.get("directions")
    if directions:
        both = [*directions["asSource"]["values"], *directions["asDestination"]["values"]]
        relationship["values"] = list(dict.fromkeys(both))


def _mirror(
    collection: Collection, other: Collection, identifier: str, key: str, change: tuple[set[str], list[str]]
) -> None:
    lost, won = change
    mirrored = key if "directions" in collection.relationship(key) else collection.kind.mirrors.get(key)
    for target in [*lost, *won] if mirrored else []:
        record = other.known(target)
        found = record["relationships"].get(mirrored or "") if record else None
        if found is None:
            continue
        directions = found.get("directions")
        incoming = directions["asDestination"]["values"] if directions else found["values"]
        if target in lost:
            incoming[:] = [pointing for pointing in incoming if pointing != identifier]
        elif identifier not in incoming:
            incoming.append(identifier)
        _unite(found)


def _new(values: list[str], before: list[str]) -> list[str]:
    known = set(before)
    return [identifier for identifier in values if identifier not in known]


def _writable(collection: Collection, key: str, refused: frozenset[str]) -> RelationshipDefinition:
    definition = collection.relationship(key)
    if definition.get("readOnly") or key in refused:
        raise bad_request(f"Relationship '{key}' cannot be written here.", param=f"relationships.{key}")
    return definition


def _asked(operations: _Operations, allowed: frozenset[str], key: str) -> tuple[list[str], list[str]]:
    sent = {name for name in operations.__struct_fields__ if getattr(operations, name) is not msgspec.UNSET}
    if not sent or not sent <= allowed or ("replace" in sent and len(sent) > 1):
        raise invalid(f"relationships.{key}", f"one of {', '.join(sorted(allowed))} expected")
    if operations.replace is None and "add" not in allowed:
        raise invalid(f"relationships.{key}", "'replace' needs an ID here")
    added = operations.add if operations.replace is msgspec.UNSET else operations.replace
    return _several(added), _several(operations.remove)


def _several(sent: str | list[str] | msgspec.UnsetType | None) -> list[str]:
    if isinstance(sent, str):
        return [sent]
    return list(dict.fromkeys(sent)) if isinstance(sent, list) else []


def _refer(workspace: Workspace, definition: RelationshipDefinition, key: str, identifiers: list[str]) -> None:
    for identifier in identifiers:
        standing = workspace.standing(definition["objectType"], identifier)
        if standing == "missing":
            message = f"There is no {definition['objectType']} '{identifier}'."
            raise bad_request(message, code="referenced_resource_missing", param=f"relationships.{key}")
        if standing == "trashed":
            message = f"The {definition['objectType']} '{identifier}' is in the trash."
            raise unprocessable(message, code="relationship_entity_inactive", param=f"relationships.{key}")


def _fitting(definition: RelationshipDefinition, key: str, identifiers: list[str]) -> list[str]:
    ends = definition.get("directions")
    cardinality = ends["asSource"]["cardinality"] if ends else definition["cardinality"]
    unique = list(dict.fromkeys(identifiers))
    if cardinality == "HAS_ONE" and len(unique) > 1:
        raise unprocessable(f"'{key}' holds one record only; use 'replace'.", param=f"relationships.{key}")
    return unique


def _few(changes: list[Change], named: int) -> list[Change]:
    if named > _MOST:
        message = f"A request may name {_MOST} records in its relationships; this one names {named}."
        raise unprocessable(message, code="relationship_write_limit_exceeded", param="relationships")
    return changes
