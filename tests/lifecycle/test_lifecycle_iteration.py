"""A blocking iteration: by the batch, held back by a slow consumer, and gone when it is left."""

import asyncio
import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import pytest

from lightfield import ClientClosedError, Lightfield
from lightfield.testing import Sandbox

PATIENCE = 5.0


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Lightfield]:
    with Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=None) as client:
        yield client


def until(condition: Callable[[], bool]) -> None:
    due = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < due
        time.sleep(0.001)


def idle(client: Lightfield) -> bool:
    lane = client.rate_limits["Read"]
    return (lane.in_flight, lane.waiting) == (0, 0)


class Ids:
    """Ids, made as they are asked for on the client's loop, and counted."""

    loop: asyncio.AbstractEventLoop

    def __init__(self, count: int) -> None:
        self.asked = 0
        self._count = count

    def __iter__(self) -> Iterator[str]:
        self.loop = asyncio.get_running_loop()
        for number in range(self._count):
            self.asked += 1
            yield f"opp_unknown_{number}"


def test_results_that_are_ready_come_by_the_batch(client: Lightfield, sandbox: Sandbox) -> None:
    """The loop does nothing while a batch is iterated."""
    ids, release, released = Ids(250), threading.Event(), list[bool]()
    outcomes = client.opportunity.iter_many(ids, concurrency=250)
    next(outcomes)
    until(lambda: len(sandbox.requests) == ids.asked == 250 and idle(client))
    for _ in range(20):  # turns of the loop, after which all results are ready
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), ids.loop).result(PATIENCE)
    batch = [*islice(outcomes, 200)]  # with the rest of the first batch
    ids.loop.call_soon_threadsafe(lambda: released.append(release.wait(PATIENCE)))
    batch += islice(outcomes, 40)
    release.set()
    assert len([*batch, *outcomes]) == 249
    assert released == [True]


@pytest.mark.parametrize("concurrency", [1, 4, 32])
def test_slow_consumer_holds_back_the_source(client: Lightfield, sandbox: Sandbox, concurrency: int) -> None:
    ids = Ids(100_000)
    outcomes = client.opportunity.iter_many(ids, concurrency=concurrency)
    next(outcomes)
    held = 0
    while held != len(sandbox.requests):  # until nothing more comes
        held = len(sandbox.requests)
        until(lambda: idle(client))
    assert ids.asked <= 3 * concurrency + 1
    outcomes.close()


def leave(client: Lightfield, ids: Ids) -> None:
    for outcome in client.opportunity.iter_many(ids):
        assert outcome.id
        break


def leave_by_failing(client: Lightfield, ids: Ids) -> None:
    with suppress(ZeroDivisionError):
        for outcome in client.opportunity.iter_many(ids):
            raise ZeroDivisionError(outcome.id)


def leave_on_another_thread(client: Lightfield, ids: Ids) -> None:
    outcomes = client.opportunity.iter_many(ids)
    next(outcomes)
    thread = threading.Thread(target=outcomes.close)
    thread.start()
    thread.join(PATIENCE)


def leave_to_the_collector_on_the_loop(client: Lightfield, ids: Ids) -> None:
    """A cycle that holds a half-read iteration may be collected on any thread, the client's own among them."""
    outcomes = client.opportunity.iter_many(ids)
    next(outcomes)
    cycle: list[Any] = [outcomes]
    cycle.append(cycle)
    del cycle, outcomes
    client.opportunity.retrieve_many(["opp_unknown"], progress=lambda _: gc.collect())


@pytest.mark.parametrize(
    "way",
    [leave, leave_by_failing, leave_on_another_thread, leave_to_the_collector_on_the_loop],
)
def test_leaving_early_ends_the_rest(
    client: Lightfield, sandbox: Sandbox, way: Callable[[Lightfield, Ids], None]
) -> None:
    ids = Ids(100_000)
    gc.disable()
    try:
        way(client, ids)
    finally:
        gc.enable()
    until(lambda: idle(client) and tasks_of(client, sandbox) <= 3)  # the bulk that counts them, its crew and its worker


def tasks_of(client: Lightfield, sandbox: Sandbox) -> int:
    """Count the tasks on the client's loop, from a hook that runs there."""
    counts: list[int] = []
    first = [sandbox.opportunity_ids[0]]
    client.opportunity.retrieve_many(first, concurrency=1, progress=lambda _: counts.append(len(asyncio.all_tasks())))
    return counts[0]


def test_failure_comes_after_what_succeeded(client: Lightfield, sandbox: Sandbox) -> None:
    def broken() -> Iterator[str]:
        yield from sandbox.opportunity_ids[:3]
        raise OSError("the file of ids is gone")

    seen: list[str] = []
    with pytest.raises(OSError, match="the file of ids is gone"):
        seen.extend(outcome.id for outcome in client.opportunity.iter_many(broken(), concurrency=1))
    assert seen == sandbox.opportunity_ids[:3]


def test_exhausted_iteration_stays_exhausted(client: Lightfield, sandbox: Sandbox) -> None:
    outcomes = client.opportunity.iter_many(sandbox.opportunity_ids)
    assert len(list(outcomes)) == len(sandbox.opportunity_ids)
    assert list(outcomes) == []


def test_iteration_of_a_client_that_is_closed_meanwhile_ends_with_its_error(client: Lightfield) -> None:
    outcomes = client.opportunity.iter_many(Ids(100_000))
    next(outcomes)
    client.close()
    with pytest.raises(ClientClosedError):
        list(outcomes)


def test_iteration_that_is_never_begun_starts_no_thread(sandbox: Sandbox) -> None:
    before = threading.active_count()
    client = Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url)
    client.opportunity.iter_many(["opp_1"])
    assert threading.active_count() == before
    client.close()
