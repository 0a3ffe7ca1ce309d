"""Bulks of requests that a function of an id performs: no client, no server."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from msgspec.json import Decoder

from lightfield import BulkResult, Outcome, Request
from lightfield._bulk.bulk import gather, stream
from lightfield._bulk.items import Ids, by_id, by_request
from lightfield._protocol.builders import get, path_segment, write

Fetch = Callable[[str], Awaitable[str]]

DECODER: Decoder[str] = Decoder(str)


def read(id: str) -> Request[str]:
    return get(path_segment(id), DECODER)


def create(id: str) -> Request[str]:
    """Describe a write that takes an idempotency key."""
    return write(path_segment(id), DECODER, {"name": id}, retry_safety="with_key")


def performing(fetch: Fetch) -> Callable[[Request[str]], Awaitable[str]]:
    return lambda request: fetch(request.path)


async def each(send: Any, work: Any, **options: Any) -> AsyncGenerator[Outcome[str], None]:
    """Yield the outcomes of a stream, as ``client.iter_bulk`` does."""
    async with stream(send, work, **options) as outcomes:
        async for _, outcome in outcomes:
            yield outcome


async def fetch_all(ids: Ids, fetch: Fetch, **options: Any) -> BulkResult[str]:
    return await gather(performing(fetch), by_id(ids, read), **options)


def fetch_each(ids: Ids, fetch: Fetch, **options: Any) -> AsyncGenerator[Outcome[str], None]:
    return each(performing(fetch), by_id(ids, read), **options)


async def send_all(requests: Any, fetch: Fetch, shared_key: str | None = None, **options: Any) -> BulkResult[str]:
    return await gather(performing(fetch), by_request(requests, shared_key), **options)


def send_each(
    requests: Any, fetch: Fetch, shared_key: str | None = None, **options: Any
) -> AsyncGenerator[Outcome[str], None]:
    return each(performing(fetch), by_request(requests, shared_key), **options)
