"""Bookkeeping of a listing: its report, and the gaps between its pages.

New records come first and push the others to later offsets. The distance of a record from the end, by the total of its
page, stays the same: so the records between two pages are at most those between their distances, and none if the pages
share a record. For example, a page that ends 100 records before the end and a later one that starts 90 before it have
at most 10 records between them. If the later page may have been read first, deletions do not shorten that; if records
were created too, the totals prove nothing, and only a shared record shows that there is no gap.
"""

from collections import OrderedDict, deque
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import msgspec

from lightfield._protocol.queries import MAX_PAGE

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from lightfield.models.page import Page


T = TypeVar("T")

REMEMBERED = 100_000
"""Ids that are remembered: a repeated record comes soon after the first."""


class ListingReport(msgspec.Struct, frozen=True):
    """The outcome of a whole listing."""

    __module__ = "lightfield"
    records: int
    """Records yielded."""

    pages: int
    repeated: int
    """Records that came again and were left out."""

    missing: int
    """Records that may have been missed, by the totals of the pages.

    An upper bound while records are only created or only deleted; an estimate while both happen.
    """

    gone: int
    """Records that were listed but no longer there when they were read again: only with ``fresh``."""

    anomalies: tuple[str, ...]
    """What was wrong with the pages, in words."""


class PageFetch(Generic[T]):
    """A request for a page and, once it has arrived, the page."""

    def __init__(self, offset: int, sent: int, latest: int, *, fills_gap: bool) -> None:
        self.offset, self.fills_gap = offset, fills_gap
        self.sent, self.latest = sent, latest  # pages that had arrived when it was requested, and the latest total
        self.follows: PageFetch[T] | None = None  # the furthest page by then, if others in between are skipped
        self.task: asyncio.Task[None]
        self.records: Sequence[T] = ()
        self.ids: list[str] = []
        self.is_empty = False  # unknown until it arrives
        self.arrival = self.total = self.end = self.left = 0


class Tally(Generic[T]):
    """State of one listing, derived from the pages received."""

    def __init__(self, recent: int) -> None:
        self.taken = deque[PageFetch[T]](maxlen=recent)
        self.created = self.deleted = False
        self.latest = self.pages = self.gone = 0
        self.anomalies: dict[str, None] = {}
        self._first = self._found = self._repeated = self._missing = 0
        self._seen = OrderedDict[str, None]()

    @property
    def step(self) -> int:
        """The size of a full page."""
        return min(MAX_PAGE, max((len(page.ids) for page in self.taken), default=MAX_PAGE))

    @property
    def furthest(self) -> PageFetch[T] | None:
        """The page taken that reaches nearest to the end."""
        return min(self.taken, key=lambda page: page.left, default=None)

    @property
    def left(self) -> int:
        """The number of records after the pages taken; below 0, their totals are too low."""
        if not self.furthest:
            return self.latest
        return self.furthest.left if self.furthest.left >= 0 else self.taken[-1].left

    @property
    def overlap(self) -> int:
        """The number of records by which pages should overlap, so that few gaps are left between neighbours."""
        totals = [page.total for page in self.taken if not page.fills_gap]
        drops = [one - other for one, other in pairwise(totals) if one - other < self.step]
        return min(max(int(self.created and self.deleted), *drops, 0), self.step // 2)

    def receive(self, fetch: PageFetch[T], page: "Page[T]") -> None:
        """Learn from a page that arrives, in whichever order they arrive."""
        size, total = len(page.data), page.total_count
        fetch.records, fetch.ids = page.data, [cast("Any", record).id for record in page.data]
        fetch.total, fetch.end, fetch.is_empty = total, fetch.offset + size, size == 0
        fetch.left = total - fetch.end  # below 0, the total is too low
        self.pages = fetch.arrival = self.pages + 1
        if self.pages == 1:
            self._first = fetch.latest = total
        self.created |= total > fetch.latest
        self.deleted |= total < fetch.latest
        self.latest = total
        anomalies = {
            "negative total": total < 0,
            "page longer than its limit": size > MAX_PAGE,
            "page shorter than its limit": 0 < size < min(total - fetch.offset, MAX_PAGE),
            "page without records": size == 0 < total - fetch.offset,
        }
        self.anomalies.update({name: None for name, holds in anomalies.items() if holds})

    def gap(self, before: PageFetch[T], page: PageFetch[T]) -> int:
        """Return how many records may lie between two pages."""
        if shared := len(set(before.ids).intersection(page.ids)):
            moved = shared - (before.end - page.offset)
            if moved > max(0, page.total - before.total) and before.ids != page.ids:
                self.created = self.deleted = True  # their totals do not account for the move
            return 0
        positions = before.left - (page.total - page.offset)
        if self.deleted and page.sent < before.arrival:
            positions = max(positions, page.offset - before.end, int(self.created))
        return max(0, min(positions, page.offset))

    def take(self, page: PageFetch[T]) -> list[T]:
        """Take the next page of the listing and return its new records."""
        if not page.ids:
            return []
        if self.taken and self.furthest:
            last = self.taken[-1]
            self._missing += min(self.gap(last, page), self.gap(self.furthest, page))
            if page.ids == last.ids and page.offset >= last.end and page.total <= last.total:
                self.anomalies["page repeated"] = None
        new = {id: record for id, record in zip(page.ids, page.records, strict=True) if id not in self._seen}
        self._seen.update(dict.fromkeys(new))
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        self._found += len(new)
        self._repeated += len(page.ids) - len(new)
        page.records, page.follows = (), None
        self.taken.append(page)
        return list(new.values())

    def report(self) -> ListingReport:
        """Return the report of the listing so far."""
        left = self.left
        if left:
            self.anomalies["total too high" if left > 0 else "total too low"] = None
        missing = max(min(self._first, self.latest) - self._found, self._missing + max(0, left))
        given = self._found - self.gone
        return ListingReport(given, self.pages, self._repeated, missing, self.gone, tuple(self.anomalies))
