"""Definitions of record types, in the format that the API returns."""

from collections.abc import Iterable
from typing import NotRequired, TypedDict


class Option(TypedDict):
    """One option of a select."""

    id: str
    label: str
    description: str | None
    parentId: NotRequired[str]


class Configuration(TypedDict, total=False):
    """The parameters of a value type."""

    currency: str
    handleService: str
    multipleValues: bool
    options: list[Option]
    parentFieldKey: str
    unique: bool


class FieldDefinition(TypedDict):
    """The definition of a field."""

    label: str
    description: str | None
    valueType: str
    typeConfiguration: Configuration
    id: NotRequired[str | None]
    slug: NotRequired[str]
    system: NotRequired[bool]
    readOnly: NotRequired[bool]


class DirectionDefinition(TypedDict):
    """The definition of one direction of a relationship between records of the same type."""

    cardinality: str
    label: str


class RelationshipDefinition(TypedDict):
    """The definition of a relationship."""

    label: str
    description: str | None
    cardinality: str
    objectType: str
    id: NotRequired[str | None]
    slug: NotRequired[str]
    system: NotRequired[bool]
    readOnly: NotRequired[bool]
    directions: NotRequired[dict[str, DirectionDefinition]]


class Definitions(TypedDict):
    """The fields and relationships of a record type."""

    objectType: str
    fieldDefinitions: dict[str, FieldDefinition]
    relationshipDefinitions: dict[str, RelationshipDefinition]


def field(value_type: str, configuration: Configuration | None = None, *, read_only: bool = False) -> FieldDefinition:
    """Define a field; ``describe`` completes it."""
    definition: FieldDefinition = {
        "label": "",
        "description": None,
        "valueType": value_type,
        "typeConfiguration": configuration or {},
    }
    if read_only:
        definition["readOnly"] = True
    return definition


def texts(value_type: str, *, read_only: bool = False) -> FieldDefinition:
    """Define a field of several emails, telephone numbers or URLs."""
    return field(value_type, {"multipleValues": True, "unique": False}, read_only=read_only)


def handle(service: str) -> FieldDefinition:
    """Define a field for a social media profile."""
    return field("SOCIAL_HANDLE", {"handleService": service})


def select(prefix: str, labels: Iterable[str], *, many: bool = False, read_only: bool = False) -> FieldDefinition:
    """Define a select whose option ids derive from their labels."""
    named = {f"{prefix}{label.lower().replace(' ', '_')}": label for label in labels}
    return choice(named, many=many, read_only=read_only)


def choice(labels: dict[str, str], *, many: bool = False, read_only: bool = False) -> FieldDefinition:
    """Define a select by the labels of its option ids."""
    options: list[Option] = [{"id": key, "label": label, "description": None} for key, label in labels.items()]
    return field("MULTI_SELECT" if many else "SINGLE_SELECT", {"options": options}, read_only=read_only)


def one(object_type: str, *, read_only: bool = False) -> RelationshipDefinition:
    """Define a relationship to one record."""
    return _relationship(object_type, "HAS_ONE", read_only)


def many(object_type: str, *, read_only: bool = False) -> RelationshipDefinition:
    """Define a relationship to several records."""
    return _relationship(object_type, "HAS_MANY", read_only)


def describe(
    object_type: str, fields: dict[str, FieldDefinition], relationships: dict[str, RelationshipDefinition]
) -> Definitions:
    """Define a record type; labels, slugs and ids derive from the keys."""
    for key, definition in fields.items():
        _complete(definition, key, key.removeprefix("$"), "ad")
    for key, relationship in relationships.items():
        _complete(relationship, key, f"{object_type}-{key[1:]}" if key.startswith("$") else key, "rd")
    return {"objectType": object_type, "fieldDefinitions": fields, "relationshipDefinitions": relationships}


def _complete(definition: FieldDefinition | RelationshipDefinition, key: str, slug: str, prefix: str) -> None:
    label = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in key.removeprefix("$"))
    definition["label"] = label.replace("-", " ").capitalize()
    definition["slug"] = slug
    definition["system"] = key.startswith("$")
    definition["id"] = None if definition["system"] else f"{prefix}_{slug.replace('-', '_')}"


def _relationship(object_type: str, cardinality: str, read_only: bool) -> RelationshipDefinition:
    definition: RelationshipDefinition = {
        "label": "",
        "description": None,
        "cardinality": cardinality,
        "objectType": object_type,
    }
    if read_only:
        definition["readOnly"] = True
    return definition
