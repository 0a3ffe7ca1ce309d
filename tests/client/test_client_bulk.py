"""Many records at once: all of them, in order, and one failure never fails the others."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, cast

import pytest

from lightfield import (
    AuthenticationError,
    LightfieldError,
    LightfieldTypeError,
    LightfieldValueError,
    NotFoundError,
    Outcome,
    Progress,
)
from lightfield.testing import Sandbox
from tests.client.both import Connect


async def test_values_are_in_the_order_of_the_ids(connect: Connect) -> None:
    async with Sandbox(opportunities=40, rate_limit=None, latency=(0, 0.02)) as sandbox:
        ids = sandbox.opportunity_ids[::-1]
        async with connect(sandbox.base_url, rate_limits=None) as client:
            result = await client.opportunity.retrieve_many(ids)
    assert [opportunity.id for opportunity in result.values] == ids
    assert result.errors == {}


async def test_failed_ids_are_apart(connect: Connect, sandbox: Sandbox) -> None:
    one, two, *_ = sandbox.opportunity_ids
    ids = cast("list[str]", [one, "opp_unknown", "a/b", None, two])
    async with connect(sandbox.base_url, rate_limits=None) as client:
        result = await client.opportunity.retrieve_many(ids)
    assert [opportunity.id for opportunity in result.values] == [one, two]
    assert {id: type(error) for id, error in result.errors.items()} == {
        "opp_unknown": NotFoundError,
        "a/b": LightfieldValueError,
        "None": LightfieldTypeError,
    }
    assert len(sandbox.requests) == 3


async def test_repeated_ids_are_fetched_once(connect: Connect, sandbox: Sandbox) -> None:
    one, two, *_ = sandbox.opportunity_ids
    ids = [one, two, "opp_unknown", one, "opp_unknown", one]
    async with connect(sandbox.base_url, rate_limits=None) as client:
        result = await client.opportunity.retrieve_many(ids)
        streamed = [outcome.id async for outcome in client.opportunity.iter_many(ids)]
    assert [opportunity.id for opportunity in result.values] == [one, two, one, one]
    assert set(result.errors) == {"opp_unknown"}
    assert sorted(streamed) == sorted({*ids})
    assert len(sandbox.requests) == 6


async def test_ids_that_are_repeated_without_end_hold_nothing_up(connect: Connect, sandbox: Sandbox) -> None:
    ids = sandbox.opportunity_ids[:3]
    seen: list[str] = []

    def again() -> Iterator[str]:
        for _ in range(1_000_000):
            yield from ids
            if len(seen) == len(ids):
                return
        raise AssertionError("nothing else was done meanwhile")

    async with connect(sandbox.base_url, rate_limits=None) as client:
        async for outcome in client.opportunity.iter_many(again()):
            seen.append(outcome.id)  # noqa: PERF401 - the input looks at it
    assert sorted(seen) == sorted(ids)


async def test_outcomes_come_as_they_complete(connect: Connect, sandbox: Sandbox) -> None:
    ids = [*sandbox.opportunity_ids, "opp_unknown"]
    outcomes: dict[str, Outcome[Any]] = {}
    async with connect(sandbox.base_url, rate_limits=None) as client:
        async for outcome in client.opportunity.iter_many(ids):
            outcomes[outcome.id] = outcome
    assert set(outcomes) == set(ids)
    failed = outcomes.pop("opp_unknown")
    assert (failed.value, type(failed.error)) == (None, NotFoundError)
    assert all(each.error is None and each.value and each.value.id == id for id, each in outcomes.items())


def lazily(ids: Iterable[str]) -> Iterator[str]:
    yield from ids


async def awaitedly(ids: Iterable[str]) -> AsyncIterator[str]:
    for id in ids:
        yield id


@pytest.mark.parametrize("source", [list, tuple, set, dict.fromkeys, lazily, awaitedly])
async def test_ids_may_come_from_anywhere(connect: Connect, sandbox: Sandbox, source: Any) -> None:
    ids = sandbox.opportunity_ids[:5]
    async with connect(sandbox.base_url, rate_limits=None) as client:
        result = await client.opportunity.retrieve_many(source(ids))
        streamed = [outcome.id async for outcome in client.opportunity.iter_many(source(ids))]
    assert sorted(opportunity.id for opportunity in result.values) == sorted(streamed) == sorted(ids)


async def test_no_ids_are_no_requests(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        result = await client.opportunity.retrieve_many([])
        assert [outcome async for outcome in client.opportunity.iter_many([])] == []
    assert (result.values, result.errors, len(sandbox.requests)) == ([], {}, 0)


async def test_progress_counts_every_id(connect: Connect, sandbox: Sandbox) -> None:
    seen: list[Progress] = []
    ids = [*sandbox.opportunity_ids[:4], "opp_unknown", sandbox.opportunity_ids[0]]
    async with connect(sandbox.base_url, rate_limits=None) as client:
        await client.opportunity.retrieve_many(ids, progress=seen.append)
    assert [progress.done for progress in seen] == [1, 2, 3, 4, 5]
    assert (seen[-1].failed, seen[-1].total, seen[-1].eta) == (1, 5, 0)
    assert all(progress.rate > 0 for progress in seen)


async def test_progress_has_no_total_where_none_is_known(connect: Connect, sandbox: Sandbox) -> None:
    seen: list[Progress] = []
    async with connect(sandbox.base_url, rate_limits=None) as client:
        async for _ in client.opportunity.iter_many(lazily(sandbox.opportunity_ids[:3]), progress=seen.append):
            pass
    assert [(progress.done, progress.total, progress.eta) for progress in seen] == [(n, None, None) for n in (1, 2, 3)]


async def test_no_more_are_under_way_than_allowed(connect: Connect) -> None:
    most = 0
    async with (
        Sandbox(opportunities=40, rate_limit=None, latency=0.01) as sandbox,
        connect(sandbox.base_url, rate_limits=None) as client,
    ):

        def look(_: Progress) -> None:
            nonlocal most
            most = max(most, client.rate_limits["Read"].in_flight)

        await client.opportunity.retrieve_many(sandbox.opportunity_ids, concurrency=4, progress=look)
    assert 1 < most <= 4


async def tell_later(progress: Progress) -> None:
    """Do nothing: a coroutine function is no hook."""


@pytest.mark.parametrize(
    ("ids", "options", "error"),
    [
        ("opp_1", {}, LightfieldTypeError),
        (b"opp_1", {}, LightfieldTypeError),
        (["opp_1"], {"concurrency": 0}, LightfieldValueError),
        *((["opp_1"], {"concurrency": odd}, LightfieldTypeError) for odd in (True, "5", 2.5, None, math.nan)),
        *((["opp_1"], {"progress": odd}, LightfieldTypeError) for odd in (True, "print", 5, tell_later)),
        (["opp_1"], {"done": "opp_1"}, LightfieldTypeError),
    ],
)
async def test_misuse_is_refused(
    connect: Connect,
    sandbox: Sandbox,
    ids: Any,
    options: dict[str, Any],
    error: type[Exception],
) -> None:
    async with connect(sandbox.base_url) as client:
        with pytest.raises(error):
            await client.opportunity.retrieve_many(ids, **options)
        with pytest.raises(error):
            async for _ in client.opportunity.iter_many(ids, **options):
                pass
        if options:
            with pytest.raises(error):
                await client.bulk([client.plan.account.create(fields={"$name": "a"})], **options)
    assert len(sandbox.requests) == 0


async def test_failure_of_the_source_ends_the_bulk(connect: Connect, sandbox: Sandbox) -> None:
    def broken() -> Iterator[str]:
        yield from sandbox.opportunity_ids[:3]
        raise OSError("the file of ids is gone")

    async with connect(sandbox.base_url, rate_limits=None) as client:
        with pytest.raises(OSError, match="the file of ids is gone"):
            await client.opportunity.retrieve_many(broken())
        with pytest.raises(OSError, match="the file of ids is gone"):
            async for _ in client.opportunity.iter_many(broken()):
                pass
        assert (await client.opportunity.retrieve(sandbox.opportunity_ids[0])).id


@pytest.mark.parametrize("streamed", [False, True], ids=["retrieve_many", "iter_many"])
async def test_source_that_is_cancelled_ends_the_bulk(connect: Connect, sandbox: Sandbox, *, streamed: bool) -> None:
    async def cancelled() -> AsyncIterator[str]:
        yield sandbox.opportunity_ids[0]
        raise asyncio.CancelledError

    async def bulk() -> None:
        if not streamed:
            await client.opportunity.retrieve_many(cancelled())
        async for _ in client.opportunity.iter_many(cancelled()):
            pass

    async with connect(sandbox.base_url, rate_limits=None) as client:
        task = asyncio.ensure_future(bulk())
        done, _ = await asyncio.wait([task], timeout=5)
        assert done
        with pytest.raises((asyncio.CancelledError, LightfieldError)):
            task.result()


async def test_failure_of_the_hook_ends_the_bulk(connect: Connect, sandbox: Sandbox) -> None:
    def broken(_: Progress) -> None:
        raise ZeroDivisionError("in the hook")

    async with connect(sandbox.base_url, rate_limits=None) as client:
        with pytest.raises(ZeroDivisionError, match="in the hook"):
            await client.opportunity.retrieve_many(sandbox.opportunity_ids, progress=broken)
        assert (await client.opportunity.retrieve(sandbox.opportunity_ids[0])).id


async def test_wrong_key_is_the_error_of_every_id(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url, api_key="sk_lf_other", rate_limits=None) as client:
        result = await client.opportunity.retrieve_many(sandbox.opportunity_ids[:3])
    assert [type(error) for error in result.errors.values()] == [AuthenticationError] * 3
