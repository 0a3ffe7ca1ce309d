"""How do two records become one?

The primary keeps its id and what it holds; what it lacks, it takes from the duplicate, unless a resolution says
otherwise. Whatever pointed at the duplicate points at the primary afterwards.
"""

from functools import partial
from typing import Any, Literal

import msgspec

from lightfield.testing._crm.collections import Collection
from lightfield.testing._crm.documents import Merge, Record, Value
from lightfield.testing._crm.links import Change, apply, outgoing
from lightfield.testing._crm.rules import settle
from lightfield.testing._crm.timestamps import iso, now
from lightfield.testing._crm.values import stored
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._crm.writes import write
from lightfield.testing._http.body import part
from lightfield.testing._http.errors import bad_request, no_record, unprocessable

from .routes import Call, Route


class _Options(msgspec.Struct, rename="camel"):
    multi_select_union: bool = False


class _Asked(msgspec.Struct, rename="camel"):
    primary_id: str
    duplicate_id: str
    field_resolutions: dict[str, Any] = {}
    options: _Options = msgspec.field(default_factory=_Options)


class _Given(msgspec.Struct):
    value: Any


def merge(name: str, call: Call) -> object:
    """Merge a record into another of its type."""
    workspace = call.workspace
    collection = workspace.collections[name] if name else workspace.custom(call.params["entitySlug"])
    asked = call.body.read(_Asked)
    primary, duplicate = collection.active(asked.primary_id), collection.active(asked.duplicate_id)
    if primary is duplicate:
        raise bad_request("A record cannot be merged with itself.", param="duplicateId")
    if name == "opportunities" and _accounts(primary) != _accounts(duplicate):
        raise unprocessable("Both opportunities must belong to the same account.", param="duplicateId")
    written = write(workspace, collection, primary, _resolved(collection, primary, duplicate, asked))
    collection.move(duplicate["id"], to_trash=True)
    repointed = _repoint(workspace, collection, duplicate["id"], primary["id"])
    _gather(workspace, collection, primary, duplicate)
    settle(workspace, collection, primary)
    merged = _remember(workspace, collection, asked)
    return {
        "merge": {"id": merged["id"], "status": merged["status"]},
        "primary": primary,
        "summary": {"fieldWriteCount": written, "syncRepointedCount": repointed, "warnings": []},
    }


def status(call: Call) -> object:
    """Return a merge: its clean-up is under way when it is asked for first, and done from then on."""
    found = call.workspace.merges.get(call.params["id"])
    if found is None:
        raise no_record("merges")
    call.workspace.polls[found["id"]] += 1
    if call.workspace.polls[found["id"]] > 1 and found["status"] != "done":
        found["status"], found["updatedAt"] = "done", iso(now())
    return found


def _remember(workspace: Workspace, collection: Collection, asked: _Asked) -> Merge:
    moment = iso(now())
    made: Merge = {
        "id": workspace.new_id("mrg"),
        "createdAt": moment,
        "updatedAt": moment,
        "entityType": collection.kind.object_type,
        "primaryId": asked.primary_id,
        "duplicateId": asked.duplicate_id,
        "status": "cleanup_pending",
    }
    workspace.merges[made["id"]] = made
    return made


def _accounts(record: Record) -> list[str]:
    related = record["relationships"].get("$account")
    return related["values"] if related else []


def _resolved(collection: Collection, primary: Record, duplicate: Record, asked: _Asked) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for key, definition in collection.definitions["fieldDefinitions"].items():
        mine, theirs = (record["fields"].get(key, {"value": None})["value"] for record in (primary, duplicate))
        united = asked.options.multi_select_union and definition["valueType"] == "MULTI_SELECT"
        if mine in (None, []) and theirs not in (None, []):
            values[key] = theirs
        elif united and isinstance(mine, list) and isinstance(theirs, list):
            values[key] = list(dict.fromkeys([*mine, *theirs]))
    for slug, resolution in asked.field_resolutions.items():
        key = slug if slug in collection.definitions["fieldDefinitions"] else f"${slug}"
        param = f"fieldResolutions.{slug}"
        definition = collection.field(key, param=param)
        chosen: str | _Given = part(resolution, Literal["primary", "duplicate"] | _Given, param)
        if isinstance(chosen, _Given):
            values[key] = stored(chosen.value, definition, param)
        else:
            source = primary if chosen == "primary" else duplicate
            values[key] = source["fields"].get(key, {"value": None})["value"]
    return values


def _repoint(workspace: Workspace, collection: Collection, old: str, new: str) -> int:
    """Make every record that points at one record point at another; return how many did."""
    repointed = 0
    for other in workspace.collections.values():
        keys = [
            key
            for key, definition in other.definitions["relationshipDefinitions"].items()
            if definition["objectType"] == collection.kind.object_type
        ]
        for record in [*other.records.values(), *other.trash.values()] if keys else []:
            repointed += sum(_replace(record, key, old, new) for key in keys) > 0
    return repointed


def _replace(record: Record, key: str, old: str, new: str) -> bool:
    related = record["relationships"].get(key)
    if related is None or old not in related["values"]:
        return False
    every = [related["values"], *(end["values"] for end in related.get("directions", {}).values())]
    for values in every:
        swapped = [new if identifier == old else identifier for identifier in values]
        values[:] = [identifier for identifier in dict.fromkeys(swapped) if identifier != record["id"]]
    return True


def _gather(workspace: Workspace, collection: Collection, primary: Record, duplicate: Record) -> None:
    changes: list[Change] = []
    for key, theirs in duplicate["relationships"].items():
        mine = primary["relationships"].get(key)
        if mine is None or key not in collection.definitions["relationshipDefinitions"]:
            continue
        ends = mine.get("directions")
        single = (ends["asSource"] if ends else mine)["cardinality"] == "HAS_ONE"
        kept, more = outgoing(mine), [each for each in outgoing(theirs) if each != primary["id"]]
        union = list(dict.fromkeys([*kept, *more]))
        changes.append(Change(key, (kept or union[:1]) if single else union))
    apply(workspace, collection, primary, changes)


ROUTES = (
    *(
        Route("POST", f"/v1/{name}/merge", "Write", partial(merge, name))
        for name in ("accounts", "contacts", "opportunities")
    ),
    Route("POST", "/v1/objects/{entitySlug}/merge", "Write", partial(merge, "")),
    Route("GET", "/v1/merges/{id}", "Read", status),
)
