"""A user's test freezes the time, or moves it: durations stay real, and nothing waits for a clock that stands still.

Every scenario runs on a thread of its own, since a frozen event loop that hangs can end by no timeout.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import pytest
import time_machine
from freezegun import freeze_time

from lightfield import APIStatusError, APITimeoutError, AsyncLightfield, F, Lightfield, LightfieldUsageError, RateLimits
from lightfield._aio.clock import monotonic
from lightfield.testing import Sandbox
from tests.client.both import KEY, Connect, awaited, blocking
from tests.faults.calls import read
from tests.faults.rows import GOOD
from tests.faults.server import STALL, FaultServer, http
from tests.lifecycle.script import run

pd: Any = import_module("pandas")

T = TypeVar("T")
Freeze = Callable[[], AbstractContextManager[Any]]
Scenario = Callable[[], Coroutine[Any, Any, T]]

PATIENCE = 20.0
RATE = 100
PAUSE = 0.3
EARLIER, DATE, LATER = "1971-01-01", "2031-05-01", "2050-01-01"

STOPPED: dict[str, Freeze] = {
    "freezegun": partial(freeze_time, DATE),
    "freezegun-past": partial(freeze_time, EARLIER),
    "freezegun-step": partial(freeze_time, DATE, auto_tick_seconds=0.001),
}
"""With these, event loops that read ``time.monotonic`` stand still, or move by steps."""

RUNNING: dict[str, Freeze] = {
    "freezegun-asyncio": partial(freeze_time, DATE, real_asyncio=True),
    "freezegun-tick": partial(freeze_time, DATE, tick=True),
    "time-machine": partial(time_machine.travel, DATE, tick=False),
    "time-machine-tick": partial(time_machine.travel, EARLIER),
}

CASES = [("blocking", name) for name in {**STOPPED, **RUNNING}] + [("awaited", name) for name in RUNNING]


@pytest.fixture(params=CASES, ids="-".join)
def case(request: pytest.FixtureRequest) -> tuple[Connect, Freeze]:
    """A kind of client, and a way to freeze the time with which it works."""
    kind, name = request.param
    return {"blocking": blocking, "awaited": awaited}[kind], {**STOPPED, **RUNNING}[name]


def outcome(scenario: Scenario[T], freeze: Freeze) -> T:
    """Run a scenario in frozen time."""
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(asyncio.run(scenario()))
        except BaseException as error:  # noqa: BLE001
            future.set_exception(error)

    with freeze():
        threading.Thread(target=work, daemon=True).start()
        return future.result(PATIENCE)


def test_calls_keep_their_pace(case: tuple[Connect, Freeze]) -> None:
    """The limit of the server, which is as real, is not exceeded, and those that have to wait do not wait forever."""
    connect, freeze = case
    sandbox = Sandbox(opportunities=1, rate_limit=RATE)

    async def scenario() -> float:
        async with sandbox, connect(sandbox.base_url, rate_limits=RateLimits(read=RATE)) as client:
            began = monotonic()
            await asyncio.gather(
                *(client.opportunity.retrieve(sandbox.opportunity_ids[0]) for _ in range(RATE + 60)),
            )
            return monotonic() - began

    assert outcome(scenario, freeze) > 60 / RATE
    assert (len(sandbox.requests), sandbox.throttled) == (RATE + 60, 0)


def test_a_deadline_passes(case: tuple[Connect, Freeze]) -> None:
    """That of an attempt, and that of a call which waits for a slot."""
    connect, freeze = case
    limits = RateLimits(read=0.01)

    async def failure(client: AsyncLightfield) -> APITimeoutError:
        with pytest.raises(APITimeoutError) as caught:
            await read(client)
        return caught.value

    async def scenario(server: FaultServer) -> list[APITimeoutError]:
        async with connect(server.base_url, deadline=PAUSE, timeout=None, rate_limits=limits) as client:
            return [*await asyncio.gather(failure(client), failure(client))]

    with FaultServer(STALL) as server:
        errors = outcome(partial(scenario, server), freeze)
    assert {error.sent for error in errors} == {True, False}
    assert all(error.deadline_exceeded for error in errors)


def test_a_pause_before_a_retry_ends(case: tuple[Connect, Freeze]) -> None:
    connect, freeze = case

    async def scenario(server: FaultServer) -> float:
        async with connect(server.base_url) as client:
            began = monotonic()
            await read(client)
            return monotonic() - began

    with FaultServer(http(503, headers={"Retry-After": str(PAUSE)}), GOOD) as server:
        assert PAUSE <= outcome(partial(scenario, server), freeze) < PATIENCE
    assert len(server.requests) == 2


def test_files_come_and_go(case: tuple[Connect, Freeze], tmp_path: Path) -> None:
    connect, freeze = case
    path = tmp_path / "call.txt"

    async def scenario() -> bytes:
        async with Sandbox(opportunities=0) as sandbox, connect(sandbox.base_url) as client:
            file = await client.file.upload(b"hello", filename="call.txt")
            await client.file.download_to(file.id, path)
            return await client.file.download(file.id)

    assert outcome(scenario, freeze) == path.read_bytes() == b"hello"


@pytest.mark.parametrize("freeze", [STOPPED["freezegun"], RUNNING["time-machine"]])
def test_the_sandbox_writes_the_frozen_date(freeze: Freeze) -> None:
    with Sandbox() as sandbox, Lightfield(api_key=KEY, base_url=sandbox.base_url) as client, freeze():
        assert str(client.account.create(fields={"$name": "Acme"}).created_at) == f"{DATE}T00:00:00.000Z"
        raw = client.account.with_raw_response.retrieve(sandbox.ids("accounts")[0])
        assert 0 <= int(raw.headers["X-RateLimit-Reset"]) - time.time() <= 1


def test_a_moment_is_written_found_and_read(case: tuple[Connect, Freeze]) -> None:
    connect, freeze = case

    async def scenario() -> None:
        async with Sandbox(opportunities=3) as sandbox, connect(sandbox.base_url) as client:
            now = datetime.now(UTC).replace(microsecond=0)
            deal = await client.opportunity.update(sandbox.opportunity_ids[0], fields={"$closeDate": now})
            moment = deal.datetime("$closeDate")
            assert moment is not None
            assert moment == now
            page = await client.opportunity.list(filters=F("$closeDate") == moment)
            assert [each.id for each in page.data] == [deal.id]
            again = await client.opportunity.update(deal.id, fields={"$closeDate": moment})
            assert again.fields["$closeDate"] == deal.fields["$closeDate"]
            later = now + timedelta(days=1)
            again = await client.opportunity.update(deal.id, fields={"$closeDate": pd.Timestamp(later)})
            assert again.datetime("$closeDate") == later

    outcome(scenario, freeze)


@pytest.mark.parametrize("date", [EARLIER, LATER])
@pytest.mark.parametrize("connect", [awaited, blocking])
def test_the_time_moves_during_a_call(connect: Connect, date: str) -> None:
    freeze = partial(freeze_time, DATE, real_asyncio=connect is awaited)

    async def scenario() -> int:
        async with Sandbox(opportunities=1, latency=PAUSE) as sandbox, connect(sandbox.base_url, deadline=5) as client:
            answer = asyncio.ensure_future(client.opportunity.retrieve(sandbox.opportunity_ids[0]))
            while not sandbox.requests:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0)
            with freeze_time(date):
                await answer
                await client.opportunity.retrieve(sandbox.opportunity_ids[0])
            return len(sandbox.requests)

    assert outcome(scenario, freeze) == 2


@pytest.mark.parametrize("date", [EARLIER, LATER])
def test_a_client_lives_before_in_and_after_frozen_time(date: str) -> None:
    limits = RateLimits(read=RATE)
    with Sandbox(opportunities=1, rate_limit=RATE) as sandbox:
        with Lightfield(api_key=KEY, base_url=sandbox.base_url, rate_limits=limits) as client:
            for freeze in (partial(freeze_time, DATE), partial(freeze_time, date), partial(time_machine.travel, date)):
                client.opportunity.retrieve(sandbox.opportunity_ids[0])
                with freeze():
                    client.opportunity.retrieve(sandbox.opportunity_ids[0])
            client.opportunity.retrieve_many(sandbox.opportunity_ids * (RATE + 10))
        assert sandbox.throttled == 0


def test_time_was_frozen_before_the_import() -> None:
    run("""
