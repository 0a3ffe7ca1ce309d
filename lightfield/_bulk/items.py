"""What is the work of a bulk: which items are there, and which of them are to be performed?

Ids or requests come from any iterable. Each becomes an item: an id and its request, or the error that stands for one.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Container, Coroutine, Iterable, Mapping
from typing import Any, Generic, TypeAlias, TypedDict, TypeGuard, TypeVar, cast

import msgspec

from lightfield._protocol.request import Request
from lightfield.errors import LightfieldError, LightfieldTypeError, LightfieldUsageError, LightfieldValueError

from .results import ProgressHook

T = TypeVar("T")

Ids = Iterable[str] | AsyncIterable[str]
"""Where ids come from."""

Requests: TypeAlias = (
    Mapping[str, Request[T]]
    | Iterable[Request[T] | tuple[str, Request[T]]]
    | AsyncIterable[Request[T] | tuple[str, Request[T]]]
)
"""Where requests come from: alone, or with an id each."""

Done = Container[str]
"""Ids that were done before."""

_TAKES = "A bulk takes requests, alone or in pairs of id and request"

_IN_A_ROW = 100
"""Items that are left out before the event loop has a turn: an input may have nothing else to give, without end."""

_MANY_IN_A_ROW = 5_000
"""Items that are left out before other threads have one too: a loop that never waits hardly lets them run."""

Key = str | int
"""What tells items apart: the id, or the place in the input of what has none."""


class BulkOptions(TypedDict, total=False):
    """Options of a bulk."""

    concurrency: int
    """Requests under way at once; 32 by default, and 56 in each category at most."""

    progress: ProgressHook | None
    """Called on the client's event loop after each; a plain function."""

    done: Done
    """Ids to leave out."""


class Item(msgspec.Struct, Generic[T], frozen=True):
    """One piece of work: a request, or the error that stands for one."""

    place: int
    id: str
    request: Request[T] | LightfieldError
    named: bool = False
    """Whether it came with an id."""

    @property
    def key(self) -> Key:
        """What tells it from other items."""
        return self.id if self.named else self.place

    @property
    def mark(self) -> int:
        """What is the same for the same request, whatever its idempotency key."""
        asked = self.request
        if isinstance(asked, LightfieldError):
            return hash(str(asked))
        return hash((asked.method, asked.path, asked.query, asked.body, asked.raw))

    def refused(self, reason: str) -> "Item[T]":
        """Give a failure in its place, which is apart from what has the same id."""
        return Item(self.place, self.id, LightfieldValueError(reason))


class Work(msgspec.Struct, Generic[T], frozen=True):
    """The input, and what makes an item of the thing at a place in it."""

    things: Iterable[Any] | AsyncIterable[Any]
    itemise: Callable[[int, Any], Item[T]]

    async def items(self) -> AsyncIterator[Item[T]]:
        """Take one thing after the other."""
        place = 0
        if isinstance(self.things, AsyncIterable):
            async for thing in self.things:
                yield self.itemise(place, thing)
                place += 1
        else:
            for place, thing in enumerate(self.things):
                yield self.itemise(place, thing)


def by_id(ids: Ids, describe: Callable[[str], Request[T]]) -> Work[T]:
    """Make work of ids. What is no string is kept apart from the string it looks like."""

    def itemise(place: int, id: Any) -> Item[T]:
        named = isinstance(id, str)
        name = id if named else repr(id)
        try:
            return Item(place, name, describe(id), named)
        except LightfieldError as error:
            return Item(place, name, error, named)

    return Work(_many(ids), itemise)


def by_request(requests: Requests[T], shared_key: str | None) -> Work[T]:
    """Make work of requests, which must not all share one idempotency key.

    Raises:
        LightfieldUsageError: They would; where they can be looked at before, this is raised before one is sent.
    """
    things = _many(cast("Mapping[str, object]", requests).items() if isinstance(requests, Mapping) else requests)

    def itemise(place: int, thing: object) -> Item[T]:
        item = _item(place, thing)
        if shared_key is not None and lacks_key(item.request):
            raise LightfieldUsageError(
                "A bulk would send the one idempotency_key of this sibling with many writes. "
                "Give each request its own, with keyed(), or use a client without.",
            )
        return item

    if shared_key is not None and isinstance(things, Collection):
        for place, thing in enumerate(things):
            itemise(place, thing)
    return Work(things, itemise)


