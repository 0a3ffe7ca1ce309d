"""A regular file whose opening hangs, as on a network mount whose server is gone: another process has a lease on it."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

needs_leases = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has leases of files")

_HOLD = """
import fcntl, os, signal, sys
signal.signal(signal.SIGIO, signal.SIG_IGN)  # sent when somebody opens the file
fcntl.fcntl(os.open(sys.argv[1], os.O_RDWR), fcntl.F_SETLEASE, fcntl.F_WRLCK)
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def leased(path: Path) -> Generator[Path]:
    """Make a file; until the block ends, whoever opens it waits."""
    path.write_bytes(b"content")
    command = [sys.executable, "-c", _HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            yield path
        finally:
            holder.kill()
