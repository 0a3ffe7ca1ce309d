"""The ready clients of a sandbox: whom they call, and how they end, wherever their event loop is by then."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from lightfield import (
    APIConnectionError,
    AsyncLightfield,
    AuthenticationError,
    ClientClosedError,
    Lightfield,
    LightfieldValueError,
    RateLimits,
)
from lightfield.testing import Sandbox
from tests.lifecycle.script import run

PATIENCE = 10.0

LEFT_OPEN = """
import asyncio
from lightfield.testing import Sandbox

sandbox = Sandbox(opportunities=1)
sandbox.start()
blocking, awaited = sandbox.client(), sandbox.async_client()
(id,) = sandbox.opportunity_ids
print(blocking.opportunity.retrieve(id).id == asyncio.run(awaited.opportunity.retrieve(id)).id)
"""


@pytest.fixture
def running() -> Iterator[Sandbox]:
    with Sandbox(opportunities=2, rate_limit=None, api_key="sk_mine") as sandbox:
        yield sandbox


def first(sandbox: Sandbox) -> str:
    return sandbox.opportunity_ids[0]


def test_the_blocking_client_is_ready(running: Sandbox) -> None:
    assert running.client().opportunity.retrieve(first(running)).id == first(running)


async def test_the_awaited_client_is_ready(running: Sandbox) -> None:
    client = running.async_client()
    assert (await client.opportunity.retrieve(first(running))).id == first(running)


def test_another_thread_may_make_clients_while_they_are_closed() -> None:
    ended, made = threading.Event(), list[object]()
    with Sandbox(opportunities=0, rate_limit=None) as sandbox:
        used = [sandbox.client() for _ in range(20)]
        for client in used:
            client.auth.validate()  # so that there is something to close

        def make_clients() -> None:
            while not ended.is_set():
                made.extend([sandbox.client(), sandbox.async_client()])

        thread = threading.Thread(target=make_clients)
        thread.start()
    ended.set()
    thread.join()
    assert all(client.is_closed() for client in used)


@pytest.mark.parametrize("make", [Sandbox.client, Sandbox.async_client])
def test_options_are_those_of_the_client(running: Sandbox, make: Callable[..., Lightfield | AsyncLightfield]) -> None:
    assert make(running).max_retries != 7
    assert make(running, max_retries=7).max_retries == 7
    with pytest.raises(LightfieldValueError, match="max_retries"):
        make(running, max_retries=-1)


def test_another_key_may_be_given(running: Sandbox) -> None:
    with pytest.raises(AuthenticationError):
        running.client(api_key="sk_other").opportunity.retrieve(first(running))


def test_a_client_is_paced_where_the_sandbox_has_a_limit() -> None:
    with Sandbox(opportunities=0) as limited, Sandbox(opportunities=0, rate_limit=None) as unlimited:
        limits = RateLimits(read=3)
        assert limited.client().rate_limits["Read"].limit == 25
        assert unlimited.client().rate_limits["Read"].limit is None
        assert unlimited.async_client(rate_limits=limits).rate_limits["Read"].limit == 3


@pytest.mark.parametrize("make", [Sandbox.client, Sandbox.async_client])
def test_a_sandbox_that_was_never_started_has_no_clients(make: Callable[[Sandbox], object]) -> None:
    with pytest.raises(RuntimeError, match="has not been started"):
        make(Sandbox(opportunities=0))


def test_a_stop_and_a_start_are_an_outage(running: Sandbox) -> None:
    client = running.client(max_retries=0)
    assert client.opportunity.retrieve(first(running)).id
    running.stop()
    with pytest.raises(APIConnectionError):
        client.opportunity.retrieve(first(running))
    running.start()
    assert client.opportunity.retrieve(first(running)).id


def test_the_end_of_the_block_closes_blocking_clients() -> None:
    before = set(threading.enumerate())
    with Sandbox(opportunities=1) as sandbox:
        client = sandbox.client()
        assert client.opportunity.retrieve(first(sandbox)).id
    assert client.is_closed()
    assert set(threading.enumerate()) <= before
    with pytest.raises(ClientClosedError):
        client.opportunity.list()


async def test_the_end_of_an_async_block_closes_both_kinds() -> None:
    async with Sandbox(opportunities=1) as sandbox:
        blocking, awaited = sandbox.client(), sandbox.async_client()
        sibling = awaited.with_options(timeout=5)
        assert (await sibling.opportunity.retrieve(first(sandbox))).id
    assert (blocking.is_closed(), awaited.is_closed(), sibling.is_closed()) == (True, True, True)


def test_a_client_that_is_closed_already_stays_closed() -> None:
    with Sandbox(opportunities=1) as sandbox, sandbox.client() as client:
        assert client.opportunity.retrieve(first(sandbox)).id
    assert client.is_closed()


Use = Callable[[], Awaitable[Any]]


def never(_: Use) -> None:
    """Use the client on no loop at all."""


def on_a_loop_that_has_ended(use: Use) -> None:
    async def main() -> None:
        await use()

    asyncio.run(main())


@pytest.mark.parametrize("use_client", [never, on_a_loop_that_has_ended])
def test_an_awaited_client_needs_no_loop_to_be_closed(use_client: Callable[[Use], None]) -> None:
    with Sandbox(opportunities=1) as sandbox:
        client = sandbox.async_client()
        use_client(lambda: client.opportunity.retrieve(first(sandbox)))
    assert client.is_closed()
    with pytest.raises(ClientClosedError):
        asyncio.run(client.opportunity.list())


def test_an_awaited_client_is_closed_on_a_loop_that_is_paused() -> None:
    with asyncio.Runner() as runner:
        with Sandbox(opportunities=1) as sandbox:
            client = sandbox.async_client()
            assert runner.run(client.opportunity.retrieve(first(sandbox))).id
        assert client.is_closed()


@contextmanager
def loop_in_another_thread() -> Generator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def test_an_awaited_client_is_closed_on_a_loop_in_another_thread() -> None:
    with loop_in_another_thread() as loop:
        with Sandbox(opportunities=1) as sandbox:
            client = sandbox.async_client()
            call = asyncio.run_coroutine_threadsafe(client.opportunity.retrieve(first(sandbox)), loop)
            assert call.result(PATIENCE).id
        assert client.is_closed()


async def test_an_awaited_client_is_closed_soon_where_nothing_can_wait_for_it() -> None:
    with Sandbox(opportunities=1) as sandbox:
        client = sandbox.async_client()
        assert (await client.opportunity.retrieve(first(sandbox))).id
    await asyncio.sleep(0)
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
    assert client.is_closed()


def test_an_awaited_client_is_left_to_its_loop_where_another_one_is_running() -> None:
    async def leave(sandbox: Sandbox) -> None:
        sandbox.__exit__(None, None, None)

    with asyncio.Runner() as own:
        sandbox = Sandbox(opportunities=1).__enter__()
        client = sandbox.async_client()
        assert own.run(client.opportunity.retrieve(first(sandbox))).id
        asyncio.run(leave(sandbox))
        assert not client.is_closed()
        with suppress(APIConnectionError):
            own.run(client.with_options(max_retries=0).opportunity.retrieve("opp_1"))


def test_a_program_may_leave_everything_open() -> None:
    assert run(LEFT_OPEN) == "True\n"
