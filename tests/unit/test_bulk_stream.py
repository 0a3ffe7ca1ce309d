"""Do outcomes stream as they complete, in constant memory, and does leaving early leave nothing behind?"""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from lightfield import NotFoundError, Outcome, Progress
from lightfield._bulk import REMEMBERED, Ids, stream
from lightfield.errors import LightfieldTypeError, LightfieldValueError
from tests.clock import run


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
        outcomes = stream(["3", "1", "2"], fetch, concurrency=3, progress=None)
        return [(outcome.id, outcome.value, str(outcome.error)) async for outcome in outcomes]

    assert run(scenario()) == [("1", "value of 1", "None"), ("2", None, "no 2"), ("3", "value of 3", "None")]


@pytest.mark.parametrize("concurrency", [1, 3, 32])
def test_a_slow_consumer_holds_back_workers_and_input(concurrency: int) -> None:
    async def scenario() -> None:
        source, consumed = Source(), 0
        outcomes: AsyncIterator[Outcome[str]] = stream(source, instantly, concurrency=concurrency, progress=None)
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
        async for _ in stream(Source(), fetch, concurrency=concurrency, progress=None):
            peak, seen = max(peak, fetch.in_flight), seen + 1
            if seen == 50:
                return peak
        return 0

    assert 1 <= run(scenario()) <= concurrency


def test_closing_early_cancels_the_workers_before_it_returns() -> None:
    async def scenario() -> None:
        fetch = Fetch()
        outcomes: Any = stream(Source(), fetch, concurrency=8, progress=None)
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
        async for _ in stream(Source(), fetch, concurrency=8, progress=None):
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
        outcomes: Any = stream(source, instantly, concurrency=8, progress=None)
        await settle()
        assert (source.taken, others()) == (0, set())
        await outcomes.aclose()

    run(scenario())


def test_cancelling_the_consumer_cancels_the_workers() -> None:
    async def consume(fetch: Fetch) -> None:
        async for _ in stream(Source(), fetch, concurrency=8, progress=None):
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

        outcomes: Any = stream(source(), instantly, concurrency=2, progress=None)
        await anext(outcomes)
        await outcomes.aclose()
        gc.collect()
        await settle()
        assert closed.is_set()
        assert others() == set()

    run(scenario())


def test_outcomes_before_a_broken_source_are_still_given() -> None:
    def source() -> Iterator[str]:
        yield from "abc"
        raise KeyError("broken")

    async def scenario() -> None:
        outcomes = stream(source(), instantly, concurrency=1, progress=None)
        assert [(await anext(outcomes)).id for _ in range(3)] == ["a", "b", "c"]
        with pytest.raises(KeyError, match="broken"):
            await anext(outcomes)
        assert others() == set()

    run(scenario())


def test_a_repeated_id_is_fetched_once_unless_too_many_others_came_in_between() -> None:
    async def count(between: int) -> int:
        ids = ["again", *(f"id{number}" for number in range(between)), "again"]
        outcomes = stream(ids, instantly, concurrency=4, progress=None)
        return sum([outcome.id == "again" async for outcome in outcomes])

    assert run(count(100)) == 1
    assert run(count(REMEMBERED - 1)) == 1
    assert run(count(REMEMBERED)) == 2


def test_progress_is_told_before_the_outcome_is_given() -> None:
    async def scenario() -> list[str]:
        events: list[str] = []

        def hook(step: Progress) -> None:
            events.append(f"progress {step.done}")

        async for outcome in stream(["a", "b"], instantly, concurrency=1, progress=hook):
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
            async for _ in stream(ids, instantly, concurrency=concurrency, progress=None):
                pass
        assert others() == set()

    run(scenario())
