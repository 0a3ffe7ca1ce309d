"""The thread of a blocking client: when it begins, what it is, and all the ways it ends."""

import gc
import threading
import weakref
from collections.abc import Iterator
from contextlib import suppress

import pytest

from lightfield import ClientClosedError, Lightfield, NotFoundError
from lightfield.testing import Sandbox
from tests.faults.server import ID, FaultServer

PATIENCE = 10.0


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def make(sandbox: Sandbox) -> Lightfield:
    return Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, rate_limits=None)


def thread_of(client: Lightfield, sandbox: Sandbox) -> threading.Thread:
    """Make a first call, and give the thread that it began."""
    before = set(threading.enumerate())
    client.opportunity.retrieve(sandbox.opportunity_ids[0])
    (thread,) = {thread for thread in threading.enumerate() if thread.name == "lightfield"} - before
    return thread


def test_thread_begins_with_the_first_call_and_is_one_for_each_client(sandbox: Sandbox) -> None:
    before = set(threading.enumerate())
    one, two = make(sandbox), make(sandbox)
    assert set(threading.enumerate()) <= before
    first, second = thread_of(one, sandbox), thread_of(two, sandbox)
    one.opportunity.retrieve_many(sandbox.opportunity_ids[:3])
    one.with_options(timeout=5).opportunity.retrieve(sandbox.opportunity_ids[0])
    assert set(threading.enumerate()) - before == {first, second}
    assert all(thread.daemon for thread in (first, second))
    one.close()
    two.close()


def test_close_ends_the_thread_before_it_returns(sandbox: Sandbox) -> None:
    client = make(sandbox)
    thread = thread_of(client, sandbox)
    client.close()
    assert not thread.is_alive()
    client.close()
    with pytest.raises(ClientClosedError):
        client.opportunity.retrieve(sandbox.opportunity_ids[0])


def test_with_statement_ends_the_thread_also_on_failure(sandbox: Sandbox) -> None:
    threads: list[threading.Thread] = []
    with suppress(ZeroDivisionError), make(sandbox) as client:
        threads.append(thread_of(client, sandbox))
        raise ZeroDivisionError
    assert not threads[0].is_alive()


def test_forgotten_client_is_collected_without_help_and_ends_its_thread(sandbox: Sandbox) -> None:
    client = make(sandbox)
    thread, gone = thread_of(client, sandbox), weakref.ref(client)
    client.opportunity.retrieve_many(sandbox.opportunity_ids[:3])
    del client
    gc.collect()
    assert gone() is None
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_forgotten_client_closes_its_connections() -> None:
    with FaultServer() as server:
        Lightfield(api_key="sk_lf_1", base_url=server.base_url).opportunity.retrieve(ID)
        gc.collect()
        assert server.hung_up.wait(PATIENCE)


def test_client_lives_as_long_as_a_sibling_or_a_resource_does(sandbox: Sandbox) -> None:
    client = make(sandbox)
    thread = thread_of(client, sandbox)
    records = client.with_options(timeout=5).opportunity
    del client
    gc.collect()
    assert records.retrieve(sandbox.opportunity_ids[0]).id == sandbox.opportunity_ids[0]
    del records
    gc.collect()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_client_is_not_collected_under_a_running_iteration(sandbox: Sandbox) -> None:
    outcomes = make(sandbox).opportunity.iter_many(sandbox.opportunity_ids)
    next(outcomes)
    gc.collect()
    assert len(list(outcomes)) == len(sandbox.opportunity_ids) - 1


def test_handled_failure_is_gone_at_once(sandbox: Sandbox) -> None:
    """An error that a cycle keeps alive keeps the variables of its frames alive, too, until the collector comes."""
    errors: list[weakref.ref[NotFoundError]] = []
    with make(sandbox) as client:
        gc.disable()
        try:
            try:
                client.opportunity.retrieve("opp_unknown")
            except NotFoundError as error:
                errors.append(weakref.ref(error))
            assert errors[0]() is None
        finally:
            gc.enable()
