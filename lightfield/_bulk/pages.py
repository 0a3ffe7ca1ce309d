"""How are the pages of a listing walked, while records come and go?

A window of pages is under way at once; they are taken in the order of the listing. As soon as a page and its neighbour
have come, it shows whether records may lie between them (``_tally``). If so, another page is put there, from where the
gap will be when the request gets there. If that happens often, pages overlap a little. The totals are not believed for
ever: a walk also ends after some pages running that hold nothing new.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from math import ceil
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from lightfield._protocol.queries import MAX_PAGE

from .tally import FetchedPage, Tally

if TYPE_CHECKING:
    from lightfield.models.page import Page


T = TypeVar("T")

WINDOW = 32
"""Pages ahead of the consumer."""

STALE = 2 * WINDOW
"""Pages running without a new record that end a walk: a window of them can be of no use if many are created at once."""

_SPARE = 100
"""Pages read again in vain, besides every third one, before gaps are only counted."""


class PageFetch(Generic[T]):
    """A page on its way."""

    __slots__ = ("again", "offset", "past", "piece", "task")

    def __init__(self, offset: int, *, again: bool, past: FetchedPage[T] | None) -> None:
        self.offset, self.again, self.past = offset, again, past
        self.piece: FetchedPage[T] | None = None
        self.task: asyncio.Task[None]


class Walk(Generic[T]):
    """The pages of one listing on their way."""

    def __init__(self, fetch: Callable[[int], Awaitable["Page[T]"]]) -> None:
        self.tally = Tally[T]()
        self._fetch = fetch
        self._ahead: list[PageFetch[T]] = []
        self._step = MAX_PAGE
        self._asked: int | None = None
        self._full = self._pushed = False
        self._spare = self._stale = 0
        self._overlap = 0.0

    async def records(self) -> AsyncGenerator[T, None]:
        """Yield every record once, newest first."""
        self._send(0)
        try:
            while self._ahead and self._stale < STALE:
                leg = self._ahead[0]
                await leg.task
                if leg is not self._ahead[0]:  # something may lie before it
                    continue
                for record in self._take(self._ahead.pop(0)):
                    yield record
        finally:
            await cancel([leg.task for leg in self._ahead])

    def _send(self, offset: int, index: int | None = None) -> None:
        leg = PageFetch[T](offset, again=index is not None, past=self.tally.last if self._pushed else None)
        leg.task = asyncio.ensure_future(self._read(leg))
        self._ahead.insert(len(self._ahead) if index is None else index, leg)

    async def _read(self, leg: PageFetch[T]) -> None:
        sent, before = self.tally.moment(), self.tally.latest
        page = await self._fetch(leg.offset)
        leg.piece = piece = FetchedPage(leg.offset, page, sent, self.tally.moment())
        self.tally.note(piece, before)
        size = len(piece.ids)
        if self.tally.pages == 1 and 0 < size < min(MAX_PAGE, piece.total):
            self._step = size
        self._step = max(self._step, min(size, MAX_PAGE))
        self._fill_gaps(leg)

    def _fill_gaps(self, leg: PageFetch[T]) -> None:
        """Read again between a page that came and its neighbours that came already."""
        index = self._ahead.index(leg)
        before = self._neighbour(reversed(self._ahead[:index]))
        after = self._neighbour(self._ahead[index + 1 :])
        piece = cast("FetchedPage[T]", leg.piece)
        if piece.ids:
            self._between(before, leg)
            self._between(leg, after)
        elif not leg.again:
            self._between(before, after)

    def _neighbour(self, legs: "Iterable[PageFetch[T]]") -> PageFetch[T] | None:
        return next((leg for leg in legs if leg.piece is None or leg.piece.ids), None)

    def _between(self, before: PageFetch[T] | None, after: PageFetch[T] | None) -> None:
        """Read again where records may lie between two pages, as long as that is in proportion."""
        one = before.piece if before else self.tally.last
        if one is None or after is None or after.piece is None:
            return
        other = after.piece
        gap = self.tally.gap(one, other)
        if gap and after.past:
            gap, one = min((gap, one), (self.tally.gap(after.past, other), after.past), key=itemgetter(0))
        if not before or not before.again:
            self._learn(one.end - other.offset, gap)
        index = self._ahead.index(after)
        offsets = self._again(one, gap) if gap else range(0)
        for offset in offsets:
            full = offset != offsets[0] and len(self._ahead) >= 2 * WINDOW
            if full or self._spare >= _SPARE + self.tally.pages // 3:
                return
            self._spare += 1
            self._send(offset, index)
            index += 1

    def _again(self, one: FetchedPage[T], gap: int) -> range:
        """Say where to read, so that it is about the gap when the requests get there."""
        start = self.tally.latest - one.left
        if not self.tally.changed:
            return range(start, start + gap, self._step)
        start += round(self.tally.drift * sum(leg.piece is None for leg in self._ahead))
        room = max(4, self._step - gap) // 2
        step = max(1, self._step - 2)
        return range(max(0, start - room), max(1, start + gap + room - 2), step)

    def _learn(self, overlap: int, gap: int) -> None:
        """Let pages overlap as far as gaps between them tell, and somewhat less with each that had none."""
        if gap:
            self._overlap = max(self._overlap, min(self._overlap + 1 / 4, overlap + gap, (self._step - 1) // 2))
        else:
            self._overlap = max(0.0, self._overlap - 1 / 32)

    @property
    def _margin(self) -> int:
        return max(ceil(self._overlap), int(self.tally.mixed and self._step > 2))

    def _send_for(self) -> None:
        """Keep the window full."""
        while len(self._ahead) < WINDOW and (start := self._next_offset()) is not None:
            self._send(max(0, start - self._margin))

    def _next_offset(self) -> int | None:
        """Say where to read on: behind the last page on its way, but not where the listing was taken already."""
        if not self._ahead:
            return self._left_over()
        tail, latest = self._ahead[-1], self.tally.latest
        if tail.piece is None:
            start = tail.offset + self._step
        elif tail.piece.ids:
            start = tail.piece.end - min(max(0, tail.piece.total - latest), self._step // 2)
        else:
            return None
        if self._pushed:
            start = max(start, latest - self.tally.left)
        return start if start < latest else None

    def _left_over(self) -> int | None:
        """Say where to read if the last total says that something is left, or does not know of all; but not twice."""
        self.tally.settle()
        left = self.tally.left
        start = self.tally.latest - left
        beyond = left < 0 and self._full and not self._stale
        if start == self._asked or not (left > 0 or beyond):
            return None
        self._asked = start
        return start

    def _take(self, leg: PageFetch[T]) -> list[T]:
        """Take the next page, and keep others coming."""
        piece = cast("FetchedPage[T]", leg.piece)
        last = self.tally.last
        new = self.tally.take(piece)
        behind = last is not None and last is self.tally.last and piece.end > last.end
        self._pushed = behind and not new and not leg.again
        if piece.ids:
            self._full = len(piece.ids) >= self._step
        if new:
            self._stale = 0
            self._spare -= leg.again
        elif not leg.again and (piece.ids or piece.offset < piece.total or not self._ahead):
            self._stale += 1
        if self._stale < STALE:
            self._send_for()
        else:
            self.tally.mark("only records that came before")
        return new


async def cancel(ahead: "Iterable[asyncio.Future[Any]]") -> None:
    """Cancel what is under way, and wait until it has ended."""
    futures = list(ahead)
    for future in futures:
        future.cancel()
    await asyncio.gather(*futures, return_exceptions=True)
