"""What can be done with the documents of any collection: fetch, list, trash. Resources are put together from these.

``_path`` is where a collection is listed, ``_items`` where its documents are, by id.
"""

from collections.abc import AsyncGenerator
from typing import ClassVar, Generic, TypeVar, Unpack, cast

from msgspec.json import Decoder

from lightfield._bulk.bulk import gather, stream
from lightfield._bulk.items import BulkOptions, Ids, by_id
from lightfield._bulk.listing import WalkOptions, whole
from lightfield._bulk.results import BulkResult, Outcome
from lightfield._operations.operation import Describes, M, Resource, iteration, operation, procedure, rebind
from lightfield._operations.performer import DESCRIBER
from lightfield._protocol.builders import get, path_segment, write
from lightfield._protocol.filters import Filters
from lightfield._protocol.queries import page_query
from lightfield._protocol.request import Request, RetrySafety
from lightfield.models import Page
from lightfield.models.document import JSONObject

R = TypeVar("R")


class Retrievable(Resource[M], Generic[M, R]):
    """Documents that are fetched by id."""

    one: Decoder[R]

    @operation
    def retrieve(self, id: str) -> Request[R]:
        """Fetch one.

        Args:
            id: Its id, such as ``opp_cm9uvw890xyz123``.

        Raises:
            NotFoundError: There is no such document, or this key may not see it.
            LightfieldValueError: The id cannot be one.
        """
        return Request("GET", f"{self._items}/{path_segment(id)}", self.one, "Read")

    @procedure
    async def retrieve_many(self, ids: Ids, **options: Unpack[BulkOptions]) -> BulkResult[R]:
        """Fetch many and give them in the order of their ids. One failed id never fails the others.

        ``ids`` come from any iterable or asynchronous iterable; a repeated one is fetched once. The options are those
        of ``client.bulk``: ``concurrency``, ``progress`` and ``done``.
        """
        work = by_id(ids, cast("Retrievable[Describes, R]", rebind(self, DESCRIBER)).retrieve)
        return await gather(self._worker.background.perform, work, **options)

    @iteration
    def iter_many(self, ids: Ids, **options: Unpack[BulkOptions]) -> AsyncGenerator[Outcome[R], None]:
        """Fetch many and yield outcomes as they complete, in constant memory: see ``client.iter_bulk``."""
        work = by_id(ids, cast("Retrievable[Describes, R]", rebind(self, DESCRIBER)).retrieve)
        return stream(self._worker.background.perform, work, **options)


class Listable(Retrievable[M, R], Generic[M, R]):
    """Documents that are listed too."""

    page: Decoder[Page[R]]

    @operation
    def list(
        self, *, limit: int | None = None, offset: int | None = None, filters: Filters | None = None
    ) -> Request[Page[R]]:
        """List one page, newest first.

        Args:
            limit: Documents on the page, 1 to 25; 25 by default.
            offset: Documents to skip.
            filters: Conditions that all must hold. Where the API documents none, it may refuse them.
        """
        return get(self._path, self.page, "Search", page_query(limit, offset, None, filters))

    @iteration
    def list_all(self, *, filters: Filters | None = None, **options: Unpack[WalkOptions]) -> AsyncGenerator[R, None]:
        """List every document once, newest first, many pages at once: see ``opportunity.list_all``."""
        return whole(self, {"filters": filters}, **options)


class Deletable(Resource[M], Generic[M, R]):
    """Documents that can be put in the trash."""

    one: Decoder[R]
    _delete_safety: ClassVar[RetrySafety] = "idempotent"

    @operation
    def delete(self, id: str, *, body: JSONObject | None = None) -> Request[R]:
        """Put one in the trash. What is in there already stays in there."""
        path = f"{self._items}/{path_segment(id)}"
        return write(path, self.one, body, retry_safety=self._delete_safety, method="DELETE")


class Restorable(Deletable[M, R], Generic[M, R]):
    """Documents that can be taken out of the trash again."""

    @operation
    def restore(self, id: str, *, body: JSONObject | None = None) -> Request[R]:
        """Take one out of the trash. What is not in there stays as it is."""
        return write(f"{self._items}/{path_segment(id)}/restore", self.one, body, retry_safety="idempotent")
