"""Operations on records of any type."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from lightfield.testing._crm import writes
from lightfield.testing._crm.collections import Collection
from lightfield.testing._crm.conditions import Condition
from lightfield.testing._crm.documents import Record
from lightfield.testing._crm.filters import parse_filters
from lightfield.testing._crm.order import Order
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._http.body import EmptyBody
from lightfield.testing._http.query import Query, choice_param, integer_param

from .operations import OPERATIONS
from .routes import Call, Handler

_MAX_PAGE_SIZE = 25
_Action: TypeAlias = Callable[[Collection, Call], object]


def listing(collection: Collection, call: Call) -> dict[str, object]:
    """Return a page of the records that match the filters of the query, newest first."""
    own_params = {"limit", "offset"}
    order = collection.order
    if collection.record_type.listed_from_trash:
        own_params.add("status")
        if choice_param(call.query, "status", ("active", "trashed")) == "trashed":
            order = collection.trash_order
    conditions = parse_filters(collection, [(name, value) for name, value in call.query if name not in own_params])
    return page(collection, call.query, order, conditions)


def page(
    collection: Collection,
    query: Query,
    records: Order | Sequence[Record],
    conditions: Sequence[Condition] = (),
) -> dict[str, object]:
    """Return the page of some records, newest first, that a query requests."""
    limit, offset = page_bounds(query)
    if isinstance(records, Order):
        selected, total = records.page(offset, limit, conditions)
    else:
        selected, total = list(records[offset : offset + limit]), len(records)
    return {"data": [collection.listed(record) for record in selected], "object": "list", "totalCount": total}


def page_bounds(query: Query) -> tuple[int, int]:
    """Return the limit and offset that a query requests."""
    return integer_param(query, "limit", _MAX_PAGE_SIZE, 1, _MAX_PAGE_SIZE), integer_param(query, "offset", 0, 0)


def retrieve(collection: Collection, call: Call) -> object:
    """Return one record."""
    return collection.shown(collection.seen(call.params["id"]))


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
        collection.seen(call.params["id"])
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
    record = collection.seen(call.params["id"])
    return call.workspace.history.page(collection, record, call.params["fieldKey"], call.query)


_ACTIONS: Mapping[str, _Action] = {
    "list": listing,
    "create": create,
    "definitions": definitions,
    "retrieve": retrieve,
    "update": update,
    "delete": delete,
    "restore": restore,
    "field_history": history,
}
_COLLECTIONS = {
    "account": "accounts",
    "contact": "contacts",
    "opportunity": "opportunities",
    "meeting": "meetings",
    "note": "notes",
    "task": "tasks",
    "list": "lists",
    "member": "members",
}


def _call_typed(name: str, action: _Action, call: Call) -> object:
    return action(_workspace(action, call).collections[name], call)


def _call_custom(action: _Action, call: Call) -> object:
    return action(_workspace(action, call).custom_collection(call.params["entitySlug"]), call)


def _workspace(action: _Action, call: Call) -> Workspace:
    return call.workspace.index if action is listing else call.workspace


HANDLERS: dict[str, Handler] = {
    **{
        f"{resource}.{name}": partial(_call_typed, collection, action)
        for resource, collection in _COLLECTIONS.items()
        for name, action in _ACTIONS.items()
        if f"{resource}.{name}" in OPERATIONS
    },
    **{f"object.{name}": partial(_call_custom, action) for name, action in _ACTIONS.items()},
}
