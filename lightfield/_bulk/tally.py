"""Counts of what the pages of a listing gave, and of what they may have missed.

New records come first and push the others from page to page, and the total tells how far: counted from the end, a
record keeps its position. So at most as many records lie between two pages as there are positions between them, and none
if the pages share a record. If the later page may have been read first, a deletion in between does not bring it nearer;
and if records were created too, the totals may not tell: then only a shared record counts.
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
"""Ids that are remembered: a record that comes twice comes again soon."""

_RECENT = 64
"""Pages that tell how far neighbours lie apart."""


class ListingReport(msgspec.Struct, frozen=True):
    """What became of a whole listing."""

    __module__ = "lightfield"
    records: int
    """Records that were given."""

    pages: int
    repeated: int
    """Records that came again, and were left out."""

    missing: int
    """Records that may have been missed, as far as the totals of the pages tell.

    At most so many while records are only created or only deleted; an estimate while both happen.
    """

    gone: int
    """Records that were listed, but not there any more when they were read again: only with ``fresh``."""

    anomalies: tuple[str, ...]
    """What was wrong with the pages, in words."""


class PageFetch(Generic[T]):
    """A request for a page, and the page once it has come."""

    __slots__ = ("after", "again", "came", "ids", "known", "offset", "records", "sent", "task", "total")

    def __init__(self, offset: int, *, again: bool, sent: int, known: int) -> None:
        self.offset, self.again = offset, again
        self.sent, self.known = sent, known
        """Pages that had come when it was sent, and the latest total then."""

        self.task: asyncio.Task[None]
        self.came = self.total = 0
        self.records: Sequence[T] = ()
        self.ids: list[str] = []

    @property
    def is_empty(self) -> bool:
        """Whether it came without a record."""
        return bool(self.came) and not self.ids

    @property
    def end(self) -> int:
        """The offset after it."""
        return self.offset + len(self.ids)

    @property
    def left(self) -> int:
        """Records after it by its own total; below 0, the total is too low."""
        return self.total - self.end


class Tally(Generic[T]):
    """Counts of one listing, whose pages are taken in order."""

    def __init__(self) -> None:
        self._seen = OrderedDict[str, None]()
        self._taken = deque[PageFetch[T]](maxlen=_RECENT)
        self._first = self._found = self._repeated = self._missing = 0
        self._created = self._deleted = False
        self._anomalies: dict[str, None] = {}
        self._size = 0
        self.latest = self.pages = self.gone = 0
        """The total that came last, in whichever order pages come."""

    @property
    def step(self) -> int:
        return self._size or MAX_PAGE

    @property
    def previous(self) -> PageFetch[T] | None:
        return self._taken[-1] if self._taken else None

    @property
    def left(self) -> int:
        return self._taken[-1].left if self._taken else self.latest

    @property
    def reached(self) -> PageFetch[T] | None:
        return min(self._taken, key=lambda each: each.left, default=None)

    @property
    def changed(self) -> bool:
        return self._created or self._deleted

    @property
    def mixed(self) -> bool:
        return self._created and self._deleted

    @property
    def margin(self) -> int:
        """Records by which pages should overlap, so that few neighbours have a gap."""
        totals = [page.total for page in self._taken if not page.again]
        drops = sorted(drop for one, other in pairwise(totals) if (drop := one - other) <= self.step)
        learned = drops[-2] if len(drops) > 1 else 0
        return min(max(learned, int(self.mixed)), (self.step - 1) // 2)

    def note(self, fetch: PageFetch[T], page: "Page[T]") -> None:
        """Look at a page as it comes, and at the total that was the latest when it was asked for."""
        size, total = len(page.data), page.total_count
        fetch.records, fetch.total = page.data, total
        fetch.ids = [cast("Any", record).id for record in page.data]
        self.pages += 1
        fetch.came = self.pages
        if self.pages == 1:
            self._first = fetch.known = total
        self._created |= total > fetch.known
        self._deleted |= total < fetch.known
        self._size = max(self._size, min(size, MAX_PAGE))
        self.latest = total
        strange = {
            "negative total": total < 0,
            "page longer than its limit": size > MAX_PAGE,
            "page shorter than its limit": 0 < size < min(total - fetch.offset, MAX_PAGE),
            "page without records": size == 0 < total - fetch.offset,
        }
        for anomaly in (name for name, holds in strange.items() if holds):
            self.mark(anomaly)

    def mark(self, anomaly: str) -> None:
        """Remember that something is wrong with the pages."""
        self._anomalies[anomaly] = None

    def gap(self, before: PageFetch[T], page: PageFetch[T]) -> tuple[int, int]:
        """Return how many records may lie between a page and those before it, and at which offset."""
        reached = min(self._taken, key=lambda each: each.left, default=before)
        return min((self._gap(one, page), self.latest - one.left) for one in (before, reached))

    def _gap(self, one: PageFetch[T], other: PageFetch[T]) -> int:
        shared = len(set(one.ids).intersection(other.ids))
        if shared:
            moved = shared - (one.end - other.offset)
            if moved > max(0, other.total - one.total) and one.ids != other.ids:
                self._created = self._deleted = True
            return 0
        positions = one.left - (other.total - other.offset)
        # a page that may have been read first was not brought nearer by a deletion
        if self._deleted and other.sent < one.came:
            positions = max(positions, other.offset - one.end, int(self.mixed))
        return max(0, min(positions, other.offset, one.left))

    def take(self, page: PageFetch[T]) -> list[T]:
        """Take a page and return those of its records that have not come before."""
        if not page.ids:
            return []
        new = [record for record, id in zip(page.records, page.ids, strict=True) if self._is_new(id)]
        self._found += len(new)
        self._repeated += len(page.ids) - len(new)
        previous = self.previous
        if previous:
            self._missing += self.gap(previous, page)[0]
            if page.ids == previous.ids and page.offset >= previous.end and page.total <= previous.total:
                self.mark("page repeated")
        page.records = ()
        self._taken.append(page)
        return new

    def report(self) -> ListingReport:
        """Return what became of the listing."""
        left = self.left
        if left:
            self.mark("total too high" if left > 0 else "total too low")
        unseen = min(self._first, self.latest) - self._found
        missing = max(unseen, self._missing + max(0, left))
        given = self._found - self.gone
        return ListingReport(given, self.pages, self._repeated, missing, self.gone, tuple(self._anomalies))

    def _is_new(self, id: str) -> bool:
        if id in self._seen:
            return False
        self._seen[id] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True
