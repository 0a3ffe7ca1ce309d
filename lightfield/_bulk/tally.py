"""What have the pages of a listing given so far, and what may they have missed?

Records come and go while a listing is read. New ones come first, so they push the others from page to page, and the
total tells how far: seen from the end, a record keeps its place. So at most as many records lie between two pages as
there are places between them, and none where the pages share a record. Where the later page may have been read first,
what was deleted in between does not bring it nearer; and if records were created too, the totals may not tell: then
only a shared record counts there. Gaps from before that was known are estimated.
"""

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import msgspec

from lightfield._protocol.queries import MAX_PAGE

if TYPE_CHECKING:
    from lightfield.models.page import Page


T = TypeVar("T")

REMEMBERED = 100_000
"""Ids that are remembered at least: a record that comes twice comes again soon."""

_LEAP = MAX_PAGE // 4
"""What counts of a total that leaps."""


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


class FetchedPage(Generic[T]):
    """A page, where it begins, and which requests had been sent and answered before it."""

    __slots__ = ("came", "end", "ids", "left", "offset", "page", "sent", "total")

    def __init__(self, offset: int, page: "Page[T]", sent: int, came: int) -> None:
        self.offset, self.page, self.sent, self.came = offset, page, sent, came
        self.ids: list[str] = [cast("Any", record).id for record in page.data]
        self.total = page.total_count
        self.end = offset + len(page.data)
        self.left = self.total - self.end
        """Records behind it, as its own total tells; below 0, the total is too low."""


class Tally(Generic[T]):
    """Takes pages in the order of the listing."""

    def __init__(self) -> None:
        self._recent: set[str] = set()
        self._older: set[str] = set()
        self._first: int | None = None
        self._changed = self._moment = 0
        self._created = self._deleted = False
        self._found = self._repeated = self._missing = self._unproven = 0
        self._anomalies: dict[str, None] = {}
        self._previous: FetchedPage[T] | None = None
        self.last: FetchedPage[T] | None = None
        """The page that reaches farthest of those that were taken."""

        self.drift = 0.0
        """How far the total moves from one page that comes to the next, of late."""

        self.latest = self.pages = self.gone = 0
        """The total that came last, in whichever order pages come."""

    @property
    def left(self) -> int:
        """Records behind those that were taken; below 0, the total is too low."""
        return self.last.left if self.last else self.latest

    @property
    def changed(self) -> bool:
        """Whether records are created or deleted."""
        return self._created or self._deleted

    @property
    def mixed(self) -> bool:
        """Whether records are both created and deleted."""
        return self._created and self._deleted

    def moment(self) -> int:
        """Count what happens: requests that are sent, and pages that come."""
        self._moment += 1
        return self._moment

    def note(self, piece: FetchedPage[T], before: int) -> None:
        """Look at a page as it comes, and at the total that was the latest when it was asked for."""
        size, total = len(piece.ids), piece.total
        if self._first is None:
            self._first = before = total
        self.pages += 1
        self._created |= total > before
        self._deleted |= total < before
        step = 0 if self.pages == 1 else max(-_LEAP, min(total - self.latest, _LEAP))
        self.drift += (step - self.drift) / 16
        if total != self.latest:
            self._changed = piece.came
        self.latest = total
        strange = {
            "negative total": total < 0,
            "page longer than its limit": size > MAX_PAGE,
            "page shorter than its limit": 0 < size < min(total - piece.offset, MAX_PAGE),
            "page without records": size == 0 < total - piece.offset,
        }
        for anomaly in (name for name, holds in strange.items() if holds):
            self.mark(anomaly)

    def mark(self, anomaly: str) -> None:
        """Remember that something is wrong with the pages."""
        self._anomalies[anomaly] = None

    def gap(self, one: FetchedPage[T], other: FetchedPage[T]) -> int:
        """Say how many records may lie between a page and a later one."""
        shared = len(set(one.ids).intersection(other.ids))
        if shared:
            self._compare(one, other, shared)
            return 0
        places = one.left - (other.total - other.offset)
        # a page that may have been read first was not brought nearer by what was deleted
        if self._deleted and other.sent < one.came:
            places = max(places, other.offset - one.end, int(self.mixed))
        return max(0, min(places, other.offset, one.left))

    def _compare(self, one: FetchedPage[T], other: FetchedPage[T], shared: int) -> None:
        moved = shared - (one.end - other.offset)
        if moved > max(0, other.total - one.total) and one.ids != other.ids:
            self._created = self._deleted = True

    def take(self, piece: FetchedPage[T]) -> list[T]:
        """Take a page and give those of its records that have not come before."""
        if not piece.ids:
            return []
        new = [record for record, id in zip(piece.page.data, piece.ids, strict=True) if self._is_new(id)]
        self._found += len(new)
        self._repeated += len(piece.ids) - len(new)
        self._join(piece)
        if not self.last or piece.left <= self.last.left:
            self.last = piece
        return new

    def _join(self, piece: FetchedPage[T]) -> None:
        """Count what may lie between a page and those before it."""
        last, previous = self.last, self._previous
        self._previous = piece
        if not last or not previous:
            return
        if piece.ids == previous.ids and piece.offset >= previous.end and piece.total <= previous.total:
            self.mark("page repeated")
        gap = min(self.gap(last, piece), self.gap(previous, piece))
        self._missing += gap
        churned = piece.sent < min(previous.came, self._changed)
        self._unproven += churned and not gap and set(previous.ids).isdisjoint(piece.ids)

    def settle(self) -> None:
        """Believe the page that came last, now that none is on its way."""
        if self.last and self._previous and self._previous.end > self.last.end:
            self.last = self._previous

    def report(self) -> ListingReport:
        """Say what became of the listing."""
        self.settle()
        if self.left:
            self.mark("total too high" if self.left > 0 else "total too low")
        unseen = min(self._first or 0, self.latest) - self._found
        missing = self._missing + max(0, self.left) + (self._unproven if self.mixed else 0)
        missing = max(unseen, min(missing, max(0, self._first or 0, self.latest)))
        given = self._found - self.gone
        return ListingReport(given, self.pages, self._repeated, missing, self.gone, tuple(self._anomalies))

    def _is_new(self, id: str) -> bool:
        if id in self._recent or id in self._older:
            return False
        if len(self._recent) == REMEMBERED:
            self._recent, self._older = set(), self._recent
        self._recent.add(id)
        return True
