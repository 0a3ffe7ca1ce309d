"""A sandbox for other programs, which runs until it is interrupted or terminated."""

import argparse
import signal
import threading
from types import FrameType

from lightfield.testing import Sandbox

SIGNAL_INTERVAL = 0.5
"""Seconds between checks for a signal, which on Windows does not end a wait."""


def run(options: argparse.Namespace) -> int:
    """Run the sandbox and return the exit code."""
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    with Sandbox(
        opportunities=options.opportunities,
        seed=options.seed,
        latency=options.latency,
        port=options.port,
    ) as server:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        print(f"LIGHTFIELD_BASE_URL={server.base_url}\nLIGHTFIELD_API_KEY={server.api_key}")
        for id in server.opportunity_ids[:3]:
            print(f"# GET /v1/opportunities/{id}")
        print("# Press Ctrl-C to stop.", flush=True)
        while not stopped.wait(SIGNAL_INTERVAL):
            pass
    return 0
