"""What every record type offers: fetch one, fetch many."""

from collections.abc import AsyncIterator
from typing import ClassVar, Generic, TypeVar, cast

from msgspec.json import Decoder

from lightfield._bulk import CONCURRENCY, BulkResult, Ids, Outcome, ProgressHook, gather, stream
from lightfield._operation import Awaits, M, Resource, iteration, operation, procedure
from lightfield._request import Request, segment

R = TypeVar("R")


class Records(Resource[M], Generic[M, R]):
    """Records of one type."""

    path: ClassVar[str]
    one: Decoder[R]

    @operation
    def retrieve(self, id: str) -> Request[R]:
        """Fetch one record.

        Args:
            id: The record's id, such as ``opp_cm9uvw890xyz123``.

        Raises:
            NotFoundError: There is no such record, or this key may not see it.
            LightfieldValueError: The id cannot be one.
        """
        return Request("GET", f"{self.path}/{segment(id)}", self.one, "Read")

    @procedure
    async def retrieve_many(
        self,
        ids: Ids,
        *,
        concurrency: int = CONCURRENCY,
        progress: ProgressHook | None = None,
    ) -> BulkResult[R]:
        """Fetch many records and give them in the order of their ids. One failed id never fails the others.

        Args:
            ids: Any iterable or asynchronous iterable of ids. A repeated id is fetched once.
            concurrency: How many requests may be under way at once.
            progress: Called on the event loop after each id.
        """
        return await gather(ids, _awaiting(self).retrieve, concurrency=concurrency, progress=progress)

    @iteration
    def iter_many(
        self,
        ids: Ids,
        *,
        concurrency: int = CONCURRENCY,
        progress: ProgressHook | None = None,
    ) -> AsyncIterator[Outcome[R]]:
        """Fetch many records and yield outcomes as they complete, in constant memory.

        Args:
            ids: Any iterable or asynchronous iterable of ids. A repeated id is fetched once, unless more than
                10,000 others came in between.
            concurrency: How many requests may be under way at once.
            progress: Called on the event loop after each id.
        """
        return stream(ids, _awaiting(self).retrieve, concurrency=concurrency, progress=progress)


def _awaiting(records: Records[M, R]) -> Records[Awaits, R]:
    """Tell checkers what holds wherever procedures run; annotating ``self`` instead would hide R from them."""
    return cast("Records[Awaits, R]", records)
