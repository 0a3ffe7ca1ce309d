"""How contacts move through a sequence.

Steps that send automatically send at once. Waits do not end, nobody reviews messages, and nobody replies to them.
"""

from collections.abc import Iterable
from datetime import timedelta

from lightfield.testing._crm.outreach import CHANNELS, Enrollment, Sender, Sequence, SequenceMessage, Step
from lightfield.testing._crm.timestamps import current_timestamp, format_timestamp, now
from lightfield.testing._crm.workspace import Workspace

from .errors import InvalidContact
from .sequences import available_senders, open_enrollments, published_definition
from .templates import compose, people

_UNITS = {"DAY": timedelta(days=1), "MINUTE": timedelta(minutes=1)}
_NEEDS = {"EMAIL": ("$email", "an email address"), "LINKEDIN": ("$linkedIn", "a LinkedIn URL")}


def invalid_contacts(workspace: Workspace, contacts: Iterable[str], needed: Iterable[str]) -> list[InvalidContact]:
    """Return the contacts that do not exist, or lack what a channel needs."""
    found: list[InvalidContact] = []
    for identifier in contacts:
        contact = workspace.collections["contacts"].records.peek(identifier)
        values = {key: each["value"] for key, each in contact["fields"].items()} if contact else {}
        lacking = [_NEEDS[channel][1] for channel in needed if not values.get(_NEEDS[channel][0])]
        if contact is None:
            found.append({"contactId": identifier, "reason": "The contact does not exist."})
        elif lacking:
            found.append({"contactId": identifier, "reason": f"The contact lacks {' and '.join(lacking)}."})
    return found


def enroll(workspace: Workspace, sequence: Sequence, contact_id: str) -> Enrollment:
    """Enroll a contact; an active sequence begins to send."""
    enrollment: Enrollment = {
        "id": workspace.new_id("enr"),
        "sequenceId": sequence["id"],
        "number": sum(each["sequenceId"] == sequence["id"] for each in workspace.enrollments.values()),
        "contactId": contact_id,
        "status": "PAUSED",
        "currentStepId": published_definition(sequence)["steps"][0]["id"],
        "enrolledAt": current_timestamp(),
        "enrolledBy": workspace.caller,
        "remainingSends": 0,
        "nextSendAt": None,
        "lastActivityAt": None,
        "lastActivityKind": None,
        "repliedAt": None,
        "completedAt": None,
        "cancelledAt": None,
    }
    proceed(workspace, sequence, enrollment)
    return enrollment


def proceed(workspace: Workspace, sequence: Sequence, enrollment: Enrollment) -> None:
    """Take the current step of an enrollment and the next ones, up to one that holds it; pause it if nothing sends."""
    steps = published_definition(sequence)["steps"]
    ids = [step["id"] for step in steps]
    position = ids.index(enrollment["currentStepId"]) if enrollment["currentStepId"] in ids else len(steps)
    enrollment["nextSendAt"] = None
    if sequence["status"] == "ACTIVE":
        while position < len(steps) and _passes(workspace, sequence, enrollment, steps[position]):
            position += 1
    else:
        enrollment["status"] = "PAUSED"
    if position == len(steps):
        enrollment["status"], enrollment["completedAt"] = "COMPLETED", current_timestamp()
    enrollment["currentStepId"] = ids[position] if position < len(steps) else None
    enrollment["remainingSends"] = sum(step["type"] in CHANNELS for step in steps[position:])
    workspace.enrollments[enrollment["id"]] = enrollment


def proceed_all(workspace: Workspace, sequence: Sequence) -> None:
    """Let all open enrollments follow a change of their sequence: its status, or its published version."""
    for enrollment in open_enrollments(workspace, sequence):
        proceed(workspace, sequence, enrollment)


