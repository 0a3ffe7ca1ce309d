"""What can be written: plain values, and the fields and relationships of record types whose keys are fixed.

A ``datetime`` must have a zone; a ``Decimal`` stays exact; None clears a value; a key left out keeps it.
API page: https://docs.lightfield.app/using-the-api/fields-and-relationships/
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal, Required, TypeAlias, TypedDict

from .value import Address, FullName

Writable: TypeAlias = (
    str | int | float | Decimal | datetime | Address | FullName | Mapping[str, object] | Sequence[object] | None
)
"""A value of a field. Selects take option ids."""

Fields: TypeAlias = Mapping[str, Writable]
"""Values by key, such as ``{"$name": "Acme", "tier": "gold"}``."""

Ids: TypeAlias = str | Sequence[str]

Links: TypeAlias = Mapping[str, Ids]
"""The relationships of a new record, such as ``{"$account": "acc_1"}``."""


class LinkChange(TypedDict, total=False):
    """A change of one relationship: what to add and remove, or what to put in place of all."""

    add: Ids
    remove: Ids
    replace: str | None


LinkChanges: TypeAlias = Mapping[str, LinkChange]
"""Changes of relationships, such as ``{"$owner": {"replace": "mem_1"}}``."""


class Body(TypedDict, total=False):
    """The text of an e-mail that is logged."""

    html: str
    text: str


class MessageBody(TypedDict, total=False):
    """The text of an e-mail to send."""

    content: Required[str]
    contentType: Literal["HTML", "TEXT"]


Moment: TypeAlias = datetime | str
Privacy: TypeAlias = Literal["FULL", "METADATA"] | None

NewNote = TypedDict("NewNote", {"$title": Required[str], "$content": str | None}, total=False)
NoteFields = TypedDict("NoteFields", {"$title": str | None, "$content": str | None}, total=False)

NewTask = TypedDict(
    "NewTask",
    {"$title": Required[str], "$status": Required[str], "$description": str | None, "$dueAt": Moment | None},
    total=False,
)
TaskFields = TypedDict(
    "TaskFields",
    {"$title": str | None, "$status": str | None, "$description": str | None, "$dueAt": Moment | None},
    total=False,
)

NewMeeting = TypedDict(
    "NewMeeting",
    {
        "$title": Required[str],
        "$startDate": Required[Moment],
        "$endDate": Required[Moment],
        "$description": str | None,
        "$meetingUrl": str | None,
        "$organizerEmail": str | None,
        "$attendeeEmails": Sequence[str],
        "$privacySetting": Privacy,
    },
    total=False,
)
MeetingFields = TypedDict(
    "MeetingFields",
    {
        "$attendeeEmails": Sequence[str],
        "$meetingPrep": str | None,
        "$postMeetingSummary": str | None,
        "$privacySetting": Privacy,
    },
    total=False,
)
MeetingLinks = TypedDict("MeetingLinks", {"$transcript": Ids}, total=False)
MeetingLinkChanges = TypedDict("MeetingLinkChanges", {"$transcript": LinkChange}, total=False)

LoggedEmail = TypedDict(
    "LoggedEmail",
    {
        "$from": Required[str],
        "$sentAt": Required[Moment],
        "$to": Sequence[str],
        "$cc": Sequence[str],
        "$bcc": Sequence[str],
        "$subject": str,
        "$body": Body,
        "$threadId": str,
        "$privacySetting": Privacy,
    },
    total=False,
)

NewList = TypedDict(
    "NewList",
    {
        "$name": Required[str],
        "$objectType": Required[str],
        "$description": str | None,
        "$kind": Literal["target"] | None,
    },
    total=False,
)
ListFields = TypedDict(
    "ListFields", {"$name": str, "$description": str | None, "$kind": Literal["target"] | None}, total=False
)
ListMembers = TypedDict("ListMembers", {"$accounts": Ids, "$contacts": Ids, "$opportunities": Ids}, total=False)
ListMemberChanges = TypedDict(
    "ListMemberChanges",
    {"$accounts": LinkChange, "$contacts": LinkChange, "$opportunities": LinkChange},
    total=False,
)


class MergeOptions(TypedDict, total=False):
    """How values are merged."""

    multiSelectUnion: bool
    """Whether a MULTI_SELECT keeps the options of both."""


class Resolution(TypedDict):
    """A value of the caller's own."""

    value: Writable


Resolutions: TypeAlias = Mapping[str, Literal["primary", "duplicate"] | Resolution]
"""Which record's value a field keeps, or what it gets instead; by slug."""


class Members(TypedDict, total=False):
    """Whom to add and whom to remove."""

    add: Sequence[str]
    remove: Sequence[str]


class ChannelPace(TypedDict):
    """How fast a sender may send on one channel."""

    dailyLimit: int
    minGapSeconds: int
    maxGapSeconds: int | None


class SenderPacing(TypedDict, total=False):
    """The pace of each channel; what is left out is removed."""

    EMAIL: ChannelPace
    LINKEDIN_INVITE: ChannelPace
    LINKEDIN_MESSAGE: ChannelPace


Definition: TypeAlias = Mapping[str, object]
"""What a sequence does, in the wire shape of ``SequenceDefinition``: ``description``, ``steps``, ``messaging``,
``pacing``, ``priority``, ``sendWindow``. A step that is kept keeps its ``id``."""
