"""Many requests of any kind at once, and writes that are done once however often a bulk is run."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import pytest

from lightfield import (
    AsyncLightfield,
    BulkResult,
    LightfieldError,
    LightfieldTypeError,
    LightfieldUsageError,
    NotFoundError,
    Outcome,
    Progress,
    RateLimits,
    Request,
)
from lightfield.models import Account
from lightfield.testing import Sandbox
from tests.client.both import Connect
from tests.faults.server import OPPORTUNITY, FaultServer, header, http

NAMES = [f"Company {number}" for number in range(30)]


def creates(client: AsyncLightfield, names: Iterable[str] = NAMES) -> Iterator[Request[Account]]:
    return (client.plan.account.create(fields={"$name": name}) for name in names)


def kept(sandbox: Sandbox) -> Counter[Any]:
    """Count the accounts the sandbox has, by name."""
    names = [account["fields"]["$name"]["value"] for account in sandbox.records("accounts").values()]
    return Counter(name for name in names if name in NAMES)


async def test_writes_are_performed_and_given_in_the_order_of_the_input(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url, rate_limits=None) as client:
        result = await client.bulk(creates(client), concurrency=7)
    assert [account.text("$name") for account in result.values] == NAMES
    assert result.raise_for_errors() is result
    assert kept(sandbox) == Counter(NAMES)


async def test_requests_of_every_kind_go_together(connect: Connect, sandbox: Sandbox) -> None:
    opportunity = sandbox.opportunity_ids[0]
    async with connect(sandbox.base_url, rate_limits=None) as client:
        plan = client.plan
        requests: dict[str, Request[Any]] = {
            "read": plan.opportunity.retrieve(opportunity),
            "gone": plan.opportunity.retrieve("opp_unknown"),
            "page": plan.opportunity.list(limit=5),
            "new": plan.note.create(fields={"$title": "Hello"}),
            "raw": plan.request("GET", "/v1/auth/validate"),
        }
        found: dict[str, Any] = {outcome.id: outcome async for outcome in client.iter_bulk(requests)}
        result = await client.bulk(requests)
    assert {id for id, outcome in found.items() if outcome.error} == set(result.errors) == {"gone"}
    assert len(found["page"].value.data) == 5
    assert found["raw"].value["active"] is True
    assert {id for id, outcome in found.items() if outcome.idempotency_key} == {"new"}
    with pytest.raises(ExceptionGroup, match="1 of 5 failed") as caught:
        result.raise_for_errors()
    assert isinstance(caught.value.exceptions[0], NotFoundError)


async def test_the_key_of_an_outcome_is_the_one_that_was_sent(connect: Connect) -> None:
    with FaultServer(http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url, rate_limits=None) as client:
            update = client.plan.opportunity.update("opp_1", fields={"$name": "a"})
            requests = [update, update, update.keyed("mine"), client.plan.opportunity.retrieve("opp_1")]
            outcomes = [outcome async for outcome in client.iter_bulk(requests, concurrency=1)]
    sent = [header(request, "Idempotency-Key") for request in server.requests]
    assert [outcome.idempotency_key for outcome in outcomes] == sent
    assert (len(set(sent)), sent[2:]) == (4, ["mine", None])


async def test_the_key_of_a_request_goes_before_that_of_its_client(connect: Connect) -> None:
    with FaultServer(http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url, rate_limits=None) as client:
            sibling = client.with_options(idempotency_key="shared")
            update = client.plan.opportunity.update("opp_1", fields={"$name": "a"})
            await sibling.send(update.keyed("own"))
            await sibling.send(update)
            await client.send(update.keyed("own"))
    assert [header(request, "Idempotency-Key") for request in server.requests] == ["own", "shared", "own"]


async def consume(outcomes: AsyncIterator[Outcome[Any]]) -> None:
    async for _ in outcomes:
        pass


class BrokenOffError(Exception):
    """What breaks a bulk off."""


@pytest.mark.parametrize("streamed", [False, True], ids=["bulk", "iter_bulk"])
async def test_keyed_writes_of_a_bulk_that_is_run_again_are_done_once(connect: Connect, *, streamed: bool) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 10:
            raise BrokenOffError

    async with (
        Sandbox(opportunities=1, rate_limit=None, latency=(0.0, 0.02)) as sandbox,
        connect(sandbox.base_url, rate_limits=None) as client,
    ):
        stored = {str(request.idempotency_key): request for request in (each.keyed() for each in creates(client))}
        options: dict[str, Any] = {"concurrency": 8, "progress": stop}
        run = consume(client.iter_bulk(stored, **options)) if streamed else client.bulk(stored, **options)
        with pytest.raises(BrokenOffError):
            await run
        assert 10 <= len(kept(sandbox)) < len(NAMES)
        result = await client.bulk(stored)
        assert [account.text("$name") for account in result.raise_for_errors().values] == NAMES
        assert kept(sandbox) == Counter(NAMES)


async def test_a_key_that_was_stored_describes_the_same_write_later(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url, rate_limits=None) as client:
        pairs = zip(NAMES, creates(client), strict=True)
        keys = {outcome.id: outcome.idempotency_key async for outcome in client.iter_bulk(pairs)}
    async with connect(sandbox.base_url, rate_limits=None) as client:
        requests = creates(client)
        await client.bulk(request.keyed(keys[name]) for name, request in zip(NAMES, requests, strict=True))
    assert kept(sandbox) == Counter(NAMES)


async def test_one_key_for_many_writes_is_refused(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url, rate_limits=None) as client:
        sibling = client.with_options(idempotency_key="import-7")
        for requests in ([client.plan.account.list(), *creates(client)], creates(client)):
            with pytest.raises(LightfieldUsageError, match="fixed idempotency_key"):
                await sibling.bulk(requests)
            with pytest.raises(LightfieldUsageError, match="fixed idempotency_key"):
                async for _ in sibling.iter_bulk(creates(client)):
                    pass
        assert len(sandbox.requests) == 0
        result = await sibling.bulk(request.keyed() for request in creates(client))
    assert len(result.values) == len(NAMES)


async def test_one_key_of_many_writes_is_sent_once(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url, rate_limits=None) as client:
        requests = [request.keyed("import-7") for request in creates(client)]
        result = await client.bulk([*requests, requests[0]])
        streamed = [outcome async for outcome in client.iter_bulk(requests) if outcome.error is None]
    assert [account.text("$name") for account in result.values] == [NAMES[0], NAMES[0]]
    assert list(result.errors) == [str(place) for place in range(1, len(NAMES))]
    assert [outcome.id for outcome in streamed] == ["0"]
    assert kept(sandbox) == Counter(NAMES[:1])


async def test_writes_under_way_are_told_of_when_the_input_fails(connect: Connect) -> None:
    async with (
        Sandbox(opportunities=1, rate_limit=None, latency=0.1) as sandbox,
        connect(sandbox.base_url, rate_limits=None) as client,
    ):

        def broken() -> Iterator[Request[Account]]:
            yield from creates(client, NAMES[:20])
            raise BrokenOffError

        outcomes: list[Outcome[Account]] = []

        async def collect() -> None:
            async for outcome in client.iter_bulk(broken()):
                outcomes.append(outcome)  # noqa: PERF401 - kept when it fails

        with pytest.raises(BrokenOffError):
            await collect()
        assert [outcome.error for outcome in outcomes] == [None] * 20
        assert len({outcome.idempotency_key for outcome in outcomes} - {None}) == 20
        assert kept(sandbox) == Counter(NAMES[:20])
        with pytest.raises(BrokenOffError):
            await client.bulk(broken())
        assert kept(sandbox) == Counter(NAMES[:20] * 2)


async def test_a_coroutine_among_requests_fails_on_its_own(sandbox: Sandbox) -> None:
    async with AsyncLightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=None) as client:
        requests: Any = {"opp_a": client.opportunity.retrieve("opp_a"), "all": client.plan.opportunity.list()}
        result: BulkResult[Any] = await client.bulk(requests)
    assert (len(result.values), list(result.errors)) == (1, ["opp_a"])
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize("odd", ["acc_1", b"acc_1", 5, None])
async def test_what_is_no_iterable_is_refused(connect: Connect, sandbox: Sandbox, odd: Any) -> None:
    async with connect(sandbox.base_url) as client:
        one: Any = client.plan.account.retrieve("acc_1")
        cases: list[Any] = [odd, one, ("id", one)]
        for requests in cases:
            with pytest.raises(LightfieldTypeError, match="not a single"):
                await client.bulk(requests)
            with pytest.raises(LightfieldTypeError, match="not a single"):
                async for _ in client.iter_bulk(requests):
                    pass
    assert len(sandbox.requests) == 0


async def test_what_was_done_before_is_left_out(connect: Connect, sandbox: Sandbox) -> None:
    ids = sandbox.opportunity_ids[:10]
    done = set(ids[:6])
    steps: list[Progress] = []
    async with connect(sandbox.base_url, rate_limits=None) as client:
        result = await client.opportunity.retrieve_many(ids, done=done, progress=steps.append)
        streamed = [outcome.id async for outcome in client.opportunity.iter_many(ids, done=done)]
        requests = {id: client.plan.opportunity.retrieve(id) for id in ids}
        planned = await client.bulk(requests, done=done)
        performed = {outcome.id async for outcome in client.iter_bulk(requests, done=done)}
    rest = ids[6:]
    assert (
        [opportunity.id for opportunity in result.values] == [opportunity.id for opportunity in planned.values] == rest
    )
    assert sorted(streamed) == sorted(performed) == sorted(rest)
    assert (steps[-1].done, steps[-1].total) == (4, 4)
    assert len(sandbox.requests) == 16


async def test_records_of_a_custom_type_take_the_same_options(connect: Connect) -> None:
    with FaultServer(http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url, rate_limits=None) as client:
            many = client.object.retrieve_many(["a", "b"], entity_slug="project", concurrency=1, done={"a"})
            each = client.object.iter_many(["a", "b"], entity_slug="project", done={"b"})
            assert len((await many).values) == 1
            assert [outcome.id async for outcome in each] == ["a"]
    assert [request.split(b" ")[1] for request in server.requests] == [
        b"/v1/objects/project/values/b",
        b"/v1/objects/project/values/a",
    ]


async def test_the_deadline_of_an_item_begins_when_a_worker_takes_it(connect: Connect) -> None:
    async with (
        Sandbox(opportunities=10, rate_limit=None, latency=0.1) as sandbox,
        connect(sandbox.base_url, rate_limits=None) as client,
    ):
        hasty = client.with_options(deadline=0.5)
        result = await hasty.opportunity.retrieve_many(sandbox.opportunity_ids, concurrency=1)
        assert (len(result.values), result.errors) == (10, {})
        result = await client.with_options(deadline=0.05).opportunity.retrieve_many(sandbox.opportunity_ids)
        assert len(result.errors) == 10


async def consume_all(client: AsyncLightfield, how: str, ids: list[str], tell: Callable[[Progress], None]) -> None:
    requests = map(client.plan.opportunity.retrieve, ids)
    ways: dict[str, Callable[[], Any]] = {
        "retrieve_many": lambda: client.opportunity.retrieve_many(ids, progress=tell),
        "iter_many": lambda: consume(client.opportunity.iter_many(ids, progress=tell)),
        "bulk": lambda: client.bulk(requests, progress=tell),
        "iter_bulk": lambda: consume(client.iter_bulk(requests, progress=tell)),
    }
    await ways[how]()


@pytest.mark.parametrize("how", ["retrieve_many", "iter_many", "bulk", "iter_bulk"])
async def test_a_bulk_lets_other_calls_pass(connect: Connect, how: str) -> None:
    async with (
        Sandbox(opportunities=15, rate_limit=None) as sandbox,
        connect(sandbox.base_url, rate_limits=RateLimits(read=5)) as client,
    ):
        begun = asyncio.Event()
        loop = asyncio.get_running_loop()
        done = 0

        def tell(progress: Progress) -> None:
            nonlocal done
            done = progress.done
            if done == 3:
                loop.call_soon_threadsafe(begun.set)

        many = asyncio.ensure_future(consume_all(client, how, sandbox.opportunity_ids, tell))
        await begun.wait()
        await client.opportunity.retrieve(sandbox.opportunity_ids[0])
        assert done < 12  # five of the bulk's were sent before it, and ten wait for two seconds
        await many
        assert done == 15


async def test_a_slow_consumer_holds_back_an_input_that_is_awaited(sandbox: Sandbox) -> None:
    taken = 0

    async with AsyncLightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=None) as client:

        async def endless() -> AsyncIterator[Request[Account]]:
            nonlocal taken
            while True:
                taken += 1
                yield client.plan.account.create(fields={"$name": f"Company {taken}"})

        outcomes = client.iter_bulk(endless(), concurrency=4)
        for consumed in range(1, 20):
            outcome: Outcome[Account] = await anext(outcomes)
            assert outcome.error is None
            await asyncio.sleep(0)
            assert taken <= consumed + 2 * 4
        await outcomes.aclose()
        assert len(sandbox.requests) <= taken


async def test_failures_of_writes_carry_their_key(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url, rate_limits=None) as client:
        plan = client.plan.account
        outcomes = [outcome async for outcome in client.iter_bulk([plan.update("acc_gone", fields={"$name": "a"})])]
        result: BulkResult[Account] = await client.bulk([plan.update("acc_gone", fields={"$name": "a"})])
    error: Any = outcomes[0].error
    assert isinstance(error, NotFoundError)
    assert outcomes[0].idempotency_key == error.idempotency_key is not None
    assert [isinstance(each, LightfieldError) for each in result.errors.values()] == [True]


async def test_an_option_that_there_is_not_is_refused(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            bulks: tuple[Any, ...] = (client.bulk, client.opportunity.retrieve_many)
            for bulk in bulks:
                with pytest.raises(LightfieldTypeError, match="no option limit, retries"):
                    await bulk([], retries=1, limit=2)
    assert server.requests == []
