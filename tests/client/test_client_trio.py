"""Where no task of asyncio runs, as under trio: the awaited client says so, and the blocking one works in a thread."""

import asyncio
import inspect
import io
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from functools import partial
from typing import Any, TypeAlias, cast

import anyio
import pytest
import trio

from lightfield import AsyncLightfield, Lightfield, LightfieldUsageError, Request
from lightfield._operations.operation import iteration, procedure
from lightfield._operations.resource import Resource
from lightfield.testing import Sandbox
from tests.client.both import KEY

Work: TypeAlias = Callable[[AsyncLightfield], Coroutine[Any, Any, object]]

ID = "opp_1"
ADVICE = r"(?s)asyncio.*Lightfield.*trio\.to_thread\.run_sync"
ARGUMENTS: dict[str, object] = {"file": b"bytes", "to": io.BytesIO(), "ids": [ID]}


async def first(results: AsyncGenerator[object, None]) -> object:
    return await anext(results)


async def streamed(client: AsyncLightfield) -> bytes:
    async with client.with_streaming_response.opportunity.retrieve(ID) as response:
        return await response.read()


def several() -> Iterator[tuple[str, Work]]:
    """Find every method that makes several requests."""
    client = AsyncLightfield(api_key=KEY)
    for name in dir(client):
        kind = getattr(client, name, None).__class__
        for method in dir(kind) if Resource in kind.__mro__ else ():
            endpoint = inspect.getattr_static(kind, method)
            if isinstance(endpoint, procedure | iteration):
                yield f"{name}.{method}", partial(call, name, method, iterates=isinstance(endpoint, iteration))


def call(resource: str, method: str, client: AsyncLightfield, *, iterates: bool) -> Coroutine[Any, Any, object]:
    function = getattr(getattr(client, resource), method)
    required = [
        (name, each)
        for name, each in inspect.signature(function).parameters.items()
        if each.default is each.empty and each.kind not in {each.VAR_KEYWORD, each.VAR_POSITIONAL}
    ]
    values = {name: ARGUMENTS.get(name, ID) for name, _ in required}
    positional = [values.pop(name) for name, each in required if each.kind is not each.KEYWORD_ONLY]
    result = function(*positional, **values)
    return first(result) if iterates else cast("Coroutine[Any, Any, object]", result)


WORK: dict[str, Work] = {
    "read": lambda client: client.opportunity.retrieve(ID),
    "write": lambda client: client.note.create(fields={"$title": "Kick-off"}),
    "raw": lambda client: client.with_raw_response.opportunity.retrieve(ID),
    "streamed": streamed,
    "request": lambda client: client.request("GET", "/v1/things"),
    "send": lambda client: client.send(client.plan.opportunity.retrieve(ID)),
    "bulk": lambda client: client.bulk([client.plan.opportunity.retrieve(ID)]),
    "bulk of nothing": lambda client: client.bulk(list[Request[object]]()),
    "iter_bulk": lambda client: first(client.iter_bulk([client.plan.opportunity.retrieve(ID)])),
    "list_all fresh": lambda client: first(client.opportunity.list_all(fresh=True)),
    **dict(several()),
}


def in_trio(work: Work, client: AsyncLightfield) -> None:
    trio.run(work, client)


def in_anyio(work: Work, client: AsyncLightfield) -> None:
    anyio.run(work, client, backend="trio")


def by_hand(work: Work, client: AsyncLightfield) -> None:
    work(client).send(None)


def in_a_callback(work: Work, client: AsyncLightfield) -> None:
    """Run it on a loop of asyncio, but in no task, as trio does as a guest of asyncio."""
    loop = asyncio.new_event_loop()
    caught = list[BaseException]()

    def step() -> None:
        try:
            work(client).send(None)
        except BaseException as error:  # noqa: BLE001
            caught.append(error)
        loop.stop()

    loop.call_soon(step)
    loop.run_forever()
    loop.close()
    raise caught[0]


@pytest.mark.parametrize("run", [in_trio, in_anyio, by_hand, in_a_callback])
@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_what_is_awaited_outside_of_asyncio_says_what_to_do(
    sandbox: Sandbox, work: Work, run: Callable[[Work, AsyncLightfield], None]
) -> None:
    client = AsyncLightfield(api_key=KEY, base_url=sandbox.base_url)
    with pytest.raises(LightfieldUsageError, match=ADVICE) as caught:
        run(work, client)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert len(sandbox.requests) == 0


def test_a_client_that_made_no_request_can_be_entered_and_closed_anywhere() -> None:
    client = AsyncLightfield(api_key=KEY)

    async def use() -> None:
        async with client:
            pass

    trio.run(use)
    assert client.is_closed()


def test_a_client_with_connections_is_closed_where_it_was_used(sandbox: Sandbox) -> None:
    client = AsyncLightfield(api_key=KEY, base_url=sandbox.base_url)
    with asyncio.Runner() as runner:
        runner.run(client.opportunity.retrieve(sandbox.opportunity_ids[0]))
        with pytest.raises(LightfieldUsageError, match=ADVICE):
            trio.run(client.aclose)
        runner.run(client.opportunity.retrieve(sandbox.opportunity_ids[0]))
        runner.run(client.aclose())
    assert client.is_closed()


def test_anyio_on_asyncio_works(sandbox: Sandbox) -> None:
    async def use() -> list[str]:
        found = list[str]()
        async with (
            AsyncLightfield(api_key=KEY, base_url=sandbox.base_url) as client,
            anyio.create_task_group() as group,
        ):

            async def retrieve(id: str) -> None:
                found.append((await client.opportunity.retrieve(id)).id)

            for id in sandbox.opportunity_ids[:3]:
                group.start_soon(retrieve, id)
        return found

    assert sorted(anyio.run(use, backend="asyncio")) == sorted(sandbox.opportunity_ids[:3])


def test_the_blocking_client_works_under_trio_in_threads(sandbox: Sandbox) -> None:
    async def use() -> list[str]:
        found = list[str]()

        async def retrieve(id: str) -> None:
            found.append((await trio.to_thread.run_sync(client.opportunity.retrieve, id)).id)

        with Lightfield(api_key=KEY, base_url=sandbox.base_url) as client:
            async with trio.open_nursery() as nursery:
                for id in sandbox.opportunity_ids[:5]:
                    nursery.start_soon(retrieve, id)
            result = await trio.to_thread.run_sync(client.opportunity.retrieve_many, found)
        return [each.id for each in result.values]

    assert sorted(trio.run(use)) == sorted(sandbox.opportunity_ids[:5])


def test_a_sandbox_entered_outside_of_asyncio_says_what_to_do() -> None:
    async def use() -> None:
        async with Sandbox():
            raise AssertionError

    with pytest.raises(LightfieldUsageError, match=r"use `with Sandbox\(\)`"):
        trio.run(use)
