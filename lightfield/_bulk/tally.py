"""Bookkeeping of a listing: its report, and the gaps between its pages.

New records come first and push the others to later offsets; counted from the end by the total, a record keeps its position.
So two pages have at most as many records between them as such positions, and none if they share a record. If the later
page may have been read first, a deletion in between does not bring it nearer; and if records were created too, the
totals may not tell: then only a shared record counts.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import msgspec

from lightfield._protocol.queries import MAX_PAGE

if TYPE_CHECKING:
    from lightfield.models.page import Page


T = TypeVar("T")

REMEMBERED = 100_000
"""Ids that are remembered: a repeated record comes soon after the first."""

STALE = 64
"""Consecutive pages without a new record that end a listing: two windows, as one burst of new records can fill one."""


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

    __slots__ = ("arrival", "fills_gap", "ids", "latest", "offset", "records", "sent", "skipped_from", "task", "total")

    def __init__(self, offset: int, sent: int, latest: int, *, fills_gap: bool) -> None:
        self.offset, self.fills_gap = offset, fills_gap
        self.sent, self.latest = sent, latest  # pages that had arrived when it was sent, and the total of the last one
        self.skipped_from: PageFetch[T] | None = None
        self.task: asyncio.Task[None]
        self.arrival = self.total = 0
        self.records: Sequence[T] = ()
        self.ids: list[str] = []

    @property
    def is_empty(self) -> bool:
        """Whether it arrived without records."""
        return bool(self.arrival) and not self.ids

    @property
    def end(self) -> int:
        """The offset after its last record."""
        return self.offset + len(self.ids)

    @property
    def left(self) -> int:
        """The number of records after it by its own total; below 0, the total is too low."""
        return self.total - self.end


class Tally(Generic[T]):
    """What the pages of one listing told, in order of arrival and in the order of the listing."""

    def __init__(self) -> None:
        self.taken = deque[PageFetch[T]](maxlen=STALE)
        self.latest = self.pages = self.gone = 0
        self._first = self._found = self._repeated = self._missing = 0
        self._created = self._deleted = False
        self._anomalies: dict[str, None] = {}
        self._seen = OrderedDict[str, None]()

    @property
    def step(self) -> int:
        """The size of a full page."""
        return min(MAX_PAGE, max((len(page.ids) for page in self.taken), default=MAX_PAGE))

    @property
    def left(self) -> int:
        """The number of records after the last page; below 0, its total is too low."""
        return self.taken[-1].left if self.taken else self.latest

    @property
    def furthest(self) -> PageFetch[T] | None:
        """The page that reaches nearest to the end."""
        return min(self.taken, key=lambda page: page.left, default=None)

    @property
    def changed(self) -> bool:
        """Whether records are created or deleted."""
        return self._created or self._deleted

    @property
    def overlap(self) -> int:
        """The number of records by which pages should overlap: as many as lay between neighbours lately."""
        totals = [page.total for page in self.taken if not page.fills_gap]
        drops = [before - after for before, after in pairwise(totals) if before - after < self.step]
        return min(max(self._created and self._deleted, *drops, 0), self.step // 2)

    def receive(self, fetch: PageFetch[T], page: "Page[T]") -> None:
        """Put a page that arrives into its fetch, and learn from its total."""
        size, total = len(page.data), page.total_count
        fetch.records, fetch.ids, fetch.total = page.data, [cast("Any", each).id for each in page.data], total
        self.latest = total
        self.pages = fetch.arrival = self.pages + 1
        if self.pages == 1:
            self._first = fetch.latest = total
        self._created |= total > fetch.latest
        self._deleted |= total < fetch.latest
        anomalies = {
            "negative total": total < 0,
            "page longer than its limit": size > MAX_PAGE,
            "page shorter than its limit": 0 < size < min(total - fetch.offset, MAX_PAGE),
            "page without records": size == 0 < total - fetch.offset,
        }
        self._anomalies.update({name: None for name, holds in anomalies.items() if holds})

    def add_anomaly(self, anomaly: str) -> None:
        """Report that something is wrong with the pages."""
        self._anomalies[anomaly] = None

    def gap(self, before: PageFetch[T], page: PageFetch[T]) -> int:
        """Return how many records may lie between two pages."""
        mixed = self._created and self._deleted
        if shared := len(set(before.ids).intersection(page.ids)):
            moved = shared - (before.end - page.offset)
            if moved > max(0, page.total - before.total) and before.ids != page.ids:
                self._created = self._deleted = True
            return 0
        positions = before.left - page.total + page.offset
        if self._deleted and page.sent < before.arrival:
            positions = max(positions, page.offset - before.end, int(mixed))
        return max(0, min(positions, page.offset, before.left))

    def take(self, page: PageFetch[T]) -> list[T]:
        """Take the next page of the listing and return the records that have not come before."""
        if not page.ids:
            return []
        new = [record for record, id in zip(page.records, page.ids, strict=True) if self._is_new(id)]
        self._found += len(new)
        self._repeated += len(page.ids) - len(new)
        if self.taken and self.furthest:
            last = self.taken[-1]
            self._missing += min(self.gap(last, page), self.gap(self.furthest, page))
            if page.ids == last.ids and page.offset >= last.end and page.total <= last.total:
                self.add_anomaly("page repeated")
        page.records = ()
        self.taken.append(page)
        return new

    def _is_new(self, id: str) -> bool:
        if id in self._seen:
            return False
        self._seen[id] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True

    def report(self) -> ListingReport:
        """Return the report of the listing so far."""
        left, anomalies = self.left, [*self._anomalies]
        if left:
            anomalies.append("total too high" if left > 0 else "total too low")
        unseen = min(self._first, self.latest) - self._found
        missing = max(unseen, self._missing + max(0, left))
        return ListingReport(self._found - self.gone, self.pages, self._repeated, missing, self.gone, tuple(anomalies))
