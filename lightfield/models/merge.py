"""Merges of records."""

from typing import Generic, TypeVar

from .document import Document

R = TypeVar("R")


class Merge(Document, frozen=True, kw_only=True):
    """A merge and the status of its clean-up."""

    id: str
    status: str
    """``cleanup_pending``, ``done`` or ``failed``."""

    created_at: str
    updated_at: str
    entity_type: str
    primary_id: str
    duplicate_id: str


class MergeState(Document, frozen=True, kw_only=True):
    """The state of a merge that has just started; ``client.merge.wait(id)`` waits until it is done."""

    id: str
    status: str


class MergeSummary(Document, frozen=True, kw_only=True):
    """The changes made by a merge."""

    field_write_count: int
    sync_repointed_count: int
    warnings: list[str]


class MergeResult(Document, Generic[R], frozen=True, kw_only=True):
    """The remaining record and the changes to it."""

    merge: MergeState
    primary: R
    summary: MergeSummary
