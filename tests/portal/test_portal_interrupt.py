"""Ctrl-C in a blocking call: a real signal to a real process, whose call the server lets hang."""

import signal
import sys
import time

import pytest

from tests.faults.server import ID, OPPORTUNITY, STALL, FaultServer, Reply, http
from tests.portal.script import PATIENCE, started

SOON = 3.0
"""Seconds in which an interrupted call returns: one at most, and some for a busy machine."""

SCRIPT = """
import itertools, logging, signal, sys
from lightfield import Lightfield
logging.basicConfig(format="%(message)s", stream=sys.stdout)
logging.getLogger("lightfield").setLevel("DEBUG")  # tells when a retry is waited for
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
client = Lightfield(api_key="sk_lf_1", base_url=sys.argv[1])
try:
    CALL
except KeyboardInterrupt:
    print("interrupted", flush=True)
input()  # until the test has looked at the server
print(client.opportunity.retrieve("opp_1").id)
"""

RETRY_LATER: Reply = http(503, headers={"Retry-After": "50"})


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process alone")
@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ('client.opportunity.retrieve("opp_1")', STALL),
        ('client.opportunity.retrieve("opp_1")', [http(200, b"{", length=99), STALL]),
        ('client.opportunity.retrieve("opp_1")', RETRY_LATER),
        ('client.opportunity.retrieve_many(["opp_1"])', STALL),
        ('list(client.opportunity.iter_many(["opp_1"]))', STALL),
        ('client.opportunity.retrieve_many(itertools.cycle(["opp_1"]))', STALL),
        ('list(client.opportunity.iter_many(itertools.cycle(["opp_1"])))', STALL),
    ],
    ids=["response", "body", "retry", "bulk", "iteration", "endless-bulk", "endless-iteration"],
)
def test_interrupted_call_returns_soon_and_lets_go_of_its_connection(call: str, fault: Reply) -> None:
    script = SCRIPT.replace("CALL", call)
    with FaultServer(fault, http(200, OPPORTUNITY)) as server, started(script, server.base_url) as process:
        assert process.stdout
        assert server.arrived.wait(PATIENCE)
        if fault is RETRY_LATER:
            assert process.stdout.readline().startswith("Retry 1 in 5")
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        assert time.monotonic() - sent < SOON
        if fault is not RETRY_LATER:
            assert server.hung_up.wait(SOON)
        rest, errors = process.communicate("\n", timeout=PATIENCE)
        assert (rest, errors, process.returncode) == (f"{ID}\n", "", 0)
        assert len(server.requests) == 2
