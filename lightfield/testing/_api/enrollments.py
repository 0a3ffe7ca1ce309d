"""Operations on the enrollments and messages of sequences."""

from typing import Any

import msgspec

from lightfield.testing._crm.document_filters import BOUNDS, COMPARISONS, TEXT, one_of
from lightfield.testing._crm.outreach import Enrollment
from lightfield.testing._http.errors import invalid_param, missing_param, not_found
from lightfield.testing._sequences.cadence import cancel, enroll, invalid_contacts
from lightfield.testing._sequences.errors import raise_invalid_contacts
from lightfield.testing._sequences.sequences import channels, find_sequence, open_enrollments, published_definition

from .documents import document_page, without
from .routes import Call, Handler

_MAX_CONTACTS = 25
_ENROLLMENT_FILTERS = {
    "status": one_of(
        *("ACTIVE", "AWAITING_REVIEW", "NEEDS_ATTENTION", "REPLIED", "COMPLETED", "PAUSED", "CANCELLED", "FAILED")
    ),
    "contactId": TEXT,
    "currentStepId": TEXT,
    "enrolledAt": BOUNDS,
    "lastActivityAt": BOUNDS,
    "repliedAt": BOUNDS,
}
_MESSAGE_FILTERS = {
    "contactId": TEXT,
    "enrollmentId": TEXT,
    "sequenceStepId": TEXT,
    "sequenceStepType": one_of("EMAIL", "LINKEDIN_MESSAGE", "LINKEDIN_INVITE"),
    "channel": one_of("EMAIL", "LINKEDIN"),
    "direction": one_of("OUTBOUND", "INBOUND"),
    "status": one_of("AWAITING_REVIEW", "SCHEDULED", "QUEUED", "SENT", "SKIPPED", "FAILED", "CANCELLED"),
    **dict.fromkeys(
        ("sentAt", "openedAt", "readAt", "repliedAt", "bouncedAt", "acceptedAt", "receivedAt"), COMPARISONS
    ),
}


class _UpdateRequest(msgspec.Struct):
    add: list[str] = []
    remove: list[str] = []


def update(call: Call) -> object:
    """Enroll contacts, and cancel the enrollments of others; all of it or nothing."""
    request = call.body.read(_UpdateRequest)
    sequence = find_sequence(call.workspace, call.params["id"])
    added, removed = list(dict.fromkeys(request.add)), list(dict.fromkeys(request.remove))
    _check_contacts(added, removed)
    needed = channels(published_definition(sequence))
    raise_invalid_contacts(invalid_contacts(call.workspace, added, needed))
    enrolled = {each["contactId"]: each for each in open_enrollments(call.workspace, sequence)}
    results = [
        _result(enrolled[contact], "already_enrolled")
        if contact in enrolled
        else _result(enroll(call.workspace, sequence, contact), "enrolled")
        for contact in added
    ]
    for contact in removed:
        if contact in enrolled:
            cancel(call.workspace, enrolled[contact])
            results.append(_result(enrolled[contact], "unenrolled"))
        else:
            results.append({"contactId": contact, "enrollmentId": None, "outcome": "no_active_enrollment"})
    return {"results": results}


def list_enrollments(call: Call) -> object:
    """Return a page of the enrollments of a sequence, newest first."""
    own = _own(call, call.workspace.index.enrollments)
    return document_page(call, "enrollments", _ENROLLMENT_FILTERS, own, "sequenceId", "number")


def retrieve_enrollment(call: Call) -> object:
    """Return one enrollment of a sequence."""
    found = _one(call, call.workspace.enrollments, "enrollmentId")
    return without(found, "sequenceId", "number")


def list_messages(call: Call) -> object:
    """Return a page of the messages of a sequence and of the replies, without content, newest first."""
    own = _own(call, call.workspace.index.sequence_messages)
    return document_page(call, "messages", _MESSAGE_FILTERS, own, "sequenceId", "content")


def retrieve_message(call: Call) -> object:
    """Return one message of a sequence, or a reply."""
    return without(_one(call, call.workspace.sequence_messages, "messageId"), "sequenceId")


def _own(call: Call, table: Any) -> list[Any]:
    sequence = find_sequence(call.workspace, call.params["id"])
    return [each for each in table.values() if each["sequenceId"] == sequence["id"]]


def _one(call: Call, table: Any, param: str) -> Any:
    sequence, found = find_sequence(call.workspace, call.params["id"]), table.get(call.params[param])
    if found is None or found["sequenceId"] != sequence["id"]:
        raise not_found(f"{param.removesuffix('Id')}s")
    return found


def _result(enrollment: Enrollment, outcome: str) -> dict[str, str | None]:
    return {"contactId": enrollment["contactId"], "enrollmentId": enrollment["id"], "outcome": outcome}


def _check_contacts(added: list[str], removed: list[str]) -> None:
    if not added and not removed:
        raise missing_param("add")
    if len(added) + len(removed) > _MAX_CONTACTS:
        raise invalid_param("add", f"add and remove may have at most {_MAX_CONTACTS} contacts together")
    for contact in added:
        if contact in removed:
            raise invalid_param("remove", f"'{contact}' is in add too")


HANDLERS: dict[str, Handler] = {
    "sequence.update_enrollments": update,
    "sequence.list_enrollments": list_enrollments,
    "sequence.retrieve_enrollment": retrieve_enrollment,
    "sequence.list_messages": list_messages,
    "sequence.retrieve_message": retrieve_message,
}
