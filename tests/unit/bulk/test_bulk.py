"""Are many ids fetched once each, in bounds, and given in order, with every failure kept to itself?"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import pytest

from lightfield import BulkResult, ClientClosedError, LightfieldUsageError, NotFoundError, Progress
from lightfield._bulk.items import Ids
from lightfield.errors import LightfieldTypeError, LightfieldValueError
from tests.clock import START, run
from tests.unit.bulk.bulks import fetch_all


class Fetcher:
    """Fetches ids; those that begin with an x are not there. Every fetch takes a second less than the one before it."""

    def __init__(self, takes: float = 20.0) -> None:
        self.fetched: list[str] = []
        self.in_flight = self.peak = self.cancelled = 0
        self.takes = takes

    async def __call__(self, id: str) -> str:
        self.fetched.append(id)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            await asyncio.sleep(max(1.0, self.takes - len(self.fetched)))
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.in_flight -= 1
        if id.startswith("x"):
            raise NotFoundError(f"no {id}", status_code=404)
        return f"value of {id}"


async def alone() -> bool:
    """Say whether no task but this one is left."""
    return asyncio.all_tasks() == {asyncio.current_task()}


def collect(ids: Any, fetch: Any = None, concurrency: int = 4, progress: Any = None) -> BulkResult[str]:
    async def scenario() -> BulkResult[str]:
        try:
            return await fetch_all(ids, fetch or Fetcher(), concurrency=concurrency, progress=progress)
        finally:
            assert await alone()

    return run(scenario())


def names(count: int) -> list[str]:
    return [f"id{number}" for number in range(count)]


def values(ids: Iterable[str]) -> list[str]:
    return [f"value of {id}" for id in ids]


@pytest.mark.parametrize("concurrency", [1, 2, 7, 100])
def test_values_come_in_the_order_of_the_input(concurrency: int) -> None:
    fetch = Fetcher()
    assert collect(names(20), fetch, concurrency) == BulkResult(values(names(20)), {})
    assert fetch.peak == min(concurrency, 20)


def test_nothing_gives_nothing() -> None:
    assert collect([]) == BulkResult([], {})


def test_a_repeated_id_is_fetched_once_and_its_value_repeated() -> None:
    fetch = Fetcher()
    assert collect(["a", "b", "a", "a", "c", "b"], fetch).values == values("abaacb")
    assert sorted(fetch.fetched) == ["a", "b", "c"]


def test_failures_are_kept_apart_and_fail_nothing_else() -> None:
    result = collect(["a", "x1", "b", "x2", "x1", "c"])
    assert result.values == values("abc")
    assert {id: type(error) for id, error in result.errors.items()} == {"x1": NotFoundError, "x2": NotFoundError}
    assert str(result.errors["x2"]) == "no x2"


async def asynchronous(ids: Iterable[str]) -> AsyncIterator[str]:
    for id in ids:
        await asyncio.sleep(0.5)
        yield id


SOURCES: dict[str, Callable[[list[str]], Ids]] = {
    "list": list,
    "tuple": tuple,
    "iterator": iter,
    "generator": lambda ids: (id for id in ids),
    "dict": dict.fromkeys,
    "keys": lambda ids: dict.fromkeys(ids).keys(),
    "async generator": asynchronous,
}


@pytest.mark.parametrize("source", SOURCES)
def test_ids_may_come_from_any_iterable(source: str) -> None:
    assert collect(SOURCES[source](names(9))).values == values(names(9))


@pytest.mark.parametrize("odd", [5, None, 1.5, b"id", True, ["id"], {"id"}, {}], ids=repr)
def test_an_id_that_is_no_string_fails_on_its_own(odd: Any) -> None:
    result = collect(["a", odd, "b"])
    assert result.values == values("ab")
    assert {id: type(error) for id, error in result.errors.items()} == {repr(odd): LightfieldTypeError}


@pytest.mark.parametrize("ids", [["5", 5], [5, "5"], ["None", None], [None, "None"]], ids=repr)
def test_an_id_that_is_no_string_is_not_taken_for_the_string_it_looks_like(ids: list[Any]) -> None:
    result = collect(ids)
    assert result.values == [f"value of {id}" for id in ids if isinstance(id, str)]
    assert len(result.errors) == 1


@pytest.mark.parametrize("ids", ["opp_1", b"opp_1", ""])
def test_one_string_is_no_collection_of_ids(ids: Any) -> None:
    with pytest.raises(LightfieldTypeError, match="not a single string"):
        collect(ids)


def test_every_failure_is_told_of_where_ids_look_alike() -> None:
    odd: Any = ["5", 5, "a/b", 5, "a/b", "x"]
    result = collect(odd, Fetcher())
    assert result.values == values(["5"])
    assert {id: type(error) for id, error in result.errors.items()} == {
        "5": LightfieldTypeError,
        "a/b": LightfieldValueError,
        "5 (position 3)": LightfieldTypeError,
        "x": NotFoundError,
    }


def test_failures_are_in_the_order_of_the_input() -> None:
    assert list(collect(["x1", "x2", "a", "x3"], concurrency=3).errors) == ["x1", "x2", "x3"]


@pytest.mark.parametrize("concurrency", [0, -1])
def test_concurrency_must_be_positive(concurrency: int) -> None:
    fetch = Fetcher()
    with pytest.raises(LightfieldValueError, match="concurrency must be 1 or more"):
        collect(["a"], fetch, concurrency)
    assert fetch.fetched == []


def test_no_more_workers_are_begun_than_there_are_items_for() -> None:
    async def scenario() -> None:
        most = 0

        async def fetch(id: str) -> str:
            nonlocal most
            await asyncio.sleep(1.0)
            most = max(most, len(asyncio.all_tasks()))
            return id

        await fetch_all(["a", "b"], fetch, concurrency=10**9)
        assert most <= 4

    run(scenario())


class BrokenError(Exception):
    """What a source, a hook or a fetch raises."""


def breaking(ids: Iterable[str]) -> Iterable[str]:
    yield from ids
    raise BrokenError


async def breaking_later(ids: Iterable[str]) -> AsyncIterator[str]:
    for id in ids:
        yield id
    raise BrokenError


@pytest.mark.parametrize("source", [breaking, breaking_later])
@pytest.mark.parametrize("before", [0, 1, 10])
def test_a_source_that_breaks_ends_the_bulk_with_its_error(source: Callable[[Any], Ids], before: int) -> None:
    fetch = Fetcher()
    with pytest.raises(BrokenError):
        collect(source(names(before)), fetch)
    assert (len(fetch.fetched), fetch.in_flight, fetch.cancelled) == (before, 0, 0)


@pytest.mark.parametrize("error", [BrokenError(), ClientClosedError("closed"), LightfieldUsageError("other loop")])
def test_a_fetch_that_breaks_or_a_client_that_cannot_work_ends_the_bulk(error: Exception) -> None:
    fetch = Fetcher()

    async def broken(id: str) -> str:
        if id == "id5":
            raise error
        return await fetch(id)

    with pytest.raises(type(error)) as caught:
        collect(names(20), broken)
    assert caught.value is error
    assert fetch.in_flight == 0
    assert len(fetch.fetched) < 20


def test_a_hook_that_breaks_ends_the_bulk_with_its_error() -> None:
    def hook(progress: Progress) -> None:
        if progress.done == 3:
            raise BrokenError

    fetch = Fetcher()
    with pytest.raises(BrokenError):
        collect(names(20), fetch, progress=hook)
    assert fetch.in_flight == 0
    assert fetch.cancelled > 0


def test_a_cancellation_passes_unchanged_and_stops_the_workers() -> None:
    async def scenario() -> None:
        fetch = Fetcher()
        task = asyncio.ensure_future(fetch_all(names(20), fetch, concurrency=4))
        await asyncio.sleep(30.0)
        task.cancel("enough")
        with pytest.raises(asyncio.CancelledError, match="enough"):
            await task
        assert (fetch.in_flight, fetch.cancelled) == (0, 4)
        assert await alone()

    run(scenario())


def figures(ids: Any, concurrency: int = 1) -> list[Progress]:
    seen: list[Progress] = []
    collect(ids, Fetcher(takes=1.0), concurrency, seen.append)
    return seen


def test_progress_counts_and_foretells() -> None:
    assert figures(["a", "x", "b", "c"]) == [
        Progress(done=1, failed=0, total=4, rate=1.0, eta=3.0),
        Progress(done=2, failed=1, total=4, rate=1.0, eta=2.0),
        Progress(done=3, failed=1, total=4, rate=1.0, eta=1.0),
        Progress(done=4, failed=1, total=4, rate=1.0, eta=0.0),
    ]


def test_progress_of_an_input_without_length_knows_no_total() -> None:
    assert [(step.done, step.total, step.eta) for step in figures(iter("abc"))] == [(n, None, None) for n in (1, 2, 3)]


def test_repeated_ids_count_once_in_the_total() -> None:
    last = figures(["a", "b", "a", "a"], concurrency=2)[-1]
    assert (last.done, last.total, last.eta) == (2, 2, 0.0)


def test_the_clock_of_progress_is_the_loops() -> None:
    async def scenario() -> float:
        await fetch_all(names(8), Fetcher(takes=1.0), concurrency=2)
        return asyncio.get_running_loop().time() - START

    assert run(scenario()) == 4.0
    assert [step.rate for step in figures(names(8), concurrency=2)][1::2] == [2.0] * 4
