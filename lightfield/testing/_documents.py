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


class Workspace:
    """The records of one sandbox, by id and in creation order."""

    def __init__(self, opportunities: dict[str, Record]) -> None:
        self.opportunities = opportunities
