"""The shapes of requests, with the names that the API has for their members. ``pythonic`` has the same shapes.

Shapes nest: their parts have the names of the API too. ``_official.spelling`` reads this module at run time.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, Required, TypedDict

from . import sender, sequence
from .writable import (
    Body,
    CommonDefinition,
    CommonMessageBody,
    CommonMessaging,
    CommonSendWindow,
    CommonStep,
    Ids,
    LinkChange,
    ListKind,
    Privacy,
    Timestamp,
)


class MessageBody(CommonMessageBody, total=False):
    """The body of an email to send."""

    contentType: Literal["HTML", "TEXT"]


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
    {"$name": Required[str], "$objectType": Required[str], "$description": str | None, "$kind": ListKind},
    total=False,
)
ListFields = TypedDict("ListFields", {"$name": str, "$description": str | None, "$kind": ListKind}, total=False)
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


class ChannelPace(TypedDict):
    """The sending limits of a sender on one channel."""

    dailyLimit: int
    minGapSeconds: int
    maxGapSeconds: int | None


class SenderPacing(TypedDict, total=False):
    """The sending limits of each channel; omitted ones are removed."""

    EMAIL: ChannelPace | sender.Pace
    LINKEDIN_INVITE: ChannelPace | sender.Pace
    LINKEDIN_MESSAGE: ChannelPace | sender.Pace


class ChannelLimit(TypedDict):
    """The sending limit of a sequence on one channel."""

    dailyLimit: int | None


class SequencePacing(TypedDict, total=False):
    """The sending limits of a sequence by channel."""

    EMAIL: ChannelLimit | sender.Pace
    LINKEDIN_INVITE: ChannelLimit | sender.Pace
    LINKEDIN_MESSAGE: ChannelLimit | sender.Pace


class Step(CommonStep, total=False):
    """One step: a text written by an agent or from a template, or a wait. A step that is kept keeps its ``id``."""

    deliveryMode: Literal["AUTO", "FOR_REVIEW"]
    includeNote: bool


class Messaging(CommonMessaging, total=False):
    """The context for messages."""

    callToAction: str | None
    valueProp: str | None


class SendWindow(CommonSendWindow, total=False):
    """The time window for sending messages: days from 0 (Sunday), hours from 0 to 24."""

    daysOfWeek: Sequence[int]
    startHour: int
    endHour: int


class DefinitionOptions(CommonDefinition, total=False):
    """The parts of a definition that no sequence needs."""

    messaging: Messaging | sequence.Messaging
    pacing: SequencePacing | sender.Pacing
    sendWindow: SendWindow | sequence.SendWindow


class NewDefinition(DefinitionOptions):
    """The definition of a new sequence."""

    description: str
    steps: Iterable[Step | sequence.Step]


class DefinitionChange(DefinitionOptions, total=False):
    """The parts of a definition to change."""

    description: str
    steps: Iterable[Step | sequence.Step]
