"""Definitions of record types: fields, relationships and options.

API page: https://docs.lightfield.app/using-the-api/fields-and-relationships/
"""

from lightfield._protocol.codec import ABSENT, absent_is_none
from lightfield.errors import LightfieldValueError

from .document import Document


@absent_is_none
class Option(Document, frozen=True, kw_only=True):
    """One option of a SINGLE_SELECT or MULTI_SELECT."""

    id: str
    label: str
    description: str | None = ABSENT
    parent_id: str | None = ABSENT
    """For dependent selects, the id of the option in the parent field."""


@absent_is_none
class TypeConfiguration(Document, frozen=True, kw_only=True):
    """The parameters of a field's type."""

    currency: str | None = ABSENT
    """The ISO 4217 code of a CURRENCY."""

    handle_service: str | None = ABSENT
    """The service of a SOCIAL_HANDLE: ``TWITTER``, ``LINKEDIN``, ``FACEBOOK`` or ``INSTAGRAM``."""

    multiple_values: bool | None = ABSENT
    options: list[Option] | None = ABSENT
    parent_field_key: str | None = ABSENT
    unique: bool | None = ABSENT


@absent_is_none
class FieldDefinition(Document, frozen=True, kw_only=True):
    """The definition of a field."""

    label: str
    value_type: str
    type_configuration: TypeConfiguration
    description: str | None = ABSENT
    id: str | None = ABSENT
    read_only: bool | None = ABSENT

    @property
    def options(self) -> list[Option]:
        """The options of a select; empty for any other type."""
        return self.type_configuration.options or []

    def by_label(self, label: str) -> Option:
        """Return the option with a label, ignoring case and whitespace.

        Raises:
            LightfieldValueError: No option or more than one has this label.
        """
        found = [option for option in self.options if _normalized(option.label) == _normalized(label)]
        if len(found) == 1:
            return found[0]
        labels = ", ".join(repr(option.label) for option in self.options[:20]) or "no options"
        what = f"{len(found)} options" if found else "no option"
        ids = f" ({', '.join(option.id for option in found)})" if found else ""
        raise LightfieldValueError(f"{self.label!r} has {what} labelled {label!r}{ids}. It has {labels}.")

    def by_id(self, id: str | None) -> Option | None:
        """Return the option with an id, such as ``record.option("$stage")``; None if there is none."""
        return next((option for option in self.options if option.id == id), None)


def _normalized(label: str) -> str:
    return " ".join(label.split()).casefold()


class DirectionDefinition(Document, frozen=True, kw_only=True):
    """One direction of a relationship between records of the same type."""

    cardinality: str
    label: str


class DirectionDefinitions(Document, frozen=True, kw_only=True):
    """Both directions of a relationship between records of the same type."""

    as_source: DirectionDefinition
    as_destination: DirectionDefinition


@absent_is_none
class RelationshipDefinition(Document, frozen=True, kw_only=True):
    """The definition of a relationship."""

    label: str
    cardinality: str
    """``HAS_ONE`` or ``HAS_MANY``."""

    object_type: str
    description: str | None = ABSENT
    id: str | None = ABSENT
    directions: DirectionDefinitions | None = ABSENT


class Definitions(Document, frozen=True, kw_only=True):
    """The fields and relationships of a record type, by key."""

    object_type: str
    field_definitions: dict[str, FieldDefinition]
    relationship_definitions: dict[str, RelationshipDefinition]


class ObjectType(Document, frozen=True, kw_only=True):
    """A record type of the workspace."""

    label: str
    object_type: str
    """The ``entity_slug`` of custom object operations."""