from freezegun import freeze_time
with freeze_time("2031-05-01"):
    from lightfield import APITimeoutError, Lightfield, RateLimits
    from lightfield.testing import Sandbox
    with Sandbox(opportunities=1, rate_limit=50) as sandbox:
        client = Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=RateLimits(read=50))
        for _ in range(110):
            client.opportunity.retrieve(sandbox.opportunity_ids[0])
        assert sandbox.throttled == 0
        client.close()
    with Sandbox(opportunities=1, latency=30) as sandbox:
        client = Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, deadline=0.1)
        try:
            client.opportunity.retrieve(sandbox.opportunity_ids[0])
        except APITimeoutError as error:
            assert error.deadline_exceeded
        else:
            raise AssertionError
        client.close()
""")


def test_moments_are_checked_if_time_was_frozen_before_the_import() -> None:
    run("""
from datetime import UTC, date, datetime
before = datetime(2031, 5, 1, tzinfo=UTC), datetime(2031, 5, 1), date(2031, 5, 1)
from freezegun import freeze_time

def check(aware, naive, day):
    for value, text in ((aware, "2031-05-01T00:00:00+00:00"), (day, "2031-05-01")):
        assert text.replace("+00:00", "Z") in str(plan.account.create(fields={"$a": value}).body)
        assert (F("$a") == value).value.isoformat() == text
    for send in (lambda: plan.account.create(fields={"$a": naive}), lambda: F("$a") == naive):
        try:
            send()
        except LightfieldValueError as error:
            assert "time zone" in str(error)
        else:
            raise AssertionError

