"""The shell on a terminal: a narrow one, one without controls, and Ctrl-C."""

import os
import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from tests.client.test_cli import LAUNCHERS

if sys.platform == "win32":
    pytest.skip("no pseudo-terminals", allow_module_level=True)

import fcntl
import pty
import struct
import termios

PATIENCE = 50
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
ON_ITS_TERMINAL = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell in the background ignores it
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C reaches it
os.execv(sys.executable, [sys.executable, "-W", "error", *sys.argv[1:]])
"""

every_launcher = pytest.mark.parametrize("launcher", LAUNCHERS.values(), ids=LAUNCHERS)


class Terminal:
    """A terminal and the command that runs in it."""

    def __init__(self, descriptor: int, process: subprocess.Popen[bytes]) -> None:
        self.descriptor = descriptor
        self.process = process

    def read_until(self, text: str) -> str:
        """Return what is shown, up to a text."""
        shown = ""
        while text not in shown:
            shown += os.read(self.descriptor, 1024).decode(errors="replace")
        return shown

    def read(self) -> str:
        """Return what is shown until the command has ended."""
        shown = b""
        try:
            while some := os.read(self.descriptor, 65536):
                shown += some
        except OSError:  # how Linux says that the command has ended
            pass
        return shown.decode().replace("\r\n", "\n")


@contextmanager
def terminal(columns: int, *arguments: str, **environment: str) -> Generator[Terminal, None, None]:
    """Run a command in a terminal."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    inherited = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
    process = subprocess.Popen(
        [sys.executable, "-c", ON_ITS_TERMINAL, *arguments],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
        env=inherited | {"TERM": "xterm"} | environment,
    )
    os.close(follower)
    with process:
        try:
            yield Terminal(leader, process)
        finally:
            process.kill()
            os.close(leader)


@every_launcher
@pytest.mark.parametrize("columns", [0, 20, 50, 80])
def test_a_narrow_terminal_loses_nothing_of_the_table(launcher: list[str], columns: int) -> None:
    with terminal(columns, *launcher, "demo", "--opportunities", "3") as screen:
        shown = CONTROL.sub("", screen.read())
        assert screen.process.wait(PATIENCE) == 0
    for text in (
        "name",
        "close date",
        "account",
        "Enterprise",
        "opt_01abc",
        "180,000.00",
        "2026-12-15",
        "acc_cm4st",
    ):
        assert text in shown
    assert "fetched 3, failed 0" in shown


@pytest.mark.parametrize("columns", [20, 50, 80])
def test_progress_stays_on_one_line(columns: int) -> None:
    with terminal(columns, *LAUNCHERS["plain"], "demo", "--opportunities", "40") as screen:
        progress, _, _ = screen.read().partition("\n")
        assert screen.process.wait(PATIENCE) == 0
    drawn = progress.strip("\r").split("\r")
    assert len(drawn) == 40
    assert all(len(line) < columns for line in drawn)
    assert "40 done" in drawn[-1]


@every_launcher
def test_a_terminal_without_controls_gets_none(launcher: list[str]) -> None:
    with terminal(80, *launcher, "demo", "--opportunities", "3", TERM="dumb") as screen:
        assert "\x1b" not in screen.read()


@every_launcher
def test_ctrl_c_ends_the_demo_without_a_traceback(launcher: list[str]) -> None:
    with terminal(80, *launcher, "demo", "--opportunities", "5000") as screen:
        shown = screen.read_until("/s")
        os.write(screen.descriptor, b"\x03")
        shown += screen.read()
        assert screen.process.wait(PATIENCE) == 130
    assert "Traceback" not in shown
    assert "Error" not in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h"), "the cursor stays hidden"


def test_ctrl_c_ends_the_sandbox() -> None:
    with terminal(80, "-m", "lightfield", "sandbox", "--port", "0", "--opportunities", "1") as screen:
        screen.read_until("Press Ctrl-C to stop")
        os.write(screen.descriptor, b"\x03")
        assert screen.read().strip(".\n^C") == ""
        assert screen.process.wait(PATIENCE) == 0
