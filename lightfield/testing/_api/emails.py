"""What can be done with emails?"""

from email.utils import parseaddr
from typing import Annotated, Literal, TypeAlias

import msgspec

from lightfield.testing._api import records
from lightfield.testing._crm.collections import Collection
from lightfield.testing._crm.documents import Record, Value
from lightfield.testing._crm.timestamps import iso, now
from lightfield.testing._crm.values import stored
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._http.errors import bad_request, conflict, forbidden, missing, unprocessable

from .routes import Call, Route

_Addresses: TypeAlias = Annotated[list[str], msgspec.Meta(max_length=500)]
_Recipients: TypeAlias = Annotated[list[str], msgspec.Meta(min_length=1, max_length=500)]
_Attachments: TypeAlias = Annotated[list[str], msgspec.Meta(max_length=5)]


class _Text(msgspec.Struct):
    content: str
    contentType: Literal["HTML", "TEXT"] = "HTML"  # noqa: N815 - the wire's name


class _Draft(msgspec.Struct, kw_only=True):
    sender: str = msgspec.field(name="from")
    to: _Addresses = []
    cc: _Addresses = []
    bcc: _Addresses = []
    subject: str | None = None
    text: _Text | None = msgspec.field(name="messageBody", default=None)
    attachments: _Attachments = []


class _Message(msgspec.Struct, kw_only=True):
    sender: str = msgspec.field(name="from")
    to: _Recipients
    cc: _Addresses = []
    bcc: _Addresses = []
    subject: str
    text: _Text = msgspec.field(name="messageBody")
    attachments: _Attachments = []


class _Content(msgspec.Struct):
    html: str | None = None
    text: str | None = None


class _Past(msgspec.Struct, kw_only=True):
    sender: str = msgspec.field(name="$from")
    sent: str = msgspec.field(name="$sentAt")
    to: list[str] = msgspec.field(name="$to", default=[])
    cc: list[str] = msgspec.field(name="$cc", default=[])
    bcc: list[str] = msgspec.field(name="$bcc", default=[])
    subject: str | None = msgspec.field(name="$subject", default=None)
    body: _Content = msgspec.field(name="$body", default_factory=_Content)
    privacy: Literal["FULL", "METADATA"] | None = msgspec.field(name="$privacySetting", default=None)


class _Logged(msgspec.Struct):
    fields: _Past
    headers: dict[str, str] = {}


def log(call: Call) -> object:
    """Keep an email that was sent elsewhere."""
    sent, collection = call.body.read(_Logged), _emails(call)
    past = sent.fields
    moment = stored(past.sent, collection.field("$sentAt"), "fields.$sentAt")
    if str(moment) > iso(now()):
        raise unprocessable("Only an email of the past can be logged.", param="fields.$sentAt")
    _both_sides(call.workspace, past)
    message_id = next((value for name, value in sent.headers.items() if name.lower() == "message-id"), "")
    if message_id and message_id in call.workspace.logged.values():
        raise conflict(f"An email with the Message-ID {message_id} is there already.")
    content = past.body.html if past.body.html is not None else past.body.text
    record = _keep(call, past, content, {"$sentAt": moment, "$privacySetting": past.privacy})
    call.workspace.logged[record["id"]] = message_id
    return record


def draft(call: Call) -> object:
    """Put a draft into a mailbox, where the API does not see it."""
    sent = call.body.read(_Draft)
    if not any((sent.to, sent.cc, sent.bcc, sent.subject, sent.text, sent.attachments)):
        raise bad_request("A draft needs more than 'from'.", code="parameter_missing")
    _sendable(call.workspace, sent)
    return {"draftedAt": iso(now())}


def send(call: Call) -> object:
    """Send an email, which is among the emails from then on."""
    sent = call.body.read(_Message)
    _sendable(call.workspace, sent)
    moment = iso(now())
    record = _keep(call, sent, sent.text.content, {"$sentAt": moment})
    record["relationships"]["$attachment"]["values"] = sent.attachments
    return {"sentAt": moment}


def delete(call: Call) -> object:
    """Move an email that was logged to the trash."""
    return records.delete(_logged(call), call)


def restore(call: Call) -> object:
    """Take an email that was logged back from the trash."""
    return records.restore(_logged(call), call)


def retrieve(call: Call) -> object:
    """Return one email."""
    return records.retrieve(_emails(call), call)


def listing(call: Call) -> object:
    """Return a page of the emails without what they say, newest first."""
    return records.listing(_emails(call), call)


def _emails(call: Call) -> Collection:
    return call.workspace.collections["emails"]


def _logged(call: Call) -> Collection:
    collection = _emails(call)
    if collection.known(call.params["id"]) and call.params["id"] not in call.workspace.logged:
        raise forbidden("Only emails that were logged can be deleted and restored.")
    return collection


def _keep(call: Call, sent: _Message | _Past, content: str | None, values: dict[str, Value]) -> Record:
    people: dict[str, Value] = {"$from": sent.sender, "$to": sent.to, "$cc": sent.cc, "$bcc": sent.bcc}
    text: dict[str, Value] = {"$subject": sent.subject, "$body": content}
    collection = _emails(call)
    return collection.add(call.workspace.new_id("eml"), collection.moment(), people | text | values)


def _both_sides(workspace: Workspace, past: _Past) -> None:
    others = [*past.to, *past.cc, *past.bcc]
    if not others:
        raise missing("fields.$to")
    people = {_address(each) for each in (past.sender, *others)}
    members = people & _mailboxes(workspace)
    if not members or members == people:
        message = "A member of the workspace and somebody from outside must take part."
        raise unprocessable(message, param="fields.$from")


def _sendable(workspace: Workspace, sent: _Draft | _Message) -> None:
    if sent.sender.lower() not in _mailboxes(workspace):
        raise bad_request(f"No mailbox of a member has the address {sent.sender}.", param="from")
    for identifier in sent.attachments:
        upload = workspace.storage.uploads.get(identifier)
        if upload is None or upload.file["status"] != "COMPLETED":
            message = f"There is no completed file '{identifier}'."
            raise bad_request(message, code="referenced_resource_missing", param="attachments")


def _mailboxes(workspace: Workspace) -> set[str]:
    members = workspace.collections["members"].records.values()
    return {str(member["fields"]["$email"]["value"]).lower() for member in members}


def _address(text: str) -> str:
    return parseaddr(text)[1].lower()


ROUTES = (
    Route("POST", "/v1/emails/log", "Write", log, idempotent=True),
    Route("POST", "/v1/emails/draft", "Write", draft, idempotent=True),
    Route("POST", "/v1/emails/send", "Write", send, idempotent=True),
    Route("GET", "/v1/emails", "Search", listing),
    Route("GET", "/v1/emails/{id}", "Read", retrieve),
    Route("DELETE", "/v1/emails/{id}", "Write", delete),
    Route("POST", "/v1/emails/{id}/restore", "Write", restore),
)
