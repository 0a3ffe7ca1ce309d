"""Programs that share a limit, and how they end. Every warning is an error there, an unclosed socket too."""

import json
import time

import pytest

from lightfield.testing import Sandbox
from tests.lifecycle.script import run, started
from tests.sharing.server import HOST, RedisServer, free_port

RATE = 50

FETCH = """
import asyncio, json, sys, time
from lightfield import AsyncLightfield
from lightfield.integrations.redis import RedisLimits

url, base_url, ids, ahead = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), float(sys.argv[4])

class Ahead(asyncio.SelectorEventLoop):
    def time(self):
        return super().time() + ahead

async def main():
    limits = RedisLimits(url, read=50)
    async with AsyncLightfield(api_key="sk_lf_sandbox", base_url=base_url, rate_limits=limits) as client:
        print("ready", flush=True)
        sys.stdin.readline()
        result = await client.opportunity.retrieve_many(ids)
    print(len(result.values), flush=True)

with asyncio.Runner(loop_factory=Ahead) as runner:
    runner.run(main())
"""

ENDS = {
    "closed": """
async def main():
    async with AsyncLightfield(**options) as client:
        await client.opportunity.list()
asyncio.run(main())
""",
    "closed while calls wait": """
async def main():
    async with AsyncLightfield(**options) as client:
        calls = [asyncio.ensure_future(client.opportunity.list()) for _ in range(40)]
        await asyncio.sleep(0.1)
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert any(isinstance(end, ClientClosedError) for end in ends), ends
asyncio.run(main())
""",
    "closed at once": """
async def main():
    async with AsyncLightfield(**options) as client:
        call = asyncio.ensure_future(client.opportunity.list())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await asyncio.gather(call, return_exceptions=True)
asyncio.run(main())
""",
    "never used": """
async def main():
    async with AsyncLightfield(**options):
        pass
asyncio.run(main())
""",
    "blocking, closed": """
with Lightfield(**options) as client:
    client.opportunity.list()
""",
    "blocking, not closed": """
client = Lightfield(**options)
client.opportunity.list()
""",
    "blocking, forgotten": """
def forget():
    Lightfield(**options).opportunity.list()
forget()
""",
}
HEAD = """
import asyncio, logging, sys
from lightfield import AsyncLightfield, ClientClosedError, Lightfield
from lightfield.integrations.redis import RedisLimits

logging.getLogger("lightfield").setLevel(logging.ERROR)
options = {
    "api_key": "sk_lf_sandbox", "base_url": sys.argv[1], "rate_limits": RedisLimits(sys.argv[2], read=20, search=20)
}
"""


def test_two_programs_keep_one_pace_whatever_their_clocks_say(redis_server: RedisServer) -> None:
    with Sandbox(opportunities=40, rate_limit=RATE) as sandbox:
        words = (redis_server.url, sandbox.base_url, json.dumps(sandbox.opportunity_ids))
        with started(FETCH, *words, "0") as one, started(FETCH, *words, "1000000") as other:
            children = (one, other)
            for child in children:
                assert child.stdout is not None
                assert child.stdout.readline() == "ready\n"
            began = time.monotonic()
            for child in children:
                assert child.stdin is not None
                child.stdin.write("go\n")
                child.stdin.flush()
            ends = [child.communicate(timeout=20) for child in children]
            elapsed = time.monotonic() - began
        assert ends == [("40\n", "")] * 2
        assert (len(sandbox.requests), sandbox.throttled) == (80, 0)
    assert elapsed >= 0.95  # 50 at once, and 30 a second later
    assert len(redis_server.keys()) <= 1


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("redis", ["there", "away"])
def test_nothing_is_left_open(redis_server: RedisServer, end: str, redis: str) -> None:
    url = redis_server.url if redis == "there" else f"redis://{HOST}:{free_port()}"
    with Sandbox(opportunities=1, rate_limit=20) as sandbox:
        assert run(HEAD + ENDS[end], sandbox.base_url, url) == ""
    assert redis_server.connections() == 0


@pytest.mark.parametrize("end", ["closed at once", "closed while calls wait"])
def test_nothing_is_left_open_where_redis_says_nothing(redis_server: RedisServer, end: str) -> None:
    redis_server.freeze()
    with Sandbox(opportunities=1, rate_limit=20) as sandbox:
        assert run(HEAD + ENDS[end], sandbox.base_url, redis_server.url) == ""
    redis_server.thaw()
    assert redis_server.connections_close()