with freeze_time("2031-05-01"):
    from lightfield import F, Lightfield, LightfieldValueError
    from datetime import date, datetime
    client = Lightfield(api_key="key", base_url="http://127.0.0.1:9")
    plan = client.plan
    frozen = datetime.now(UTC), datetime.now(), date.today()
    check(*frozen)
    check(*before)
check(*frozen)
check(*before)
client.close()
""")


@pytest.mark.parametrize("freeze", [partial(freeze_time, DATE), partial(freeze_time, EARLIER)])
def test_an_awaited_call_whose_loop_stands_still_works_unless_it_has_to_wait(freeze: Freeze) -> None:
    """It says so at once, instead of waiting forever."""

    async def scenario(sandbox: Sandbox, server: FaultServer) -> None:
        limits = RateLimits(read=2)
        async with (
            AsyncLightfield(api_key=KEY, base_url=sandbox.base_url, rate_limits=limits) as client,
            AsyncLightfield(api_key=KEY, base_url=server.base_url) as other,
        ):
            for _ in range(2):
                await client.opportunity.retrieve(sandbox.opportunity_ids[0])
            with pytest.raises(LightfieldUsageError, match="real_asyncio=True"):  # it has to wait for a slot
                await client.opportunity.retrieve(sandbox.opportunity_ids[0])
            with pytest.raises(APIStatusError):
                await other.with_options(max_retries=0).opportunity.retrieve("opp_1")
            with pytest.raises(LightfieldUsageError, match="Lightfield"):  # it has to wait before a retry
                await read(other)
            assert client.rate_limits["Read"].waiting == 0

    with Sandbox(opportunities=1, rate_limit=None) as sandbox, FaultServer(http(503)) as server:
        outcome(partial(scenario, sandbox, server), freeze)
    assert len(sandbox.requests) == len(server.requests) == 2
