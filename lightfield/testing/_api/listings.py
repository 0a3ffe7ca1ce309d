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
    collection = call.workspace.collections[name]
    relationships = call.workspace.collections["lists"].active(call.params["listId"])["relationships"]
    identifiers = relationships[f"${name}"]["values"] if f"${name}" in relationships else []
    found = (collection.records.get(identifier) for identifier in identifiers)
    present = [record for record in found if record is not None]
    oldest = sorted(present, key=lambda record: record.get("createdAt", ""))
    return page(collection, call.query, oldest[::-1])


HANDLERS: dict[str, Handler] = {
    "object.list_definitions": types,
    **{f"list.list_{name}": partial(members, name) for name in ("accounts", "contacts", "opportunities")},
}
