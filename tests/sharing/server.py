"""A real redis-server for one test, which can be killed and started again."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from types import TracebackType
from typing import Self

import pytest

HOST = "127.0.0.1"


def free_port() -> int:
    """Give a port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


class RedisServer:
    """A redis-server on a port of its own that keeps nothing on disk.

    Where none is installed the test is skipped, or fails if ``LIGHTFIELD_NEEDS_REDIS`` is 1.
    """

    def __init__(self, password: str | None = None) -> None:
        if shutil.which("redis-server") is None:
            needed = os.environ.get("LIGHTFIELD_NEEDS_REDIS") == "1"
            (pytest.fail if needed else pytest.skip)("There is no redis-server on this machine.")
        self.port: int = free_port()
        self._password = password
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"redis://{'' if self._password is None else f':{self._password}@'}{HOST}:{self.port}/0"

    def start(self) -> None:
        """Start it, and return when it answers."""
        words = ["redis-server", "--bind", HOST, "--port", str(self.port), "--save", "", "--appendonly", "no"]
        if self._password is not None:
            words += ["--requirepass", self._password]
        self._process = process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/"
        )
        assert process.stdout is not None
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            if "Ready to accept connections" in line:
                return
        self.kill()
        raise RuntimeError(f"redis-server did not start:\n{''.join(said)}")

    def change_password(self, password: str) -> None:
        """Let it demand another password from now on, and close every connection."""
        self.do("CONFIG", "SET", "requirepass", password)
        self._password = password
        self.do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    def kill(self) -> None:
        """End it without a farewell."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def freeze(self) -> None:
        """Let it answer nobody any more, on connections that stay open."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def do(self, *words: str) -> str:
        """Carry out one command, and give the reply as text."""
        command = ["redis-cli", "-h", HOST, "-p", str(self.port)]
        if self._password is not None:
            command += ["--no-auth-warning", "-a", self._password]
        return subprocess.run([*command, *words], check=True, capture_output=True, text=True, timeout=10).stdout.strip()

    def keys(self) -> list[str]:
        return sorted(self.do("KEYS", "*").split())

    def slots(self) -> int:
        """Count the slots that were taken from it."""
        return sum(int(calls) for calls in re.findall(r"cmdstat_evalsha:calls=(\d+)", self.do("INFO", "commandstats")))

    def connections(self) -> int:
        """Count the connections that are open, but for the one that asks."""
        return len(self.do("CLIENT", "LIST").splitlines()) - 1

    def connections_close(self, patience: float = 5.0) -> bool:
        """Tell whether all connections close: a server that was frozen learns of it one after the other."""
        ends = time.monotonic() + patience
        while self.connections():
            if time.monotonic() > ends:
                return False
        return True

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
