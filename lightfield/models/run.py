"""Background runs, and small responses of single operations."""

from lightfield._protocol.codec import ABSENT, absent_is_none

from .document import Document


@absent_is_none
class EnrichmentRun(Document, frozen=True, kw_only=True):
    """An enrichment run of one account or contact."""

    id: str
    entity_id: str
    entity_type: str
    """``account`` or ``contact``."""

    status: str
    """``queued``, ``running``, ``completed``, ``failed`` or ``timed_out``."""

    trigger: str
    """``creation``, ``manual`` or ``update``."""

    target_fields: list[str]
    created_at: str
    updated_at: str
    started_at: str | None = ABSENT
    completed_at: str | None = ABSENT


@absent_is_none
class Enrichment(Document, frozen=True, kw_only=True):
    """The result of an enrichment request."""

    status: str
    """``started``, ``already_running`` or ``skipped``."""

    enrichment_run: EnrichmentRun | None = ABSENT
    reason: str | None = ABSENT
    """Why it was skipped: ``no_targets`` or ``no_operations``."""


class WorkflowStatus(Document, frozen=True, kw_only=True):
    """The status of a workflow run. The API does not document the values."""

    status: str


class Validation(Document, frozen=True, kw_only=True):
    """The permissions of an API key."""

    active: bool
    scopes: list[str]
    """Scopes such as ``opportunities:read``; empty means unrestricted."""

    subject_type: str
    """``user`` or ``workspace``."""

    token_type: str


class Drafted(Document, frozen=True, kw_only=True):
    """The result of creating a draft email."""

    drafted_at: str


class Sent(Document, frozen=True, kw_only=True):
    """The result of sending an email."""

    sent_at: str
