"""Operations on chat channels and their messages, of which a caller sees only a part.

Everyone sees public channels and LinkedIn conversations; a private channel is for its members. Messages in the LinkedIn
conversations of others show no text and no attachments. The caller is the first member of the workspace.
"""

from functools import partial

from lightfield.testing._crm.documents import Field, Record, Value
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._http.errors import not_found

from .records import page
from .routes import Call, Handler


def listing(name: str, call: Call) -> object:
    """Return a page of the channels or messages that the caller sees, newest first."""
    collection = call.workspace.index.collections[name]
    seen = [found for each in collection.order.newest_first() if (found := _seen(call.workspace, name, each))]
    return page(collection, call.query, seen)


def retrieve(name: str, call: Call) -> object:
    """Return one channel or message; one that the caller does not see is not found."""
    collection = call.workspace.collections[name]
    seen = _seen(call.workspace, name, collection.seen(call.params["id"]))
    if seen is None:
        raise not_found(name)
    return collection.shown(seen)


def _seen(workspace: Workspace, name: str, record: Record) -> Record | None:
    """Return as much of a record as the caller sees; None if that is nothing."""
    channel = record
    if name == "messages":
        related = workspace.collections["channels"].records.peek(next(iter(_related(record, "$channel")), ""))
        if related is None:
            return record
        channel = related
    linkedin = _value(channel, "$provider") == "LINKEDIN"
    if workspace.caller in _related(channel, "$member") or not (linkedin or _value(channel, "$private")):
        return record
    if not linkedin:
        return None
    return _redacted(record) if name == "messages" else record


def _redacted(message: Record) -> Record:
    hidden: Field = {"value": None, "valueType": "TEXT"}
    fields: dict[str, Field] = {**message["fields"], "$text": hidden}
    relationships = {key: each for key, each in message["relationships"].items() if key != "$attachment"}
    return {**message, "accessLevel": "METADATA", "fields": fields, "relationships": relationships}


def _value(record: Record, key: str) -> Value:
    return record["fields"][key]["value"] if key in record["fields"] else None


def _related(record: Record, key: str) -> list[str]:
    return record["relationships"][key]["values"] if key in record["relationships"] else []


HANDLERS: dict[str, Handler] = {
    f"{name[:-1]}.{action}": partial(handler, name)
    for name in ("channels", "messages")
    for action, handler in (("list", listing), ("retrieve", retrieve))
}
