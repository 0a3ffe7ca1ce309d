"""The shell on every kind of standard stream: another encoding, a reader that has gone, a full disk, a closed one."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.client.test_cli import LAUNCHERS

DEMO = ["demo", "--opportunities", "2"]
MODULE = LAUNCHERS["rich"]
COMMANDS = {
    "demo": [*MODULE, *DEMO],
    "demo-plain": [*LAUNCHERS["plain"], *DEMO],
    "sandbox": [*MODULE, "sandbox", "--port", "0", "--opportunities", "2"],
    "help": [*MODULE, "--help"],
    "version": [*MODULE, "--version"],
}
FULL = Path("/dev/full")
PATIENCE = 50

every_launcher = pytest.mark.parametrize("launcher", LAUNCHERS.values(), ids=LAUNCHERS)
every_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
buffered_or_not = pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])


def python(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "error", *arguments]


def with_closed_stream(descriptor: int, command: Sequence[str]) -> list[str]:
    return ["sh", "-c", f'exec "$@" {descriptor}>&-', "sh", *command]


@every_launcher
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_character_that_the_encoding_lacks_is_replaced(launcher: list[str], encoding: str) -> None:
    environment = os.environ | {"PYTHONIOENCODING": encoding, "COLUMNS": "80"}
    command = python(*launcher, *DEMO)
    done = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "fetched 2, failed 0" in done.stdout.decode(encoding)


@every_command
@buffered_or_not
def test_a_reader_that_has_gone_ends_a_command_silently(command: list[str], unbuffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as stdout:
        done = subprocess.run(
            python(*command),
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
            timeout=PATIENCE,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        )
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@every_command
@buffered_or_not
def test_a_full_disk_is_said_in_one_line(command: list[str], unbuffered: str) -> None:
    with FULL.open("wb") as stdout:
        done = subprocess.run(
            python(*command),
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
            timeout=PATIENCE,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        )
    assert done.returncode == 1
    assert re.fullmatch(rb"python -m lightfield: error: [^\n]+\n", done.stderr)


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
def test_an_error_that_cannot_be_shown_keeps_its_exit_code() -> None:
    with FULL.open("wb") as full:
        misused = subprocess.run(python(*MODULE, "nonsense"), stderr=full, check=False, timeout=PATIENCE)
        failed = subprocess.run(python(*MODULE, "--help"), stdout=full, stderr=full, check=False, timeout=PATIENCE)
    assert (misused.returncode, failed.returncode) == (2, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="no POSIX shell")
@every_launcher
@pytest.mark.parametrize("descriptor", [1, 2])
def test_a_closed_stream_is_no_failure(launcher: list[str], descriptor: int) -> None:
    command = with_closed_stream(descriptor, python(*launcher, *DEMO))
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, "")
    assert ("fetched 2, failed 0" in done.stdout) == (descriptor == 2)


@pytest.mark.skipif(sys.platform == "win32", reason="no POSIX shell")
def test_an_error_goes_nowhere_but_to_standard_error() -> None:
    command = with_closed_stream(2, python(*MODULE, "nonsense"))
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (2, "")


def test_an_environment_that_the_client_refuses_is_said_in_one_line() -> None:
    environment = os.environ | {"LIGHTFIELD_CUSTOM_HEADERS": "bad name: 1"}
    command = python(*MODULE, *DEMO)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE, env=environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"python -m lightfield: error: [^\n]+\n", done.stderr)
