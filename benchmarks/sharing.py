"""Two processes that share one limit through Redis, also when Redis dies.

Two processes with the same key retrieve 500 opportunities each from a server with one token bucket of 25 requests/s:
once with a Redis that keeps running, once with one that is killed after ten seconds. Needs `redis-server`.
"""

import asyncio
import multiprocessing
import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager

from lightfield import AsyncLightfield
from lightfield.integrations.redis import RedisLimits

from ._contest import CrashedError, Stage
from ._limited_server import Behaviour, limiting, statistics
from ._limiters import TokenBucket
from ._report import Answer, Finding, Table

LIMIT, CALLS, PROCESSES = 25, 500, 2
HEAD_START = 2.0
"""Seconds before the first call, so that all processes have started."""

KILLED = 10.0
RATE, THROTTLED, FAILURES = "requests/s", "429s, %", "failures"
STAYS, DIES = "Redis stays", "Redis dies"


def answer(stage: Stage) -> Answer:
    table: Table = {STAYS: {}, DIES: {}}
    for _ in range(stage.rounds):
        with limiting([Behaviour(TokenBucket(LIMIT, LIMIT)) for _ in table]) as urls, ThreadPoolExecutor() as threads:
            played = threads.map(_play, urls, (None, KILLED))
            for row, figures in zip(table.values(), played, strict=True):
                for name, figure in figures.items():
                    row.setdefault(name, []).append(figure)
    findings = [
        Finding("together, requests/s", table[STAYS][RATE], at_least=0.98 * LIMIT),
        Finding("together, requests/s", table[STAYS][RATE], at_most=1.02 * LIMIT),
        Finding("429s, %", table[STAYS][THROTTLED], at_most=1),
        Finding("failures", table[STAYS][FAILURES], at_most=0),
        Finding("failures where the Redis dies", table[DIES][FAILURES], at_most=0),
    ]
    return Answer(f"sharing: {PROCESSES} processes, {CALLS} retrieves each at {LIMIT}/s in all", table, findings)


def _play(url: str, killed: float | None) -> dict[str, float]:
    spawn = multiprocessing.get_context("spawn")
    with redis() as (server, address), ProcessPoolExecutor(PROCESSES, mp_context=spawn) as processes:
        begin = time.time() + HEAD_START
        runs = [processes.submit(_retrieve, url, address, begin, number) for number in range(PROCESSES)]
        if killed is not None:
            time.sleep(HEAD_START + killed)
            server.kill()
        results = [run.result() for run in runs]
    return {
        RATE: PROCESSES * CALLS / (max(end for end, _ in results) - begin),
        THROTTLED: 100 * statistics(url).refused / (PROCESSES * CALLS),
        FAILURES: sum(failures for _, failures in results),
    }


def _retrieve(url: str, redis: str, begin: float, number: int) -> tuple[float, int]:
    """Retrieve opportunities from a given time on; return the end time and the number of failures."""

    async def retrieve() -> tuple[float, int]:
        ids = [f"opp_{number}_{serial}" for serial in range(CALLS)]
        async with AsyncLightfield(api_key="sk_lf_shared", base_url=url, rate_limits=RedisLimits(redis)) as client:
            await asyncio.sleep(max(0.0, begin - time.time()))
            result = await client.opportunity.retrieve_many(ids)
        return time.time(), len(result.errors)

    return asyncio.run(retrieve())


@contextmanager
def redis() -> Generator[tuple[subprocess.Popen[bytes], str]]:
    """Run a Redis without persistence, and yield its process and URL."""
    if shutil.which("redis-server") is None:
        raise CrashedError("sharing needs redis-server")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    with subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL, cwd="/") as server:
        try:
            yield server, f"redis://127.0.0.1:{port}"
        finally:
            server.kill()
