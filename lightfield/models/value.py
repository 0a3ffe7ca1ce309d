"""What a record's fields and relationships hold.

API page: https://docs.lightfield.app/using-the-api/fields-and-relationships/
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from lightfield._protocol.codec import ABSENT, absent_is_none, none_if_absent, read_through

from .document import JSON, Document


@absent_is_none
class Address(Document, frozen=True, kw_only=True):
    """A postal address; every part may be missing."""

    street: str | None = ABSENT
    street2: str | None = ABSENT
    city: str | None = ABSENT
    state: str | None = ABSENT
    postal_code: str | None = ABSENT
    country: str | None = ABSENT
    """ISO 3166-1 alpha-2."""
    latitude: float | None = ABSENT
    longitude: float | None = ABSENT


@absent_is_none
class FullName(Document, frozen=True, kw_only=True):
    """A person's name; either part may be missing."""

    first_name: str | None = ABSENT
    last_name: str | None = ABSENT


if TYPE_CHECKING:
    Value = JSON | Address | FullName
else:
    Value = Any


class FieldValue(Document, frozen=True, kw_only=True):
    """The value of one field.

    An ``ADDRESS`` or ``FULL_NAME`` object reads as an ``Address`` or ``FullName``; any other value as JSON has it,
    whether it fits its type or not.
    """

    value: Value = ABSENT
    value_type: str
    """``TEXT``, ``NUMBER``, ``CHECKBOX``, ``CURRENCY``, ``DATETIME``, ``EMAIL``, ``TELEPHONE``, ``URL``, ``ADDRESS``,
    ``FULL_NAME``, ``SOCIAL_HANDLE``, ``SINGLE_SELECT``, ``MULTI_SELECT``, ``MARKDOWN``, ``HTML``, or one yet to come.
    """


_OBJECTS = {"ADDRESS": Address, "FULL_NAME": FullName}


def _typed(field: FieldValue, value: Any) -> Any:
    if type(value) is dict and field.value_type in _OBJECTS:
        with suppress(msgspec.ValidationError):  # not the documented shape: left as it came
            return msgspec.convert(value, _OBJECTS[field.value_type])
    return none_if_absent(field, value)


read_through(FieldValue, "value", _typed)


class Direction(Document, frozen=True, kw_only=True):
    """One direction of a relationship of a record type with itself."""

    cardinality: str
    values: list[str]


@absent_is_none
class Directions(Document, frozen=True, kw_only=True):
    """Both directions of a relationship of a record type with itself."""

    as_source: Direction | None = ABSENT
    as_destination: Direction | None = ABSENT


@absent_is_none
class Relationship(Document, frozen=True, kw_only=True):
    """The records that one record is related to under one key."""

    cardinality: str
    """``HAS_ONE`` or ``HAS_MANY``; the API also writes it in lower case."""

    object_type: str
    values: list[str]
    """Ids; empty when unset, and a list for ``HAS_ONE`` too."""

    directions: Directions | None = ABSENT
