"""The items of a bulk: conversion of its input, and deduplication.

Ids or requests come from any iterable. Each becomes an item: an id with its request, or with an error in its place.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Container, Coroutine, Iterable, Mapping
from typing import Any, Generic, TypeAlias, TypedDict, TypeGuard, TypeVar, cast

import msgspec

from lightfield._protocol.request import Request
from lightfield._protocol.shown import shown
from lightfield.errors import LightfieldError, LightfieldTypeError, LightfieldUsageError, LightfieldValueError

from .results import ProgressHook

T = TypeVar("T")

Ids = Iterable[str] | AsyncIterable[str]
"""Sources of ids."""

Requests: TypeAlias = (
    Mapping[str, Request[T]]
    | Iterable[Request[T] | tuple[str, Request[T]]]
    | AsyncIterable[Request[T] | tuple[str, Request[T]]]
)
"""Sources of requests: alone, or each with an id."""

Done = Container[str]
"""Ids that are already done."""

_TAKES = "A bulk takes requests, alone or in pairs of id and request"

_SKIPS_PER_PAUSE = 1_000
"""Skipped items between pauses, so that an endless input of them blocks neither the event loop nor other threads."""

Key = str | int
"""The unique key of an item: its id, or its index in the input if it has none."""


class BulkOptions(TypedDict, total=False):
    """Options of a bulk."""

    concurrency: int
    """Maximum number of requests in flight; 32 by default, and at most 56 in each category."""

    progress: ProgressHook | None
    """A plain function, called on the client's event loop after each item."""

    done: Done
    """Ids to skip."""


class Item(msgspec.Struct, Generic[T], frozen=True):
    """One element of the input: a request, or the error in its place."""

    index: int
    id: str
    request: Request[T] | LightfieldError
    named: bool = False
    """Whether the input gave its id."""

    @property
    def key(self) -> Key:
        """The key that is unique in a bulk."""
        return self.id if self.named else self.index

    @property
    def fingerprint(self) -> int:
        """A hash of the request without its idempotency key."""
        request = self.request
        if isinstance(request, LightfieldError):
            return hash(str(request))
        return hash((request.method, request.path, request.query, request.body, request.form, request.headers))

    def rejected(self, reason: str) -> "Item[T]":
        """Return a failed item with the same id and index, but a key of its own."""
        return Item(self.index, self.id, LightfieldValueError(reason))


class Work(msgspec.Struct, Generic[T], frozen=True):
    """An input, and the function that converts its elements to items."""

    source: Iterable[Any] | AsyncIterable[Any]
    convert: Callable[[int, Any], Item[T]]

    async def items(self) -> AsyncIterator[Item[T]]:
        """Yield the items of the input, in order."""
        index = 0
        if isinstance(self.source, AsyncIterable):
            async for element in self.source:
                yield self.convert(index, element)
                index += 1
        else:
            for index, element in enumerate(self.source):
                yield self.convert(index, element)


def by_id(ids: Ids, describe: Callable[[str], Request[T]]) -> Work[T]:
    """Return the work for ids; a non-string id never collides with the string it looks like."""

    def convert(index: int, id: Any) -> Item[T]:
        named = isinstance(id, str)
        name = id if named else shown(id)
        try:
            return Item(index, name, describe(id), named)
        except LightfieldError as error:
            return Item(index, name, error, named)

    return Work(_iterable(ids), convert)


def by_request(requests: Requests[T], shared_key: str | None) -> Work[T]:
    """Return the work for requests, which must not all share one idempotency key.

    Raises:
        LightfieldUsageError: They would share one. If the input is a collection, this is raised before any is sent.
    """
    elements = _iterable(cast("Mapping[str, object]", requests).items() if isinstance(requests, Mapping) else requests)

    def convert(index: int, element: object) -> Item[T]:
        item = _item(index, element)
        if shared_key is not None and lacks_key(item.request):
            raise LightfieldUsageError(
                "This client has a fixed idempotency_key, which every write of the bulk would share. "
                "Give each request its own, with keyed(), or use a client without one.",
            )
        return item

    if shared_key is not None and isinstance(elements, Collection):
        for index, element in enumerate(elements):
            convert(index, element)
    return Work(elements, convert)


