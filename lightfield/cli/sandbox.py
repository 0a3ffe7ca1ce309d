"""A sandbox for other programs, which runs until it is interrupted or terminated."""

import argparse
import os
import shlex
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType

from lightfield.errors import LightfieldUsageError
from lightfield.testing import Sandbox

SIGNAL_INTERVAL = 0.5
"""Seconds between checks for a signal, which on Windows does not end a wait."""


def run(options: argparse.Namespace) -> int:
    """Run the sandbox and return the exit code."""
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with _sandbox(options) as server:
        print(_assignment("LIGHTFIELD_BASE_URL", server.base_url))
        print(_assignment("LIGHTFIELD_API_KEY", server.api_key))
        for id in server.opportunity_ids[:3]:
            print(f"# GET /v1/opportunities/{id}")
        print("# Press Ctrl-C to stop.", flush=True)
        while not stopped.wait(SIGNAL_INTERVAL):
            pass
    return 0


def _sandbox(options: argparse.Namespace) -> Sandbox:
    given = {name: value for name, value in vars(options).items() if name != "command"}
    given |= {"log": _log if options.log else None, "record_requests": False}
    try:
        return Sandbox(**given)
    except ValueError as error:
        raise LightfieldUsageError(str(error)) from None


def _log(line: str) -> None:
    with suppress(OSError, ValueError):  # nobody reads it any more
        print(line, file=sys.stderr, flush=True)


def _assignment(name: str, value: str) -> str:
    """Return a line that sets an environment variable where it is pasted into a shell; on Windows, PowerShell."""
    if os.name == "nt":
        quoted = value.replace("'", "''")
        return f"$env:{name} = '{quoted}'"
    return f"export {name}={shlex.quote(value)}"
