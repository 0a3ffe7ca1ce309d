"""Custom object types and the members of lists."""

from functools import partial

from .records import page
from .routes import Call, Handler


def types(call: Call) -> object:
    """Return the custom object types in alphabetical order."""
    custom = [each.record_type.object_type for each in call.workspace.collections.values() if each.record_type.custom]
    return {"data": [{"label": name.capitalize(), "objectType": name} for name in sorted(custom)]}


def members(name: str, call: Call) -> object:
    """Return a page of the members of a list, which are records of one type."""
    call.workspace.collections["lists"].seen(call.params["listId"])
    collection, lists = (call.workspace.index.collections[each] for each in (name, "lists"))
    shown = lists.records.peek(call.params["listId"])
    relationships = shown["relationships"] if shown else {}
    identifiers = relationships[f"${name}"]["values"] if f"${name}" in relationships else []
    found = (collection.records.peek(identifier) for identifier in identifiers)
    present = [record for record in found if record is not None]
    oldest = sorted(present, key=lambda record: record.get("createdAt", ""))
    return page(collection, call.query, oldest[::-1])


HANDLERS: dict[str, Handler] = {
    "object.list_definitions": types,
    **{f"list.list_{name}": partial(members, name) for name in ("accounts", "contacts", "opportunities")},
}
