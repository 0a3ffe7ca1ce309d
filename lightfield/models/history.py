"""What values a field has had."""

from lightfield._protocol.codec import ABSENT, absent_is_none

from .document import Document
from .value import FieldValue


class FieldChange(FieldValue, frozen=True, kw_only=True):
    """A value that a field was given."""

    display_value: str
    """The value as the CRM shows it: the label of an option, for one."""

    is_create: bool
    """Whether the record was created with it; known only where the whole history fits one page."""

    recorded_at: str


@absent_is_none
class FieldHistory(Document, frozen=True, kw_only=True):
    """One page of a field's values, newest first."""

    data: list[FieldChange]
    has_more: bool
    next_cursor: str | None = ABSENT
    """What to pass as ``after`` for the next page."""
