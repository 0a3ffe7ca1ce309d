"""Steady, a mock server: it answers from an OpenAPI document, and refuses requests that do not fit the document."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

VERSION = "0.22.2"
HOST = "127.0.0.1"
PATIENCE = 180.0
"""Seconds until it must answer; on first use npx downloads it."""


class MockError(Exception):
    """The mock cannot be started."""


@contextmanager
def mocking(document: Path, log: Path) -> Generator[str]:
    """Run the mock until the ``with`` block ends, and give its URL.

    Raises:
        MockError: There is no ``npx``, or the mock does not start.
    """
    npx = shutil.which("npx")
    if npx is None:
        raise MockError("npx is missing: install Node.js, then run this again.")
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
    command = [npx, "--yes", f"@stdy/cli@{VERSION}", "--host", HOST, "--port", str(port), "--quiet", str(document)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        _wait_for(port, process, log)
        yield f"http://{HOST}:{port}"
    finally:
        _stop(process)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise MockError(f"The mock did not start:\n{log.read_text('utf-8')}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop npx and the programs it started, which do not end with it: all are in one process group."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, kind)
            process.wait(10.0)
