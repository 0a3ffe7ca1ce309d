"""Enrollments, messages, tests and performance of sequences. A preview of the API."""

import msgspec

from lightfield._protocol.codec import ABSENT, absent_is_none

from .document import Document
from .sequence import Reference, Template


@absent_is_none
class Enrollment(Document, frozen=True, kw_only=True):
    """The enrollment of a contact in a sequence."""

    id: str
    contact_id: str
    enrolled_at: str
    enrolled_by: str | None = ABSENT
    status: str | None = ABSENT
    """``ACTIVE``, ``AWAITING_REVIEW``, ``NEEDS_ATTENTION``, ``REPLIED``, ``COMPLETED``, ``PAUSED``, ``CANCELLED`` or
    ``FAILED``.
    """

    current_step_id: str | None = ABSENT
    remaining_sends: int | None = ABSENT
    next_send_at: str | None = ABSENT
    last_activity_at: str | None = ABSENT
    last_activity_kind: str | None = ABSENT
    """``SENT``, ``OPENED``, ``REPLIED``, ``BOUNCED``, ``INVITED``, ``CONNECTED`` or ``SEEN``."""

    replied_at: str | None = ABSENT
    completed_at: str | None = ABSENT
    cancelled_at: str | None = ABSENT


@absent_is_none
class EnrollmentChange(Document, frozen=True, kw_only=True):
    """The result of enrolling or unenrolling one contact."""

    contact_id: str
    outcome: str
    """``enrolled``, ``already_enrolled``, ``unenrolled`` or ``no_active_enrollment``."""

    enrollment_id: str | None = ABSENT


class EnrollmentChanges(Document, frozen=True, kw_only=True):
    """The results for each contact."""

    results: list[EnrollmentChange]


@absent_is_none
class SequenceMessage(Document, frozen=True, kw_only=True):
    """A message sent by a sequence, or a reply to one. Keys depend on the direction."""

    id: str
    direction: str
    """``OUTBOUND`` or ``INBOUND``."""

    channel: str
    contact_id: str
    created_at: str
    enrollment_id: str
    sequence_step_id: str
    sequence_step_type: str
    content: Template | None = ABSENT
    """Omitted from lists."""

    reference: Reference | None = ABSENT
    status: str | None = ABSENT
    """``AWAITING_REVIEW``, ``SCHEDULED``, ``QUEUED``, ``SENT``, ``SKIPPED``, ``FAILED`` or ``CANCELLED``; outbound."""

    status_changed_at: str | None = ABSENT
    sent_at: str | None = ABSENT
    opened_at: str | None = ABSENT
    read_at: str | None = ABSENT
    replied_at: str | None = ABSENT
    bounced_at: str | None = ABSENT
    accepted_at: str | None = ABSENT
    received_at: str | None = ABSENT
    """Inbound."""


class StepError(Document, frozen=True, kw_only=True):
    """The error of a step in a test."""

    code: str
    """``CONFIGURATION_ERROR`` or ``SYSTEM_ERROR``."""

    message: str


@absent_is_none
class TriedStep(Document, frozen=True, kw_only=True):
    """The result of one step in a test."""

    step_id: str
    type: str
    outcome: str
    """``PENDING``, ``COMPOSED``, ``SKIPPED`` or ``FAILED``."""

    mode: str | None = ABSENT
    name: str | None = ABSENT
    message: Template | None = ABSENT
    error: StepError | None = ABSENT


@absent_is_none
class SequenceTest(Document, frozen=True, kw_only=True):
    """A dry run of a sequence for one contact."""

    id: str
    contact_id: str
    status: str
    """``RUNNING``, ``COMPLETED`` or ``FAILED``."""

    target: str
    """``DRAFT`` or ``PUBLISHED``."""

    steps: list[TriedStep] | None = ABSENT
    """None in the response that starts the test."""


@absent_is_none
class Performance(Document, frozen=True, kw_only=True):
    """Counts and rates of steps. Keys depend on the step type."""

    current_enrollments: int
    sent: int | None = ABSENT
    delivered: int | None = ABSENT
    opened: int | None = ABSENT
    open_rate: float | None = ABSENT
    read: int | None = ABSENT
    read_rate: float | None = ABSENT
    replied: int | None = ABSENT
    reply_rate: float | None = ABSENT
    bounced: int | None = ABSENT
    bounce_rate: float | None = ABSENT
    accepted: int | None = ABSENT
    acceptance_rate: float | None = ABSENT


class StepPerformance(Performance, frozen=True, kw_only=True):
    """Counts and rates of one step."""

    sequence_step_id: str
    sequence_step_type: str


class PerformanceByStepType(Document, frozen=True, kw_only=True):
    """Counts and rates by step type."""

    email: Performance = msgspec.field(name="EMAIL")
    linkedin_invite: Performance = msgspec.field(name="LINKEDIN_INVITE")
    linkedin_message: Performance = msgspec.field(name="LINKEDIN_MESSAGE")
    wait: Performance = msgspec.field(name="WAIT")
    wait_for_connection: Performance = msgspec.field(name="WAIT_FOR_CONNECTION")


class SequencePerformance(Document, frozen=True, kw_only=True):
    """The performance of a sequence."""

    by_step_type: PerformanceByStepType
    per_step: list[StepPerformance]
