"""Initial sequences, and what belongs to them.

``seq_welcome`` is active, with contacts at every stage. ``seq_renewal`` is a draft with an archived sender.
``seq_winback`` is deactivated, and cannot be activated before its sender, ``snd_outreach``, is healthy again.
"""

from collections.abc import Sequence as SequenceOf
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, cast

from lightfield.testing._crm.outreach import Content, Sequence, Step
from lightfield.testing._crm.timestamps import format_timestamp
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._sequences.cadence import outbound_message
from lightfield.testing._sequences.steps import initial_definition

from . import documented
from .conversations import BUYER, CONTROLLER, DIRECTOR, ENGINEER, LINKEDIN_REPLY, seed_conversations
from .senders import seed_senders

_EPOCH = datetime(2025, 12, 1, 9, tzinfo=UTC)


class _Enrollment(NamedTuple):
    sequence: str
    name: str
    contact: str
    status: str
    step: str | None
    remaining: int
    kind: str | None


class _Message(NamedTuple):
    """A message of the sequence ``seq_welcome``: the enrollment, the step, and what happened to it."""

    name: str
    step: str
    status: str = "SENT"
    marks: tuple[str, ...] = ()


_INTRODUCTION = 'Hello {{ coalesce({col:firstName}, "there") }}, {{ coalesce({rel:sender.col:name}, "we") }} can help.'
_WELCOME: tuple[Step, ...] = (
    {
        "id": "stp_welcome_email",
        "type": "EMAIL",
        "name": "Introduction",
        "deliveryMode": "AUTO",
        "mode": "TEMPLATE",
        "template": {"subject": 'Welcome, {{ coalesce({rel:account.col:name}, "all") }}', "body": _INTRODUCTION},
    },
    {"id": "stp_welcome_wait", "type": "WAIT", "duration": 3, "unit": "DAY"},
    {
        "id": "stp_welcome_invite",
        "type": "LINKEDIN_INVITE",
        "name": "Connect",
        "deliveryMode": "AUTO",
        "mode": "AGENT",
        "prompt": "Refer to the email.",
        "includeNote": True,
    },
    {"id": "stp_welcome_connection", "type": "WAIT_FOR_CONNECTION", "duration": 7, "unit": "DAY"},
    {
        "id": "stp_welcome_message",
        "type": "LINKEDIN_MESSAGE",
        "name": "Follow up",
        "deliveryMode": "FOR_REVIEW",
        "mode": "AGENT",
        "prompt": "Offer a call next week.",
    },
)
_REVIEWED, _PAUSED = "con_bramblewick_foods_buyer", "con_bramblewick_foods_controller"
_ENROLLMENTS = (
    _Enrollment("welcome", "buyer", BUYER, "REPLIED", None, 0, "REPLIED"),
    _Enrollment("welcome", "controller", CONTROLLER, "ACTIVE", "wait", 2, "OPENED"),
    _Enrollment("welcome", "engineer", ENGINEER, "REPLIED", None, 0, "REPLIED"),
    _Enrollment("welcome", "director", DIRECTOR, "FAILED", None, 0, "BOUNCED"),
    _Enrollment("welcome", "reviewed", _REVIEWED, "AWAITING_REVIEW", "message", 1, "CONNECTED"),
    _Enrollment("winback", "paused", _PAUSED, "PAUSED", "email", 1, None),
)
_MESSAGES = (
    _Message("buyer", "email", marks=("openedAt", "repliedAt")),
    _Message("controller", "email", marks=("openedAt",)),
    _Message("engineer", "email"),
    _Message("director", "email", marks=("bouncedAt",)),
    _Message("reviewed", "email", marks=("openedAt",)),
    _Message("engineer", "invite", marks=("acceptedAt", "repliedAt")),
    _Message("reviewed", "invite", marks=("acceptedAt",)),
    _Message("reviewed", "message", "AWAITING_REVIEW"),
)
_STEPS = {step["id"]: step for step in _WELCOME}


def seed_outreach(workspace: Workspace) -> None:
    """Create the initial chats, senders, and sequences with enrollments and messages."""
    seed_conversations(workspace)
    seed_senders(workspace)
    _add_sequence(workspace, 10, "welcome", "ACTIVE", _WELCOME, ["snd_larkspur", "snd_larkspur_linkedin"])
    _add_sequence(workspace, 11, "winback", "DEACTIVATED", [_email("winback")], ["snd_outreach"])
    _add_sequence(workspace, 12, "renewal", "DRAFT", [_email("renewal")], ["snd_former", "snd_tamarisk"])
    for number, enrollment in enumerate(_ENROLLMENTS):
        _add_enrollment(workspace, number, enrollment)
    for number, message in enumerate(_MESSAGES):
        _add_message(workspace, number, message)
    _add_reply(workspace, "sqm_buyer_email", {"subject": "Re: Welcome", "body": "Please call me."}, None)
    reference = {"id": LINKEDIN_REPLY, "objectType": "message"}
    content: Content = {"subject": None, "body": "Thanks, let us talk next week."}
    _add_reply(workspace, "sqm_engineer_invite", content, reference)


