"""How is a type of records described?

The definitions of a type are kept in the shape in which the API serves them: they say which keys may be written, and
what a value must be.
"""

from collections.abc import Iterable
from typing import NotRequired, TypedDict


class Option(TypedDict):
    """One choice of a select."""

    id: str
    label: str
    description: str | None


class Configuration(TypedDict, total=False):
    """What a value type leaves open."""

    currency: str
    handleService: str
    multipleValues: bool
    options: list[Option]
    unique: bool


class FieldDefinition(TypedDict):
    """One field."""

    label: str
    description: str | None
    valueType: str
    typeConfiguration: Configuration
    id: NotRequired[str | None]
    slug: NotRequired[str]
    system: NotRequired[bool]
    readOnly: NotRequired[bool]


class End(TypedDict):
    """One direction of a relationship between records of the same type."""

    cardinality: str
    label: str


class RelationshipDefinition(TypedDict):
    """One relationship."""

    label: str
    description: str | None
    cardinality: str
    objectType: str
    id: NotRequired[str | None]
    slug: NotRequired[str]
    system: NotRequired[bool]
    readOnly: NotRequired[bool]
    directions: NotRequired[dict[str, End]]


class Definitions(TypedDict):
    """All fields and relationships of a type."""

    objectType: str
    fieldDefinitions: dict[str, FieldDefinition]
    relationshipDefinitions: dict[str, RelationshipDefinition]


def field(kind: str, configuration: Configuration | None = None, *, read_only: bool = False) -> FieldDefinition:
    """Describe a field; ``describe`` completes it."""
    made: FieldDefinition = {
        "label": "",
        "description": None,
        "valueType": kind,
        "typeConfiguration": configuration or {},
    }
    if read_only:
        made["readOnly"] = True
    return made


def texts(kind: str, *, read_only: bool = False) -> FieldDefinition:
    """Describe a field of several emails, telephone numbers or addresses of pages."""
    return field(kind, {"multipleValues": True, "unique": False}, read_only=read_only)


def handle(service: str) -> FieldDefinition:
    """Describe a profile on a social network."""
    return field("SOCIAL_HANDLE", {"handleService": service})


def select(prefix: str, labels: Iterable[str], *, many: bool = False, read_only: bool = False) -> FieldDefinition:
    """Describe a select whose options are named after their labels."""
    named = {f"{prefix}{label.lower().replace(' ', '_')}": label for label in labels}
    return choice(named, many=many, read_only=read_only)


def choice(labels: dict[str, str], *, many: bool = False, read_only: bool = False) -> FieldDefinition:
    """Describe a select by its options' ids and labels."""
    options: list[Option] = [{"id": key, "label": label, "description": None} for key, label in labels.items()]
    return field("MULTI_SELECT" if many else "SINGLE_SELECT", {"options": options}, read_only=read_only)


def one(to: str, *, read_only: bool = False) -> RelationshipDefinition:
    """Describe a relationship to one record."""
    return _relationship(to, "HAS_ONE", read_only)


def many(to: str, *, read_only: bool = False) -> RelationshipDefinition:
    """Describe a relationship to several records."""
    return _relationship(to, "HAS_MANY", read_only)


def describe(
    object_type: str,
    fields: dict[str, FieldDefinition],
    relationships: dict[str, RelationshipDefinition],
) -> Definitions:
    """Complete the definitions of a type with what follows from their keys."""
    for key, made in fields.items():
        _name(made, key, key.removeprefix("$"), "ad")
    for key, related in relationships.items():
        _name(related, key, f"{object_type}-{key[1:]}" if key.startswith("$") else key, "rd")
    return {"objectType": object_type, "fieldDefinitions": fields, "relationshipDefinitions": relationships}


def _name(definition: FieldDefinition | RelationshipDefinition, key: str, slug: str, prefix: str) -> None:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in key.removeprefix("$"))
    definition["label"] = words.replace("-", " ").capitalize()
    definition["slug"] = slug
    definition["system"] = key.startswith("$")
    definition["id"] = None if definition["system"] else f"{prefix}_{slug.replace('-', '_')}"


def _relationship(to: str, cardinality: str, read_only: bool) -> RelationshipDefinition:
    made: RelationshipDefinition = {"label": "", "description": None, "cardinality": cardinality, "objectType": to}
    if read_only:
        made["readOnly"] = True
    return made
