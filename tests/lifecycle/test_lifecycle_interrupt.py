"""Ctrl-C in a blocking call: a real signal to a real process, whose call the server lets hang."""

import signal
import sys
import time

import pytest

from tests.faults.server import ID, OPPORTUNITY, STALL, FaultServer, http
from tests.lifecycle.script import PATIENCE, started

SOON = 0.9
"""Seconds in which an interrupted call returns: half of one, and the rest for a busy machine."""

SCRIPT = """
import itertools, signal, sys
from lightfield import Lightfield
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
client = Lightfield(api_key="sk_lf_1", base_url=sys.argv[1])
try:
    CALL
except KeyboardInterrupt:
    print("interrupted", flush=True)
input()  # until the test has looked at the server
print(client.opportunity.retrieve("opp_1").id)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process alone")
@pytest.mark.parametrize(
    "call",
    [
        'client.opportunity.retrieve("opp_1")',
        'client.opportunity.retrieve_many(itertools.cycle(["opp_1"]))',
        'list(client.opportunity.iter_many(itertools.cycle(["opp_1"])))',
    ],
    ids=["response", "endless-bulk", "endless-iteration"],
)
def test_interrupted_call_returns_soon_and_lets_go_of_its_connection(call: str) -> None:
    script = SCRIPT.replace("CALL", call)
    with FaultServer(STALL, http(200, OPPORTUNITY)) as server, started(script, server.base_url) as process:
        assert process.stdout
        assert server.arrived.wait(PATIENCE)
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        assert time.monotonic() - sent < SOON
        assert server.hung_up.wait(PATIENCE)
        rest, errors = process.communicate("\n", timeout=PATIENCE)
        assert (rest, errors, process.returncode) == (f"{ID}\n", "", 0)
        assert len(server.requests) == 2
