"""Operations on the documents of any collection: fetch, list, move to the trash. Resources inherit from these."""

from collections.abc import AsyncGenerator
from typing import ClassVar, Generic, TypeVar, Unpack, cast

from msgspec.json import Decoder

from lightfield._bulk.bulk import gather, stream
from lightfield._bulk.items import BulkOptions, Ids, Work, by_id
from lightfield._bulk.listing import ListingOptions, listing
from lightfield._bulk.results import BulkResult, Outcome
from lightfield._operations import CallOptions, Describes, M, Resource, iteration, operation, procedure, rebind
from lightfield._operations.performer import PLANNER
from lightfield._protocol.builders import get, path_segment, write
from lightfield._protocol.filters import Filters
from lightfield._protocol.queries import page_query
from lightfield._protocol.request import Request, RetrySafety
from lightfield.models import Page
from lightfield.models.document import JSONObject

R = TypeVar("R")


class Retrievable(Resource[M], Generic[M, R]):
    """Documents that can be fetched by id."""

    _one: Decoder[R]

    @operation
    def retrieve(self, id: str, **_: Unpack[CallOptions]) -> Request[R]:
        """Fetch one.

        Args:
            id: Its id, such as ``opp_cm9uvw890xyz123``.

        Raises:
            NotFoundError: There is no such document, or this key cannot see it.
            LightfieldValueError: The id is not valid.
        """
        return Request("GET", f"{self._items}/{path_segment(id)}", self._one, "Read")

    @procedure
    async def retrieve_many(self, ids: Ids, **options: Unpack[BulkOptions]) -> BulkResult[R]:
        """Fetch many, in the order of their ids. One failed id never fails the others.

        ``ids`` is any iterable or asynchronous iterable; a repeated id is fetched once. Options: see ``client.bulk``.
        """
        return await gather(self._awaiting.background.send, self._work(ids), **options)

    @iteration
    async def iter_many(self, ids: Ids, **options: Unpack[BulkOptions]) -> AsyncGenerator[Outcome[R], None]:
        """Fetch many and yield outcomes as they complete, in constant memory: see ``client.iter_bulk``."""
        async with stream(self._awaiting.background.send, self._work(ids), **options) as outcomes:
            async for _, outcome in outcomes:
                yield outcome

    def _work(self, ids: Ids) -> Work[R]:
        return by_id(ids, cast("Retrievable[Describes, R]", rebind(self, PLANNER)).retrieve)


class Listable(Retrievable[M, R], Generic[M, R]):
    """Documents that can be fetched and listed."""

    _page: Decoder[Page[R]]

    @operation
    def list(
        self, *, limit: int | None = None, offset: int | None = None, filters: Filters = None, **_: Unpack[CallOptions]
    ) -> Request[Page[R]]:
        """List one page, newest first.

        Args:
            limit: Documents on the page, 1 to 25; 25 by default.
            offset: Documents to skip.
            filters: Conditions that must all hold. The API may reject those it does not document.
        """
        return get(self._path, self._page, "Search", page_query(limit, offset, None, filters))

    @iteration
    async def list_all(self, *, filters: Filters = None, **options: Unpack[ListingOptions]) -> AsyncGenerator[R, None]:
        """List every document once, newest first, fetching pages concurrently: see ``opportunity.list_all``."""
        async with listing(self, {"filters": filters}, options) as records:
            async for record in records:
                yield record


class Deletable(Resource[M], Generic[M, R]):
    """Documents that can be moved to the trash."""

    _one: Decoder[R]
    _delete_safety: ClassVar[RetrySafety] = "idempotent"

    @operation
    def delete(self, id: str, *, body: JSONObject | None = None, **_: Unpack[CallOptions]) -> Request[R]:
        """Move one to the trash; a no-op if it is there already."""
        path = f"{self._items}/{path_segment(id)}"
        return write(path, self._one, body, retry_safety=self._delete_safety, method="DELETE")


class Restorable(Deletable[M, R], Generic[M, R]):
    """Documents that can be restored from the trash."""

    @operation
    def restore(self, id: str, *, body: JSONObject | None = None, **_: Unpack[CallOptions]) -> Request[R]:
        """Restore one from the trash; a no-op if it is not there."""
        return write(f"{self._items}/{path_segment(id)}/restore", self._one, body, retry_safety="idempotent")
