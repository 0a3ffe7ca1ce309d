"""A sandbox for other programs, which runs until it is interrupted or terminated."""

import argparse
import signal
import sys
import threading
from types import FrameType

from lightfield.testing import Sandbox


def run(options: argparse.Namespace) -> int:
    """Run the sandbox and return the exit code."""
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    server = Sandbox(
        opportunities=options.opportunities,
        seed=options.seed,
        latency=options.latency,
        port=options.port,
    )
    try:
        server.start()
    except OSError as error:
        print(error.strerror, file=sys.stderr)
        return 1
    print(f"LIGHTFIELD_BASE_URL={server.base_url}\nLIGHTFIELD_API_KEY={server.api_key}")
    for id in server.opportunity_ids[:3]:
        print(f"# GET /v1/opportunities/{id}")
    print("# Press Ctrl-C to stop.", flush=True)
    stopped.wait()
    server.stop()
    return 0
