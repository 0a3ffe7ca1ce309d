"""Concurrent reading of an offset-paged listing while its records change.

A window of pages is requested ahead, and pages are taken in the order of the listing. As soon as two neighbours have
come, what may lie between them (``Tally.gap``) is requested again, at the offset to which it has moved. Totals can be
wrong, so a number of consecutive pages without a new record also ends the listing.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from math import ceil
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .tally import PageFetch, Tally

if TYPE_CHECKING:
    from lightfield.models.page import Page


T = TypeVar("T")

WINDOW = 32
"""Pages requested ahead of the consumer."""

STALE = 2 * WINDOW
"""Consecutive pages without a new record that end a listing; creating many records at once can fill a window of them."""

_MAX_WASTED = 100
"""Pages requested again without a new record, besides every third page, before gaps are only counted."""


class Walk(Generic[T]):
    """The pages of one listing."""

    def __init__(self, fetch: Callable[[int], Awaitable["Page[T]"]]) -> None:
        self.tally = Tally[T]()
        self._fetch = fetch
        self._ahead: list[PageFetch[T]] = []
        self._stale = self._wasted = 0

    async def records(self) -> AsyncGenerator[T, None]:
        """Yield every record once, newest first."""
        self._send(0)
        try:
            while self._ahead and self._stale < STALE:
                fetch = self._ahead[0]
                await fetch.task
                if fetch is not self._ahead[0]:  # a gap before it is being filled
                    continue
                for record in self._take(self._ahead.pop(0)):
                    yield record
        finally:
            await cancel([fetch.task for fetch in self._ahead])

    def _send(self, offset: int, index: int | None = None) -> None:
        """Request a page: the next one, or at an index among those ahead one that fills a gap."""
        fetch = PageFetch[T](offset, again=index is not None, sent=self.tally.pages, known=self.tally.latest)
        fetch.after = self.tally.reached if self._stale else None
        fetch.task = asyncio.ensure_future(self._read(fetch))
        self._ahead.insert(len(self._ahead) if index is None else index, fetch)

    async def _read(self, fetch: PageFetch[T]) -> None:
        self.tally.note(fetch, await self._fetch(fetch.offset))
        if fetch.again and not fetch.ids:
            return
        index = self._ahead.index(fetch)
        later = next((each for each in self._ahead[index + 1 :] if not each.is_empty), None)
        self._fill_gap(fetch)
        if later is not None:
            self._fill_gap(later)

    def _fill_gap(self, page: PageFetch[T]) -> None:
        """Request again what may lie between a page and the one before it, as long as that is in proportion."""
        index = self._ahead.index(page)
        before = next((each for each in reversed(self._ahead[:index]) if not each.is_empty), self.tally.previous)
        if not page.ids or before is None or not before.ids:
            return
        one = min((before, page.after or before), key=lambda each: self.tally._gap(each, page))
        gap, step = self.tally._gap(one, page), self.tally.step
        start = self.tally.latest - one.left
        if not gap or self._wasted >= _MAX_WASTED + self.tally.pages // 3:
            return
        slack = -gap % step // 2 if self.tally.changed else 0
        offsets = range(max(0, start - slack), max(1, start + gap + slack), step)
        for offset in offsets[: max(1, 2 * WINDOW - len(self._ahead))]:
            self._send(offset, self._ahead.index(page))
            self._wasted += 1

    def _next_offset(self, taken: PageFetch[T]) -> int | None:
        """Return where to read on after the last page requested, or None for the present."""
        latest, left = self.tally.latest, self.tally.left
        if not self._ahead:
            start = latest - left
            more = left > 0 or (left < 0 and not self._stale and len(taken.ids) >= self.tally.step)
        elif self._ahead[-1].is_empty:
            return None
        else:
            start = self._ahead[-1].offset + (len(self._ahead[-1].ids) or self.tally.step)
            if self._stale:
                start = max(start, latest - self.tally.reached.left if self.tally.reached else 0)
            more = start < latest
        offset = max(0, start - self.tally.margin)
        if not more or (not self._ahead and self._stale > 1 and offset == taken.offset):
            return None
        return offset

    def _take(self, fetch: PageFetch[T]) -> list[T]:
        """Take the next page, and keep the window full."""
        new = self.tally.take(fetch)
        if new:
            self._stale = 0
            self._wasted -= fetch.again
        else:
            self._stale += not fetch.again
        if self._stale >= STALE:
            self.tally.mark("only records that came before")
            return new
        while len(self._ahead) < WINDOW and (offset := self._next_offset(fetch)) is not None:
            self._send(offset)
        return new


async def cancel(ahead: "Iterable[asyncio.Future[Any]]") -> None:
    """Cancel what is in flight, and wait until it has ended."""
    futures = list(ahead)
    for future in futures:
        future.cancel()
    await asyncio.gather(*futures, return_exceptions=True)
