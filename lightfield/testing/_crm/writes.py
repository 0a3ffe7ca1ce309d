"""Creation and update of records."""

from collections.abc import Mapping
from typing import Any

import msgspec

from lightfield.testing._crm import links, rules
from lightfield.testing._http.body import Body, require
from lightfield.testing._http.errors import bad_request

from .collections import Collection
from .documents import Record, Value
from .pipelines import resolve_written
from .selects import options
from .timestamps import current_timestamp
from .values import parse_value
from .workspace import Workspace


class _CreateRequest(msgspec.Struct):
    fields: dict[str, Any]
    relationships: dict[str, Any] = {}


class _EnrichedRequest(_CreateRequest, rename="camel"):
    skip_enrichment: bool = False


class _MeetingRequest(_CreateRequest, rename="camel"):
    auto_create_records: bool = False


class _UpdateRequest(msgspec.Struct):
    fields: dict[str, Any] = {}
    relationships: dict[str, Any] = {}


def create(workspace: Workspace, collection: Collection, body: Body) -> Record:
    """Create a record, or raise without any effect."""
    sent = body.read(_CREATE_REQUESTS.get(collection.record_type.name, _CreateRequest))
    fields, relationships = collection.record_type.required
    require(sent.fields, fields, "fields")
    require(sent.relationships, relationships, "relationships")
    values = parse_values(collection, sent.fields, collection.record_type.update_only, strict=body.strict)
    changes = links.creation_changes(workspace, collection, sent.relationships)
    rules.check(collection, values, changes)
    timestamp = collection.creation_timestamp()
    record = collection.add(workspace.new_id(collection.record_type.prefix), timestamp, _defaults(collection) | values)
    links.apply(workspace, collection, record, changes)
    rules.set_derived(workspace, collection, record)
    collection.put_back(record)
    return record


def update(workspace: Workspace, collection: Collection, identifier: str, body: Body) -> Record:
    """Update the given fields and relationships, or raise without any effect."""
    record = collection.active(identifier)
    sent = body.read(_UpdateRequest)
    values = parse_values(collection, sent.fields, collection.record_type.create_only, strict=body.strict)
    changes = links.update_changes(workspace, collection, record, sent.relationships, strict=body.strict)
    rules.check(collection, values, changes, record)
    write(workspace, collection, record, values)
    links.apply(workspace, collection, record, changes)
    rules.set_derived(workspace, collection, record)
    collection.put_back(record)
    return record


def write(workspace: Workspace, collection: Collection, record: Record, values: Mapping[str, Value]) -> int:
    """Write values to a record and its history; return the number of changes."""
    timestamp = max(current_timestamp(), record.get("createdAt", ""))
    written = 0
    for key, value in values.items():
        value_type = collection.field(key)["valueType"]
        field = record["fields"].setdefault(key, {"value": None, "valueType": value_type})
        before = field["value"]
        if before == value:
            continue
        field["value"] = value
        workspace.history.record(record, key, before, timestamp)
        written += 1
    record["updatedAt"] = timestamp
    return written


def parse_values(
    collection: Collection, sent: Mapping[str, object], forbidden: frozenset[str], *, strict: bool
) -> dict[str, Value]:
    """Validate the fields of a request; ``forbidden`` names those that cannot be written here."""
    values: dict[str, Value] = {}
    for key, value in resolve_written(collection, sent).items():
        definition = collection.field(key)
        if definition.get("readOnly") or key in forbidden:
            raise bad_request(f"Field '{key}' cannot be written here.", param=f"fields.{key}")
        values[key] = parse_value(value, definition, f"fields.{key}", strict=strict)
    return values


def _defaults(collection: Collection) -> dict[str, Value]:
    stage = collection.definitions["fieldDefinitions"].get("$stage")
    if stage is None:
        return {}
    return {"$stage": next((option["id"] for option in options(stage)), None)}


_CREATE_REQUESTS = {"accounts": _EnrichedRequest, "contacts": _EnrichedRequest, "meetings": _MeetingRequest}
