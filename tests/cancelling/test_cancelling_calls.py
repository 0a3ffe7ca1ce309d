"""A single call, interrupted at each of its suspensions: it ends at once, and leaves nothing behind."""

from functools import partial

import pytest
import trustme

from lightfield import AsyncLightfield, RateLimits, SlotWait, Timeout
from tests.cancelling.conftest import Interrupt
from tests.cancelling.steps import Steps, Way, woken
from tests.cancelling.sweep import Scene, sweep
from tests.client.both import KEY
from tests.faults.certificates import certified, trusting
from tests.faults.server import ID, OPPORTUNITY, RST, STALL, FaultServer, http

AUTHORITY = trustme.CA(key_type=trustme.KeyType.ECDSA)
GOOD = http(200, OPPORTUNITY)
HASTY = {"rate_limits": None, "max_retries": 0, "timeout": Timeout(connect=0.1, total=0.1)}


async def read(client: AsyncLightfield) -> object:
    return await client.opportunity.retrieve(ID)


async def write(client: AsyncLightfield) -> object:
    return await client.opportunity.create(fields={"$name": "Acme"}, relationships={"$account": "acc_1"})


async def wait_for_a_run(client: AsyncLightfield) -> object:
    return await client.workflow_run.wait("run_1", deadline=0.1)


def over_tls() -> FaultServer:
    return FaultServer(tls=certified(AUTHORITY.issue_cert("localhost")))


class MuteTLS(FaultServer):
    """Accepts connections, and never answers the beginning of TLS."""

    def __init__(self) -> None:
        super().__init__(greeting=STALL)

    @property
    def base_url(self) -> str:
        return f"https://{self.address}"


SCENES = {
    "read": Scene(read, FaultServer),
    "write": Scene(write, FaultServer),
    "read on an open connection": Scene(read, FaultServer, before=read),
    "read in a full lane": Scene(read, FaultServer, {"rate_limits": RateLimits(read=20)}, before=read),
    "write in a full lane": Scene(write, FaultServer, {"rate_limits": RateLimits(write=20)}, before=write),
    "body half there": Scene(read, partial(FaultServer, [GOOD[:-20], 0.01, GOOD[-20:]])),
    "no answer": Scene(read, partial(FaultServer, STALL), HASTY),
    "read over TLS": Scene(read, over_tls, {"rate_limits": None, "ssl_context": trusting(AUTHORITY)}),
    "no end of TLS": Scene(read, MuteTLS, HASTY),
    "read again after 503": Scene(read, partial(FaultServer, http(503), GOOD)),
    "write again after 503": Scene(write, partial(FaultServer, http(503), GOOD)),
    "write again after a reset": Scene(write, partial(FaultServer, RST, GOOD)),
    "asking again": Scene(wait_for_a_run, partial(FaultServer, http(200, {"status": "running"}))),
}


@pytest.mark.parametrize("name", SCENES)
def test_an_interrupted_call_leaves_nothing_behind(interrupt: Interrupt, name: str) -> None:
    interrupt(partial(sweep, SCENES[name]))


def test_a_slot_that_was_not_used_is_handed_on(interrupt: Interrupt) -> None:
    waits: list[SlotWait] = []

    async def in_the_queue(way: Way) -> None:
        with FaultServer() as server:
            limits = RateLimits(read=1 if way is woken else 0.1)
            async with AsyncLightfield(api_key=KEY, base_url=server.base_url, rate_limits=limits) as client:
                await read(client)
                await way(Steps(read(client), 1))
                lane = client.rate_limits["Read"]
                assert (lane.waiting, lane.in_flight, lane.granted) == (0, 0, 1)
                if way is woken:
                    await read(client.with_options(on_wait=waits.append))
        assert len(server.requests) == 1 + (way is woken)

    interrupt(in_the_queue)
    assert waits == []
