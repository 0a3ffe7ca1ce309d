"""Values of fields and relationships.

API page: https://docs.lightfield.app/using-the-api/fields-and-relationships/
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from lightfield._protocol.codec import ABSENT, absent_is_none, none_if_absent, read_through

from .document import Document
from .names import Name

V = TypeVar("V")


@absent_is_none
class Address(Document, frozen=True, kw_only=True):
    """A postal address; every part is optional."""

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
    """A person's name; both parts are optional."""

    first_name: str | None = ABSENT
    last_name: str | None = ABSENT


if TYPE_CHECKING:
    Value = str | int | float | bool | list[str] | Address | FullName | None
else:
    Value = Any


class FieldValue(Document, frozen=True, kw_only=True):
    """The value of one field. Its type is that of the value types which the API documents.

    An ``ADDRESS`` or ``FULL_NAME`` object is returned as an ``Address`` or ``FullName``; any other value is returned as
    decoded from JSON, even if it does not match its type.
    """

    value: Value = ABSENT
    value_type: Name
    """``TEXT``, ``NUMBER``, ``CHECKBOX``, ``CURRENCY``, ``DATETIME``, ``EMAIL``, ``TELEPHONE``, ``URL``, ``ADDRESS``,
    ``FULL_NAME``, ``SOCIAL_HANDLE``, ``SINGLE_SELECT``, ``MULTI_SELECT``, ``MARKDOWN``, ``HTML``, or a future one.
    """


_OBJECTS = {"ADDRESS": Address, "FULL_NAME": FullName}


def _typed(field: FieldValue, value: Any) -> Any:
    if type(value) is dict and field.value_type in _OBJECTS:
        with suppress(msgspec.ValidationError):  # not the documented structure: returned unchanged
            return msgspec.convert(value, _OBJECTS[field.value_type])
    return none_if_absent(field, value)


read_through(FieldValue, "value", _typed)


class Named(dict[str, V]):
    """Values by key. Those that the API defines are also attributes: ``profile_image`` is ``$profileImage``."""

    def __getattr__(self, name: str) -> V:
        first, *others = name.split("_")
        try:
            return self["$" + first + "".join(map(str.capitalize, others))]
        except KeyError:
            text = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(text, name=name, obj=self) from None


class Direction(Document, frozen=True, kw_only=True):
    """One direction of a relationship between records of the same type."""

    cardinality: Name
    values: list[str]


@absent_is_none
class Directions(Document, frozen=True, kw_only=True):
    """Both directions of a relationship between records of the same type."""

    as_source: Direction | None = ABSENT
    as_destination: Direction | None = ABSENT


@absent_is_none
class Relationship(Document, frozen=True, kw_only=True):
    """The related records under one key."""

    cardinality: Name
    """``HAS_ONE`` or ``HAS_MANY``; the API also sends it in lower case."""

    object_type: Name
    values: list[str]
    """Ids; empty if unset, and a list even for ``HAS_ONE``."""

    directions: Directions | None = ABSENT
