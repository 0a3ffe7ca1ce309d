"""One server, and one client of each kind, for all the tests of a module."""

import asyncio
from collections.abc import Iterator
from operator import attrgetter
from typing import Any, Protocol

import pytest

from lightfield import AsyncLightfield, Lightfield
from tests.client.both import KEY
from tests.contract.calls import Call
from tests.contract.server import Answering


class Perform(Protocol):
    """Make a call with a client of the one kind or the other, and give its result."""

    def __call__(self, call: Call, /, *, raw: bool = False) -> Any: ...


@pytest.fixture(scope="module")
def server() -> Iterator[Answering]:
    with Answering() as running:
        yield running


@pytest.fixture(scope="module", params=["awaited", "blocking"])
def perform(request: pytest.FixtureRequest, server: Answering) -> Iterator[Perform]:
    if request.param == "blocking":
        with Lightfield(api_key=KEY, base_url=server.base_url, rate_limits=None, max_retries=0) as client:
            yield lambda call, *, raw=False: _member(client, call, raw=raw)(*call.args, **call.kwargs)
        return
    with asyncio.Runner() as runner:
        awaited = AsyncLightfield(api_key=KEY, base_url=server.base_url, rate_limits=None, max_retries=0)

        async def run(call: Call, *, raw: bool) -> Any:
            return await _member(awaited, call, raw=raw)(*call.args, **call.kwargs)

        yield lambda call, *, raw=False: runner.run(run(call, raw=raw))
        runner.run(awaited.close())


def _member(client: object, call: Call, *, raw: bool) -> Any:
    resource, _, name = call.fact.operation.partition(".")
    return attrgetter(f"{resource}.{'with_raw_response.' * raw}{name}")(client)
