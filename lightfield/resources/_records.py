"""Operations on records: update them, and read the definitions and the history of their fields."""

from collections.abc import AsyncGenerator
from typing import ClassVar, Generic, TypeVar, Unpack, cast

from msgspec.json import Decoder

from lightfield._bulk.history import history_pages
from lightfield._bulk.listing import ListingOptions, listing
from lightfield._official.spelling import spelled
from lightfield._operations import Awaits, CallOptions, M, Resource, iteration, operation
from lightfield._protocol.builders import changes, get, path_segment, write
from lightfield._protocol.filters import Filters
from lightfield._protocol.queries import Status, history_query, page_query
from lightfield._protocol.request import Request, RetrySafety
from lightfield.models import Definitions, FieldChange, FieldHistory, Page
from lightfield.models.write import Fields, LinkChanges, Links

from ._documents import R, Restorable, Retrievable

F = TypeVar("F")
L = TypeVar("L")

_DEFINITIONS = Decoder(Definitions)
_HISTORY = Decoder(FieldHistory)


class Editable(Resource[M], Generic[M, R, F, L]):
    """Records that can be updated. ``_shapes`` are those of the changes of fields and relationships."""

    _one: Decoder[R]
    _shapes: ClassVar[tuple[object, object]] = (Fields, LinkChanges)
    _retry_safety: ClassVar[RetrySafety] = "with_key"

    @operation
    def update(
        self, id: str, *, fields: F | None = None, relationships: L | None = None, **_: Unpack[CallOptions]
    ) -> Request[R]:
        """Update some fields and relationships; all others stay.

        Args:
            id: The record's id.
            fields: New values by key; None clears a value.
            relationships: Changes by key: ``{"add": ids}``, ``{"remove": ids}`` or ``{"replace": id}``.

        Raises:
            LightfieldValueError: The id or a value cannot be sent.
        """
        path = f"{self._items}/{path_segment(id)}"
        links = spelled("relationships", relationships, self._shapes[1])
        body = changes(spelled("fields", fields, self._shapes[0]), links, updates=True)
        return write(path, self._one, body, retry_safety=self._retry_safety)


class Defined(Resource[M], Generic[M]):
    """A record type whose fields are defined."""

    @operation
    def definitions(self, **_: Unpack[CallOptions]) -> Request[Definitions]:
        """Fetch the fields and relationships of this record type, and the options of its selects."""
        return get(f"{self._path}/definitions", _DEFINITIONS)


class Records(Retrievable[M, R], Editable[M, R, F, L], Restorable[M, R], Defined[M], Generic[M, R, F, L]):
    """Records of a built-in type."""

    _page: Decoder[Page[R]]

    @operation
    def list(
        self,
        *,
        limit: int | None = None,
        offset: int | None = None,
        status: Status | None = None,
        filters: Filters = None,
        **_: Unpack[CallOptions],
    ) -> Request[Page[R]]:
        """List one page, newest first. The search index lags behind writes.

        Args:
            limit: Records on the page, 1 to 25; 25 by default.
            offset: Records to skip.
            status: ``active`` (default), or ``trashed``, which needs the type's ``restore`` scope.
            filters: Conditions that all must hold, such as ``F("$amount") >= 100_000``.

        Raises:
            LightfieldValueError: A parameter cannot be sent.
        """
        return get(self._path, self._page, "Search", page_query(limit, offset, status, filters))

    @iteration
    async def list_all(
        self, *, status: Status | None = None, filters: Filters = None, **options: Unpack[ListingOptions]
    ) -> AsyncGenerator[R, None]:
        """List every record once, newest first, fetching pages concurrently with priority ``bulk``.

        ``status`` and ``filters`` are those of ``list``. The search index lags behind writes: with ``fresh=True`` each
        record is retrieved too. ``report`` is called with a ``ListingReport`` at the end.
        """
        async with listing(self, {"status": status, "filters": filters}, options) as records:
            async for record in records:
                yield record


class Historic(Resource[M], Generic[M]):
    """Records with a history of the values of their fields."""

    @operation
    def field_history(
        self, field_key: str, *, id: str, after: str | None = None, limit: int | None = None, **_: Unpack[CallOptions]
    ) -> Request[FieldHistory]:
        """Fetch one page of the values a field has had, newest first.

        Args:
            field_key: The field, such as ``$stage``. Not every system field has a history.
            id: The record's id.
            after: ``next_cursor`` of the page before.
            limit: Values on the page, 1 to 100; 20 by default.
        """
        path = f"{self._items}/{path_segment(id)}/fields/{path_segment(field_key, 'field_key')}/history"
        return get(path, _HISTORY, query=history_query(limit, after))

    @iteration
    async def field_history_all(self, field_key: str, *, id: str) -> AsyncGenerator[FieldChange, None]:
        """Fetch every value a field has had, newest first, page by page."""
        async for page in history_pages(cast("Historic[Awaits]", self).field_history, field_key, id):
            for change in page.data:
                yield change


class Enriched(Resource[M], Generic[M, R]):
    """Records that Lightfield enriches."""

    _one: Decoder[R]

    @operation
    def create(
        self,
        *,
        fields: Fields,
        relationships: Links | None = None,
        skip_enrichment: bool | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[R]:
        """Create a record.

        Args:
            fields: Values by key, such as ``{"$name": "Acme"}``. An account needs a ``$name``.
            relationships: Ids by key, such as ``{"$owner": "mem_1"}``.
            skip_enrichment: Whether to skip enrichment, which is metered; advised for imports of 50 records or more.
        """
        body = changes(spelled("fields", fields, Fields), relationships) | {"skipEnrichment": skip_enrichment}
        return write(self._items, self._one, body, "fields", retry_safety="with_key")
