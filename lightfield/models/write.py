"""Types for writing: values, and the fields and relationships of record types with fixed keys.

A ``datetime`` must have a time zone; a ``Decimal`` stays exact; None clears a value; an omitted key keeps it.
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
"""The value of a field. Selects take option ids."""

Fields: TypeAlias = Mapping[str, Writable]
"""Values by key, such as ``{"$name": "Acme", "tier": "gold"}``."""

Ids: TypeAlias = str | Sequence[str]

Links: TypeAlias = Mapping[str, Ids]
"""The relationships of a new record, such as ``{"$account": "acc_1"}``."""


class LinkChange(TypedDict, total=False):
    """A change of one relationship: ids to add and remove, or an id that replaces all."""

    add: Ids
    remove: Ids
    replace: str | None


LinkChanges: TypeAlias = Mapping[str, LinkChange]
"""Changes of relationships, such as ``{"$owner": {"replace": "mem_1"}}``."""


class Body(TypedDict, total=False):
    """The body of a logged email."""

    html: str
    text: str


class MessageBody(TypedDict, total=False):
    """The body of an email to send."""

    content: Required[str]
    contentType: Literal["HTML", "TEXT"]


Timestamp: TypeAlias = datetime | str
Privacy: TypeAlias = Literal["FULL", "METADATA"] | None

NewNote = TypedDict("NewNote", {"$title": Required[str], "$content": str | None}, total=False)
NoteFields = TypedDict("NoteFields", {"$title": str | None, "$content": str | None}, total=False)

NewTask = TypedDict(
    "NewTask",
    {"$title": Required[str], "$status": Required[str], "$description": str | None, "$dueAt": Timestamp | None},
    total=False,
)
TaskFields = TypedDict(
    "TaskFields",
    {"$title": str | None, "$status": str | None, "$description": str | None, "$dueAt": Timestamp | None},
    total=False,
)

NewMeeting = TypedDict(
    "NewMeeting",
    {
        "$title": Required[str],
        "$startDate": Required[Timestamp],
        "$endDate": Required[Timestamp],
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
        "$sentAt": Required[Timestamp],
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
    """Options of a merge."""

    multiSelectUnion: bool
    """Whether a MULTI_SELECT keeps the options of both."""


class Resolution(TypedDict):
    """An explicit value for a field."""

    value: Writable


Resolutions: TypeAlias = Mapping[str, Literal["primary", "duplicate"] | Resolution]
"""By field slug: the record whose value is kept, or an explicit value."""


class Members(TypedDict, total=False):
    """Ids to add and to remove."""

    add: Sequence[str]
    remove: Sequence[str]


class ChannelPace(TypedDict):
    """The sending limits of a sender on one channel."""

    dailyLimit: int
    minGapSeconds: int
    maxGapSeconds: int | None


class SenderPacing(TypedDict, total=False):
    """The sending limits of each channel; omitted ones are removed."""

    EMAIL: ChannelPace
    LINKEDIN_INVITE: ChannelPace
    LINKEDIN_MESSAGE: ChannelPace


Definition: TypeAlias = Mapping[str, object]
"""The definition of a sequence in the format of ``SequenceDefinition``: ``description``, ``steps``, ``messaging``,
``pacing``, ``priority``, ``sendWindow``. Existing steps keep their ``id``."""
