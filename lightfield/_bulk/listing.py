"""How is the whole of a listing given?

Its pages are walked (``_walk``) at the pace of the lane (``_limits``), and each record is given once. On request it is
read again while further pages come. At the end a report tells what may be missing.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import aclosing
from typing import Any, TypedDict, TypeVar, Unpack, cast

from lightfield._config.config import checked_hook
from lightfield._operations.operation import rebind
from lightfield._protocol.filters import filter_pairs
from lightfield.errors import LightfieldTypeError, LightfieldValueError, NotFoundError

from .pages import WINDOW, Walk, cancel
from .tally import ListingReport, Tally

T = TypeVar("T")

_log = logging.getLogger("lightfield")

ReportHook = Callable[[ListingReport], object]
"""Called on the client's event loop at the end."""


class WalkOptions(TypedDict, total=False):
    """How the whole of a listing is given."""

    fresh: bool
    """Read each record again, past the search index that lags behind writes: one more request for each."""

    report: ReportHook | None
    """Told at the end what became of the listing. A walk that is left early has no report."""


def whole(resource: Any, conditions: Mapping[str, Any], **options: Unpack[WalkOptions]) -> AsyncGenerator[Any, None]:
    """Walk a resource's listing, letting other calls pass.

    Raises:
        LightfieldTypeError: An option is unknown, or the report cannot be called.
        LightfieldValueError: What is in the trash should be read again: it can only be listed.
    """
    if unknown := options.keys() - WalkOptions.__annotations__:
        raise LightfieldTypeError(f"list_all has no option {', '.join(sorted(unknown))}: it gives every record.")
    report = options.get("report")
    checked_hook("report", report)
    filters = dict(filter_pairs(conditions["filters"]))  # an iterator could be read for one page only
    fresh = options.get("fresh", False)
    if fresh and "trashed" in (conditions.get("status"), filters.get("status")):
        raise LightfieldValueError("fresh does not go with status='trashed': what is in the trash can only be listed.")
    query = {**conditions, "filters": filters}
    background = rebind(resource, resource._worker.background)  # noqa: SLF001
    walk = Walk[Any](lambda offset: background.list(offset=offset, **query))
    records = again(walk, background.retrieve) if fresh else walk.records()
    return _reported(walk.tally, records, resource._path, report)  # noqa: SLF001


async def _reported(
    tally: Tally[T], records: AsyncGenerator[T, None], name: str, hook: ReportHook | None
) -> AsyncGenerator[T, None]:
    async with aclosing(records):
        async for record in records:
            yield record
    report = tally.report()
    if report.missing or report.anomalies:
        anomalies = "; ".join(report.anomalies) or "records came and went meanwhile"
        _log.warning("%s: %d listed, up to %d missing: %s.", name, report.records, report.missing, anomalies)
    if hook is not None:
        hook(report)


async def again(walk: Walk[T], retrieve: Callable[[str], Awaitable[T]]) -> AsyncGenerator[T, None]:
    """Yield every record of a walk once, newest first, as it is when it is read again."""
    ahead: deque[asyncio.Future[T | None]] = deque()

    async def read(id: str) -> T | None:
        try:
            return await retrieve(id)
        except NotFoundError:
            walk.tally.gone += 1
            return None

    records = walk.records()
    try:
        while await _read_ahead(ahead, records, read):
            if (record := await ahead.popleft()) is not None:
                yield record
    finally:
        try:
            await cancel(ahead)
        finally:  # also where a cancellation comes in the midst of it
            await records.aclose()


async def _read_ahead(
    ahead: "deque[asyncio.Future[T | None]]",
    records: AsyncIterator[T],
    read: Callable[[str], Coroutine[Any, Any, T | None]],
) -> bool:
    """Begin to read the next records again; say whether any is under way."""
    while len(ahead) < WINDOW:
        try:
            id: str = cast("Any", await anext(records)).id
        except StopAsyncIteration:
            break
        except Exception as error:  # noqa: BLE001 # those before it come first
            ahead.append(asyncio.get_running_loop().create_future())
            ahead[-1].set_exception(error)
            break
        ahead.append(asyncio.ensure_future(read(id)))
    return bool(ahead)
