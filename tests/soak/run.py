"""Many requests to a server that spoils one answer in twenty: what does the process hold afterwards?

    python -m tests.soak.run --requests 1000000

Both clients make reads, writes, listings and bulks, of which some are cancelled and left. At the end there must be as
many descriptors, tasks and threads as at the beginning, memory must not have grown, no request may have had the answer
of another, and nothing may have been reported to the event loop. Prints one line of figures; ends with 1 where it is
not so.
"""

import argparse
import asyncio
import json
import logging
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator
from contextlib import AsyncExitStack, contextmanager
from logging.handlers import BufferingHandler
from pathlib import Path
from typing import Any

from lightfield import AsyncLightfield, Lightfield, Timeout
from tests.soak.figures import Sample, growth, sample
from tests.soak.load import Load

FAULTS = 0.05
CLIENTS, CALLERS, BULKS, THREADS = 4, 64, 2, 6
"""Awaited clients, callers and bulks of each, and threads of the blocking client."""

LOOKS = 20


def options(url: str) -> dict[str, Any]:
    """Give the options of every client: nothing holds it back, and slow answers are given up."""
    free = {"rate_limits": None, "retry_budget": None}
    return {**free, "api_key": "sk_lf_soak", "base_url": url, "timeout": Timeout(total=2.0)}


@contextmanager
def serving() -> Generator[tuple[str, Counter[str]]]:
    """Run the server until the block ends; then the counter holds what it answered."""
    counts = Counter[str]()
    command = [sys.executable, str(Path(__file__).with_name("server.py")), str(FAULTS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield f"http://127.0.0.1:{child.stdout.readline().strip()}", counts
            counts.update(json.loads(child.communicate()[0]))
        finally:
            child.kill()


async def load(work: Load, url: str) -> None:
    """Make the requests, all clients at once."""
    async with AsyncExitStack() as stack:
        blocking = stack.enter_context(Lightfield(**options(url)))
        clients = [await stack.enter_async_context(AsyncLightfield(**options(url))) for _ in range(CLIENTS)]
        group = await stack.enter_async_context(asyncio.TaskGroup())
        for client in clients:
            for act in [work.call] * CALLERS + [work.iterate] * BULKS:
                group.create_task(act(client))
        for _ in range(THREADS):
            group.create_task(asyncio.to_thread(work.block, blocking))
    await asyncio.get_running_loop().shutdown_default_executor()


async def soak(requests: int) -> bool:
    """Make the requests, print what there is to say, and say whether all is well."""
    samples = list[Sample]()

    def look(number: int) -> None:
        if number % (requests // LOOKS) == 0:
            samples.append(sample(number))

    work, began = Load(requests, look), time.monotonic()
    reports = BufferingHandler(sys.maxsize)
    logging.getLogger("asyncio").addHandler(reports)
    with serving() as (url, answered):
        before = sample(0)
        await load(work, url)
        seconds, after = time.monotonic() - began, sample(requests)
    grown = growth(samples)
    print(  # noqa: T201 # its result
        f"{requests:,} requests in {seconds:.0f} s; held before and after (descriptors, tasks, threads): "
        f"{before.held}, {after.held}; memory: {grown.memory / 10:+.2f} MB per 100,000 requests, "
        f"{max(each.memory for each in samples) / 1e6:.0f} MB at most, {grown.blocks:+.3f} blocks per request; "
        f"awaited: {dict(work.awaited)}, "
        f"blocking: {dict(work.blocking)}; answered: {dict(answered)}; reports: {len(reports.buffer)}",
    )
    return before.held == after.held and grown.none and not reports.buffer


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=1_000_000)
    return 0 if asyncio.run(soak(parser.parse_args().requests)) else 1


if __name__ == "__main__":
    sys.exit(main())
