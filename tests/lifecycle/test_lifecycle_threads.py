"""One blocking client, many callers."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from lightfield import APIConnectionError, ClientClosedError, Lightfield, LightfieldUsageError, Progress, RateLimits
from lightfield.testing import Sandbox
from tests.faults.server import ID, OPPORTUNITY, STALL, FaultServer, http

PATIENCE = 10.0
THREADS = 64


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Lightfield]:
    with Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=None) as client:
        yield client


def at_once(count: int, call: Callable[[int], object]) -> list[object]:
    """Run a call on many threads that start together, and give what each returned or raised."""
    start = threading.Barrier(count)

    def run(number: int) -> object:
        start.wait(PATIENCE)
        try:
            return call(number)
        except Exception as error:  # noqa: BLE001
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_threads_each_get_their_own(client: Lightfield, sandbox: Sandbox) -> None:
    ids = sandbox.opportunity_ids

    def call(number: int) -> list[str]:
        return [client.opportunity.retrieve(ids[(number + step) % len(ids)]).id for step in range(5)]

    got = at_once(THREADS, call)
    assert got == [[ids[(number + step) % len(ids)] for step in range(5)] for number in range(THREADS)]
    assert len(sandbox.requests) == THREADS * 5


def test_first_calls_of_many_threads_share_one_loop(sandbox: Sandbox) -> None:
    before = portals()
    with Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=None) as client:
        at_once(THREADS, lambda _: client.opportunity.retrieve(sandbox.opportunity_ids[0]))
        assert len(portals() - before) == 1
    assert portals() == before


def portals() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "lightfield"}


def test_threads_may_share_a_bulk_client(client: Lightfield, sandbox: Sandbox) -> None:
    ids = sandbox.opportunity_ids
    results = at_once(4, lambda _: [each.id for each in client.opportunity.retrieve_many(ids).values])
    assert results == [ids] * 4


def test_close_from_two_threads_and_a_third_in_a_call() -> None:
    with FaultServer(STALL) as server:
        client = Lightfield(api_key="sk_lf_1", base_url=server.base_url)

        def act(number: int) -> object:
            if number == 0:
                return client.opportunity.retrieve(ID)
            server.arrived.wait(PATIENCE)
            client.close()
            return "closed"

        outcomes = at_once(3, act)
    assert isinstance(outcomes[0], ClientClosedError | APIConnectionError)
    assert outcomes[1:] == ["closed", "closed"]
    assert server.hung_up.is_set()


def test_close_while_threads_begin_calls_leaves_none_waiting(sandbox: Sandbox) -> None:
    client = Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=None)

    def act(number: int) -> object:
        if number == 0:
            client.close()
            return None
        while True:
            client.opportunity.retrieve(sandbox.opportunity_ids[0])

    outcomes = at_once(8, act)
    assert outcomes[0] is None
    assert {type(outcome) for outcome in outcomes[1:]} <= {ClientClosedError, APIConnectionError}


def test_call_from_the_clients_own_loop_is_refused_not_a_deadlock(client: Lightfield, sandbox: Sandbox) -> None:
    def hook(_: Progress) -> None:
        client.opportunity.retrieve(sandbox.opportunity_ids[0])

    with pytest.raises(LightfieldUsageError, match="own loop thread"):
        client.opportunity.retrieve_many(sandbox.opportunity_ids, progress=hook)
    assert client.opportunity.retrieve(sandbox.opportunity_ids[0]).id == sandbox.opportunity_ids[0]


def test_ids_that_come_from_the_client_itself_are_refused_not_a_deadlock(client: Lightfield, sandbox: Sandbox) -> None:
    ids = (client.opportunity.retrieve(id).id for id in sandbox.opportunity_ids)
    with pytest.raises(LightfieldUsageError, match="own loop thread"):
        client.opportunity.retrieve_many(ids)


def test_another_client_may_be_called_from_a_hook(client: Lightfield, sandbox: Sandbox) -> None:
    seen: list[str] = []
    first = sandbox.opportunity_ids[0]
    with Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=None) as other:
        client.opportunity.retrieve_many([first], progress=lambda _: seen.append(other.opportunity.retrieve(first).id))
    assert seen == [first]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGUSR1")
def test_signal_handler_may_call_while_the_main_thread_is_in_a_call() -> None:
    answer = threading.Event()
    seen: list[str] = []
    good = http(200, OPPORTUNITY)
    with (
        FaultServer([answer, good], good) as server,
        Lightfield(api_key="sk_lf_1", base_url=server.base_url) as client,
    ):

        def handler(*_: object) -> None:
            seen.append(client.opportunity.retrieve("opp_of_the_handler").id)
            answer.set()

        def interrupt() -> None:
            server.arrived.wait(PATIENCE)
            os.kill(os.getpid(), signal.SIGUSR1)

        before = signal.signal(signal.SIGUSR1, handler)
        try:
            threading.Thread(target=interrupt, daemon=True).start()
            assert client.opportunity.retrieve(ID).id == ID
        finally:
            signal.signal(signal.SIGUSR1, before)
    assert seen == [ID]
    assert b"opp_of_the_handler" in server.requests[1]


def test_close_from_the_clients_own_loop_ends_the_call(sandbox: Sandbox) -> None:
    slow = RateLimits(read=1.0)
    client = Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=slow)
    with pytest.raises((ClientClosedError, APIConnectionError)):
        client.opportunity.retrieve_many(sandbox.opportunity_ids, progress=lambda _: client.close())
    with pytest.raises(ClientClosedError):
        client.opportunity.retrieve(sandbox.opportunity_ids[0])
