"""The system was suspended, and the clock of the event loops went on: an hour passes at once, wherever a call is."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple
from weakref import WeakSet

import pytest

from lightfield import APIError, APITimeoutError, AsyncLightfield, RateLimits
from lightfield._aio import portal
from tests.client.both import Connect, until
from tests.faults.calls import Call, read, write
from tests.faults.rows import GOOD, check_same
from tests.faults.server import ID, STALL, FaultServer, Reply, http

HOUR = 3_600.0
PATIENCE = 10.0
RATE = 50


class Clock:
    """The clock of all event loops, which can be put forward."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ahead = 0.0
        self._loops = WeakSet[asyncio.AbstractEventLoop]()

        def read(loop: asyncio.AbstractEventLoop) -> float:
            self._loops.add(loop)
            return time.monotonic() + self._ahead

        def keep(loop: asyncio.AbstractEventLoop) -> asyncio.AbstractEventLoop:
            return loop

        monkeypatch.setenv("LIGHTFIELD_UVLOOP", "0")
        monkeypatch.setattr(asyncio.SelectorEventLoop, "time", read)
        monkeypatch.setattr(portal, "on_real_time", keep)

    def jump(self) -> None:
        """Let an hour pass, and every loop wake up to it."""
        self._ahead += HOUR
        for loop in list(self._loops):
            with suppress(RuntimeError):  # it is closed
                loop.call_soon_threadsafe(int)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture(params=[read, write], ids=["read", "write"])
def call(request: pytest.FixtureRequest) -> Call:
    kind: Call = request.param
    return kind


class Lane(NamedTuple):
    waiting: int
    in_flight: int
    granted: int


def lane(client: AsyncLightfield, call: Call) -> Lane:
    status = client.rate_limits["Read" if call is read else "Write"]
    return Lane(status.waiting, status.in_flight, status.granted)


class Phase(NamedTuple):
    """Where a call is when the system is suspended: its first reply, and how one can tell."""

    first: Reply
    there: Callable[[Lane, FaultServer], bool]


def attempting(_: Lane, server: FaultServer) -> bool:
    return server.arrived.is_set()


def pausing(lane: Lane, server: FaultServer) -> bool:
    return server.arrived.is_set() and not lane.in_flight


PHASES = {
    "attempt": Phase(STALL, attempting),
    "pause": Phase(http(503, headers={"Retry-After": "50"}), pausing),
}


@pytest.mark.parametrize("name", PHASES)
async def test_a_call_goes_on_where_it_was(connect: Connect, call: Call, clock: Clock, name: str) -> None:
    """Its attempt has had its time, and its pause is over."""
    phase = PHASES[name]
    with FaultServer(phase.first, GOOD) as server:
        async with connect(server.base_url, deadline=None) as client:
            answer = asyncio.ensure_future(call(client))
            await until(lambda: phase.there(lane(client, call), server))
            clock.jump()
            assert (await answer).id == ID
            assert lane(client, call) == (0, 0, 2)
    assert len(server.requests) == 2
    check_same(server, call)


@pytest.mark.parametrize("name", PHASES)
async def test_a_deadline_that_passed_meanwhile_has_passed(
    connect: Connect, call: Call, clock: Clock, name: str
) -> None:
    phase = PHASES[name]
    with FaultServer(phase.first, STALL) as server:
        async with connect(server.base_url, deadline=100) as client:
            answer = asyncio.ensure_future(call(client))
            await until(lambda: phase.there(lane(client, call), server))
            clock.jump()
            began = time.monotonic()
            with pytest.raises(APIError) as caught:
                await answer
            assert time.monotonic() - began < PATIENCE
            assert lane(client, call)[:2] == (0, 0)
    assert caught.value.deadline_exceeded
    assert len(server.requests) == 1


@pytest.mark.parametrize("deadline", [None, 100])
async def test_a_call_that_waits_for_a_slot_has_it_unless_its_deadline_came_before(
    connect: Connect, call: Call, clock: Clock, deadline: float | None
) -> None:
    with FaultServer() as server:
        limits = RateLimits(read=0.001, write=0.001)  # the slot would be due in a quarter of an hour
        async with connect(server.base_url, rate_limits=limits) as client:
            await call(client)
            answer = asyncio.ensure_future(call(client.with_options(deadline=deadline)))
            await until(lambda: lane(client, call).waiting == 1)
            clock.jump()
            if deadline is None:
                assert (await answer).id == ID
            else:
                with pytest.raises(APITimeoutError, match="waiting for a slot") as caught:
                    await answer
                assert not caught.value.sent
            assert lane(client, call) == (0, 0, len(server.requests))
    assert len(server.requests) == (2 if deadline is None else 1)


async def test_no_slots_are_saved_up(connect: Connect, call: Call, clock: Clock) -> None:
    """Of what an hour of rest would hold at 50 a second, no more than 50 are sent at once."""
    with FaultServer() as server:
        async with connect(server.base_url, rate_limits=RateLimits(read=RATE, write=RATE)) as client:
            await call(client)
            clock.jump()
            began = time.monotonic()
            await asyncio.gather(*(call(client) for _ in range(RATE + 10)))
            assert time.monotonic() - began >= 1
