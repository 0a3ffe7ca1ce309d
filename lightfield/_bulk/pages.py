"""Concurrent reading of an offset-paged listing whose records change meanwhile.

A window of pages is requested ahead and consumed in order. As soon as two neighbours have arrived, the records that may
lie between them (``Tally.gap``) are requested too. Totals can be wrong, so a listing also ends after a number of
consecutive pages without a new record.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .tally import PageFetch, Tally

if TYPE_CHECKING:
    from lightfield.models.page import Page


T = TypeVar("T")

WINDOW = 32
"""Pages requested ahead of the consumer."""

STALE = 2 * WINDOW
"""Consecutive pages without a new record that end a listing: a burst of new records can fill a window of them."""

_MAX_WASTED = 100
"""Pages for gaps without a new record, plus one per three pages, after which gaps are counted but not filled."""


class Walk(Generic[T]):
    """One listing, read page by page."""

    def __init__(self, fetch: Callable[[int], Awaitable["Page[T]"]]) -> None:
        self.tally = Tally[T](STALE)
        self._fetch = fetch
        self._ahead: list[PageFetch[T]] = []
        self._stale = self._wasted = 0

    async def records(self) -> AsyncGenerator[T, None]:
        """Yield every record once, newest first."""
        self._request(0)
        try:
            while self._ahead and self._stale < STALE:
                fetch = self._ahead[0]
                await fetch.task
                if fetch is not self._ahead[0]:  # a gap before it is being filled
                    continue
                for record in self._consume(self._ahead.pop(0)):
                    yield record
        finally:
            await cancel([fetch.task for fetch in self._ahead])

    def _request(self, offset: int, before: PageFetch[T] | None = None) -> None:
        """Request the next page, or one for the gap before a page."""
        fetch = PageFetch[T](offset, self.tally.pages, self.tally.latest, fills_gap=before is not None)
        fetch.follows = self.tally.furthest if self._stale else None
        fetch.task = asyncio.ensure_future(self._read(fetch))
        self._ahead.insert(self._ahead.index(before) if before else len(self._ahead), fetch)

    async def _read(self, fetch: PageFetch[T]) -> None:
        self.tally.receive(fetch, await self._fetch(fetch.offset))
        later = [each for each in self._ahead[self._ahead.index(fetch) + 1 :] if not each.is_empty]
        if fetch.ids or not fetch.fills_gap:
            for page in (fetch, *later[:1]):
                self._fill_gap(page)

    def _fill_gap(self, page: PageFetch[T]) -> None:
        """Request what may lie between a page and the one before it, unless too many such pages had nothing new."""
        tally, index = self.tally, self._ahead.index(page)
        before = next((each for each in reversed([*tally.taken, *self._ahead[:index]]) if not each.is_empty), None)
        if before is None or not before.ids or not page.ids:
            return
        gap, start = min((tally.gap(each, page), tally.latest - each.left) for each in (before, page.follows or before))
        if not gap or self._wasted >= _MAX_WASTED + tally.pages // 3:
            return
        slack = -gap % tally.step // 2 if tally.created or tally.deleted else 0
        for offset in range(max(0, start - slack), max(1, start + gap + slack), tally.step)[:WINDOW]:
            self._request(offset, page)
            self._wasted += 1

    def _next_offset(self, consumed: PageFetch[T]) -> int | None:
        """Return the offset of the next page, or None if there is none for now."""
        tally = self.tally
        if self._ahead:
            last = self._ahead[-1]
            start = last.offset + (len(last.ids) or tally.step)
            if self._stale:  # new records push known ones into the pages ahead
                start = max(start, tally.latest - tally.left)
            more = start < tally.latest
        else:
            start = tally.latest - tally.left
            full = len(consumed.ids) >= tally.step and not self._stale
            more = tally.left > 0 or (tally.left < 0 and full)  # a total that is too low does not mark the end
        offset = max(0, start - tally.overlap)
        repeated = self._stale > 1 and offset == consumed.offset
        return offset if more and not repeated else None

    def _consume(self, fetch: PageFetch[T]) -> list[T]:
        """Consume the next page and keep the window full; return its new records."""
        new = self.tally.take(fetch)
        self._wasted -= fetch.fills_gap and bool(new)
        self._stale = 0 if new else self._stale + (not fetch.fills_gap)
        if self._stale >= STALE:
            self.tally.anomalies["only repeated records"] = None
            return new
        while len(self._ahead) < WINDOW and (offset := self._next_offset(fetch)) is not None:
            self._request(offset)
        return new


async def cancel(ahead: "Iterable[asyncio.Future[Any]]") -> None:
    """Cancel futures and wait until they have ended."""
    futures = list(ahead)
    for future in futures:
        future.cancel()
    await asyncio.gather(*futures, return_exceptions=True)
