"""What merging two records gives."""

from typing import Generic, TypeVar

from .document import Document

R = TypeVar("R")


class Merge(Document, frozen=True, kw_only=True):
    """A merge, and how far its clean-up has come."""

    id: str
    status: str
    """``cleanup_pending``, ``done`` or ``failed``."""

    created_at: str
    updated_at: str
    entity_type: str
    primary_id: str
    duplicate_id: str


class MergeState(Document, frozen=True, kw_only=True):
    """The state of a merge that was just begun; ``client.merge.wait(id)`` waits for its end."""

    id: str
    status: str


class MergeSummary(Document, frozen=True, kw_only=True):
    """What a merge has changed."""

    field_write_count: int
    sync_repointed_count: int
    warnings: list[str]


class MergeResult(Document, Generic[R], frozen=True, kw_only=True):
    """The record that remains, and what was done to it."""

    merge: MergeState
    primary: R
    summary: MergeSummary
