"""Is any request performed in a bulk: alone or by an id, once for each id, with a key of its own if it is a write?"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from lightfield import (
    BulkResult,
    LightfieldTypeError,
    LightfieldUsageError,
    LightfieldValueError,
    NotFoundError,
    Outcome,
    Request,
)
from lightfield._bulk.bulk import REMEMBERED, gather
from lightfield._bulk.items import by_request
from tests.clock import START, run
from tests.ids import lasting
from tests.unit.bulk.bulks import create, each, fetch_each, read, send_all, send_each


class Fetch:
    """Gives the id itself; those that begin with an x are not there."""

    def __init__(self) -> None:
        self.fetched: list[str] = []

    async def __call__(self, id: str) -> str:
        self.fetched.append(id)
        await asyncio.sleep(1.0)
        if id.startswith("x"):
            raise NotFoundError(f"no {id}", status_code=404)
        return id


def collect(requests: Any, fetch: Fetch | None = None, **options: Any) -> BulkResult[str]:
    return run(send_all(requests, fetch or Fetch(), **options))


def all_outcomes(requests: Any, fetch: Fetch | None = None, **options: Any) -> list[Outcome[str]]:
    async def scenario() -> list[Outcome[str]]:
        return [outcome async for outcome in send_each(requests, fetch or Fetch(), **options)]

    return run(scenario())


def outcomes(requests: Any, fetch: Fetch | None = None, **options: Any) -> dict[str, Outcome[str]]:
    found = all_outcomes(requests, fetch, **options)
    assert len({outcome.id for outcome in found}) == len(found)
    return {outcome.id: outcome for outcome in found}


def kinds(result: BulkResult[str]) -> dict[str, type[Exception]]:
    return {id: type(error) for id, error in result.errors.items()}


async def awaitedly(things: Any) -> AsyncIterator[Any]:
    for thing in things:
        await asyncio.sleep(0.5)
        yield thing


@pytest.mark.parametrize("source", [list, awaitedly])
def test_a_request_without_an_id_has_its_position_for_one(source: Callable[[Any], Any]) -> None:
    requests = [read("a"), read("x"), read("b")]
    result = collect(source(requests))
    assert (result.values, kinds(result)) == (["a", "b"], {"1": NotFoundError})
    assert {id: each.value for id, each in outcomes(source(requests)).items()} == {"0": "a", "1": None, "2": "b"}


def items(pairs: Any) -> Any:
    return dict(pairs).items()


SOURCES: list[Callable[[Any], Any]] = [list, tuple, iter, awaitedly, dict, items]


@pytest.mark.parametrize("source", SOURCES)
def test_requests_by_id_may_come_from_anywhere(source: Callable[[Any], Any]) -> None:
    pairs = [("one", read("a")), ("two", read("x")), ("three", read("b"))]
    result = collect(source(pairs))
    assert (result.values, kinds(result)) == (["a", "b"], {"two": NotFoundError})
    assert list(outcomes(source(pairs))) == ["one", "two", "three"]


def test_a_repeated_id_is_performed_once_and_its_value_repeated() -> None:
    fetch = Fetch()
    assert collect([("one", read("a")), ("two", read("b")), ("one", read("a"))], fetch).values == ["a", "b", "a"]
    assert sorted(fetch.fetched) == ["a", "b"]


def test_a_repeated_id_with_another_request_is_a_failure_of_its_own() -> None:
    fetch = Fetch()
    pairs: list[Any] = [("one", read("a")), ("one", read("b")), ("one", read("a")), ("one", 5), ("one", read("c"))]
    result = collect(pairs, fetch)
    assert (result.values, fetch.fetched) == (["a", "a"], ["a"])
    assert list(result.errors) == ["one", "one (position 3)", "one (position 4)"]
    assert all("The id 'one' was already used" in str(error) for error in result.errors.values())
    found = [(outcome.id, outcome.value) for outcome in all_outcomes(pairs)]
    assert sorted(found, key=repr) == [("one", "a"), *[("one", None)] * 3]


def test_a_failure_and_the_failure_of_its_double_are_both_told_of() -> None:
    result = collect([("one", read("x")), ("one", read("a"))])
    assert kinds(result) == {"one": NotFoundError, "one (position 1)": LightfieldValueError}


def test_the_same_write_with_another_key_is_the_same() -> None:
    assert collect([("one", create("a").keyed()), ("one", create("a").keyed())]).values == ["a", "a"]


def test_a_repeated_key_with_another_request_is_a_failure_of_its_own() -> None:
    fetch = Fetch()
    requests = [create(id).keyed("import-7") for id in "abac"]
    result = collect([*requests, create("b").keyed()], fetch)
    assert (result.values, sorted(fetch.fetched)) == (["a", "a", "b"], ["a", "a", "b"])
    assert kinds(result) == {"1": LightfieldValueError, "3": LightfieldValueError}
    assert all("idempotency key import-7 was already used" in str(error) for error in result.errors.values())
    assert outcomes(requests)["1"].idempotency_key is None


@pytest.mark.parametrize(("between", "known"), [(REMEMBERED - 1, True), (REMEMBERED, False)])
def test_a_stream_knows_the_last_keys_again(between: int, *, known: bool) -> None:
    async def instantly(request: Request[str]) -> str:
        return request.path

    def requests() -> Iterator[Request[str]]:
        yield create("a").keyed("again")
        yield from (create("other").keyed(f"key{number}") for number in range(between))
        yield create("b").keyed("again")

    async def scenario() -> int:
        return sum([outcome.error is not None async for outcome in each(instantly, by_request(requests(), None))])

    assert run(scenario()) == known


def test_a_repeated_request_without_an_id_is_performed_each_time() -> None:
    fetch = Fetch()
    assert collect([read("a")] * 3, fetch).values == ["a"] * 3
    assert fetch.fetched == ["a"] * 3


def test_a_position_is_not_taken_for_the_id_it_looks_like() -> None:
    assert collect([("1", read("a")), read("b"), read("c"), ("2", read("d"))]).values == ["a", "b", "c", "d"]


def test_null_is_a_value() -> None:
    async def nothing(_: Request[Any]) -> Any:
        return None

    assert run(gather(nothing, by_request([read("a"), read("b")], None))).values == [None, None]


@pytest.mark.parametrize("odd", [None, 5, "opp_1", b"", [], (), ("a",), (5, 5), [read("a")], (5, read("a"))], ids=repr)
def test_what_is_no_request_fails_on_its_own(odd: Any) -> None:
    fetch = Fetch()
    result = collect([read("a"), odd, read("b")], fetch)
    assert (result.values, kinds(result)) == (["a", "b"], {"1": LightfieldTypeError})
    assert fetch.fetched == ["a", "b"]


@pytest.mark.parametrize("odd", [None, 5, "b"], ids=repr)
def test_a_pair_without_a_request_keeps_its_id(odd: Any) -> None:
    for pairs in ([("a", odd)], {"a": odd}):
        result = collect(pairs)
        assert kinds(result) == {"a": LightfieldTypeError}
        assert f"not of id and {type(odd).__name__}." in str(result.errors["a"])


def test_a_coroutine_is_told_from_a_request_and_closed() -> None:
    coroutines: list[Any] = [Fetch()("a") for _ in range(3)]
    result = collect([coroutines[0], ("b", coroutines[1])])
    assert list(result.errors) == ["0", "b"]
    for error in result.errors.values():
        assert "coroutine: describe requests with client.plan" in str(error)
    with pytest.raises(LightfieldTypeError, match=r"not a single coroutine: .* client\.plan"):
        collect(coroutines[2])
    assert all(coroutine.cr_frame is None for coroutine in coroutines)


def test_a_failure_of_a_position_and_one_of_the_same_id_are_both_told_of() -> None:
    result = collect([("1", read("xa")), read("xb"), ("0", read("c"))])
    assert (result.values, list(result.errors)) == (["c"], ["1", "1 (position 1)"])


@pytest.mark.parametrize(
    ("requests", "said"),
    [
        ("opp_1", "single string"),
        (b"opp_1", "single string"),
        (read("a"), "single Request"),
        (("a", read("a")), "single pair"),
        (None, "single NoneType"),
        (5, "single int"),
    ],
    ids=repr,
)
def test_one_thing_is_refused_before_anything_is_sent(requests: Any, said: str) -> None:
    fetch = Fetch()
    for act in (collect, outcomes):
        with pytest.raises(LightfieldTypeError, match=said):
            act(requests, fetch)
    assert fetch.fetched == []


class Ledger:
    """Says what is done without being a collection."""

    def __contains__(self, id: object) -> bool:
        assert isinstance(id, str)
        return id in {"a", "1"}


@pytest.mark.parametrize(
    "done", [{"a", "1"}, ["a", "1"], {"a": 1, "1": 2}, Ledger()], ids=["set", "list", "dict", "ledger"]
)
def test_what_was_done_before_is_left_out(done: Any) -> None:
    fetch = Fetch()
    things = [("a", read("A")), read("B"), ("c", read("C")), read("D"), None, ("a", read("E"))]
    steps: list[Any] = []
    result = collect(things, fetch, done=done, progress=steps.append)
    assert (result.values, list(result.errors), sorted(fetch.fetched)) == (["C", "D"], ["4"], ["C", "D"])
    assert (steps[-1].done, steps[-1].total, steps[-1].eta) == (3, 3, 0.0)
    assert set(outcomes(things, done=done)) == {"c", "3", "4"}


def test_what_is_neither_an_id_nor_a_request_is_never_done() -> None:
    async def scenario() -> list[str]:
        ids: Any = ["a", 5, "b"]
        return [outcome.id async for outcome in fetch_each(ids, Fetch(), done={"5", "a"})]

    assert run(scenario()) == ["5", "b"]
    assert list(outcomes([None, ("a", read("a"))], done={"0"})) == ["0", "a"]


@pytest.mark.parametrize("done", ["opp_1", b"", None, iter(["a"]), 5], ids=lasting)
def test_done_must_be_a_container(done: Any) -> None:
    fetch = Fetch()
    for act in (collect, outcomes):
        with pytest.raises(LightfieldTypeError, match="done must be a container"):
            act([("a", read("a"))], fetch, done=done)
    assert fetch.fetched == []


def sent(requests: Any, **options: Any) -> tuple[list[Request[str]], dict[str, Outcome[str]]]:
    """Give what was performed, and the outcomes."""
    performed: list[Request[str]] = []

    async def perform(request: Request[str]) -> str:
        performed.append(request)
        if request.path.startswith("x"):
            raise NotFoundError("no", status_code=404)
        return request.path

    async def scenario() -> list[Outcome[str]]:
        return [outcome async for outcome in each(perform, by_request(requests, None), **options)]

    return performed, {outcome.id: outcome for outcome in run(scenario())}


def test_every_write_has_a_key_of_its_own_and_its_outcome_shows_it() -> None:
    performed, found = sent([create("a"), create("xb"), create("a"), create("c").keyed("mine"), read("d")])
    keys = [request.idempotency_key for request in performed]
    assert [outcome.idempotency_key for outcome in found.values()] == keys
    assert keys[3:] == ["mine", None]
    assert None not in keys[:3]
    assert len(set(keys)) == 5
    assert isinstance(found["1"].error, NotFoundError)


def test_what_was_not_sent_shows_no_key() -> None:
    _, found = sent([None])
    assert found["0"].idempotency_key is None


@pytest.mark.parametrize("source", [list, tuple])
def test_one_key_for_many_writes_is_refused_before_anything_is_sent(source: Callable[[Any], Any]) -> None:
    fetch = Fetch()
    requests = source([*map(read, "abcdef"), create("a").keyed("mine"), create("b")])
    for act in (collect, outcomes):
        with pytest.raises(LightfieldUsageError, match="fixed idempotency_key"):
            act(requests, fetch, shared_key="shared")
    assert fetch.fetched == []


@pytest.mark.parametrize("source", [iter, awaitedly])
def test_one_key_for_many_writes_is_refused_where_the_first_is_met(source: Callable[[Any], Any]) -> None:
    fetch = Fetch()
    for act in (collect, outcomes):
        with pytest.raises(LightfieldUsageError, match="fixed idempotency_key"):
            act(source([create("b"), read("a")]), fetch, shared_key="shared")
    assert fetch.fetched == []


def test_a_key_of_its_own_or_no_need_of_one_goes_with_a_shared_key() -> None:
    requests = [read("a"), create("b").keyed(), ("c", create("c").keyed("mine")), None]
    assert collect(requests, shared_key="shared").values == ["a", "b", "c"]


@pytest.mark.parametrize("awaited", [False, True])
@pytest.mark.parametrize("concurrency", [1, 4])
def test_workers_and_a_slow_consumer_hold_back_the_input(concurrency: int, *, awaited: bool) -> None:
    taken = 0

    def endless() -> Iterator[Request[str]]:
        nonlocal taken
        while True:
            taken += 1
            yield create(f"id{taken}")

    async def endlessly() -> AsyncIterator[Request[str]]:
        for request in endless():
            yield request

    async def scenario() -> None:
        outcomes = send_each(endlessly() if awaited else endless(), Fetch(), concurrency=concurrency)
        await anext(outcomes)
        for consumed in range(1, 50):
            await asyncio.sleep(1_000.0)
            assert concurrency <= taken - consumed <= 2 * concurrency
            await anext(outcomes)
        await outcomes.aclose()

    run(scenario())


def test_a_slow_input_is_worked_on_while_it_comes() -> None:
    async def slow() -> AsyncIterator[Request[str]]:
        for id in "abc":
            yield read(id)
            await asyncio.sleep(100.0)

    async def scenario() -> list[float]:
        loop = asyncio.get_running_loop()
        return [loop.time() - START async for _ in send_each(slow(), Fetch())]

    assert run(scenario()) == [1.0, 101.0, 201.0]
