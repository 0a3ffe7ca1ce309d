"""The end of the interpreter is quiet and prompt, whatever the client was doing."""

import os
import sys
import time
from pathlib import Path

import pytest

from lightfield.testing import Sandbox
from tests.faults.server import STALL, FaultServer
from tests.lifecycle.script import PATIENCE, run, started

PROMPTLY = 2.0
"""Seconds that the end of a program may take."""

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


WAYS_OUT = {
    "end of the main thread": "pass",
    "sys.exit": "sys.exit()",
    "sys.exit in another thread": "other = threading.Thread(target=sys.exit); other.start(); other.join()",
    "os._exit": "os._exit(0)",
}


@pytest.mark.parametrize("way_out", WAYS_OUT)
@pytest.mark.parametrize(
    "call",
    ['client.opportunity.retrieve("opp_1")', 'list(client.opportunity.iter_many(["opp_1"]))'],
    ids=["call", "iteration"],
)
def test_pending_call_in_a_daemon_thread_does_not_hold_up_the_end_nor_speak_of_it(call: str, way_out: str) -> None:
    """Not one word on stderr: whoever made the thread a daemon does not ask how it ended."""
    script = f"""{START}
import os
threading.Thread(target=lambda: {call}, daemon=True).start()
while not client.rate_limits["Read"].in_flight:
    time.sleep(0.01)
sys.stdin.readline()
print("leaving", flush=True)
{WAYS_OUT[way_out]}
"""
    with FaultServer(STALL) as server, started(script, server.base_url) as process:
        assert process.stdin
        assert process.stdout
        assert server.arrived.wait(PATIENCE)
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "leaving\n"
        left = time.monotonic()
        said, errors = process.communicate(timeout=PATIENCE)
        assert time.monotonic() - left < PROMPTLY
    assert (said, errors, process.returncode) == ("", "", 0)


def test_daemon_thread_that_calls_for_ever_does_not_speak_either(sandbox: Sandbox) -> None:
    script = f"""{START}
def work():
    while True:
        with suppress(LightfieldError):
            client.opportunity.retrieve(sys.argv[2])

[threading.Thread(target=work, daemon=True).start() for _ in range(4)]
client.opportunity.retrieve(sys.argv[2])
"""
    assert run(script, sandbox.base_url, sandbox.opportunity_ids[0]) == ""


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
    [
        "client.opportunity.retrieve_many(ids, progress=hook)",
        "list(client.opportunity.iter_many(ids, progress=hook))",
        "client.bulk(hook(each) for each in ids)",
    ],
    ids=["bulk", "iteration", "input"],
)
def test_exit_from_a_function_of_the_caller(sandbox: Sandbox, call: str) -> None:
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


@pytest.mark.skipif(sys.platform == "win32", reason="pipes with a path are of POSIX")
def test_download_to_a_pipe_that_nobody_reads_does_not_hold_up_the_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    script = f"""{START}
try:
    client.file.download_to("fil_1", sys.argv[2], deadline=0.1)
except LightfieldError as error:
    print(type(error).__name__, flush=True)
"""
    with FaultServer() as server, started(script, server.base_url, str(tmp_path / "pipe")) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "APITimeoutError\n"
        ended = time.monotonic()
        assert child.communicate(timeout=PATIENCE) == ("", "")
        assert time.monotonic() - ended < PROMPTLY
    assert child.returncode == 0
