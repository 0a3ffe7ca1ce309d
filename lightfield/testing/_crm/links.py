"""Changes of relationships."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from lightfield.testing._http.body import convert
from lightfield.testing._http.errors import bad_request, invalid_param, unprocessable

from .collections import Collection, empty_relationship
from .definitions import RelationshipDefinition
from .documents import Record, Relationship
from .workspace import Workspace

_MAX_IDS = 25


class Change(NamedTuple):
    """The ids that a relationship points to after the change."""

    key: str
    values: list[str]


class _Operations(msgspec.Struct):
    add: str | list[str] | msgspec.UnsetType = msgspec.UNSET
    remove: str | list[str] | msgspec.UnsetType = msgspec.UNSET
    replace: str | msgspec.UnsetType | None = msgspec.UNSET


def creation_changes(workspace: Workspace, collection: Collection, sent: Mapping[str, object]) -> list[Change]:
    """Validate the relationships of a new record."""
    changes: list[Change] = []
    for key, value in sent.items():
        definition = _writable(collection, key, collection.record_type.update_only)
        sent_ids: str | list[str] = convert(value, str | list[str], f"relationships.{key}")
        identifiers = _unique_ids(sent_ids)
        _check_references(workspace, definition, key, identifiers)
        changes.append(Change(key, _check_cardinality(definition, key, identifiers)))
    return _check_count(changes, sum(len(change.values) for change in changes))


def update_changes(
    workspace: Workspace, collection: Collection, record: Record, sent: Mapping[str, object], *, strict: bool
) -> list[Change]:
    """Validate the operations on the relationships of a record."""
    changes: list[Change] = []
    named = changed = 0
    for key, value in sent.items():
        definition = _writable(collection, key, collection.record_type.create_only)
        operations: _Operations = convert(value, _Operations, f"relationships.{key}", strict=strict)
        added, removed = _parse_operations(operations, collection.record_type.operations, key)
        _check_references(workspace, definition, key, added)
        found = record["relationships"].get(key)
        current = outgoing(found) if found else []
        kept = current if operations.replace is msgspec.UNSET else []
        remaining = [identifier for identifier in kept if identifier not in removed]
        after = _check_cardinality(definition, key, [*remaining, *added])
        _check_required(collection, key, after)
        named, changed = named + len(added) + len(removed), changed + len({*current} ^ {*after})
        changes.append(Change(key, after))
    return _check_count(changes, max(named, changed))


def apply(workspace: Workspace, collection: Collection, record: Record, changes: Iterable[Change]) -> None:
    """Apply changes to a record and to the inverse relationships of the related records."""
    for key, values in changes:
        definition = collection.relationship(key)
        relationship = record["relationships"].setdefault(key, empty_relationship(definition))
        before = outgoing(relationship)
        _set_outgoing(relationship, values)
        other = workspace.by_object_type(definition["objectType"])
        if other is not None:
            _update_inverse(collection, other, record["id"], key, (set(before) - set(values), _added(values, before)))


def take_incoming(record: Record, other: Record) -> None:
    """Let what points to another record of the same type be seen from this one."""
    for key, relationship in record["relationships"].items():
        theirs = other["relationships"].get(key, relationship).get("directions", {})
        if "directions" in relationship and theirs:
            incoming = relationship["directions"]["asDestination"]["values"]
            added = _added(theirs["asDestination"]["values"], [*incoming, record["id"]])
            incoming.extend(added)
            _update_values(relationship)


def outgoing(relationship: Relationship) -> list[str]:
    """Return the ids that a relationship points to, without those that only point back."""
    directions = relationship.get("directions")
    return list(directions["asSource"]["values"] if directions else relationship["values"])


def _set_outgoing(relationship: Relationship, values: list[str]) -> None:
    directions = relationship.get("directions")
    if directions:
        directions["asSource"]["values"] = list(values)
    relationship["values"] = values
    _update_values(relationship)


def _update_values(relationship: Relationship) -> None:
    directions = relationship.get("directions")
    if directions:
        both = [*directions["asSource"]["values"], *directions["asDestination"]["values"]]
        relationship["values"] = list(dict.fromkeys(both))


def _update_inverse(
    collection: Collection, other: Collection, identifier: str, key: str, change: tuple[set[str], list[str]]
) -> None:
    removed, added = change
    inverse = key if "directions" in collection.relationship(key) else collection.record_type.inverses.get(key)
    for target in [*removed, *added] if inverse else []:
        record = other.known(target)
        found = record["relationships"].get(inverse or "") if record else None
        if record is None or found is None:
            continue
        directions = found.get("directions")
        incoming = directions["asDestination"]["values"] if directions else found["values"]
        if target in removed:
            incoming[:] = [pointing for pointing in incoming if pointing != identifier]
        elif identifier not in incoming:
            incoming.append(identifier)
        _update_values(found)
        other.put_back(record)


def _added(values: list[str], before: list[str]) -> list[str]:
    known = set(before)
    return [identifier for identifier in values if identifier not in known]


def _writable(collection: Collection, key: str, forbidden: frozenset[str]) -> RelationshipDefinition:
    definition = collection.relationship(key)
    if definition.get("readOnly") or key in forbidden:
        raise bad_request(f"Relationship '{key}' cannot be written here.", param=f"relationships.{key}")
    return definition


def _parse_operations(operations: _Operations, allowed: frozenset[str], key: str) -> tuple[list[str], list[str]]:
    sent = {name for name in operations.__struct_fields__ if getattr(operations, name) is not msgspec.UNSET}
    if not sent or not sent <= allowed or ("replace" in sent and len(sent) > 1):
        raise invalid_param(f"relationships.{key}", f"expected one of {', '.join(sorted(allowed))}")
    if operations.replace is None and "add" not in allowed:
        raise invalid_param(f"relationships.{key}", "'replace' must be an ID here")
    added = operations.add if operations.replace is msgspec.UNSET else operations.replace
    return _unique_ids(added), _unique_ids(operations.remove)


def _unique_ids(sent: str | list[str] | msgspec.UnsetType | None) -> list[str]:
    if isinstance(sent, str):
        return [sent]
    return list(dict.fromkeys(sent)) if isinstance(sent, list) else []


def _check_references(workspace: Workspace, definition: RelationshipDefinition, key: str, ids: list[str]) -> None:
    for identifier in ids:
        status = workspace.reference_status(definition["objectType"], identifier)
        if status == "missing":
            message = f"There is no {definition['objectType']} '{identifier}'."
            raise bad_request(message, code="referenced_resource_missing", param=f"relationships.{key}")
        if status == "trashed":
            message = f"The {definition['objectType']} '{identifier}' is in the trash."
            raise unprocessable(message, code="relationship_entity_inactive", param=f"relationships.{key}")


def _check_cardinality(definition: RelationshipDefinition, key: str, identifiers: list[str]) -> list[str]:
    directions = definition.get("directions")
    cardinality = directions["asSource"]["cardinality"] if directions else definition["cardinality"]
    unique = list(dict.fromkeys(identifiers))
    if cardinality == "HAS_ONE" and len(unique) > 1:
        raise unprocessable(f"'{key}' holds a single record; use 'replace'.", param=f"relationships.{key}")
    return unique


def _check_required(collection: Collection, key: str, identifiers: list[str]) -> None:
    if not identifiers and key in collection.record_type.required[1]:
        raise unprocessable(f"'{key}' is required and cannot be cleared.", param=f"relationships.{key}")


def _check_count(changes: list[Change], count: int) -> list[Change]:
    if count > _MAX_IDS:
        message = f"A request may name at most {_MAX_IDS} related records, and change as many links; not {count}."
        raise unprocessable(message, code="relationship_write_limit_exceeded", param="relationships")
    return changes
