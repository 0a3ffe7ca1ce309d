"""Field history."""

from lightfield._protocol.codec import ABSENT, absent_is_none

from .document import Document
from .value import FieldValue


class FieldChange(FieldValue, frozen=True, kw_only=True):
    """One value in the history of a field."""

    display_value: str
    """The value as the CRM displays it, such as the label of an option."""

    is_create: bool
    """Whether the record was created with this value; known only if the whole history fits on one page."""

    recorded_at: str


@absent_is_none
class FieldHistory(Document, frozen=True, kw_only=True):
    """One page of a field's history, newest first."""

    data: list[FieldChange]
    has_more: bool
    next_cursor: str | None = ABSENT
    """The cursor to pass as ``after`` for the next page."""
