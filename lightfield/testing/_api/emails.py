"""Operations on emails."""

from email.utils import parseaddr
from typing import Annotated, Literal, TypeAlias, cast

import msgspec

from lightfield.testing._api import records
from lightfield.testing._crm.collections import Collection
from lightfield.testing._crm.documents import Field, Record, Value
from lightfield.testing._crm.timestamps import current_timestamp
from lightfield.testing._crm.values import parse_value
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._http.errors import bad_request, conflict, forbidden, missing_param, unprocessable

from .routes import Call, Handler

_Addresses: TypeAlias = Annotated[list[str], msgspec.Meta(max_length=500)]
_Recipients: TypeAlias = Annotated[list[str], msgspec.Meta(min_length=1, max_length=500)]
_MAX_HEADERS = 64 * 1024
_MAX_ATTACHED = 20 * 1024 * 1024
_REDACTED = ("$subject", "$body")

_Attachments: TypeAlias = Annotated[list[str], msgspec.Meta(max_length=5)]


class _MessageBody(msgspec.Struct):
    content: str
    contentType: Literal["HTML", "TEXT"] = "HTML"  # noqa: N815 - the key in the JSON


class _DraftRequest(msgspec.Struct, kw_only=True):
    sender: str = msgspec.field(name="from")
    to: _Addresses = []
    cc: _Addresses = []
    bcc: _Addresses = []
    subject: str | None = None
    text: _MessageBody | None = msgspec.field(name="messageBody", default=None)
    attachments: _Attachments = []


class _SendRequest(msgspec.Struct, kw_only=True):
    sender: str = msgspec.field(name="from")
    to: _Recipients
    cc: _Addresses = []
    bcc: _Addresses = []
    subject: str
    text: _MessageBody = msgspec.field(name="messageBody")
    attachments: _Attachments = []


class _LoggedBody(msgspec.Struct):
    html: str | None = None
    text: str | None = None


class _LoggedFields(msgspec.Struct, kw_only=True):
    sender: str = msgspec.field(name="$from")
    sent: str = msgspec.field(name="$sentAt")
    to: list[str] = msgspec.field(name="$to", default=[])
    cc: list[str] = msgspec.field(name="$cc", default=[])
    bcc: list[str] = msgspec.field(name="$bcc", default=[])
    subject: str | None = msgspec.field(name="$subject", default=None)
    body: _LoggedBody = msgspec.field(name="$body", default_factory=_LoggedBody)
    privacy: Literal["FULL", "METADATA"] | None = msgspec.field(name="$privacySetting", default=None)
    thread: str | None = msgspec.field(name="$threadId", default=None)


class _LogRequest(msgspec.Struct, rename="camel"):
    fields: _LoggedFields
    headers: dict[str, str] = {}
    auto_create_records: bool = False


def log(call: Call) -> object:
    """Log an email that was sent elsewhere."""
    sent, collection = call.body.read(_LogRequest), _emails(call)
    fields = sent.fields
    timestamp = parse_value(fields.sent, collection.field("$sentAt"), "fields.$sentAt", strict=call.body.strict)
    if str(timestamp) > current_timestamp():
        raise unprocessable("The email must have been sent in the past.", param="fields.$sentAt")
    _check_participants(call.workspace, fields)
    if len(msgspec.json.encode(sent.headers)) > _MAX_HEADERS:
        raise bad_request("The headers may have at most 64 KB.", param="headers")
    message_id = next((value for name, value in sent.headers.items() if name.lower() == "message-id"), "")
    if message_id and message_id in call.workspace.logged_message_ids.values():
        raise conflict(f"An email with the Message-ID {message_id} already exists.")
    content = fields.body.html if fields.body.html is not None else fields.body.text
    record = _add_email(call, fields, content, {"$sentAt": timestamp, "$privacySetting": fields.privacy})
    call.workspace.logged_message_ids[record["id"]] = message_id
    return _visible(call.workspace, record)


def draft(call: Call) -> object:
    """Accept a draft, which the API does not list."""
    sent = call.body.read(_DraftRequest)
    if not any((sent.to, sent.cc, sent.bcc, sent.subject, sent.text, sent.attachments)):
        raise bad_request("A draft needs more than 'from'.", code="parameter_missing")
    _check_sendable(call.workspace, sent)
    return {"draftedAt": current_timestamp()}


