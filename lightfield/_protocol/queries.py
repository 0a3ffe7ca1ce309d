"""Queries of paged listings and field histories."""

from typing import Literal, get_args

from lightfield.errors import LightfieldTypeError, LightfieldValueError

from .builders import encode_query
from .filters import Filters, filter_pairs
from .shown import shown
from .values import checked_value

Status = Literal["active", "trashed"]
"""Which records to list. ``trashed`` needs the type's ``restore`` scope."""

MAX_PAGE = 25
MAX_HISTORY_PAGE = 100
_MAX_OFFSET = 2**53 - 1
_STATUSES = get_args(Status)


def page_query(
    limit: int | None = None,
    offset: int | None = None,
    status: Status | None = None,
    filters: Filters = None,
) -> str:
    """Return the query for one page of a listing.

    Raises:
        LightfieldValueError: The limit is not 1 to 25, the offset is negative, or a filter cannot be sent.
    """
    pairs = [*_int_pair("limit", limit, 1, MAX_PAGE), *_int_pair("offset", offset, 0, _MAX_OFFSET)]
    if status is not None:
        plain = checked_value("status", status)
        if not isinstance(plain, str) or plain not in _STATUSES:
            raise LightfieldValueError(f"status must be active or trashed, not {shown(plain):.40}.")
        pairs.append(("status", plain))
    pairs += filter_pairs(filters)
    if status is not None and [name for name, _ in pairs].count("status") > 1:
        raise LightfieldValueError("status is given both as a parameter and as a filter.")
    return encode_query(pairs)


def history_query(limit: int | None, after: str | None) -> str:
    """Return the query for one page of a field's history.

    Raises:
        LightfieldValueError: The limit is not 1 to 100, or the cursor is not valid Unicode.
    """
    if after is not None and not isinstance(after, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise LightfieldTypeError(f"after must be a string, not {type(after).__name__}.")
    return encode_query(_int_pair("limit", limit, 1, MAX_HISTORY_PAGE) + ([] if after is None else [("after", after)]))


def _int_pair(name: str, value: object, minimum: int, maximum: int) -> list[tuple[str, str]]:
    if value is None:
        return []
    number = checked_value(name, value)
    if isinstance(number, bool) or not isinstance(number, int):
        raise LightfieldTypeError(f"{name} must be an int, not {type(value).__name__}.")
    if not minimum <= number <= maximum:
        raise LightfieldValueError(f"{name} must be {minimum} to {maximum}.")
    return [(name, str(number))]
