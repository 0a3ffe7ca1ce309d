"""How is a listing asked for by the page, and how is a history walked?"""

from typing import Literal, get_args

from lightfield.errors import LightfieldTypeError, LightfieldValueError

from .builders import encode_query
from .filters import Filters, filter_pairs

Status = Literal["active", "trashed"]
"""Which records to list. ``trashed`` needs the type's ``restore`` scope."""

MAX_PAGE = 25
MAX_HISTORY_PAGE = 100
_LAST = 2**53 - 1
_STATUSES = get_args(Status)


def page_query(
    limit: int | None = None,
    offset: int | None = None,
    status: Status | None = None,
    filters: Filters | None = None,
) -> str:
    """Describe one page of a listing.

    Raises:
        LightfieldValueError: The limit is not 1 to 25, the offset is negative, or a filter cannot be sent.
    """
    pairs = [*_number("limit", limit, 1, MAX_PAGE), *_number("offset", offset, 0, _LAST)]
    if status is not None:
        if status not in _STATUSES:
            raise LightfieldValueError(f"status must be active or trashed, not {status!a:.40}.")
        pairs.append(("status", status))
    pairs += filter_pairs(filters)
    if status is not None and [name for name, _ in pairs].count("status") > 1:
        raise LightfieldValueError("status is given twice, as a parameter and as a filter.")
    return encode_query(pairs)


def history_query(limit: int | None, after: str | None) -> str:
    """Describe one page of a field's history.

    Raises:
        LightfieldValueError: The limit is not 1 to 100.
    """
    if after is not None and not isinstance(after, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise LightfieldTypeError(f"after must be a string, not {type(after).__name__}.")
    return encode_query(_number("limit", limit, 1, MAX_HISTORY_PAGE) + ([] if after is None else [("after", after)]))


def _number(name: str, value: object, least: int, most: int) -> list[tuple[str, str]]:
    if value is None:
        return []
    if isinstance(value, bool) or not isinstance(value, int):
        raise LightfieldTypeError(f"{name} must be an int, not {type(value).__name__}.")
    if not least <= value <= most:
        raise LightfieldValueError(f"{name} must be {least} to {most}.")
    return [(name, str(value))]
