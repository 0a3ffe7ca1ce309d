"""The portal and its pump where an end comes at an odd moment: too early, too late, or not at all."""

import asyncio
import errno
import os
import threading
import time
from collections.abc import AsyncGenerator

import pytest

from lightfield import ClientClosedError, LightfieldUsageError
from lightfield._aio.batches import BatchedIterator
from lightfield._aio.portal import Portal
from lightfield._aio.timeouts import Waiters
from lightfield.testing import Sandbox
from tests.lifecycle.script import run


async def nothing() -> None:
    pass


async def endless() -> AsyncGenerator[int]:
    while True:
        yield 1


async def test_pump_that_ends_before_anything_was_taken_takes_nothing() -> None:
    pump = BatchedIterator(endless())
    pump.cancel()
    await pump.stop()
    assert len(asyncio.all_tasks()) == 1


def test_portal_whose_farewell_takes_for_ever_closes_all_the_same() -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    portal = Portal("hanging", hang)
    portal.call(nothing())
    begun = time.monotonic()
    portal.close()
    assert time.monotonic() - begun < 2.0


def test_call_on_a_loop_that_the_interpreter_has_ended_says_that_the_client_is_closed() -> None:
    portal = Portal("ended", nothing)
    portal.call(nothing())
    end = portal._stop  # pyright: ignore[reportPrivateUsage]
    assert end is not None
    end()  # as the interpreter does
    with pytest.raises(ClientClosedError, match="The client is closed"):
        portal.call(nothing())


def test_thread_that_cannot_be_started_is_a_clear_error_and_leaves_nothing() -> None:
    portal = Portal("threadless", nothing)
    usual = threading.stack_size(1 << 46)  # more than there is
    try:
        with pytest.raises(ClientClosedError, match="The thread of the client cannot be started: "):
            portal.call(nothing())
    finally:
        threading.stack_size(usual)
    portal.call(nothing())
    portal.close()


def test_loop_that_cannot_be_made_is_a_clear_error() -> None:
    def make() -> asyncio.AbstractEventLoop:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with pytest.raises(LightfieldUsageError, match="The event loop of the client cannot be created"):
        Portal("loopless", nothing, make).call(nothing())


async def test_each_call_that_closing_ends_has_an_error_of_its_own() -> None:
    waiters = Waiters()
    waiting = [asyncio.ensure_future(waiters.sleep(60)) for _ in range(2)]
    await asyncio.sleep(0)
    waiters.fail_all(lambda: ClientClosedError("closed"))
    first, second = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(first, ClientClosedError)
    assert first is not second


USED_WHERE_NO_FILE_CAN_BE_OPENED = """
import os, resource, sys
from lightfield import Lightfield
client = Lightfield(api_key="sk_lf_sandbox", base_url=sys.argv[1])
client.opportunity.retrieve(sys.argv[2])
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
hoard = []
try:
    while True:
        hoard.append(os.open(os.devnull, os.O_RDONLY))
except OSError:
    pass
child = os.fork()
if not child:
    for file in hoard:
        os.close(file)
    os._exit(client.opportunity.retrieve(sys.argv[2]).id != sys.argv[2])
for file in hoard:
    os.close(file)
print(os.waitpid(child, 0)[1], client.opportunity.retrieve(sys.argv[2]).id)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_fork_where_no_file_can_be_opened_parts_parent_and_child_too(sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    assert run(USED_WHERE_NO_FILE_CAN_BE_OPENED, sandbox.base_url, id) == f"0 {id}\n"


USED_BESIDE_A_GAP = """
import os, sys
from lightfield import Lightfield
client = Lightfield(api_key="sk_lf_sandbox", base_url=sys.argv[1])
gap = os.open(os.devnull, os.O_RDONLY)
client.opportunity.retrieve(sys.argv[2])
os.close(gap)
child = os.fork()
if not child:
    os._exit(client.opportunity.retrieve(sys.argv[2]).id != sys.argv[2])
