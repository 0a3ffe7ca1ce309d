"""Does chaos fail the share of requests that was asked for, and the same ones again?"""

from collections import Counter
from typing import Any

import aiohttp
import pytest

from lightfield.testing import Sandbox
from tests.client.both import Connect
from tests.unit.testing.sandbox_calls import HEADERS, Api, calling

NEW = {"fields": {"$name": "Acme"}}


async def outcomes(api: Api, times: int) -> list[object]:
    """Send a harmless request again and again, and tell what became of each; aiohttp itself repeats a GET."""
    found: list[object] = []
    for _ in range(times):
        try:
            async with api.session.post("/v1/accounts/acc_northwind_traders/restore", headers=HEADERS) as response:
                await response.read()
                found.append(response.status)
        except aiohttp.ClientPayloadError:
            found.append("truncate")
        except aiohttp.ClientConnectionError:
            found.append("reset")
    return found


async def _with_chaos(times: int, **options: Any) -> list[object]:
    async with calling(opportunities=0) as api:
        api.sandbox.chaos(**options)
        return await outcomes(api, times)


async def test_same_seed_fails_the_same_requests() -> None:
    first, again, other = [await _with_chaos(200, rate=0.3, seed=seed) for seed in (1, 1, 2)]
    assert first == again != other


async def test_share_and_kinds_are_as_asked_for() -> None:
    counts = Counter(await _with_chaos(700, rate=0.5))
    assert counts.keys() == {200, 429, 500, 502, 503, 504, "reset", "truncate"}
    assert 280 < counts[200] < 420
    assert all(count > 20 for count in counts.values())


async def test_only_the_kinds_that_were_asked_for_occur() -> None:
    assert set(await _with_chaos(60, rate=0.5, kinds=[503, "reset"])) == {200, 503, "reset"}


async def test_rate_of_one_fails_all_and_of_zero_none() -> None:
    async with calling(opportunities=0) as api:
        fault = api.sandbox.chaos(rate=1, kinds=(503,))
        assert await outcomes(api, 20) == [503] * 20
        assert fault.hits == 20
        api.sandbox.chaos(rate=0)
        assert await outcomes(api, 20) == [200] * 20


async def test_chaos_ends_with_its_block_or_by_its_fault() -> None:
    async with calling(opportunities=0) as api:
        with api.sandbox.chaos(rate=1, kinds=(500,)):
            assert await outcomes(api, 1) == [500]
        assert await outcomes(api, 1) == [200]
        first = api.sandbox.chaos(rate=1, kinds=(500,))
        second = api.sandbox.chaos(rate=1, kinds=(502,))
        first.cancel()  # the second one has taken its place
        assert await outcomes(api, 1) == [502]
        second.cancel()
        assert await outcomes(api, 1) == [200]


async def test_faults_come_before_chaos() -> None:
    async with calling(opportunities=0) as api:
        api.sandbox.chaos(rate=1, kinds=(500,))
        api.sandbox.fail("account.restore", status=418)
        assert await outcomes(api, 2) == [418, 500]


async def test_half_of_the_writes_whose_answer_is_lost_take_effect() -> None:
    async with calling(opportunities=0) as api:
        before = len(api.sandbox.ids("accounts"))
        api.sandbox.chaos(rate=1, kinds=("reset",))
        for _ in range(60):
            with pytest.raises(aiohttp.ClientConnectionError):
                await api.post("/v1/accounts", NEW)
        assert 15 < len(api.sandbox.ids("accounts")) - before < 45
        api.sandbox.chaos(rate=1, kinds=(500,))
        before = len(api.sandbox.ids("accounts"))
        for _ in range(20):
            await api.post("/v1/accounts", NEW, status=500)
        assert len(api.sandbox.ids("accounts")) == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": -0.1}, "rate must be from 0 to 1; got -0.1"),
        ({"rate": 5}, "rate must be from 0 to 1; got 5"),
        ({"rate": float("nan")}, "rate must be from 0 to 1; got nan"),
        ({"rate": 0.1, "kinds": ()}, "kinds must have at least one"),
        ({"rate": 0.1, "kinds": (200,)}, "status must be that of a failure"),
        ({"rate": 0.1, "kinds": ("explode",)}, "with_ must be one of reset, stall"),
    ],
)
def test_wrong_options_are_refused_at_once(options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Sandbox(opportunities=0).chaos(**options)


async def test_client_survives_chaos_with_nothing_lost_and_nothing_twice(connect: Connect) -> None:
    with Sandbox(opportunities=0, rate_limit=None) as sandbox:
        before = len(sandbox.ids("accounts"))
        with sandbox.chaos(rate=0.2, seed=3) as fault:
            async with connect(sandbox.base_url, max_retries=10) as client:
                made = [(await client.account.create(fields={"$name": f"Acme {number}"})).id for number in range(20)]
        assert sandbox.ids("accounts")[before:] == made
        assert fault.hits > 0
        assert len(sandbox.requests) == 20 + fault.hits
