"""Do outcomes stream as they complete, in constant memory, and does leaving early leave nothing behind?"""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from lightfield import NotFoundError, Outcome, Progress
from lightfield._bulk.bulk import REMEMBERED
from lightfield._bulk.items import Ids
from lightfield.errors import LightfieldTypeError, LightfieldValueError
from tests.clock import run
from tests.unit.bulk.bulks import fetch_each


class Source:
    """Ids without end, and how many were taken."""

    def __init__(self) -> None:
        self.taken = 0

    def __iter__(self) -> Iterator[str]:
        while True:
            self.taken += 1
            yield f"id{self.taken}"


class Fetch:
    """Takes a second for each id; knows how many fetches are under way."""

    def __init__(self) -> None:
        self.in_flight = 0

    async def __call__(self, id: str) -> str:
        self.in_flight += 1
        try:
            await asyncio.sleep(1.0)
        finally:
            self.in_flight -= 1
        return f"value of {id}"


async def instantly(id: str) -> str:
    return id


def others() -> set[asyncio.Task[Any]]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


async def settle() -> None:
    """Let everything happen that takes no time: the virtual clock moves only when nothing else is to do."""
    await asyncio.sleep(0.001)


def test_outcomes_come_as_they_complete() -> None:
    async def fetch(id: str) -> str:
        await asyncio.sleep(float(id))
        if id == "2":
            raise NotFoundError("no 2", status_code=404)
        return f"value of {id}"

    async def scenario() -> list[tuple[str, str | None, str]]:
        outcomes = fetch_each(["3", "1", "2"], fetch, concurrency=3)
        return [(outcome.id, outcome.value, str(outcome.error)) async for outcome in outcomes]

    assert run(scenario()) == [("1", "value of 1", "None"), ("2", None, "no 2"), ("3", "value of 3", "None")]


@pytest.mark.parametrize("concurrency", [1, 3, 32])
def test_a_slow_consumer_holds_back_workers_and_input(concurrency: int) -> None:
    async def scenario() -> None:
        source, consumed = Source(), 0
        outcomes: AsyncIterator[Outcome[str]] = fetch_each(source, instantly, concurrency=concurrency)
        async for _ in outcomes:
            consumed += 1
            await asyncio.sleep(1_000.0)
            assert source.taken <= consumed + 2 * concurrency
            if consumed == 200:
                break

    run(scenario())


@pytest.mark.parametrize("concurrency", [1, 5])
def test_no_more_are_under_way_than_allowed(concurrency: int) -> None:
    async def scenario() -> int:
        fetch, peak, seen = Fetch(), 0, 0
        async for _ in fetch_each(Source(), fetch, concurrency=concurrency):
            peak, seen = max(peak, fetch.in_flight), seen + 1
            if seen == 50:
                return peak
        return 0

    assert 1 <= run(scenario()) <= concurrency


def test_closing_early_cancels_the_workers_before_it_returns() -> None:
    async def scenario() -> None:
        fetch = Fetch()
        outcomes: Any = fetch_each(Source(), fetch, concurrency=8)
        await anext(outcomes)
        assert fetch.in_flight > 0
        await outcomes.aclose()
        assert fetch.in_flight == 0
        await settle()
        assert others() == set()

    run(scenario())


@pytest.mark.parametrize("how", ["break", "raise"])
def test_leaving_the_loop_cancels_the_workers(how: str) -> None:
    async def consume(fetch: Fetch) -> None:
        async for _ in fetch_each(Source(), fetch, concurrency=8):
            if how == "break":
                break
            raise KeyError(how)

    async def scenario() -> None:
        fetch = Fetch()
        try:
            await consume(fetch)
        except KeyError:
            assert how == "raise"
        gc.collect()
        await settle()
        assert fetch.in_flight == 0
        assert others() == set()

    run(scenario())


