"""Do both clients come to the same results, from the first record to the last error? The official SDK plays it too."""

from tests.client.both import awaited, blocking
from tests.official.acting import differences, play_with
from tests.official.scenario import CHAPTERS


async def test_both_clients_play_the_same_scenario() -> None:
    one, other = await play_with(awaited), await play_with(blocking)
    assert one.keys() == CHAPTERS.keys()
    assert not (found := differences(one, other)), "\n".join(found)
