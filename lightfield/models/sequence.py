"""Sequences and their definitions. A preview of the API.

API page: https://docs.lightfield.app/sequences/using-the-api/
"""

from lightfield._protocol.codec import ABSENT, absent_is_none

from .document import Document
from .sender import Pacing


class Reference(Document, frozen=True, kw_only=True):
    """A reference to another document."""

    id: str
    object_type: str


@absent_is_none
class Template(Document, frozen=True, kw_only=True):
    """A text to send; emails have a subject too."""

    body: str | None = ABSENT
    subject: str | None = ABSENT


@absent_is_none
class Step(Document, frozen=True, kw_only=True):
    """One step: a text written by an agent or from a template, or a wait. Keys depend on the type."""

    id: str
    type: str
    """``EMAIL``, ``LINKEDIN_MESSAGE``, ``LINKEDIN_INVITE``, ``WAIT`` or ``WAIT_FOR_CONNECTION``."""

    name: str | None = ABSENT
    delivery_mode: str | None = ABSENT
    """``AUTO`` or ``FOR_REVIEW``."""

    mode: str | None = ABSENT
    """``AGENT`` (has a ``prompt``) or ``TEMPLATE`` (has a ``template``)."""

    prompt: str | None = ABSENT
    template: Template | None = ABSENT
    include_note: bool | None = ABSENT
    duration: int | None = ABSENT
    """The duration of a wait in ``unit``: ``DAY`` or ``MINUTE``."""

    unit: str | None = ABSENT


@absent_is_none
class Messaging(Document, frozen=True, kw_only=True):
    """The context for messages: persona, trigger, value proposition and call to action."""

    call_to_action: str | None = ABSENT
    persona: str | None = ABSENT
    trigger: str | None = ABSENT
    value_prop: str | None = ABSENT


class SendWindow(Document, frozen=True, kw_only=True):
    """The time window for sending messages."""

    days_of_week: list[int]
    """0 is Sunday."""

    start_hour: int
    """0 to 23."""

    end_hour: int
    """1 to 24, exclusive."""

    timezone: str
    """IANA name."""


class SequenceDefinition(Document, frozen=True, kw_only=True):
    """The definition of a sequence."""

    description: str
    messaging: Messaging
    pacing: Pacing
    priority: str
    """``HIGH`` or ``NORMAL``."""

    send_window: SendWindow
    steps: list[Step]


@absent_is_none
class Sequence(Document, frozen=True, kw_only=True):
    """A sequence in its published version."""

    id: str
    name: str
    status: str
    """``DRAFT``, ``ACTIVE`` or ``DEACTIVATED``."""

    channels: list[str]
    created_at: str
    object_type: str
    reviewers: list[Reference]
    senders: list[Reference]
    definition: SequenceDefinition | None = ABSENT
    first_activated_at: str | None = ABSENT
    last_activated_at: str | None = ABSENT


class PublishWarning(Document, frozen=True, kw_only=True):
    """A warning about the effect of publishing a draft on enrolled contacts."""

    code: str
    message: str
    severity: str
    """``warning`` or ``destructive``."""

    step_ids: list[str]


class SequenceDraft(Document, frozen=True, kw_only=True):
    """The open draft of a sequence."""

    sequence_id: str
    version: str
    """The value to pass as ``expected_version``."""

    name: str
    channels: list[str]
    definition: SequenceDefinition
    publish_warnings: list[PublishWarning]
    reviewers: list[Reference]
    senders: list[Reference]
    updated_at: str


class DraftDiscarded(Document, frozen=True, kw_only=True):
    """The result of discarding a draft; a sequence that was never published is deleted too."""

    sequence_id: str
    sequence_deleted: bool


class TemplateField(Document, frozen=True, kw_only=True):
    """The field behind a template variable."""

    id: str
    value_type: str


@absent_is_none
class TemplateVariable(Document, frozen=True, kw_only=True):
    """A variable for use in templates."""

    ref: str
    label: str
    group: str
    """``contact``, ``account`` or ``sender``."""

    field: TemplateField | None = ABSENT
