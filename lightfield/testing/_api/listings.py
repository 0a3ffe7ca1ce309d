"""Which types of records are there, and what is on a list?"""

from functools import partial

from .records import page
from .routes import Call, Route


def types(call: Call) -> object:
    """Name the custom types, in alphabetical order."""
    custom = [each.kind.object_type for each in call.workspace.collections.values() if each.kind.custom]
    return {"data": [{"label": name.capitalize(), "objectType": name} for name in sorted(custom)]}


def members(name: str, call: Call) -> object:
    """Return the records of one type that are on a list."""
    collection = call.workspace.collections[name]
    on_it = call.workspace.collections["lists"].active(call.params["listId"])["relationships"]
    identifiers = on_it[f"${name}"]["values"] if f"${name}" in on_it else []
    found = (collection.records.get(identifier) for identifier in identifiers)
    present = [record for record in found if record is not None]
    oldest = sorted(present, key=lambda record: record.get("createdAt", ""))
    return page(collection, call.query, oldest[::-1])


ROUTES = (
    Route("GET", "/v1/objects", "Read", types),
    *(
        Route("GET", f"/v1/lists/{{listId}}/{name}", "Search", partial(members, name))
        for name in ("accounts", "contacts", "opportunities")
    ),
)