def send(call: Call) -> object:
    """Send an email and add it to the collection."""
    sent = call.body.read(_SendRequest)
    _check_sendable(call.workspace, sent)
    timestamp = current_timestamp()
    record = _add_email(call, sent, sent.text.content, {"$sentAt": timestamp})
    record["relationships"]["$attachment"]["values"] = sent.attachments
    _emails(call).put_back(record)
    return {"sentAt": timestamp}


def delete(call: Call) -> object:
    """Move a logged email to the trash."""
    records.delete(_logged_emails(call), call)
    return _visible(call.workspace, _emails(call).trash[call.params["id"]])


def restore(call: Call) -> object:
    """Restore a logged email from the trash."""
    records.restore(_logged_emails(call), call)
    return retrieve(call)


def retrieve(call: Call) -> object:
    """Return one email."""
    return _visible(call.workspace, _emails(call).seen(call.params["id"]))


def listing(call: Call) -> object:
    """Return a page of the emails without their bodies, newest first."""
    page = records.listing(call.workspace.index.collections["emails"], call)
    return {**page, "data": [_visible(call.workspace, record) for record in cast("list[Record]", page["data"])]}


def _emails(call: Call) -> Collection:
    return call.workspace.collections["emails"]


def _logged_emails(call: Call) -> Collection:
    collection = _emails(call)
    if collection.known(call.params["id"]) and call.params["id"] not in call.workspace.logged_message_ids:
        raise forbidden("Only logged emails can be deleted and restored.")
    return collection


def _add_email(call: Call, sent: _SendRequest | _LoggedFields, content: str | None, values: dict[str, Value]) -> Record:
    participants: dict[str, Value] = {"$from": sent.sender, "$to": sent.to, "$cc": sent.cc, "$bcc": sent.bcc}
    text: dict[str, Value] = {"$subject": sent.subject, "$body": content}
    collection = _emails(call)
    return collection.add(call.workspace.new_id("eml"), collection.creation_timestamp(), participants | text | values)


def _check_participants(workspace: Workspace, fields: _LoggedFields) -> None:
    others = [*fields.to, *fields.cc, *fields.bcc]
    if not others:
        raise missing_param("fields.$to")
    participants = {_address(each) for each in (fields.sender, *others)}
    members = participants.intersection(_mailboxes(workspace))
    if not members or members == participants:
        message = "The participants must include a workspace member and an outside address."
        raise unprocessable(message, param="fields.$from")


def _check_sendable(workspace: Workspace, sent: _DraftRequest | _SendRequest) -> None:
    if sent.sender.lower() != _own_mailbox(workspace):
        raise bad_request(f"The owner of the key has no mailbox {sent.sender}.", param="from")
    total = 0
    for identifier in sent.attachments:
        upload = workspace.storage.find(identifier)
        if upload is None or upload.file["status"] != "COMPLETED":
            message = f"There is no completed file '{identifier}'."
            raise bad_request(message, code="referenced_resource_missing", param="attachments")
        total += upload.file["sizeBytes"]
    if total > _MAX_ATTACHED:
        raise bad_request("The attachments may have at most 20 MiB in total.", param="attachments")


def _visible(workspace: Workspace, record: Record) -> Record:
    """Return an email as the owner of the key sees it: without its content if it is private and of others."""
    fields = record["fields"]
    values = (fields[key]["value"] for key in ("$from", "$to", "$cc", "$bcc"))
    texts = [text for value in values for text in (value if isinstance(value, list) else [str(value)])]
    if fields["$privacySetting"]["value"] != "METADATA" or _own_mailbox(workspace) in map(_address, texts):
        return record
    hidden: dict[str, Field] = {key: {**fields[key], "value": None} for key in _REDACTED if key in fields}
    related = {key: each for key, each in record["relationships"].items() if key != "$attachment"}
    return {**record, "accessLevel": "METADATA", "fields": {**fields, **hidden}, "relationships": related}


def _mailboxes(workspace: Workspace) -> list[str]:
    return [_mailbox(member) for member in workspace.collections["members"].order.newest_first()]


def _own_mailbox(workspace: Workspace) -> str:
    caller = workspace.collections["members"].records.peek(workspace.caller or "")
    return _mailbox(caller) if caller else ""


def _mailbox(member: Record) -> str:
    return str(member["fields"]["$email"]["value"]).lower()


def _address(text: str) -> str:
    return parseaddr(text)[1].lower()


HANDLERS: dict[str, Handler] = {
    "email.log": log,
    "email.draft": draft,
    "email.send": send,
    "email.list": listing,
    "email.retrieve": retrieve,
    "email.delete": delete,
    "email.restore": restore,
}
