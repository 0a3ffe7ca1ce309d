"""Operations on records of any type."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from typing import NamedTuple, TypeAlias

from lightfield.testing._crm import writes
from lightfield.testing._crm.collections import Collection
from lightfield.testing._crm.documents import Record
from lightfield.testing._crm.filters import parse_filters
from lightfield.testing._crm.order import Order
from lightfield.testing._http.body import EmptyBody
from lightfield.testing._http.limits import Category
from lightfield.testing._http.query import Query, choice_param, integer_param

from .routes import Call, Route

_MAX_PAGE_SIZE = 25
_Action: TypeAlias = Callable[[Collection, Call], object]


class _Operation(NamedTuple):
    method: str
    path: str
    category: Category
    action: _Action


def listing(collection: Collection, call: Call) -> dict[str, object]:
    """Return a page of the records that match the filters of the query, newest first."""
    own_params = {"limit", "offset"}
    order = collection.order
    if "restore" in _SUPPORTED.get(collection.record_type.name, ()):  # only these can be listed from the trash
        own_params.add("status")
        if choice_param(call.query, "status", ("active", "trashed")) == "trashed":
            order = collection.trash_order
    predicates = parse_filters(collection, [(name, value) for name, value in call.query if name not in own_params])
    if not predicates:
        return page(collection, call.query, order)
    matching = [record for record in order.newest_first() if all(predicate(record) for predicate in predicates)]
    return page(collection, call.query, matching)


def page(collection: Collection, query: Query, records: Order | list[Record]) -> dict[str, object]:
    """Return the page of some records, newest first, that a query requests."""
    limit, offset = page_bounds(query)
    if isinstance(records, Order):
        selected, total = records.page(offset, limit)
    else:
        selected, total = list(islice(records, offset, offset + limit)), len(records)
    return {"data": [collection.listed(record) for record in selected], "object": "list", "totalCount": total}


def page_bounds(query: Query) -> tuple[int, int]:
    """Return the limit and offset that a query requests."""
    return integer_param(query, "limit", _MAX_PAGE_SIZE, 1, _MAX_PAGE_SIZE), integer_param(query, "offset", 0, 0)


def retrieve(collection: Collection, call: Call) -> object:
    """Return one record."""
    return collection.shown(collection.active(call.params["id"]))


def create(collection: Collection, call: Call) -> object:
    """Create a record."""
    return collection.shown(writes.create(call.workspace, collection, call.body))


def update(collection: Collection, call: Call) -> object:
    """Update a record."""
    return collection.shown(writes.update(call.workspace, collection, call.params["id"], call.body))


def delete(collection: Collection, call: Call) -> object:
    """Move a record to the trash."""
    call.body.read(EmptyBody)
    if collection.record_type.second_delete_fails:
        collection.active(call.params["id"])
    return collection.shown(collection.move(call.params["id"], to_trash=True))


def restore(collection: Collection, call: Call) -> object:
    """Restore a record from the trash."""
    call.body.read(EmptyBody)
    return collection.shown(collection.move(call.params["id"], to_trash=False))


def definitions(collection: Collection, _: Call) -> object:
    """Return the definitions of the record type."""
    return collection.definitions


def history(collection: Collection, call: Call) -> object:
    """Return a page of a field's history."""
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
_ALL = frozenset(_OPERATIONS)
_SUPPORTED = {
    "accounts": _ALL,
    "contacts": _ALL,
    "opportunities": _ALL,
    "meetings": _ALL - {"history"},
    "notes": _ALL - {"history"},
    "tasks": _ALL - {"history"},
    "lists": _ALL - {"history", "definitions", "restore"},
    "members": frozenset({"list", "retrieve"}),
}


def _call_typed(name: str, action: _Action, call: Call) -> object:
    return action(call.workspace.collections[name], call)


def _call_custom(action: _Action, call: Call) -> object:
    return action(call.workspace.custom_collection(call.params["entitySlug"]), call)


def _typed_routes(name: str, supported: Iterable[str]) -> Iterable[Route]:
    for key in sorted(supported):
        method, path, category, action = _OPERATIONS[key]
        handler = partial(_call_typed, name, action)
        yield Route(method, f"/v1/{name}{path}", category, handler, idempotent=key in {"create", "update"})


def _custom_routes() -> Iterable[Route]:
    for key, (method, path, category, action) in _OPERATIONS.items():
        values = "" if key in {"list", "definitions"} else "/values"
        yield Route(method, f"/v1/objects/{{entitySlug}}{values}{path}", category, partial(_call_custom, action))


ROUTES = (
    *(route for name, supported in _SUPPORTED.items() for route in _typed_routes(name, supported)),
    *_custom_routes(),
)
