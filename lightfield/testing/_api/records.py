"""What can be done with records, whatever their type?"""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from typing import NamedTuple, TypeAlias

from lightfield.testing._crm import writes
from lightfield.testing._crm.collections import Collection
from lightfield.testing._crm.documents import Record
from lightfield.testing._crm.filters import filters
from lightfield.testing._crm.order import Order
from lightfield.testing._http.body import Nothing
from lightfield.testing._http.limits import Category
from lightfield.testing._http.query import Query, whole_number, word

from .routes import Call, Route

MOST = 25
"""How many records a page holds at most."""

_Act: TypeAlias = Callable[[Collection, Call], object]


class _Operation(NamedTuple):
    method: str
    path: str
    category: Category
    act: _Act


def listing(collection: Collection, call: Call) -> dict[str, object]:
    """Return a page of the records that pass the filters of the query, newest first."""
    own = {"limit", "offset"}
    order = collection.order
    if "restore" in _OFFERED.get(collection.kind.name, ()):  # so there is a way back from the trash
        own.add("status")
        order = order if word(call.query, "status", ("active", "trashed")) == "active" else collection.trash_order
    tests = filters(collection, [(name, value) for name, value in call.query if name not in own])
    if not tests:
        return page(collection, call.query, order)
    passing = [record for record in order.newest_first() if all(test(record) for test in tests)]
    return page(collection, call.query, passing)


def page(collection: Collection, query: Query, records: Order | list[Record]) -> dict[str, object]:
    """Return the part of some records, newest first, that a query asks for."""
    limit = whole_number(query, "limit", MOST, 1, MOST)
    offset = whole_number(query, "offset", 0, 0)
    if isinstance(records, Order):
        chosen, total = records.page(offset, limit)
    else:
        chosen, total = list(islice(records, offset, offset + limit)), len(records)
    return {"data": [collection.listed(record) for record in chosen], "object": "list", "totalCount": total}


def retrieve(collection: Collection, call: Call) -> object:
    """Return one record."""
    return collection.shown(collection.active(call.params["id"]))


def create(collection: Collection, call: Call) -> object:
    """Make a record."""
    return collection.shown(writes.create(call.workspace, collection, call.body))


def update(collection: Collection, call: Call) -> object:
    """Change a record."""
    return collection.shown(writes.update(call.workspace, collection, call.params["id"], call.body))


def delete(collection: Collection, call: Call) -> object:
    """Move a record to the trash."""
    call.body.read(Nothing)
    if collection.kind.deleted_once:
        collection.active(call.params["id"])
    return collection.shown(collection.move(call.params["id"], to_trash=True))


def restore(collection: Collection, call: Call) -> object:
    """Take a record back from the trash."""
    call.body.read(Nothing)
    return collection.shown(collection.move(call.params["id"], to_trash=False))


def definitions(collection: Collection, _: Call) -> object:
    """Describe the type."""
    return collection.definitions


def history(collection: Collection, call: Call) -> object:
    """Return the values that a field has had."""
    record = collection.active(call.params["id"])
    return call.workspace.history.page(collection, record, call.params["fieldKey"], call.query)


_OPERATIONS = {
    "list": _Operation("GET", "", "Search", listing),
    "create": _Operation("POST", "", "Write", create),
    "definitions": _Operation("GET", "/definitions", "Read", definitions),
    "retrieve": _Operation("GET", "/{id}", "Read", retrieve),
    "update": _Operation("POST", "/{id}", "Write", update),
    "delete": _Operation("DELETE", "/{id}", "Write", delete),
    "restore": _Operation("POST", "/{id}/restore", "Write", restore),
    "history": _Operation("GET", "/{id}/fields/{fieldKey}/history", "Read", history),
}
_EVERY = frozenset(_OPERATIONS)
_OFFERED = {
    "accounts": _EVERY,
    "contacts": _EVERY,
    "opportunities": _EVERY,
    "meetings": _EVERY - {"history"},
    "notes": _EVERY - {"history"},
    "tasks": _EVERY - {"history"},
    "lists": _EVERY - {"history", "definitions", "restore"},
    "members": frozenset({"list", "retrieve"}),
}


def _on(name: str, act: _Act, call: Call) -> object:
    return act(call.workspace.collections[name], call)


def _on_custom(act: _Act, call: Call) -> object:
    return act(call.workspace.custom(call.params["entitySlug"]), call)


def _typed(name: str, offered: Iterable[str]) -> Iterable[Route]:
    for key in sorted(offered):
        method, path, category, act = _OPERATIONS[key]
        yield Route(method, f"/v1/{name}{path}", category, partial(_on, name, act), key in {"create", "update"})


def _custom() -> Iterable[Route]:
    for key, (method, path, category, act) in _OPERATIONS.items():
        values = "" if key in {"list", "definitions"} else "/values"
        yield Route(method, f"/v1/objects/{{entitySlug}}{values}{path}", category, partial(_on_custom, act))


ROUTES = (*(route for name, offered in _OFFERED.items() for route in _typed(name, offered)), *_custom())