def _item(index: int, element: object) -> Item[Any]:
    if _is_request(element):
        return Item(index, str(index), element)
    if not _is_pair(element):
        return Item(index, str(index), LightfieldTypeError(f"{_TAKES}, not {_kind(element)}."))
    id, request = element
    if not isinstance(id, str):
        return Item(index, str(index), LightfieldTypeError(f"id must be a string, not {type(id).__name__}."))
    if not _is_request(request):
        return Item(index, id, LightfieldTypeError(f"{_TAKES}, not of id and {_kind(request)}."), named=True)
    return Item(index, id, request, named=True)


def _kind(value: object) -> str:
    """Return a description of a type; a coroutine is closed, as it will not be awaited."""
    if not isinstance(value, Coroutine):
        return type(value).__name__
    value.close()
    return "coroutine: describe requests with client.plan"


def _is_request(value: object) -> TypeGuard[Request[Any]]:
    return isinstance(value, Request)


def _is_pair(value: object) -> TypeGuard[tuple[object, object]]:
    if not isinstance(value, tuple) or len(value) != 2:  # pyright: ignore[reportUnknownArgumentType]
        return False
    first, second = cast("tuple[object, object]", value)
    return isinstance(first, str) or _is_request(second)


def _is_iterable(value: object) -> TypeGuard[Iterable[Any] | AsyncIterable[Any]]:
    return isinstance(value, Iterable | AsyncIterable) and not isinstance(value, str | bytes)


def _iterable(value: object) -> Iterable[Any] | AsyncIterable[Any]:
    pair = _is_pair(value) and _is_request(value[1])
    if _is_iterable(value) and not pair:
        return value
    single = "pair" if pair else "string" if isinstance(value, str | bytes) else _kind(value)
    raise LightfieldTypeError(f"A bulk takes an iterable of ids or requests, not a single {single}.")


def lacks_key(request: object) -> bool:
    """Return whether it is a write that takes an idempotency key and has none yet."""
    return _is_request(request) and request.takes_key and request.idempotency_key is None


class Deduplicator:
    """A filter that drops items already done and duplicates.

    It remembers as many ids and as many idempotency keys as ``remembered``, or all if that is None.
    """

    def __init__(self, done: Done, remembered: int | None) -> None:
        self._done = done
        self._ids, self._keys = _SeenItems(remembered), _SeenItems(remembered)

    def keep(self, item: Item[T]) -> Item[T] | None:
        """Return the item, None to drop it, or a failed item if another request had its id or key."""
        request = item.request
        # an error without an id cannot be done already
        if (item.named or _is_request(request)) and item.id in self._done:
            return None
        if item.named and (same := self._ids.matches(item.id, item)) is not None:
            return None if same else item.rejected(f"The id {item.id!a:.80} was already used for a different request.")
        key = None if isinstance(request, LightfieldError) else request.idempotency_key
        if key is not None and self._keys.matches(key, item) is False:
            return item.rejected(
                f"The idempotency key {key} was already used for a different request; its response would be repeated. "
                "Give each write a key of its own, with keyed().",
            )
        return item


class _SeenItems:
    """Fingerprints of the items seen first under each name."""

    def __init__(self, size: int | None) -> None:
        self._size = size
        self._fingerprints = OrderedDict[str, int]()

    def matches(self, name: str, item: Item[Any]) -> bool | None:
        """Return whether the name stood for the same request before; None for a new name, which is stored."""
        fingerprint, seen = item.fingerprint, self._fingerprints
        if name in seen:
            return seen[name] == fingerprint
        seen[name] = fingerprint
        if self._size is not None and len(seen) > self._size:
            seen.popitem(last=False)
        return None


async def pending_items(
    items: AsyncIterator[Item[T]],
    deduplicator: Deduplicator,
    skip: Callable[[], object],
    order: list[Key] | None = None,
) -> AsyncIterator[Item[T]]:
    """Yield the items to perform, and append the keys of all to ``order``; call ``skip`` for each one dropped."""
    skipped = 0
    async for item in items:
        kept = deduplicator.keep(item)
        if order is not None:
            order.append((kept or item).key)
        if kept is not None:
            yield kept
            continue
        skip()
        skipped += 1
        if skipped % _SKIPS_PER_PAUSE == 0:
            await asyncio.sleep(0.001)  # not 0: other threads hardly run while the event loop never waits
