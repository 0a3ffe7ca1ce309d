"""The order in which records are listed."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from .conditions import Condition
from .documents import Record
from .records import Records


class _Stray(NamedTuple):
    """A record that was added, or whose creation time was changed.

    Attributes:
        created_at: Its creation time.
        rank: What decides if others were created at the same time.
        successor: The position of the first record of the source that comes after it.
        identifier: Its id.
    """

    created_at: str
    rank: int
    successor: int
    identifier: str


class _Remaining:
    """The numbers below ``count`` except some, which ascend."""

    def __init__(self, count: int, missing: Sequence[int]) -> None:
        self._count = count - len(missing)
        self._remaining_below = [number - index for index, number in enumerate(missing)]

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> int:
        return index + bisect_right(self._remaining_below, index)


_Positions: TypeAlias = Sequence[int] | _Remaining


class Order:
    """Newest first by ``createdAt``; ties are broken by insertion, last one first.

    The records of a source ascend, so their positions are their order. Only the others are sorted. A test may change
    the records at any time, even from another thread; so each access looks for what is new.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._positions: _Positions = range(0)
        self._strays: list[_Stray] = []
        self._state: object = None
        self._seen = 0

    def page(self, offset: int, limit: int, conditions: Collection[Condition] = ()) -> tuple[list[Record], int]:
        """Return a page of the records that fulfil all conditions, and their total number."""
        self._refresh()
        positions, strays = self._matching(conditions) if conditions else (self._positions, self._strays)
        total = len(positions) + len(strays)
        stop = max(total - offset, 0)
        chosen = _merged(positions, strays, max(stop - limit, 0), stop)
        found = [self._records.peek(identifier) for identifier in map(self._identifier, chosen)]
        return [record for record in reversed(found) if record is not None], total

    def newest_first(self) -> Iterator[Record]:
        """Iterate over the current records; they are for reading only."""
        self._refresh()
        total = len(self._positions) + len(self._strays)
        found = map(self._records.peek, map(self._identifier, _merged(self._positions, self._strays, 0, total)[::-1]))
        return (record for record in found if record is not None)

    def newest_created_at(self) -> str:
        """Return the creation time of the newest record; empty if there is none."""
        newest, _ = self.page(0, 1)
        return newest[0].get("createdAt", "") if newest else ""

    def _identifier(self, chosen: int | _Stray) -> str:
        return self._records.source.identifier(chosen) if isinstance(chosen, int) else chosen.identifier

    def _matching(self, conditions: Collection[Condition]) -> tuple[Sequence[int], Sequence[_Stray]]:
        positions, in_memory = self._records.matching(conditions)
        matching = set(in_memory)
        strays = [stray for stray in self._strays if stray.identifier in matching]
        places = map(self._records.source.position, matching.difference(stray.identifier for stray in strays))
        return sorted([*positions, *(place for place in places if place is not None)]), strays

    def _refresh(self) -> None:
        state = self._records.moves, self._records.watched()
        if state != self._state:
            self._rebuild(state[1])
            self._state = state
        for identifier in self._records.added_since(self._seen):
            insort(self._strays, self._stray(identifier, len(self._records.source) + self._seen))
            self._seen += 1

    def _rebuild(self, watched: Sequence[tuple[str, str]]) -> None:
        source, added = self._records.source, self._records.added_since(0)
        places = ((source.position(each), created_at) for each, created_at in watched)
        moved = [place for place, created_at in places if place is not None and created_at != source.created_at(place)]
        ranked = [(source.identifier(place), place) for place in moved]
        ranked += [(identifier, rank) for rank, identifier in enumerate(added, len(source))]
        self._strays = sorted(self._stray(identifier, rank) for identifier, rank in ranked)
        missing = sorted({*moved, *self._records.removed})
        self._positions = _Remaining(len(source), missing) if missing else range(len(source))
        self._seen = len(added)

    def _stray(self, identifier: str, rank: int) -> _Stray:
        record, source = self._records.peek(identifier), self._records.source
        created_at = "" if record is None else record.get("createdAt", "")
        own, count = (created_at, rank), len(source)

        def moment(place: int) -> tuple[str, int]:
            return source.created_at(place), place

        is_newest = not count or own > moment(count - 1)  # as a new record is
        successor = count if is_newest else bisect_left(range(count), own, key=moment)
        return _Stray(created_at, rank, successor, identifier)


def _merged(positions: _Positions, strays: Sequence[_Stray], start: int, stop: int) -> list[int | _Stray]:
    """Return the part from ``start`` to ``stop`` of all positions and strays together in ascending order."""

    def index(number: int) -> int:
        return bisect_left(positions, strays[number].successor) + number

    first, last = (bisect_left(range(len(strays)), bound, key=index) for bound in (start, stop))
    chosen: list[tuple[int, int, int | _Stray]] = [
        *((strays[number].successor, number, strays[number]) for number in range(first, last)),
        *((positions[number], len(strays), positions[number]) for number in range(start - first, stop - last)),
    ]
    return [each for _, _, each in sorted(chosen, key=lambda entry: entry[:2])]