print(os.waitpid(child, 0)[1], client.opportunity.retrieve(sys.argv[2]).id)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_fork_where_a_lower_descriptor_is_free_parts_parent_and_child_too(sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    assert run(USED_BESIDE_A_GAP, sandbox.base_url, id) == f"0 {id}\n"


ITERATING_AT_THE_FORK = """
import os, sys
from lightfield import Lightfield, LightfieldUsageError
client = Lightfield(api_key="sk_lf_sandbox", base_url=sys.argv[1], rate_limits=None)
outcomes = client.opportunity.iter_many(sys.argv[2:])
next(outcomes)
child = os.fork()
if not child:
    try:
        list(outcomes)
    except LightfieldUsageError as error:
        os._exit("belongs to the parent" not in str(error))
    os._exit(2)
print(os.waitpid(child, 0)[1], len(list(outcomes)))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_iteration_that_was_begun_before_a_fork_is_the_parents(sandbox: Sandbox) -> None:
    ids = sandbox.opportunity_ids
    assert run(ITERATING_AT_THE_FORK, sandbox.base_url, *ids) == f"0 {len(ids) - 1}\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_fork_without_a_client_loads_nothing() -> None:
    program = """
import os, sys
from lightfield import AsyncLightfield
child = os.fork()
if not child:
    os._exit("aiohttp" in sys.modules)
print(os.waitpid(child, 0)[1])
"""
    assert run(program) == "0\n"


HOARD = """
import asyncio, errno, os, resource, sys
from lightfield import APIConnectionError, AsyncLightfield, Lightfield, LightfieldUsageError
options = {"api_key": "sk_lf_sandbox", "base_url": sys.argv[1], "max_retries": 2}
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
hoard = []

def open_all():
    try:
        while True:
            hoard.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass

def close_all():
    while hoard:
        os.close(hoard.pop())

def told(error):
    cause = error.__cause__
    print(type(error).__name__, error.sent, error.permanent, len(error.attempts), cause.errno == errno.EMFILE, error)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no limit of descriptors here")
def test_first_call_where_no_file_can_be_opened_fails_as_any_other_and_loses_nothing(sandbox: Sandbox) -> None:
    """The client was made before there was a loop, so nothing that its calls need is loaded."""
    program = (
        HOARD
        + """
client = AsyncLightfield(**options)
client.opportunity

async def main():
    assert "aiohttp" not in sys.modules
    open_all()
    for _ in range(2):
        try:
            await client.opportunity.retrieve(sys.argv[2])
        except APIConnectionError as error:
            told(error)
            print(error.attempts[0].wait, error.spent.pausing)
    try:
        client.account
    except APIConnectionError as error:
        told(error)
    close_all()
    print((await client.opportunity.retrieve(sys.argv[2])).id, client.account.retrieve.__name__)
    await client.close()

asyncio.run(main())
"""
    )
    call = (
        "APIConnectionError False False 1 True cannot load the HTTP client: [Errno 24] Too many open files\nNone 0.0\n"
    )
    id = sandbox.opportunity_ids[0]
    *failures, resource, end = run(program, sandbox.base_url, id).splitlines(keepends=True)
    assert "".join(failures) == 2 * call
    assert resource.startswith("APIConnectionError False False 0 True cannot load a resource: [Errno 24] ")
    assert end == f"{id} retrieve\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no limit of descriptors here")
def test_client_that_is_made_on_a_loop_where_no_file_can_be_opened_works_later(sandbox: Sandbox) -> None:
    program = (
        HOARD
        + """
AsyncLightfield(**options)

async def main():
    open_all()
    async with AsyncLightfield(**options) as client:
        assert "aiohttp" not in sys.modules
        close_all()
        print((await client.opportunity.retrieve(sys.argv[2])).id)

asyncio.run(main())
"""
    )
    id = sandbox.opportunity_ids[0]
    assert run(program, sandbox.base_url, id) == f"{id}\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no limit of descriptors here")
def test_blocking_client_whose_first_call_finds_no_descriptor_works_later(sandbox: Sandbox) -> None:
    program = (
        HOARD
        + """
sys.unraisablehook = lambda _: None  # asyncio leaves its half-made loop, and cannot finalize it
client = Lightfield(**options)
client.opportunity
assert "aiohttp" not in sys.modules
open_all()
try:
    client.opportunity.retrieve(sys.argv[2])
except LightfieldUsageError as error:
    print(error)
close_all()
print(client.opportunity.retrieve(sys.argv[2]).id)
"""
    )
    said = "The event loop of the client cannot be created: [Errno 24] Too many open files.\n"
    id = sandbox.opportunity_ids[0]
    assert run(program, sandbox.base_url, id) == f"{said}{id}\n"


def test_key_log_that_cannot_be_opened_fails_the_call_and_not_the_next(sandbox: Sandbox) -> None:
    program = """
import os, sys
from lightfield import APIConnectionError, Lightfield
os.environ["SSLKEYLOGFILE"] = os.path.join(os.devnull, "keys")
with Lightfield(api_key="sk_lf_sandbox", base_url=sys.argv[1], max_retries=0) as client:
    try:
        client.opportunity.retrieve(sys.argv[2])
    except APIConnectionError as error:
        print(error.sent, isinstance(error.__cause__, OSError), str(error).startswith("cannot load the HTTP client: "))
    del os.environ["SSLKEYLOGFILE"]
    print(client.opportunity.retrieve(sys.argv[2]).id)
"""
    id = sandbox.opportunity_ids[0]
    assert run(program, sandbox.base_url, id) == f"False True True\n{id}\n"
