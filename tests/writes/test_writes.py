"""Is each write done at most once, whatever goes wrong, and is its caller told the truth about it?"""

import asyncio

import pytest

from lightfield import APIConnectionError
from tests.client.both import Connect
from tests.writes.clock import HastyLoop
from tests.writes.machine import KINDS, Kind, drive
from tests.writes.model import Desk, Draft, Tally, Wrong
from tests.writes.server import Crm, Fault


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("kind", "enough"), [(KINDS["awaited"], 2_000), (KINDS["blocking"], 150)], ids=KINDS)
def test_a_write_is_done_at_most_once_and_its_end_is_told_truly(kind: Kind, enough: int) -> None:
    total = Tally()
    drive(kind, enough, total)
    assert len(total.faults) > len(Fault) / 2
    assert 0 < total.unknown < total.writes


async def test_a_write_that_is_sent_again_with_another_key_is_seen(connect: Connect) -> None:
    tally = Tally()
    async with Crm(tally.faults) as crm, connect(crm.base_url, rate_limits=None) as client:
        crm.expect("write-0", [])
        await client.opportunity.create(fields={"$name": "write-0"}, relationships={"$account": "acc_1"})
        await Desk(client, crm, tally).at_once([Draft("opportunity.create", 0)])
    assert [complaint.wrong for complaint in tally.complaints] == [Wrong.TWICE]


def test_an_attempt_that_was_sent_is_not_forgotten_when_the_last_one_was_not() -> None:
    async def scenario() -> None:
        async with Crm() as crm, KINDS["awaited"].connect(crm.base_url, rate_limits=None, max_retries=2) as client:
            crm.expect("write-0", [Fault.DONE_FIN])
            call = client.opportunity.create(fields={"$name": "write-0"}, relationships={"$account": "acc_1"})
            task = asyncio.ensure_future(call)
            await crm.arrived.wait()
            outage = asyncio.ensure_future(crm.outage(0, 60))
            with pytest.raises(APIConnectionError, match="cannot connect") as caught:
                await task
            await outage
        assert caught.value.sent

    with asyncio.Runner(loop_factory=HastyLoop) as runner:
        runner.run(scenario())
