"""The record types of the CRM.

API page: https://docs.lightfield.app/objects-in-lightfield/object-types/
"""

from typing import TYPE_CHECKING

from lightfield._protocol.codec import ABSENT, read_through

from .record import Fielded, Record
from .value import FieldValue, FullName, Named, Relationship


class Account(Record, frozen=True, kw_only=True):
    """A company.

    Common fields: ``$name`` text, ``$website`` texts, ``$industry`` options, ``$headcount`` option, ``$primaryAddress``
    address. Common relationships: ``$owner``, ``$contact``, ``$opportunity``.
    """


class Contact(Record, frozen=True, kw_only=True):
    """A person.

    Common fields: ``$name`` full name, ``$email`` and ``$phone`` texts, ``$title`` text.
    Common relationship: ``$account``.
    """


class Opportunity(Record, frozen=True, kw_only=True):
    """A deal with an account.

    Common fields: ``$name`` text, ``$stage`` option, ``$amount`` number, ``$closeDate`` datetime, ``$nextStep`` text.
    Common relationships: ``$account``, ``$owner``, ``$champion``. A workspace may define others.
    """


class Note(Record, frozen=True, kw_only=True):
    """A note. Fields: ``$title`` text, ``$content`` Markdown."""


class Task(Record, frozen=True, kw_only=True):
    """A task.

    Fields: ``$title`` text, ``$status`` (``TODO``, ``IN_PROGRESS``, ``COMPLETE``, ``CANCELLED``), ``$description``
    Markdown, ``$dueAt`` datetime. Relationships: ``$assignedTo``, ``$account``, ``$opportunity``.
    """


class CustomRecord(Record, frozen=True, kw_only=True):
    """A record of a custom object type."""


if TYPE_CHECKING:

    class TextField(FieldValue, frozen=True, kw_only=True):
        """A field whose value is a text."""

        value: str = ABSENT

    class OptionalTextField(FieldValue, frozen=True, kw_only=True):
        """A field whose value is a text, or None."""

        value: str | None = ABSENT

    class NameField(FieldValue, frozen=True, kw_only=True):
        """A field whose value is a full name."""

        value: FullName = ABSENT
else:
    TextField = OptionalTextField = NameField = FieldValue


class MemberFields(Named[FieldValue]):
    """The fields of a member, by key and by Python name."""

    email: TextField
    name: NameField
    profile_image: OptionalTextField
    role: TextField


class MemberRelationships(Named[Relationship]):
    """The relationships of a member, by key and by Python name."""

    user: Relationship


class Member(Record, frozen=True, kw_only=True):
    """A member of the workspace. Fields: ``$email``, ``$profileImage`` and ``$role`` texts, ``$name`` full name.

    They are also attributes: ``member.fields.email`` is ``member.fields["$email"]``.
    """

    if TYPE_CHECKING:
        fields: MemberFields
        relationships: MemberRelationships


read_through(Member, "fields", lambda _, fields: MemberFields(fields))
read_through(Member, "relationships", lambda _, relationships: MemberRelationships(relationships))


class Channel(Record, frozen=True, kw_only=True):
    """A channel in Slack, Microsoft Teams or LinkedIn."""

    object_type: str


class Guarded(Record, frozen=True, kw_only=True):
    """A record whose content may be restricted."""

    access_level: str
    """``FULL``, or ``METADATA`` if the privacy setting hides the content."""

    object_type: str


class Meeting(Guarded, frozen=True, kw_only=True):
    """A meeting that took place.

    Fields: ``$title`` text, ``$startDate`` and ``$endDate`` datetimes, ``$attendeeEmails`` texts, ``$meetingPrep`` and
    ``$postMeetingSummary`` Markdown. Relationships: ``$transcript`` and others, which are derived.
    """


class Email(Guarded, frozen=True, kw_only=True):
    """An email.

    Fields: ``$subject`` text, ``$from``, ``$to``, ``$cc``, ``$bcc`` texts, ``$body`` HTML, ``$sentAt`` datetime.
    """


class Message(Guarded, frozen=True, kw_only=True):
    """A message in a channel."""


class List(Fielded, frozen=True, kw_only=True):
    """A list of accounts, contacts or opportunities.

    Fields: ``$name``, ``$objectType``, ``$description`` and ``$kind``, all texts.
    """
