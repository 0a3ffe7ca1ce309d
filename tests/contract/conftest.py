"""One server, and one client of each kind, for all the tests of a module."""

import asyncio
from collections.abc import Iterator
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

import pytest

from lightfield import AsyncLightfield, HTTPRequest, Lightfield
from tests.client.both import KEY
from tests.contract.calls import Call
from tests.contract.server import Answering

RAW, STREAMING = "with_raw_response", "with_streaming_response"


class Undecoded(NamedTuple):
    """An undecoded response, and what was read of it."""

    status_code: int
    http_request: HTTPRequest
    was_closed: bool
    """Before it was read."""

    parsed: Any
    is_closed: bool


class Perform(Protocol):
    """Make a call with a client of the one kind or the other, and give its result."""

    def __call__(self, call: Call, /, view: str = "", **options: Any) -> Any: ...


@pytest.fixture(scope="module")
def server() -> Iterator[Answering]:
    with Answering() as running:
        yield running


@pytest.fixture(scope="module", params=["awaited", "blocking"])
def perform(request: pytest.FixtureRequest, server: Answering) -> Iterator[Perform]:
    if request.param == "blocking":
        with Lightfield(api_key=KEY, base_url=server.base_url, rate_limits=None, max_retries=0) as client:
            yield partial(_block, client)
        return
    with asyncio.Runner() as runner:
        awaited = AsyncLightfield(api_key=KEY, base_url=server.base_url, rate_limits=None, max_retries=0)

        def run(call: Call, /, view: str = "", **options: Any) -> Any:
            return runner.run(_wait(awaited, call, view, options))

        yield run
        runner.run(awaited.close())


def _block(client: Lightfield, call: Call, view: str = "", **options: Any) -> Any:
    made = _member(client, call, view)(*call.args, **call.kwargs, **options)
    if view == STREAMING:
        with made as response:
            closed, parsed = response.is_closed, response.parse()
    elif view == RAW:
        response, closed, parsed = made, made.is_closed, made.parse()
    else:
        return made
    return Undecoded(response.status_code, response.http_request, closed, parsed, response.is_closed)


async def _wait(client: AsyncLightfield, call: Call, view: str, options: dict[str, Any]) -> Any:
    made = _member(client, call, view)(*call.args, **call.kwargs, **options)
    if view == STREAMING:
        async with made as response:
            closed, parsed = response.is_closed, await response.parse()
    elif view == RAW:
        response = await made
        closed, parsed = response.is_closed, await response.parse()
    else:
        return await made
    return Undecoded(response.status_code, response.http_request, closed, parsed, response.is_closed)


def _member(client: object, call: Call, view: str) -> Any:
    resource, _, name = call.fact.operation.partition(".")
    return attrgetter(".".join(filter(None, (resource, view, name))))(client)
