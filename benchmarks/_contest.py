"""Fair comparison of contestants on a noisy machine.

- Every contestant is a separate program, under the interpreter of the package it measures.
- In every round all contestants are restarted, warm up, and take `TURNS` short turns in rotation: a slow phase of the
  machine affects all alike, and none keeps a lucky memory layout for the whole run.
- A contestant's figures for a round are those of its best turns, because noise only adds time.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import msgspec

HERE = Path(__file__).parent
CHECKOUT = HERE.parent
KILOBYTES_PER_MB = 1024 if sys.platform == "linux" else 1024 * 1024
TURNS = 4


class CrashedError(Exception):
    """A contestant exited before its last turn."""


class Contestant(msgspec.Struct, frozen=True):
    """A program to measure; `path` is all it can import besides its interpreter's packages."""

    name: str
    command: Sequence[str]
    path: Sequence[Path] = ()
    variables: Mapping[str, str] = {}
    turn_factor: int = 1
    """Its turns have this many times as many operations: one that is much faster needs more for a stable figure."""

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables; none of the caller's, such as a proxy or `LIGHTFIELD_BASE_URL`, are passed on."""
        path = os.pathsep.join(map(str, self.path))
        return {"PATH": os.environ["PATH"], "PYTHONPATH": path, **self.variables}

    def run(self, *arguments: str) -> bytes:
        """Run the program to completion and return its output."""
        done = subprocess.run([*self.command, *arguments], env=self.environment, stdout=subprocess.PIPE, check=False)
        if done.returncode:
            raise CrashedError(f"{self.name} stopped with exit code {done.returncode}")
        return done.stdout


class Stage(msgspec.Struct, frozen=True):
    """Settings of all benchmarks: the server, the interpreter of the official SDK, and how long to measure.

    `requests` is the length of a turn; `limit` is the rate in requests/s of the server that gets 10,000 calls at once.
    """

    url: str
    peer: Path
    rounds: int
    requests: int
    limit: int
    variables: Mapping[str, str] = {}
    """Environment variables of all contestants."""

    def official(self, mode: str, name: str = "official") -> Contestant:
        return self._contestant(name, self.peer, "official", mode, HERE)

    def ours(self, mode: str, *arguments: str, name: str = "ours", uvloop: bool = False) -> Contestant:
        found = self._contestant(name, Path(sys.executable), "ours", mode, HERE, CHECKOUT)
        variables = {**found.variables, "LIGHTFIELD_UVLOOP": str(int(uvloop))}
        return msgspec.structs.replace(found, command=[*found.command, *arguments], variables=variables)

    def floor(self, mode: str, *arguments: str, name: str = "floor") -> Contestant:
        found = self._contestant(name, Path(sys.executable), "floor", mode, HERE)
        return msgspec.structs.replace(found, command=[*found.command, *arguments])

    def _contestant(self, name: str, python: Path, program: str, mode: str, *path: Path) -> Contestant:
        command = [str(python), "-P", "-m", f"contestants.{program}", mode, self.url]
        return Contestant(name, command, path, self.variables)

    def compete(self, *contestants: Contestant) -> dict[str, list["Best"]]:
        """Return every contestant's best figures for every round."""
        results: dict[str, list[Best]] = {contestant.name: [] for contestant in contestants}
        for _ in range(self.rounds):
            for name, best in _play_round(contestants, self.requests).items():
                results[name].append(best)
        return results


class Turn(msgspec.Struct, frozen=True):
    """Figures of one turn, as reported by the contestant; `peak` is in the unit of `ru_maxrss`."""

    seconds: float
    cpu: float
    peak: int


class Best(msgspec.Struct, frozen=True):
    """Seconds and CPU seconds per operation, and peak memory in MB."""

    seconds: float
    cpu: float
    peak: float


def _play_round(contestants: Sequence[Contestant], count: int) -> dict[str, Best]:
    turns: dict[str, list[Turn]] = {contestant.name: [] for contestant in contestants}
    counts = {contestant.name: count * contestant.turn_factor for contestant in contestants}
    with ExitStack() as stack:
        players = {contestant.name: stack.enter_context(_playing(contestant)) for contestant in contestants}
        for _ in range(TURNS):
            for name, play in players.items():
                turns[name].append(play(counts[name]))
    return {name: _best(of, counts[name]) for name, of in turns.items()}


def _best(turns: Sequence[Turn], count: int) -> Best:
    return Best(
        seconds=min(turn.seconds for turn in turns) / count,
        cpu=min(turn.cpu for turn in turns) / count,
        peak=max(turn.peak for turn in turns) / KILOBYTES_PER_MB,
    )


@contextmanager
def _playing(contestant: Contestant) -> Generator[Callable[[int], Turn]]:
    """Start a contestant, wait until it is warm, and yield a function that runs one turn."""
    process = subprocess.Popen(
        contestant.command,
        env=contestant.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    )
    with process:
        commands, answers = process.stdin, process.stdout
        assert commands is not None
        assert answers is not None

        def listen() -> bytes:
            line = answers.readline()
            if not line:
                raise CrashedError(f"{contestant.name} stopped with exit code {process.wait()}")
            return line

        def play(count: int) -> Turn:
            with suppress(BrokenPipeError):
                commands.write(b"%d\n" % count)
            return msgspec.json.decode(listen(), type=Turn)

        listen()
        yield play
