"""The sandbox as a program of its own, and the variables that it tells."""

import re
import shlex
import subprocess
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field

ASSIGNMENT = re.compile(r"^(?:export |\$env:)(LIGHTFIELD_\w+) ?= ?(.*)\n$")


def assigned(lines: Iterable[str]) -> dict[str, str]:
    """Read lines that set variables in a shell of POSIX, or in PowerShell."""
    found = [match.groups() for match in map(ASSIGNMENT.match, lines) if match]
    return {name: shlex.split(value)[0] for name, value in found}


@dataclass
class Served:
    """A sandbox that is running."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list[str])

    @property
    def variables(self) -> dict[str, str]:
        return assigned(self.lines)

    @property
    def base_url(self) -> str:
        return self.variables["LIGHTFIELD_BASE_URL"]

    @property
    def api_key(self) -> str:
        return self.variables["LIGHTFIELD_API_KEY"]


@contextmanager
def serving(*options: str) -> Generator[Served]:
    """Run a sandbox on a free port until it is ready, and kill it in the end."""
    command = [sys.executable, "-W", "error", "-m", "lightfield", "sandbox", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            served = Served(process)
            for line in process.stdout:
                served.lines.append(line)
                if "Ctrl-C" in line:
                    break
            yield served
        finally:
            process.kill()
