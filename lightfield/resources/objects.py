"""Custom objects: record types that the workspace has defined.

API page: https://docs.lightfield.app/api/resources/object/
"""

from collections.abc import AsyncGenerator
from typing import Unpack, cast

from msgspec.json import Decoder

from lightfield._bulk.bulk import stream
from lightfield._bulk.history import history_pages
from lightfield._bulk.items import BulkOptions, Ids, by_id
from lightfield._bulk.listing import ListingOptions, listing
from lightfield._bulk.results import BulkResult, Outcome
from lightfield._official.spelling import spelled
from lightfield._operations import Awaits, CallOptions, M, Raw, Resource, Stream, iteration, operation, procedure, view
from lightfield._operations.performer import PLANNER
from lightfield._operations.resource import Describes
from lightfield._protocol.builders import changes, get, path_segment, write
from lightfield._protocol.filters import Filters
from lightfield._protocol.request import Request
from lightfield.models import CustomRecord, Definitions, FieldChange, FieldHistory, Listing, ObjectType, Page
from lightfield.models.document import JSONObject
from lightfield.models.write import Fields, LinkChanges, Links

from ._documents import Listable, Restorable
from ._records import Defined, Editable, Historic

_TYPES = Decoder(Listing[ObjectType])


class ObjectRecords(
    Listable[M, CustomRecord],
    Editable[M, CustomRecord, Fields, LinkChanges],
    Restorable[M, CustomRecord],
    Defined[M],
    Historic[M],
):
    """The records of one custom type: ``client.object.of("project")``."""

    _items_suffix = "/values"
    _retry_safety = "never"
    _one: Decoder[CustomRecord] = Decoder(CustomRecord)
    _page: Decoder[Page[CustomRecord]] = Decoder(Page[CustomRecord])
    with_raw_response: "view[ObjectRecords[Raw[M]]]" = view("raw")
    with_streaming_response: "view[ObjectRecords[Stream[M]]]" = view("streamed")

    @operation
    def create(
        self, *, fields: Fields, relationships: Links | None = None, **_: Unpack[CallOptions]
    ) -> Request[CustomRecord]:
        """Create a record. It is not retried if it may have been created: the API takes no key for it.

        Args:
            fields: Values by key.
            relationships: Ids by key.
        """
        return write(self._items, self._one, changes(spelled("fields", fields, Fields), relationships), "fields")


class Objects(Resource[M]):
    """``client.object``. Every operation takes the type; ``of("project")`` sets it once."""

    _path = "/v1/objects"
    with_raw_response: "view[Objects[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Objects[Stream[M]]]" = view("streamed")

    def of(self, entity_slug: str) -> ObjectRecords[M]:
        """Return the records of a type, named as ``list_definitions`` does, with the operations of built-in types."""
        return ObjectRecords(self._performer, path=_path(entity_slug))

    @operation
    def list_definitions(self, **_: Unpack[CallOptions]) -> Request[Listing[ObjectType]]:
        """List every record type of the workspace."""
        return get(self._path, _TYPES)

    @operation
    def definitions(self, entity_slug: str, **_: Unpack[CallOptions]) -> Request[Definitions]:
        """Fetch the fields and relationships of a type, and the options of its selects."""
        return _plan(entity_slug).definitions()

    @operation
    def create(
        self, entity_slug: str, *, fields: Fields, relationships: Links | None = None, **_: Unpack[CallOptions]
    ) -> Request[CustomRecord]:
        """Create a record. It is not retried if it may have been created: the API takes no key for it."""
        return _plan(entity_slug).create(fields=fields, relationships=relationships)

    @operation
    def retrieve(self, id: str, *, entity_slug: str, **_: Unpack[CallOptions]) -> Request[CustomRecord]:
        """Fetch a record."""
        return _plan(entity_slug).retrieve(id)

    @operation
    def update(
        self,
        id: str,
        *,
        entity_slug: str,
        fields: Fields | None = None,
        relationships: LinkChanges | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[CustomRecord]:
        """Update some fields and relationships of a record; all others stay."""
        return _plan(entity_slug).update(id, fields=fields, relationships=relationships)

    @operation
    def list(
        self,
        entity_slug: str,
        *,
        limit: int | None = None,
        offset: int | None = None,
        filters: Filters = None,
        **_: Unpack[CallOptions],
    ) -> Request[Page[CustomRecord]]:
        """List one page of a type's records, newest first."""
        return _plan(entity_slug).list(limit=limit, offset=offset, filters=filters)

    @operation
    def delete(
        self, id: str, *, entity_slug: str, body: JSONObject | None = None, **_: Unpack[CallOptions]
    ) -> Request[CustomRecord]:
        """Move a record to the trash."""
        return _plan(entity_slug).delete(id, body=body)

    @operation
    def restore(
        self, id: str, *, entity_slug: str, body: JSONObject | None = None, **_: Unpack[CallOptions]
    ) -> Request[CustomRecord]:
        """Restore a record from the trash."""
        return _plan(entity_slug).restore(id, body=body)

    @operation
    def field_history(
        self,
        field_key: str,
        *,
        entity_slug: str,
        id: str,
        after: str | None = None,
        limit: int | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[FieldHistory]:
        """Fetch one page of the values a field has had, newest first."""
        return _plan(entity_slug).field_history(field_key, id=id, after=after, limit=limit)

    @procedure
    async def retrieve_many(
        self, ids: Ids, *, entity_slug: str, **options: Unpack[BulkOptions]
    ) -> BulkResult[CustomRecord]:
        """Fetch many records of a type, as ``of(entity_slug).retrieve_many`` does."""
        return await cast("Objects[Awaits]", self).of(entity_slug).retrieve_many(ids, **options)

    @iteration
    async def iter_many(
        self, ids: Ids, *, entity_slug: str, **options: Unpack[BulkOptions]
    ) -> AsyncGenerator[Outcome[CustomRecord], None]:
        """Fetch many records of a type, as ``of(entity_slug).iter_many`` does."""
        work = by_id(ids, _plan(entity_slug).retrieve)
        async with stream(self._awaiting.background.send, work, **options) as outcomes:
            async for _, outcome in outcomes:
                yield outcome

    @iteration
    async def list_all(
        self, entity_slug: str, *, filters: Filters = None, **options: Unpack[ListingOptions]
    ) -> AsyncGenerator[CustomRecord, None]:
        """List every record of a type once, as ``of(entity_slug).list_all`` does."""
        async with listing(self.of(entity_slug), {"filters": filters}, options) as records:
            async for record in records:
                yield record

    @iteration
    async def field_history_all(
        self, field_key: str, *, entity_slug: str, id: str
    ) -> AsyncGenerator[FieldChange, None]:
        """Fetch every value a field has had, as ``of(entity_slug).field_history_all`` does."""
        records = cast("Objects[Awaits]", self).of(entity_slug)
        async for page in history_pages(records.field_history, field_key, id):
            for change in page.data:
                yield change


def _path(entity_slug: str) -> str:
    return f"/v1/objects/{path_segment(entity_slug, 'entity_slug')}"


def _plan(entity_slug: str) -> ObjectRecords[Describes]:
    return ObjectRecords(PLANNER, path=_path(entity_slug))