def _item(place: int, thing: object) -> Item[Any]:
    if _is_request(thing):
        return Item(place, str(place), thing)
    if not _is_pair(thing):
        return Item(place, str(place), LightfieldTypeError(f"{_TAKES}, not {_kind(thing)}."))
    id, request = thing
    if not isinstance(id, str):
        return Item(place, str(place), LightfieldTypeError(f"id must be a string, not {type(id).__name__}."))
    if not _is_request(request):
        return Item(place, id, LightfieldTypeError(f"{_TAKES}, not of id and {_kind(request)}."), named=True)
    return Item(place, id, request, named=True)


def _kind(thing: object) -> str:
    """Say what it is; a coroutine is closed, as it will not be awaited."""
    if not isinstance(thing, Coroutine):
        return type(thing).__name__
    thing.close()
    return "coroutine: describe requests with client.plan"


def _is_request(thing: object) -> TypeGuard[Request[Any]]:
    return isinstance(thing, Request)


def _is_pair(thing: object) -> TypeGuard[tuple[object, object]]:
    if not isinstance(thing, tuple) or len(thing) != 2:  # pyright: ignore[reportUnknownArgumentType]
        return False
    first, second = cast("tuple[object, object]", thing)
    return isinstance(first, str) or _is_request(second)


def _are_many(things: object) -> TypeGuard[Iterable[Any] | AsyncIterable[Any]]:
    return isinstance(things, Iterable | AsyncIterable) and not isinstance(things, str | bytes)


def _many(things: object) -> Iterable[Any] | AsyncIterable[Any]:
    pair = _is_pair(things) and _is_request(things[1])
    if _are_many(things) and not pair:
        return things
    single = "pair" if pair else "string" if isinstance(things, str | bytes) else _kind(things)
    raise LightfieldTypeError(f"A bulk takes an iterable of many, not one {single}.")


def lacks_key(request: object) -> bool:
    """Whether it is a write that takes an idempotency key and has none yet."""
    return _is_request(request) and request.takes_key and request.idempotency_key is None


class Deduplicator:
    """Keeps what is to be performed: leaves out what was done before, and what came before.

    ``remembered`` bounds how many ids and how many keys are known again; None: all.
    """

    def __init__(self, done: Done, remembered: int | None) -> None:
        self._done = done
        self._ids, self._keys = _Memory(remembered), _Memory(remembered)

    def keep(self, item: Item[T]) -> Item[T] | None:
        """Give the item, or None; a failure, where its id or key came before with another request."""
        request = item.request
        if (item.named or _is_request(request)) and item.id in self._done:  # an error without an id cannot be done
            return None
        if item.named and (same := self._ids.know(item.id, item)) is not None:
            return None if same else item.refused(f"The id {item.id!a:.80} came before, with another request.")
        key = None if isinstance(request, LightfieldError) else request.idempotency_key
        if key is not None and self._keys.know(key, item) is False:
            return item.refused(
                f"The idempotency key {key} came before, with another request, whose answer would come again. "
                "Give each write a key of its own, with keyed().",
            )
        return item


class _Memory:
    """What a name stood for when it came first."""

    def __init__(self, size: int | None) -> None:
        self._size = size
        self._marks = OrderedDict[str, int]()

    def know(self, name: str, item: Item[Any]) -> bool | None:
        """Say whether it stood for the same before; None for a new name, which is remembered."""
        mark, marks = item.mark, self._marks
        if name in marks:
            return marks[name] == mark
        marks[name] = mark
        if self._size is not None and len(marks) > self._size:
            marks.popitem(last=False)
        return None


async def wanted(
    items: AsyncIterator[Item[T]],
    unseen: Deduplicator,
    skip: Callable[[], object],
    order: list[Key] | None = None,
) -> AsyncIterator[Item[T]]:
    """Give the items to perform, and note the keys of all in ``order``."""
    skipped = 0
    async for item in items:
        kept = unseen.keep(item)
        if order is not None:
            order.append((kept or item).key)
        if kept is not None:
            yield kept
            continue
        skip()
        skipped += 1
        if skipped % _IN_A_ROW == 0:
            await asyncio.sleep(0 if skipped % _MANY_IN_A_ROW else 0.001)
