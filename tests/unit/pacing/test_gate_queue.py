"""Do ten thousand calls at once all come through a client, however long their queue is? On a virtual clock."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import uuid4

import msgspec
import pytest
from multidict import CIMultiDict

from lightfield import APITimeoutError, AsyncLightfield, RateLimits, SlotWait
from lightfield._protocol.response import Response
from lightfield.models import Opportunity
from lightfield.testing._http.limits import RateLimits as Buckets
from tests.clock import run
from tests.faults.server import ID, OPPORTUNITY
from tests.unit.pacing.gates import now

CALLS = 10_000


class Wire:
    """In the place of a transport's sending: a server with a token bucket, 50 ms away."""

    def __init__(self, limit: int = 25) -> None:
        self.sent: list[tuple[float, float | None]] = []
        """When each request was sent, and how many seconds it had."""

        self.refused = 0
        self._buckets = Buckets(limit, self._nanoseconds, self._nanoseconds)

    @staticmethod
    def _nanoseconds() -> int:
        return round(now() * 1e9)

    async def send(
        self, _request: object, _headers: object, _timeout: object, end: float | None, _connection: object
    ) -> Response:
        self.sent.append((now(), None if end is None else round(end - asyncio.get_running_loop().time(), 6)))
        await asyncio.sleep(0.025)
        passes = self._buckets.take("Read")
        self.refused += not passes
        headers = CIMultiDict(self._buckets.headers("Read"))
        await asyncio.sleep(0.025)
        return Response(200 if passes else 429, headers, msgspec.json.encode(OPPORTUNITY))


@asynccontextmanager
async def client_of(wire: Wire, **options: Any) -> AsyncGenerator[AsyncLightfield]:
    key = uuid4().hex  # a lane of its own
    async with AsyncLightfield(api_key=key, base_url="http://localhost:1", **options) as client:
        transport = cast("Any", client)._transport
        transport.open(asyncio.get_running_loop())
        transport.send = wire.send
        yield client


async def retrieve_all(client: AsyncLightfield, number: int = CALLS) -> list[Opportunity | BaseException]:
    return await asyncio.gather(*(client.opportunity.retrieve(ID) for _ in range(number)), return_exceptions=True)


def test_ten_thousand_calls_at_once_all_succeed_with_the_usual_deadline() -> None:
    async def scenario() -> None:
        wire = Wire()
        async with client_of(wire) as client:
            results = await retrieve_all(client)
            status = client.rate_limits["Read"]
        assert all(isinstance(result, Opportunity) for result in results)
        assert (len(wire.sent), wire.refused) == (CALLS, 0)
        assert (status.granted, status.waiting, status.in_flight) == (CALLS, 0, 0)
        assert {left for _, left in wire.sent} == {120.0}
        assert 398 < now() < 402

    run(scenario())


def test_with_an_explicit_deadline_those_behind_it_fail_unsent_and_on_time() -> None:
    async def scenario() -> None:
        wire = Wire()
        async with client_of(wire, deadline=60) as client:
            results = await retrieve_all(client)
            assert now() <= 60.05
            status = client.rate_limits["Read"]
        late = [result for result in results if isinstance(result, APITimeoutError)]
        assert {(error.sent, error.deadline_exceeded) for error in late} == {(False, True)}
        assert len(wire.sent) + len(late) == CALLS
        assert 1_500 <= len(wire.sent) < 1_530
        assert all(round(moment + (left or 0), 6) == 60.0 for moment, left in wire.sent)
        assert (status.granted, status.waiting, status.in_flight) == (len(wire.sent), 0, 0)

    run(scenario())


def test_a_sibling_may_have_an_explicit_deadline_and_its_elder_none() -> None:
    async def scenario() -> None:
        wire = Wire()
        async with client_of(wire) as client:
            elder = asyncio.ensure_future(retrieve_all(client, 500))
            await asyncio.sleep(0)
            results = await retrieve_all(client.with_options(deadline=2), 10)
            assert now() == 2.0
            assert all(isinstance(result, APITimeoutError) for result in results)
            assert all(isinstance(result, Opportunity) for result in await elder)

    run(scenario())


def test_a_deadline_of_none_gives_an_attempt_all_the_time() -> None:
    async def scenario() -> None:
        wire = Wire()
        async with client_of(wire, deadline=None) as client:
            await retrieve_all(client, 10)
        assert {left for _, left in wire.sent} == {None}

    run(scenario())


def test_the_usual_deadline_goes_on_after_the_first_attempt() -> None:
    async def scenario() -> None:
        wire = Wire(limit=1)
        async with client_of(wire, rate_limits=RateLimits(read=25)) as client:
            await retrieve_all(client, 3)
        assert wire.refused > 0
        assert min(left or 0 for _, left in wire.sent) < 120.0

    run(scenario())


@pytest.mark.parametrize(("number", "waited"), [(25, 0), (30, 5)])
def test_the_hook_is_told_the_seconds_of_each_wait(number: int, waited: int) -> None:
    async def scenario() -> list[SlotWait]:
        waits: list[SlotWait] = []
        async with client_of(Wire(), on_wait=waits.append) as client:
            await retrieve_all(client, number)
        return waits

    seconds = [round(wait.seconds, 6) for wait in run(scenario())]
    assert seconds == [1.005] * waited
