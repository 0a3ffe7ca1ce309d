"""Python programs for tests that need a process of their own."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

PATIENCE = 20.0
"""Seconds that a program may take, on a machine that does much else."""

_QUIET = """
import logging
logging.getLogger("asyncio").setLevel(logging.ERROR)  # debug mode remarks on every slow moment of the machine
"""


def command(script: str, *arguments: str) -> list[str]:
    """Run a script in development mode, where every warning is an error."""
    return [sys.executable, "-X", "dev", "-W", "error", "-c", _QUIET + script, *arguments]


@contextmanager
def started(script: str, *arguments: str) -> Generator["subprocess.Popen[str]"]:
    """Start a script, whose ends are pipes; it does not outlive the block."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command(script, *arguments), stdin=pipe, stdout=pipe, stderr=pipe, text=True) as child:
        try:
            yield child
        finally:
            child.kill()


def run(script: str, *arguments: str) -> str:
    """Run a script, which must end well and leave no word on stderr; give what it printed."""
    child = subprocess.run(
        command(script, *arguments),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (child.stderr, child.returncode) == ("", 0), f"it ended with {child.returncode} and said:\n{child.stderr}"
    return child.stdout
