"""The shapes of requests, with Python names for their members: ``due_at`` for ``$dueAt``, ``email`` for ``EMAIL``.

They are those of ``wire``, under a rule: see ``_official.spelling``.
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

    content_type: Literal["HTML", "TEXT"]


class NewNote(TypedDict, total=False):
    """The fields of a new note."""

    title: Required[str]
    content: str | None


class NoteFields(TypedDict, total=False):
    """Changes of the fields of a note."""

    title: str | None
    content: str | None


class NewTask(TypedDict, total=False):
    """The fields of a new task."""

    title: Required[str]
    status: Required[str]
    description: str | None
    due_at: Timestamp | None


class TaskFields(TypedDict, total=False):
    """Changes of the fields of a task."""

    title: str | None
    status: str | None
    description: str | None
    due_at: Timestamp | None


class NewMeeting(TypedDict, total=False):
    """The fields of a new meeting."""

    title: Required[str]
    start_date: Required[Timestamp]
    end_date: Required[Timestamp]
    description: str | None
    meeting_url: str | None
    organizer_email: str | None
    attendee_emails: Sequence[str]
    privacy_setting: Privacy


class MeetingFields(TypedDict, total=False):
    """Changes of the fields of a meeting."""

    attendee_emails: Sequence[str]
    meeting_prep: str | None
    post_meeting_summary: str | None
    privacy_setting: Privacy


class MeetingLinks(TypedDict, total=False):
    """The relationships of a new meeting."""

    transcript: Ids


class MeetingLinkChanges(TypedDict, total=False):
    """Changes of the relationships of a meeting."""

    transcript: LinkChange


class LoggedEmail(TypedDict, total=False):
    """The fields of a logged email."""

    from_: Required[str]
    sent_at: Required[Timestamp]
    to: Sequence[str]
    cc: Sequence[str]
    bcc: Sequence[str]
    subject: str
    body: Body
    thread_id: str
    privacy_setting: Privacy


class NewList(TypedDict, total=False):
    """The fields of a new list."""

    name: Required[str]
    object_type: Required[str]
    description: str | None
    kind: ListKind


class ListFields(TypedDict, total=False):
    """Changes of the fields of a list."""

    name: str
    description: str | None
    kind: ListKind


class ListMembers(TypedDict, total=False):
    """The members of a new list."""

    accounts: Ids
    contacts: Ids
    opportunities: Ids


class ListMemberChanges(TypedDict, total=False):
    """Changes of the members of a list."""

    accounts: LinkChange
    contacts: LinkChange
    opportunities: LinkChange


class MergeOptions(TypedDict, total=False):
    """Options of a merge."""

    multi_select_union: bool
    """Whether a MULTI_SELECT keeps the options of both."""


class ChannelPace(TypedDict):
    """The sending limits of a sender on one channel."""

    daily_limit: int
    min_gap_seconds: int
    max_gap_seconds: int | None


class SenderPacing(TypedDict, total=False):
    """The sending limits of each channel; omitted ones are removed."""

    email: ChannelPace | sender.Pace
    linkedin_invite: ChannelPace | sender.Pace
    linkedin_message: ChannelPace | sender.Pace


class ChannelLimit(TypedDict):
    """The sending limit of a sequence on one channel."""

    daily_limit: int | None


class SequencePacing(TypedDict, total=False):
    """The sending limits of a sequence by channel."""

    email: ChannelLimit | sender.Pace
    linkedin_invite: ChannelLimit | sender.Pace
    linkedin_message: ChannelLimit | sender.Pace


class Step(CommonStep, total=False):
    """One step: a text written by an agent or from a template, or a wait. A step that is kept keeps its ``id``."""

    delivery_mode: Literal["AUTO", "FOR_REVIEW"]
    include_note: bool


class Messaging(CommonMessaging, total=False):
    """The context for messages."""

    call_to_action: str | None
    value_prop: str | None


class SendWindow(CommonSendWindow, total=False):
    """The time window for sending messages: days from 0 (Sunday), hours from 0 to 24."""

    days_of_week: Sequence[int]
    start_hour: int
    end_hour: int


class DefinitionOptions(CommonDefinition, total=False):
    """The parts of a definition that no sequence needs."""

    messaging: Messaging | sequence.Messaging
    pacing: SequencePacing | sender.Pacing
    send_window: SendWindow | sequence.SendWindow


class NewDefinition(DefinitionOptions):
    """The definition of a new sequence."""

    description: str
    steps: Iterable[Step | sequence.Step]


class DefinitionChange(DefinitionOptions, total=False):
    """The parts of a definition to change."""

    description: str
    steps: Iterable[Step | sequence.Step]
