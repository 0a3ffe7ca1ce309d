"""A name lookup or a file that hangs delays neither Ctrl-C nor the end of the interpreter."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from subprocess import Popen

import pytest

from tests.faults.leased import leased, needs_leases
from tests.faults.server import FaultServer
from tests.faults.storage import StorageServer
from tests.lifecycle.script import PATIENCE, started

PROMPTLY = 2.0
"""Seconds that the end of a program may take."""

SOON = 0.9
"""Seconds in which an interrupted call returns: half of one, and the rest for a busy machine."""

START = """
import asyncio, os, signal, socket, sys, threading, time
from lightfield import AsyncLightfield, Lightfield, LightfieldError
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
url, path = sys.argv[1:]
options = {"api_key": "sk_lf_1", "base_url": url, "allow_http": True, "max_retries": 0}
hanging, system = threading.Event(), socket.getaddrinfo

def look_up(host, *args, **options):
    if host == "hangs.test":
        hanging.set()
        time.sleep(20)
    return system(host, *args, **options)

class Stuck:
    name = "call.txt"

    def tell(self):
        hanging.set()
        time.sleep(20)

    read = seek = tell

def say(word):
    print(word, flush=True)

socket.getaddrinfo = look_up
"""

BLOCKING = """
try:
    client = Lightfield(**options)
    CALL
except (LightfieldError, KeyboardInterrupt) as error:
    say(type(error).__name__)
"""

AWAITED = """
async def main():
    async with AsyncLightfield(**options) as client:
        try:
            await CALL
        except LightfieldError as error:
            say(type(error).__name__)

try:
    asyncio.run(main())
except KeyboardInterrupt:
    say("KeyboardInterrupt")
"""

KINDS = {"blocking": BLOCKING, "closed": BLOCKING + "client.close()", "awaited": AWAITED}

RETRIEVE = "client.opportunity.retrieve('opp_1')"
UPLOAD = "client.file.upload(b'content', filename='call.txt', deadline=0.3)"
LOOKUPS = {
    "api": ("http://hangs.test:9", "options |= {'deadline': 0.3}", RETRIEVE),
    "proxy": ("https://localhost:9", "options |= {'deadline': 0.3, 'proxy': 'http://hangs.test:9'}", RETRIEVE),
    "storage": ("", "", UPLOAD),
}


def line(process: Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def ends_promptly(process: Popen[str]) -> None:
    """See a program end, which has no more to say."""
    begun = time.monotonic()
    said, errors = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - begun < PROMPTLY
    assert (said, errors, process.returncode) == ("", "", 0)


@pytest.fixture
def storage() -> Iterator[StorageServer]:
    with StorageServer(url="http://hangs.test:9/x", last="CANCELLED") as server:
        yield server


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        *((kind, "api") for kind in KINDS),
        *(("blocking", place) for place in ("proxy", "storage")),
        ("awaited", "storage"),
    ],
)
def test_lookup_that_outlives_its_call_does_not_delay_the_end(kind: str, place: str, storage: StorageServer) -> None:
    url, prepare, call = LOOKUPS[place]
    script = START + prepare + KINDS[kind].replace("CALL", call)
    with started(script, url or storage.base_url, "") as process:
        assert line(process) == "APITimeoutError"
        ends_promptly(process)


def test_lookup_of_a_call_in_a_daemon_thread_does_not_delay_the_end() -> None:
    script = f"""{START}
client = Lightfield(**options)
threading.Thread(target=lambda: {RETRIEVE}, daemon=True).start()
hanging.wait()
say("leaving")
"""
    with started(script, "http://hangs.test:9", "") as process:
        assert line(process) == "leaving"
        ends_promptly(process)


def test_lookup_of_a_redis_does_not_delay_the_end() -> None:
    script = f"""{START}
import logging
from lightfield.integrations.redis import RedisLimits
logging.disable()  # it says that Redis is unavailable
options |= {{"rate_limits": RedisLimits("redis://hangs.test:9")}}
{AWAITED.replace("CALL", RETRIEVE + "; say(hanging.is_set())")}
"""
    with FaultServer() as server, started(script, server.base_url, "") as process:
        assert line(process) == "True"
        ends_promptly(process)


HANGING = {
    "lookup": RETRIEVE,
    "read": "client.file.upload(Stuck())",
    "open": "client.file.upload(path)",
}

ANNOUNCE = """
def announce():
    hanging.wait(0.5)  # nothing tells that a file is being opened
    time.sleep(0.5)  # nothing tells that the main thread waits, either
    say("hangs")

threading.Thread(target=announce, daemon=True).start()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process alone")
@pytest.mark.parametrize("kind", ["blocking", "awaited"])
@pytest.mark.parametrize("what", ["lookup", "read", pytest.param("open", marks=needs_leases)])
def test_interrupt_of_what_hangs_returns_soon_and_the_program_ends(kind: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "call.txt"
    script = START + ANNOUNCE + KINDS[kind].replace("CALL", HANGING[what])
    holding = leased(path) if what == "open" else nullcontext()
    with holding, started(script, "http://hangs.test:9", str(path)) as process:
        assert line(process) == "hangs"
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert line(process) == "KeyboardInterrupt"
        assert time.monotonic() - sent < SOON
        ends_promptly(process)
