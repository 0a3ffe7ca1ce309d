"""The end of the interpreter is quiet and prompt, whatever the client was doing."""

import os
import sys
import time

import pytest

from lightfield.testing import Sandbox
from tests.faults.server import STALL, FaultServer
from tests.portal.script import run

PROMPTLY = 15.0
"""Seconds a program may take that would take 30 if it waited for its pending call."""

START = """
import atexit, sys, threading, time
from contextlib import suppress

def late():
    try:
        client.opportunity.retrieve("opp_1")
    except Exception as error:
        print(type(error).__name__)

if "late" in sys.argv:
    atexit.register(late)

from lightfield import Lightfield, LightfieldError
client = Lightfield(api_key="sk_lf_sandbox", base_url=sys.argv[1])
"""


def test_unused_client(sandbox: Sandbox) -> None:
    assert run(START, sandbox.base_url) == ""


def test_unclosed_client(sandbox: Sandbox) -> None:
    script = START + "print(client.opportunity.retrieve(sys.argv[2]).id)"
    assert run(script, sandbox.base_url, sandbox.opportunity_ids[0]) == f"{sandbox.opportunity_ids[0]}\n"


@pytest.mark.parametrize(
    "call",
    ['client.opportunity.retrieve("opp_1")', 'client.opportunity.retrieve_many(["opp_1"])'],
    ids=["call", "bulk"],
)
def test_pending_call_in_a_daemon_thread(call: str) -> None:
    script = f"""{START}
def work():
    with suppress(LightfieldError):
        {call}

threading.Thread(target=work, daemon=True).start()
while not client.rate_limits["Read"].in_flight:
    time.sleep(0.01)
"""
    with FaultServer(STALL) as server:
        started = time.monotonic()
        assert run(script, server.base_url) == ""
        assert time.monotonic() - started < PROMPTLY


def test_half_read_iteration(sandbox: Sandbox) -> None:
    script = START + "outcomes = client.opportunity.iter_many(sys.argv[2:])\nprint(next(outcomes).error)"
    assert run(script, sandbox.base_url, *sandbox.opportunity_ids) == "None\n"


def test_call_at_the_very_end_says_that_the_client_is_closed(sandbox: Sandbox) -> None:
    """``atexit`` runs its functions in reverse order, so that one registered early runs after the client's end."""
    script = START + "client.opportunity.retrieve(sys.argv[2])"
    assert run(script, sandbox.base_url, sandbox.opportunity_ids[0], "late") == "ClientClosedError\n"


def test_call_of_a_thread_that_the_interpreter_waits_for_goes_on(sandbox: Sandbox) -> None:
    script = (
        START
        + """
client.opportunity.retrieve(sys.argv[2])

def work():
    threading.main_thread().join()
    print(client.opportunity.retrieve(sys.argv[2]).id)

threading.Thread(target=work).start()
"""
    )
    assert run(script, sandbox.base_url, sandbox.opportunity_ids[0]) == f"{sandbox.opportunity_ids[0]}\n"


@pytest.mark.parametrize(
    "call",
    ["client.opportunity.retrieve_many(ids, progress=hook)", "list(client.opportunity.iter_many(ids, progress=hook))"],
    ids=["bulk", "iteration"],
)
def test_exit_from_a_progress_hook(sandbox: Sandbox, call: str) -> None:
    script = f"""{START}
ids, hook = sys.argv[2:], lambda _: sys.exit(3)
try:
    with client:
        {call}
except SystemExit as exit:
    print("exit", exit.code)
late()
"""
    assert run(script, sandbox.base_url, *sandbox.opportunity_ids) == "exit 3\nClientClosedError\n"


def test_closed_awaited_client(sandbox: Sandbox) -> None:
    script = """
import asyncio, sys
from lightfield import AsyncLightfield
async def main():
    async with AsyncLightfield(api_key="sk_lf_sandbox", base_url=sys.argv[1]) as client:
        print(len((await client.opportunity.retrieve_many(sys.argv[2:])).values))
asyncio.run(main())
"""
    assert run(script, sandbox.base_url, *sandbox.opportunity_ids[:3]) == "3\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_forked_child_is_told_to_make_a_client_of_its_own(sandbox: Sandbox) -> None:
    script = (
        START
        + """
import os
client.opportunity.retrieve(sys.argv[2])
child = os.fork()
if not child:
    try:
        client.opportunity.retrieve(sys.argv[2])
    except LightfieldError as error:
        print(type(error).__name__, flush=True)
    os._exit(0)
os.waitpid(child, 0)
print(client.opportunity.retrieve(sys.argv[2]).id == sys.argv[2])
"""
    )
    assert run(script, sandbox.base_url, sandbox.opportunity_ids[0]) == "LightfieldUsageError\nTrue\n"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="threads can still be started")
def test_first_call_after_the_end_of_the_main_thread_works_or_says_that_it_is_too_late(sandbox: Sandbox) -> None:
    script = (
        START
        + """
def work():
    threading.main_thread().join()
    late()

threading.Thread(target=work).start()
"""
    )
    assert run(script, sandbox.base_url) in {"ClientClosedError\n", "NotFoundError\n"}  # a race with the shutdown
