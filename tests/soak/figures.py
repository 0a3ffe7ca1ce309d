"""What the soak measures of its own process."""

import asyncio
import gc
import os
import statistics
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

WARM = 0.25
"""The part of the samples that is left out: pools, caches and the allocator fill."""

MOST = 10.0
"""Bytes that memory may grow by with each request: 1 MB in 100,000."""

STEP = 6_500_000
"""Bytes that it may grow by in all: the system gives memory in steps, which hide less where there are few requests."""

BLOCKS = 0.25
"""Blocks that Python may hold more with each request: fewer than one in four may leave anything behind."""


class Sample(NamedTuple):
    """What there is after some requests."""

    requests: int
    descriptors: int
    tasks: int
    threads: int
    memory: int
    """Bytes of the resident set."""

    blocks: int
    """Blocks that Python has allocated."""

    @property
    def held(self) -> tuple[int, int, int]:
        """What must be at the end as it was at the beginning."""
        return self.descriptors, self.tasks, self.threads


def sample(requests: int) -> Sample:
    """Count what there is now, on all loops and threads, when the garbage has been collected."""
    gc.collect()
    tasks = sum(1 for each in gc.get_objects() if type(each) is asyncio.Task and not each.done())
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 # quicker, where there are thousands
    memory, blocks = pages * os.sysconf("SC_PAGESIZE"), sys.getallocatedblocks()
    return Sample(requests, descriptors, tasks, threading.active_count(), memory, blocks)


class Growth(NamedTuple):
    """What each request adds, by least squares, once the process is warm."""

    memory: float
    blocks: float
    requests: int
    """How many it was measured over."""

    @property
    def none(self) -> bool:
        """Whether it is none."""
        return self.blocks < BLOCKS and self.memory * self.requests < max(MOST * self.requests, STEP)


def growth(samples: Sequence[Sample]) -> Growth:
    """Measure the growth."""
    warm = samples[int(WARM * len(samples)) :]
    at = [each.requests for each in warm]
    memory, blocks = (
        statistics.linear_regression(at, values).slope
        for values in ([each.memory for each in warm], [each.blocks for each in warm])
    )
    return Growth(memory, blocks, at[-1] - at[0])