def relocate(workspace: Workspace, sequence: Sequence, former: list[Step]) -> None:
    """Let open enrollments continue on a new version: from their step, or the next one of the former that is kept."""
    kept, ids = {step["id"]: step for step in published_definition(sequence)["steps"]}, [step["id"] for step in former]
    for enrollment in open_enrollments(workspace, sequence):
        following = ids[ids.index(enrollment["currentStepId"] or "") :]
        enrollment["currentStepId"] = next((each for each in following if each in kept), None)
        for message in _awaiting_review(workspace, enrollment):
            step = kept.get(message["sequenceStepId"])
            if step is None or step.get("deliveryMode") == "AUTO":  # superseded
                del workspace.sequence_messages[message["id"]]
        proceed(workspace, sequence, enrollment)


def cancel(workspace: Workspace, enrollment: Enrollment) -> None:
    """End an enrollment, and what awaits review of it."""
    timestamp = current_timestamp()
    enrollment["status"], enrollment["cancelledAt"] = "CANCELLED", timestamp
    enrollment["currentStepId"], enrollment["nextSendAt"], enrollment["remainingSends"] = None, None, 0
    workspace.enrollments[enrollment["id"]] = enrollment
    for message in _awaiting_review(workspace, enrollment):
        message["status"], message["statusChangedAt"] = "CANCELLED", timestamp
        workspace.sequence_messages[message["id"]] = message


def _passes(workspace: Workspace, sequence: Sequence, enrollment: Enrollment, step: Step) -> bool:
    """Take one step; return whether the next one follows at once."""
    if step["type"] not in CHANNELS:
        enrollment["status"] = "ACTIVE"
        end = now() + step.get("duration", 0) * _UNITS[step.get("unit", "DAY")]
        enrollment["nextSendAt"] = format_timestamp(end)
        return False
    if step.get("deliveryMode") == "FOR_REVIEW":
        enrollment["status"] = "AWAITING_REVIEW"
        if not any(each["sequenceStepId"] == step["id"] for each in _awaiting_review(workspace, enrollment)):
            _add_message(workspace, sequence, enrollment, step, "AWAITING_REVIEW")
        return False
    timestamp = _add_message(workspace, sequence, enrollment, step, "SENT")
    kind = "INVITED" if step["type"] == "LINKEDIN_INVITE" else "SENT"
    enrollment["lastActivityKind"], enrollment["lastActivityAt"] = kind, timestamp
    return True


def _awaiting_review(workspace: Workspace, enrollment: Enrollment) -> list[SequenceMessage]:
    own = [each for each in workspace.sequence_messages.values() if each["enrollmentId"] == enrollment["id"]]
    return [each for each in own if each.get("status") == "AWAITING_REVIEW"]


def _add_message(workspace: Workspace, sequence: Sequence, enrollment: Enrollment, step: Step, status: str) -> str:
    channel = CHANNELS[step["type"]]
    senders = available_senders(workspace, sequence["senders"], [channel])[channel]
    sender, timestamp = senders[enrollment["number"] % len(senders)], current_timestamp()
    message = outbound_message(workspace, enrollment, step, sender, status, timestamp)
    message["id"] = workspace.new_id("sqm")
    workspace.sequence_messages[message["id"]] = message
    return timestamp


def outbound_message(
    workspace: Workspace, enrollment: Enrollment, step: Step, sender: Sender, status: str, timestamp: str
) -> SequenceMessage:
    """Return the message of a step, composed for the contact, without an id."""
    content, _ = compose(workspace, step, people(workspace, enrollment["contactId"], sender))
    return {
        "id": "",
        "sequenceId": enrollment["sequenceId"],
        "direction": "OUTBOUND",
        "channel": CHANNELS[step["type"]],
        "contactId": enrollment["contactId"],
        "createdAt": timestamp,
        "enrollmentId": enrollment["id"],
        "sequenceStepId": step["id"],
        "sequenceStepType": step["type"],
        "content": content,
        "reference": None,
        "status": status,
        "statusChangedAt": timestamp,
        "sentAt": timestamp if status == "SENT" else None,
        "openedAt": None,
        "readAt": None,
        "repliedAt": None,
        "bouncedAt": None,
        "acceptedAt": None,
    }
