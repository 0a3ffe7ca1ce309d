"""Senders, which are the mailboxes and LinkedIn accounts that sequences send from."""

import msgspec

from lightfield._protocol.codec import ABSENT, absent_is_none

from .document import Document


@absent_is_none
class Pace(Document, frozen=True, kw_only=True):
    """The sending limits of one channel."""

    daily_limit: int | None = ABSENT
    min_gap_seconds: int | None = ABSENT
    """For senders only, as is ``max_gap_seconds``."""

    max_gap_seconds: int | None = ABSENT


@absent_is_none
class Pacing(Document, frozen=True, kw_only=True):
    """The sending limits of each channel."""

    email: Pace | None = msgspec.field(default=ABSENT, name="EMAIL")
    linkedin_invite: Pace | None = msgspec.field(default=ABSENT, name="LINKEDIN_INVITE")
    linkedin_message: Pace | None = msgspec.field(default=ABSENT, name="LINKEDIN_MESSAGE")


@absent_is_none
class Sender(Document, frozen=True, kw_only=True):
    """A mailbox or LinkedIn account that sequences send from."""

    id: str
    channel: str
    """``EMAIL`` or ``LINKEDIN``."""

    health: str
    """``UNVERIFIED``, ``HEALTHY`` or ``UNHEALTHY``."""

    pacing: Pacing
    object_type: str
    created_at: str
    archived_at: str | None = ABSENT
    email_address: str | None = ABSENT
    health_reason: str | None = ABSENT
    owner: str | None = ABSENT
    reply_to_address: str | None = ABSENT
    transport: str | None = ABSENT
    """``SMTP`` or ``OAUTH``."""
