"""Limits on a Redis that were in use before a fork: parent and child go on sharing them, each on its own connection."""

import os

import pytest

from tests.faults.server import FaultServer
from tests.lifecycle.script import run
from tests.sharing.server import RedisServer

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")

RATE, IDS = 50, 25

SCRIPT = """
import asyncio, os, sys, threading, time, warnings
warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
from lightfield import AsyncLightfield, Lightfield
from lightfield.integrations.redis import RedisLimits
kind, url, redis, rate, ids, when = sys.argv[1:]
options = {"api_key": "sk_lf_1", "base_url": url, "rate_limits": RedisLimits(redis, read=int(rate))}
ids = [f"opp_{number}" for number in range(int(ids))]
client = Lightfield(**options) if kind == "blocking" else AsyncLightfield(**options)
loops = [asyncio.new_event_loop()]

def fetch(progress=None):
    result = client.opportunity.retrieve_many(ids, progress=progress)
    return len((result if kind == "blocking" else loops[-1].run_until_complete(result)).values)

def fork():
    child = os.fork()
    if not child:
        loops.append(asyncio.new_event_loop())
        os._exit(0 if fetch() == len(ids) else 1)
    return child

children = []
fetch()
began = time.monotonic()
if when == "idle":
    children.append(fork())
    fetch()
else:
    other = threading.Thread(target=fetch)
    other.start()
    time.sleep(0.1)
    children.append(fork())
    other.join()
print(*[os.waitpid(child, 0)[1] for child in children], time.monotonic() - began)
client.close() if kind == "blocking" else loops[0].run_until_complete(client.close())
loops[0].close()
"""


@pytest.mark.parametrize("kind", ["blocking", "awaited"])
@pytest.mark.parametrize("when", ["idle", "busy"])
def test_limits_on_a_redis_are_shared_after_a_fork_too(kind: str, when: str) -> None:
    with RedisServer() as redis, FaultServer() as server:
        words = (kind, server.base_url, redis.url, str(RATE), str(IDS), when)
        status, seconds = run(SCRIPT, *words).split()
        assert len(server.requests) == 3 * IDS
        assert redis.slots() > 2 * (IDS + 1)  # more than two fetches can take: where the machine is slow, not all
    assert int(status) == 0
    assert float(seconds) >= (2 * IDS - 4) / RATE
