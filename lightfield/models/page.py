"""What a listing gives: one page of documents, or all of them at once."""

from typing import Generic, TypeVar

from .document import Document

T = TypeVar("T")


class Page(Document, Generic[T], frozen=True, kw_only=True):
    """One page of a listing, newest first.

    API page: https://docs.lightfield.app/using-the-api/list-endpoints/
    """

    data: list[T]
    object: str
    total_count: int
    """Documents in the whole listing, as the search index knows them; it lags behind writes."""


class Listing(Document, Generic[T], frozen=True, kw_only=True):
    """A listing that comes in one piece."""

    data: list[T]
