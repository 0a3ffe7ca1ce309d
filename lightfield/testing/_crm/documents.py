"""The API's JSON documents as typed dicts."""

from typing import NotRequired, TypeAlias, TypedDict

Value: TypeAlias = str | float | bool | list[str] | dict[str, str | float | None] | None


class Field(TypedDict):
    """The value of one field."""

    value: Value
    valueType: str


class Direction(TypedDict):
    """One direction of a relationship between records of the same type."""

    cardinality: str
    values: list[str]


class Relationship(TypedDict):
    """The ids that a record points to; a list even for ``HAS_ONE``."""

    cardinality: str
    objectType: str
    values: list[str]
    directions: NotRequired[dict[str, Direction]]


class Record(TypedDict):
    """A record of any type."""

    id: str
    createdAt: str
    updatedAt: NotRequired[str | None]
    externalId: NotRequired[str | None]
    httpLink: NotRequired[str | None]
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
    """An enrichment run of one record."""

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


class Answer(TypedDict):
    """The response to a request with an idempotency key."""

    storedAt: str
    body: str
