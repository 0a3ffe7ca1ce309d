"""Whole listings: pages are fetched ahead (``pages``) at the pace of the lane, and each record is yielded once.

With ``fresh=True`` each record is retrieved too, while further pages are fetched. At the end a report states how many
records may be missing (``tally``).
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any, TypedDict, TypeVar, cast

from lightfield._aio.loop import running_loop
from lightfield._config.checks import checked_bool, checked_hook
from lightfield._operations.resource import rebind
from lightfield._protocol.filters import filter_pairs
from lightfield._protocol.values import checked_value
from lightfield.errors import LightfieldTypeError, LightfieldValueError, NotFoundError

from .pages import WINDOW, Walk, cancel
from .tally import ListingReport

T = TypeVar("T")

_log = logging.getLogger("lightfield")

ReportHook = Callable[[ListingReport], object]
"""Called on the client's event loop at the end."""


class ListingOptions(TypedDict, total=False):
    """Options of a whole listing."""

    fresh: bool
    """Retrieve each record too, as the search index lags behind writes: one more request for each."""

    report: ReportHook | None
    """Called at the end with a ``ListingReport``; not called for a listing that is stopped early."""


@asynccontextmanager
async def listing(
    resource: Any, conditions: Mapping[str, Any], options: ListingOptions
) -> AsyncGenerator[AsyncGenerator[Any, None], None]:
    """Read a whole listing with the priority ``bulk``, and report on it if it is read to its end.

    Raises:
        LightfieldTypeError: An option is unknown, or ``report`` cannot be called.
        LightfieldValueError: ``fresh`` is set for the trash, whose records can only be listed.
        LightfieldUsageError: No task of asyncio is running.
    """
    running_loop()
    if unknown := options.keys() - ListingOptions.__annotations__:
        raise LightfieldTypeError(f"list_all has no option {', '.join(sorted(unknown))}: it yields every record.")
    report = options.get("report")
    checked_hook("report", report)
    filters = dict(filter_pairs(conditions["filters"]))  # an iterator could be read for one page only
    fresh = checked_bool("fresh", options.get("fresh", False))
    status = conditions.get("status")
    listed = filters.get("status") if status is None else checked_value("status", status)
    if fresh and listed == "trashed":
        raise LightfieldValueError("fresh cannot be combined with status='trashed': the trash can only be listed.")
    query = {**conditions, "filters": filters}
    background = rebind(resource, resource._awaiting.background)  # noqa: SLF001
    walk = Walk[Any](lambda offset: background.list(offset=offset, **query))
    async with aclosing(refreshed(walk, background.retrieve) if fresh else walk.records()) as records:
        yield records
    _report(walk.tally.report(), resource._path, report)  # noqa: SLF001


def _report(report: ListingReport, name: str, hook: ReportHook | None) -> None:
    if report.missing or report.anomalies:
        anomalies = "; ".join(report.anomalies) or "records were created and deleted meanwhile"
        _log.warning("%s: %d listed, up to %d missing: %s.", name, report.records, report.missing, anomalies)
    if hook is not None:
        hook(report)


async def refreshed(walk: Walk[T], retrieve: Callable[[str], Awaitable[T]]) -> AsyncGenerator[T, None]:
    """Yield every record of a listing once, newest first, as it is when it is retrieved."""
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
    """Start retrieving the next records; return whether any is in flight."""
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
