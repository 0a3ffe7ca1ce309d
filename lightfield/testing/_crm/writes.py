"""How does a record come to be, and how does it change?"""

from collections.abc import Mapping
from typing import Any

import msgspec

from lightfield.testing._crm import links, rules
from lightfield.testing._http.body import Body, require
from lightfield.testing._http.errors import bad_request

from .collections import Collection
from .documents import Record, Value
from .timestamps import iso, now
from .values import stored
from .workspace import Workspace


class _Creation(msgspec.Struct):
    fields: dict[str, Any]
    relationships: dict[str, Any] = {}


class _Update(msgspec.Struct):
    fields: dict[str, Any] = {}
    relationships: dict[str, Any] = {}


def create(workspace: Workspace, collection: Collection, body: Body) -> Record:
    """Make a record; nothing of it is kept when a part of it is refused."""
    sent = body.read(_Creation)
    fields, relationships = collection.kind.required
    require(sent.fields, fields, "fields")
    require(sent.relationships, relationships, "relationships")
    values = writable(collection, sent.fields, collection.kind.update_only)
    changes = links.on_creation(workspace, collection, sent.relationships)
    rules.check(collection, values, changes)
    moment = collection.moment()
    record = collection.add(workspace.new_id(collection.kind.prefix), moment, _defaults(collection) | values)
    links.apply(workspace, collection, record, changes)
    rules.settle(workspace, collection, record)
    return record


def update(workspace: Workspace, collection: Collection, identifier: str, body: Body) -> Record:
    """Change what is named and nothing else; all of it, or none of it."""
    record = collection.active(identifier)
    sent = body.read(_Update)
    values = writable(collection, sent.fields, collection.kind.create_only)
    changes = links.on_update(workspace, collection, record, sent.relationships)
    held = {key: field["value"] for key, field in record["fields"].items()}
    rules.check(collection, held | values, changes)
    write(workspace, collection, record, values)
    links.apply(workspace, collection, record, changes)
    rules.settle(workspace, collection, record)
    return record


def write(workspace: Workspace, collection: Collection, record: Record, values: Mapping[str, Value]) -> int:
    """Put values into a record, keep those they replace, and return how many there were."""
    moment = max(iso(now()), record.get("createdAt", ""))
    written = 0
    for key, value in values.items():
        kind = collection.field(key)["valueType"]
        field = record["fields"].setdefault(key, {"value": None, "valueType": kind})
        before = field["value"]
        if before == value:
            continue
        field["value"] = value
        workspace.history.record(record, key, before, moment)
        written += 1
    record["updatedAt"] = moment
    return written


def writable(collection: Collection, sent: Mapping[str, object], refused: frozenset[str]) -> dict[str, Value]:
    """Check values and bring them into the shape in which they are read."""
    values: dict[str, Value] = {}
    for key, value in sent.items():
        definition = collection.field(key)
        if definition.get("readOnly") or key in refused:
            raise bad_request(f"Field '{key}' cannot be written here.", param=f"fields.{key}")
        values[key] = stored(value, definition, f"fields.{key}")
    return values


def _defaults(collection: Collection) -> dict[str, Value]:
    stages = collection.definitions["fieldDefinitions"].get("$stage")
    if stages is None:
        return {}
    return {"$stage": next((option["id"] for option in stages["typeConfiguration"].get("options", [])), None)}
