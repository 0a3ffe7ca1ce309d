"""What do the API's JSON documents look like? Plain dicts at run time."""

from typing import NotRequired, TypeAlias, TypedDict

Value: TypeAlias = str | float | bool | list[str] | dict[str, str | float | None] | None


class Field(TypedDict):
    """One value of a record, as it is read."""

    value: Value
    valueType: str


class Direction(TypedDict):
    """One end of a relationship between records of the same type."""

    cardinality: str
    values: list[str]


class Relationship(TypedDict):
    """The ids a record points to; a list also when there can be one only."""

    cardinality: str
    objectType: str
    values: list[str]
    directions: NotRequired[dict[str, Direction]]


class Record(TypedDict):
    """One opportunity, account, contact...: they share this shape."""

    id: str
    createdAt: str
    updatedAt: NotRequired[str | None]
    externalId: NotRequired[str | None]
    httpLink: str | None
    fields: dict[str, Field]
    relationships: dict[str, Relationship]
    accessLevel: NotRequired[str]
    objectType: NotRequired[str]


class File(TypedDict):
    """A file of the Files API."""

    id: str
    createdAt: str
    completedAt: str | None
    expiresAt: str | None
    filename: str
    mimeType: str
    sizeBytes: int
    status: str


class Merge(TypedDict):
    """A merge of two records."""

    id: str
    createdAt: str
    updatedAt: str
    entityType: str
    primaryId: str
    duplicateId: str
    status: str


class Run(TypedDict):
    """A run of the enrichment of one record."""

    id: str
    entityId: str
    entityType: str
    status: str
    trigger: str
    targetFields: list[str]
    createdAt: str
    startedAt: str | None
    completedAt: str | None
    updatedAt: str
