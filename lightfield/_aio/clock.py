"""The clock that measures durations. Tests that freeze the time, with freezegun or time-machine, do not stop it.

They replace the functions of ``time``, wherever a module holds one of them, but not clocks that are read by their id.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

LoopT = TypeVar("LoopT", bound=asyncio.AbstractEventLoop)

_STANDSTILL = 0.02  # seconds without a tick; clocks of Windows tick every 16 ms

monotonic: Callable[[], float]
monotonic_ns: Callable[[], int]

if sys.platform == "win32":  # pragma: no cover # clocks have no ids there, but are not found within a partial
    monotonic, monotonic_ns = partial(time.monotonic), partial(time.monotonic_ns)
else:
    _ID: int = getattr(time, "CLOCK_UPTIME_RAW", time.CLOCK_MONOTONIC)  # what time.monotonic reads, on macOS the former
    monotonic, monotonic_ns = partial(time.clock_gettime, _ID), partial(time.clock_gettime_ns, _ID)


def on_real_time(loop: LoopT) -> LoopT:
    """Have an event loop of asyncio read this clock; others, such as uvloop, have a clock of their own."""
    if isinstance(loop, asyncio.BaseEventLoop):
        vars(loop)["time"] = monotonic
    return loop


def is_frozen(loop: asyncio.AbstractEventLoop) -> bool:
    """Return whether an event loop reads ``time.monotonic`` and a test has frozen that, so that no timer ever fires."""
    before, now = loop.time(), monotonic()
    if abs(before - now) < 1 or before != time.monotonic():
        return False
    while loop.time() == before and monotonic() < now + _STANDSTILL:
        pass
    return loop.time() == before
