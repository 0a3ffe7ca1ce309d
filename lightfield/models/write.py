"""Types for writing: values, fields and relationships, and the parts of other requests.

A ``datetime`` must have a time zone; a ``Decimal`` stays exact; a member of an ``Enum`` is its value; None clears a
value; an omitted key keeps it.

Where the API fixes the members of a shape, they have two names: that of the API, such as ``$dueAt``, and the Python
name that the official SDK has for it, such as ``due_at``. The types here take either: ``NewTask`` is ``wire.NewTask``
or ``pythonic.NewTask``. Custom fields and relationships have one name, as do the fields of accounts, contacts,
opportunities and custom objects.
API page: https://docs.lightfield.app/using-the-api/fields-and-relationships/
"""

from typing import TypeAlias

from . import pythonic, sender, sequence, wire
from .writable import (
    Body,
    Fields,
    Ids,
    LinkChange,
    LinkChanges,
    Links,
    Members,
    Privacy,
    Purpose,
    Resolution,
    Resolutions,
    Template,
    Timestamp,
    Writable,
)

MessageBody: TypeAlias = wire.MessageBody | pythonic.MessageBody
NewNote: TypeAlias = wire.NewNote | pythonic.NewNote
NoteFields: TypeAlias = wire.NoteFields | pythonic.NoteFields
NewTask: TypeAlias = wire.NewTask | pythonic.NewTask
TaskFields: TypeAlias = wire.TaskFields | pythonic.TaskFields
NewMeeting: TypeAlias = wire.NewMeeting | pythonic.NewMeeting
MeetingFields: TypeAlias = wire.MeetingFields | pythonic.MeetingFields
MeetingLinks: TypeAlias = wire.MeetingLinks | pythonic.MeetingLinks
MeetingLinkChanges: TypeAlias = wire.MeetingLinkChanges | pythonic.MeetingLinkChanges
LoggedEmail: TypeAlias = wire.LoggedEmail | pythonic.LoggedEmail
NewList: TypeAlias = wire.NewList | pythonic.NewList
ListFields: TypeAlias = wire.ListFields | pythonic.ListFields
ListMembers: TypeAlias = wire.ListMembers | pythonic.ListMembers
ListMemberChanges: TypeAlias = wire.ListMemberChanges | pythonic.ListMemberChanges
MergeOptions: TypeAlias = wire.MergeOptions | pythonic.MergeOptions
ChannelPace: TypeAlias = wire.ChannelPace | pythonic.ChannelPace
SenderPacing: TypeAlias = wire.SenderPacing | pythonic.SenderPacing | sender.Pacing
ChannelLimit: TypeAlias = wire.ChannelLimit | pythonic.ChannelLimit
SequencePacing: TypeAlias = wire.SequencePacing | pythonic.SequencePacing | sender.Pacing
Step: TypeAlias = wire.Step | pythonic.Step
Messaging: TypeAlias = wire.Messaging | pythonic.Messaging
SendWindow: TypeAlias = wire.SendWindow | pythonic.SendWindow
NewDefinition: TypeAlias = wire.NewDefinition | pythonic.NewDefinition | sequence.SequenceDefinition
DefinitionChange: TypeAlias = wire.DefinitionChange | pythonic.DefinitionChange | sequence.SequenceDefinition
Definition: TypeAlias = NewDefinition | DefinitionChange
"""The definition of a sequence, or a part of one."""

__all__ = [
    "Body",
    "ChannelLimit",
    "ChannelPace",
    "Definition",
    "DefinitionChange",
    "Fields",
    "Ids",
    "LinkChange",
    "LinkChanges",
    "Links",
    "ListFields",
    "ListMemberChanges",
    "ListMembers",
    "LoggedEmail",
    "MeetingFields",
    "MeetingLinkChanges",
    "MeetingLinks",
    "Members",
    "MergeOptions",
    "MessageBody",
    "Messaging",
    "NewDefinition",
    "NewList",
    "NewMeeting",
    "NewNote",
    "NewTask",
    "NoteFields",
    "Privacy",
    "Purpose",
    "Resolution",
    "Resolutions",
    "SendWindow",
    "SenderPacing",
    "SequencePacing",
    "Step",
    "TaskFields",
    "Template",
    "Timestamp",
    "Writable",
]
