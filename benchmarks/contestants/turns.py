"""Protocol between a contestant and the benchmark.

A contestant runs under the interpreter of the package it measures, so this file uses only the standard library. It
warms up, prints an empty line, then reads one count per line, performs that many operations and prints the figures as
JSON. `turns()` does all of that around the body of a `for` loop, which performs the operations.
"""

import asyncio
import itertools
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

API_KEY = "sk_lf_benchmark"
CONCURRENCY = 16
DOCUMENT = Path(__file__).parent.parent / "opportunity.json"
WARM_UP = 300

_serial = itertools.count(1)


def turns(warm_up: int = WARM_UP) -> Iterator[int]:
    """Yield the number of operations to perform next, and measure them."""
    yield warm_up
    print(flush=True)
    for line in sys.stdin:
        started, cpu = time.perf_counter(), time.process_time()
        yield int(line)
        figures = {
            "seconds": time.perf_counter() - started,
            "cpu": time.process_time() - cpu,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        }
        print(json.dumps(figures), flush=True)


def identifiers(count: int) -> Iterator[str]:
    """Yield unused ids, so that no contestant benefits from cached URLs."""
    return (f"opp_{next(_serial)}" for _ in range(count))


async def together(retrieve: Callable[[str], Awaitable[object]], count: int, concurrency: int = CONCURRENCY) -> None:
    """Retrieve `count` opportunities, `concurrency` at a time."""
    names = identifiers(count)

    async def work() -> None:
        for name in names:
            await retrieve(name)

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(work())


def perform(*modes: Callable[..., Coroutine[Any, Any, None] | None]) -> None:
    """Run the mode named on the command line: `python -P -m contestants.NAME MODE URL [ARGUMENT ...]`."""
    name, *arguments = sys.argv[1:]
    running = {mode.__name__: mode for mode in modes}[name](*arguments)
    if running is not None:
        asyncio.run(running)