def _add_sequence(
    workspace: Workspace, days: int, name: str, status: str, steps: SequenceOf[Step], senders: list[str]
) -> None:
    definition = initial_definition()
    definition["description"], definition["steps"] = f"The sequence {name} of the sandbox.", [*steps]
    sequence: Sequence = {
        "id": f"seq_{name}",
        "name": name.capitalize(),
        "status": status,
        "createdAt": _at(days),
        "firstActivatedAt": None if status == "DRAFT" else _at(days, 1),
        "lastActivatedAt": None if status == "DRAFT" else _at(days, 1),
        "definition": definition,
        "reviewers": [documented.MEMBER],
        "senders": senders,
        "draft": None,
        "edits": 1,
    }
    if status == "DRAFT":
        sequence["draft"] = {
            "version": "v1",
            "name": sequence["name"],
            "definition": definition,
            "reviewers": sequence["reviewers"],
            "senders": senders,
            "updatedAt": _at(days),
        }
        sequence["definition"], sequence["reviewers"], sequence["senders"] = None, [], []
    workspace.sequences[sequence["id"]] = sequence


def _email(name: str) -> Step:
    subject = 'A question from {{ coalesce({rel:sender.col:name}, "us") }}'
    body = 'Hello {{ coalesce({col:firstName}, "there") }}, is this still of interest?'
    return {
        "id": f"stp_{name}_email",
        "type": "EMAIL",
        "name": "Question",
        "deliveryMode": "AUTO",
        "mode": "TEMPLATE",
        "template": {"subject": subject, "body": body},
    }


def _add_enrollment(workspace: Workspace, number: int, enrollment: _Enrollment) -> None:
    identifier, active = f"enr_{enrollment.sequence}_{enrollment.name}", _at(14, number)
    workspace.enrollments[identifier] = {
        "id": identifier,
        "sequenceId": f"seq_{enrollment.sequence}",
        "number": number,
        "contactId": enrollment.contact,
        "status": enrollment.status,
        "currentStepId": f"stp_{enrollment.sequence}_{enrollment.step}" if enrollment.step else None,
        "enrolledAt": _at(13, number),
        "enrolledBy": "mem_larkspur",
        "remainingSends": enrollment.remaining,
        "nextSendAt": _at(16, number) if enrollment.status == "ACTIVE" else None,
        "lastActivityAt": active if enrollment.kind else None,
        "lastActivityKind": enrollment.kind,
        "repliedAt": active if enrollment.status == "REPLIED" else None,
        "completedAt": None,
        "cancelledAt": None,
    }


def _add_message(workspace: Workspace, number: int, sent: _Message) -> None:
    enrollment = workspace.enrollments[f"enr_welcome_{sent.name}"]
    step = _STEPS[f"stp_welcome_{sent.step}"]
    sender = workspace.senders["snd_larkspur" if step["type"] == "EMAIL" else "snd_larkspur_linkedin"]
    message = outbound_message(workspace, enrollment, step, sender, sent.status, _at(13, number))
    message["id"] = f"sqm_{sent.name}_{sent.step}"
    marks = cast("dict[str, str | None]", message)
    marks.update(dict.fromkeys(sent.marks, enrollment["lastActivityAt"]))
    workspace.sequence_messages[message["id"]] = message


def _add_reply(workspace: Workspace, answered: str, content: Content, reference: dict[str, str] | None) -> None:
    message = workspace.sequence_messages[answered]
    received = message.get("repliedAt") or ""
    workspace.sequence_messages[f"{answered}_reply"] = {
        "id": f"{answered}_reply",
        "sequenceId": message["sequenceId"],
        "direction": "INBOUND",
        "channel": message["channel"],
        "contactId": message["contactId"],
        "createdAt": received,
        "enrollmentId": message["enrollmentId"],
        "sequenceStepId": message["sequenceStepId"],
        "sequenceStepType": message["sequenceStepType"],
        "content": content,
        "reference": reference,
        "receivedAt": received,
    }


def _at(days: int, hours: int = 0) -> str:
    return format_timestamp(_EPOCH + timedelta(days=days, hours=hours))
