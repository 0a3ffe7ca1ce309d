"""Common parts of records, and typed access to their values.

API page: https://docs.lightfield.app/using-the-api/fields-and-relationships/
"""

import datetime as dt
from decimal import Decimal
from typing import Any, TypeVar, cast

from lightfield._protocol.codec import ABSENT, absent_is_none
from lightfield.errors import LightfieldTypeError, one_line

from .document import Document
from .value import Address, FieldValue, FullName, Relationship

V = TypeVar("V")


@absent_is_none
class Fielded(Document, frozen=True, kw_only=True):
    """A document with fields.

    ``fields["$name"].value`` is the value as received. Typed accessors (``text``, ``number``, ...) validate it: they
    return None if the field is unset or absent, and raise ``LightfieldTypeError`` if it holds another type. System keys
    begin with ``$``; keys of custom fields do not.
    """

    id: str
    created_at: str
    """The creation time as received; usually ISO 8601 in UTC."""

    fields: dict[str, FieldValue]
    http_link: str | None = ABSENT
    """The URL of its page in the CRM."""

    def text(self, key: str) -> str | None:
        """Return a text: TEXT, MARKDOWN, HTML, SOCIAL_HANDLE, or a single EMAIL or URL."""
        return self._read(key, str, "a text")

    def texts(self, key: str) -> list[str] | None:
        """Return a list of texts: EMAIL, TELEPHONE, URL; a single value is returned as a list."""
        field = self.fields.get(key)
        if field is not None and isinstance(field.value, str):
            return [field.value]
        return self._strings(key, "a list of texts")

    def number(self, key: str) -> int | float | None:
        """Return a NUMBER or CURRENCY; integers stay exact. The currency is in the field's definition."""
        return self._read(key, (int, float), "a number")

    def decimal(self, key: str) -> Decimal | None:
        """Return a NUMBER or CURRENCY as a decimal, for amounts of money."""
        value = self.number(key)
        return None if value is None else Decimal(str(value))

    def flag(self, key: str) -> bool | None:
        """Return a CHECKBOX."""
        return self._read(key, bool, "a boolean")

    def datetime(self, key: str) -> dt.datetime | None:
        """Return a DATETIME in UTC; a value without an offset is in UTC already."""
        text = self._read(key, str, "a date and time")
        if text is None:
            return None
        try:
            time = dt.datetime.fromisoformat(text)
            return time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)
        except (ValueError, OverflowError):
            raise self._mismatch(key, "a date and time") from None

    def option(self, key: str) -> str | None:
        """Return the option id of a SINGLE_SELECT."""
        return self._read(key, str, "an option")

    def options(self, key: str) -> list[str] | None:
        """Return the option ids of a MULTI_SELECT."""
        return self._strings(key, "a list of options")

    def address(self, key: str) -> Address | None:
        """Return an ADDRESS."""
        return self._read(key, Address, "an address")

    def full_name(self, key: str) -> FullName | None:
        """Return a FULL_NAME."""
        return self._read(key, FullName, "a full name")

    def _read(self, key: str, types: "type[V] | tuple[type[V], ...]", expected: str) -> V | None:
        field = self.fields.get(key)
        if field is None or field.value is None:
            return None
        value: Any = field.value
        if isinstance(value, types) and (types is bool or not isinstance(value, bool)):
            return value
        raise self._mismatch(key, expected)

    def _strings(self, key: str, expected: str) -> list[str] | None:
        values = cast("list[Any] | None", self._read(key, list, expected))
        if values is not None and not all(isinstance(item, str) for item in values):
            raise self._mismatch(key, expected)
        return None if values is None else [*values]

    def _mismatch(self, key: str, expected: str) -> LightfieldTypeError:
        field = self.fields[key]
        actual = f"{type(field.value).__name__} ({one_line(field.value_type, 40)})"
        return LightfieldTypeError(f"Field {key!r} does not hold {expected} but {actual}.")


@absent_is_none
class Record(Fielded, frozen=True, kw_only=True):
    """A CRM record with fields and relationships to other records."""

    relationships: dict[str, Relationship]
    updated_at: str | None = ABSENT
    external_id: str | None = ABSENT

    def related(self, key: str) -> list[str] | None:
        """Return the ids of a relationship; empty if it is unset, None if the record has no such key."""
        relationship = self.relationships.get(key)
        return None if relationship is None else list(relationship.values)

    def related_one(self, key: str) -> str | None:
        """Return the id of a ``HAS_ONE`` relationship, or None."""
        ids = self.related(key) or []
        if len(ids) > 1:
            raise LightfieldTypeError(f"Relationship {key!r} holds {len(ids)} ids, not one.")
        return ids[0] if ids else None
