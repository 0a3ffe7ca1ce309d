"""Merges of two records.

The primary keeps its id and values and takes missing ones from the duplicate, unless a resolution says otherwise.
Relationships to the duplicate are repointed to the primary.
"""

from functools import partial
from typing import Any, Literal

import msgspec

from lightfield.testing._crm.collections import Collection
from lightfield.testing._crm.documents import Merge, Record, Value
from lightfield.testing._crm.links import Change, apply, outgoing, take_incoming
from lightfield.testing._crm.rules import set_derived
from lightfield.testing._crm.timestamps import current_timestamp
from lightfield.testing._crm.values import parse_value
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._crm.writes import write
from lightfield.testing._http.body import convert
from lightfield.testing._http.errors import bad_request, not_found, unprocessable

from .routes import Call, Handler


class _Options(msgspec.Struct, rename="camel"):
    multi_select_union: bool = False


class _MergeRequest(msgspec.Struct, rename="camel"):
    primary_id: str
    duplicate_id: str
    field_resolutions: dict[str, Any] = {}
    options: _Options = msgspec.field(default_factory=_Options)


class _ExplicitValue(msgspec.Struct):
    value: Any


def merge(name: str, call: Call) -> object:
    """Merge a record into another of its type."""
    workspace = call.workspace
    collection = workspace.collections[name] if name else workspace.custom_collection(call.params["entitySlug"])
    request = call.body.read(_MergeRequest)
    primary, duplicate = collection.active(request.primary_id), collection.active(request.duplicate_id)
    if primary is duplicate:
        raise bad_request("A record cannot be merged with itself.", param="duplicateId")
    if name == "opportunities" and _account_ids(primary) != _account_ids(duplicate):
        raise unprocessable("Both opportunities must belong to the same account.", param="duplicateId")
    values = _merged_values(collection, primary, duplicate, request, strict=call.body.strict)
    written = write(workspace, collection, primary, values)
    collection.move(duplicate["id"], to_trash=True)
    repointed = _repoint(workspace, collection, duplicate["id"], primary["id"])
    _merge_relationships(workspace, collection, primary, duplicate)
    set_derived(workspace, collection, primary)
    collection.put_back(primary)
    merged = _store_merge(workspace, collection, request)
    return {
        "merge": {"id": merged["id"], "status": merged["status"]},
        "primary": primary,
        "summary": {"fieldWriteCount": written, "syncRepointedCount": repointed, "warnings": []},
    }


def status(call: Call) -> object:
    """Return a merge; its clean-up is pending on the first request and done from the second one on."""
    found = call.workspace.merges.get(call.params["id"])
    if found is None:
        raise not_found("merges")
    call.workspace.poll_counts[found["id"]] += 1
    if call.workspace.poll_counts[found["id"]] > 1 and found["status"] != "done":
        found["status"], found["updatedAt"] = "done", current_timestamp()
        call.workspace.merges[found["id"]] = found
    return found


def _store_merge(workspace: Workspace, collection: Collection, request: _MergeRequest) -> Merge:
    timestamp = current_timestamp()
    made: Merge = {
        "id": workspace.new_id("mrg"),
        "createdAt": timestamp,
        "updatedAt": timestamp,
        "entityType": collection.record_type.object_type,
        "primaryId": request.primary_id,
        "duplicateId": request.duplicate_id,
        "status": "cleanup_pending",
    }
    workspace.merges[made["id"]] = made
    return made


def _account_ids(record: Record) -> list[str]:
    related = record["relationships"].get("$account")
    return related["values"] if related else []


def _merged_values(
    collection: Collection, primary: Record, duplicate: Record, request: _MergeRequest, *, strict: bool
) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for key, definition in collection.definitions["fieldDefinitions"].items():
        own, other = (record["fields"].get(key, {"value": None})["value"] for record in (primary, duplicate))
        union = request.options.multi_select_union and definition["valueType"] == "MULTI_SELECT"
        if own in (None, []) and other not in (None, []):
            values[key] = other
        elif union and isinstance(own, list) and isinstance(other, list):
            values[key] = list(dict.fromkeys([*own, *other]))
    for slug, resolution in request.field_resolutions.items():
        key = slug if slug in collection.definitions["fieldDefinitions"] else f"${slug}"
        param = f"fieldResolutions.{slug}"
        definition = collection.field(key, param=param)
        kinds = Literal["primary", "duplicate"] | _ExplicitValue
        chosen: str | _ExplicitValue = convert(resolution, kinds, param, strict=strict)
        if isinstance(chosen, _ExplicitValue):
            values[key] = parse_value(chosen.value, definition, param, strict=strict)
        else:
            source = primary if chosen == "primary" else duplicate
            values[key] = source["fields"].get(key, {"value": None})["value"]
    return values


def _repoint(workspace: Workspace, collection: Collection, old: str, new: str) -> int:
    """Repoint every relationship from one record to another; return the number of records changed."""
    repointed: set[str] = set()
    for other in workspace.collections.values():
        keys = [
            key
            for key, definition in other.definitions["relationshipDefinitions"].items()
            if definition["objectType"] == collection.record_type.object_type
        ]
        pointing = [(key, record) for key in keys for record in other.pointing_at(old, key)]
        for key, record in pointing:
            _replace_id(record, key, old, new)
            other.put_back(record)
            repointed.add(record["id"])
    return len(repointed)


def _replace_id(record: Record, key: str, old: str, new: str) -> None:
    related = record["relationships"][key]
    id_lists = [related["values"], *(end["values"] for end in related.get("directions", {}).values())]
    for values in id_lists:
        replaced = [new if identifier == old else identifier for identifier in values]
        values[:] = [identifier for identifier in dict.fromkeys(replaced) if identifier != record["id"]]


def _merge_relationships(workspace: Workspace, collection: Collection, primary: Record, duplicate: Record) -> None:
    changes: list[Change] = []
    for key, other in duplicate["relationships"].items():
        own = primary["relationships"].get(key)
        if own is None or key not in collection.definitions["relationshipDefinitions"]:
            continue
        directions = own.get("directions")
        single = (directions["asSource"] if directions else own)["cardinality"] == "HAS_ONE"
        current, additional = outgoing(own), [each for each in outgoing(other) if each != primary["id"]]
        union = list(dict.fromkeys([*current, *additional]))
        changes.append(Change(key, (current or union[:1]) if single else union))
    apply(workspace, collection, primary, changes)
    take_incoming(primary, duplicate)


HANDLERS: dict[str, Handler] = {
    "merge.merge_accounts": partial(merge, "accounts"),
    "merge.merge_contacts": partial(merge, "contacts"),
    "merge.merge_opportunities": partial(merge, "opportunities"),
    "merge.merge_object_values": partial(merge, ""),
    "merge.get_merge": status,
}