def test_a_stream_that_is_never_begun_starts_nothing() -> None:
    async def scenario() -> None:
        source = Source()
        outcomes: Any = fetch_each(source, instantly, concurrency=8)
        await settle()
        assert (source.taken, others()) == (0, set())
        await outcomes.aclose()

    run(scenario())


def test_cancelling_the_consumer_cancels_the_workers() -> None:
    async def consume(fetch: Fetch) -> None:
        async for _ in fetch_each(Source(), fetch, concurrency=8):
            pass

    async def scenario() -> None:
        fetch = Fetch()
        task = asyncio.ensure_future(consume(fetch))
        await asyncio.sleep(10.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert fetch.in_flight == 0
        await settle()
        assert others() == set()

    run(scenario())


def test_an_asynchronous_source_is_let_go_when_the_consumer_leaves() -> None:
    async def scenario() -> None:
        closed = asyncio.Event()

        async def source() -> AsyncIterator[str]:
            try:
                for id in Source():
                    yield id
            finally:
                closed.set()

        outcomes: Any = fetch_each(source(), instantly, concurrency=2)
        await anext(outcomes)
        await outcomes.aclose()
        gc.collect()
        await settle()
        assert closed.is_set()
        assert others() == set()

    run(scenario())


@pytest.mark.parametrize("concurrency", [1, 2, 8])
@pytest.mark.parametrize("fetch", [instantly, Fetch()], ids=["instantly", "later"])
def test_outcomes_before_a_broken_source_are_still_given(fetch: Any, concurrency: int) -> None:
    def source() -> Iterator[str]:
        yield from "abc"
        raise KeyError("broken")

    async def scenario() -> None:
        outcomes = fetch_each(source(), fetch, concurrency=concurrency)
        assert [(await anext(outcomes)).id for _ in range(3)] == ["a", "b", "c"]
        with pytest.raises(KeyError, match="broken"):
            await anext(outcomes)
        assert others() == set()

    run(scenario())


def test_a_repeated_id_is_fetched_once_unless_too_many_others_came_in_between() -> None:
    async def count(between: int) -> int:
        ids = ["again", *(f"id{number}" for number in range(between)), "again"]
        outcomes = fetch_each(ids, instantly, concurrency=4)
        return sum([outcome.id == "again" async for outcome in outcomes])

    assert run(count(100)) == 1
    assert run(count(REMEMBERED - 1)) == 1
    assert run(count(REMEMBERED)) == 2


@pytest.mark.parametrize("done", [set[str](), {"a"}], ids=["repeated", "done"])
def test_ids_that_are_left_out_without_end_let_the_loop_run(done: set[str]) -> None:
    def again() -> Iterator[str]:
        for _ in range(1_000_000):
            yield "a"
        raise AssertionError("the loop did not run")

    async def consume() -> None:
        async for _ in fetch_each(again(), instantly, done=done):
            pass

    async def scenario() -> None:
        task = asyncio.ensure_future(consume())
        for _ in range(100):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert others() == set()

    run(scenario())


def test_progress_is_told_before_the_outcome_is_given() -> None:
    async def scenario() -> list[str]:
        events: list[str] = []

        def hook(step: Progress) -> None:
            events.append(f"progress {step.done}")

        async for outcome in fetch_each(["a", "b"], instantly, concurrency=1, progress=hook):
            events.append(f"outcome {outcome.id}")  # noqa: PERF401
        return events

    assert run(scenario()) == ["progress 1", "outcome a", "progress 2", "outcome b"]


@pytest.mark.parametrize(
    ("ids", "concurrency", "kind"),
    [("opp_1", 4, LightfieldTypeError), (["opp_1"], 0, LightfieldValueError)],
)
def test_bad_input_is_refused(ids: Ids, concurrency: int, kind: type[Exception]) -> None:
    async def scenario() -> None:
        with pytest.raises(kind):
            await anext(fetch_each(ids, instantly, concurrency=concurrency))
        assert others() == set()

    run(scenario())
