"""Fixtures of the sweep: the event loops it runs on, and the ways to interrupt that are tried on each."""

import asyncio
import gc
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import aiohttp
import pytest

from lightfield._aio import threads
from lightfield._aio.threads import _idle  # pyright: ignore[reportPrivateUsage]
from tests.cancelling.steps import Way, grouped, timed_out, waiting, woken
from tests.cancelling.sweep import IN_USE, MOMENT, Tardy

Interrupt: TypeAlias = Callable[[Callable[[Way], Coroutine[Any, Any, None]]], None]
"""Runs a coroutine function with a way to interrupt."""

WAYS: dict[str, list[Way]] = {
    "default": [waiting, woken, timed_out, grouped],
    "eager": [waiting, woken],
    "uvloop": [waiting, woken],
}


@pytest.fixture(autouse=True)
def _watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know every connection that a pool gives away."""
    connect: Any = aiohttp.BaseConnector.connect

    async def watched(*given: Any, **named: Any) -> Any:
        connection = await connect(*given, **named)
        IN_USE.add(connection)
        return connection

    monkeypatch.setattr(aiohttp.BaseConnector, "connect", watched)


@pytest.fixture(autouse=True)
def _tardy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let threads do their work late; none is left that does it at once."""
    monkeypatch.setattr(threads, "SimpleQueue", Tardy)
    while not all(isinstance(jobs, Tardy) for jobs in _idle):
        time.sleep(MOMENT)


PAIRS = [(loop, way) for loop, ways in WAYS.items() for way in ways]


@pytest.fixture(params=PAIRS, ids=[f"{loop}-{way.__name__}" for loop, way in PAIRS])
def interrupt(request: pytest.FixtureRequest) -> Interrupt:
    """Run on an event loop, which must have nothing to complain of: the test runs once for each loop and way."""
    kind, way = request.param
    if kind == "eager" and not hasattr(asyncio, "eager_task_factory"):
        pytest.skip("eager tasks came with Python 3.12")
    make: Any = pytest.importorskip("uvloop").new_event_loop if kind == "uvloop" else asyncio.new_event_loop

    def run(function: Callable[[Way], Coroutine[Any, Any, None]]) -> None:
        reports: list[dict[str, Any]] = []
        gc.freeze()  # what is there already need not be looked through
        with asyncio.Runner(loop_factory=make) as runner:
            loop = runner.get_loop()
            loop.set_exception_handler(lambda _, report: reports.append(report))
            if kind == "eager":
                loop.set_task_factory(getattr(asyncio, "eager_task_factory"))  # noqa: B009 # unknown to Python 3.11
            runner.run(function(way))
        gc.collect()  # what was left open, or never looked at, says so now
        gc.unfreeze()
        if kind == "uvloop":  # it begins TLS on a connection that it has closed
            reports = [report for report in reports if "protocol" not in report]
        assert reports == []

    return run
