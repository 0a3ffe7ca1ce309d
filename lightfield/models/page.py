"""Results of list operations."""

from typing import Generic, TypeVar

from .document import Document

T = TypeVar("T")


class Page(Document, Generic[T], frozen=True, kw_only=True):
    """One page of a list, newest first.

    API page: https://docs.lightfield.app/using-the-api/list-endpoints/
    """

    data: list[T]
    object: str
    total_count: int
    """The total number of documents according to the search index, which lags behind writes."""


class Listing(Document, Generic[T], frozen=True, kw_only=True):
    """A list that is not paginated."""

    data: list[T]
