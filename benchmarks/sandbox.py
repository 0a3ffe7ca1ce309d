"""The sandbox of `lightfield.testing`: how soon it is ready, how much memory it takes, and how fast it answers.

Each sandbox runs in a fresh process. It is ready when it listens: the time from the start of the process, import
included, minus that of a process that imports nothing. Requests come from this process, over sockets that stay open; a
rate is requests per second of the sandbox's CPU time, so that the sender takes nothing from it. Filters are a mix of
types, each with another value every time, so that no answer repeats.
"""

import selectors
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count, islice
from pathlib import Path
from random import Random
from statistics import median
from urllib.parse import urlencode, urlsplit

import msgspec

from ._contest import CHECKOUT, KILOBYTES_PER_MB, Contestant, CrashedError, Stage
from ._report import Answer, Finding, Table

FEW, MANY = 200, 100_000
STARTS = 5
"""How often the small sandbox is started in a round; the median counts."""

RETRIEVES, LISTS, FILTERS, WRITES = 20_000, 1_000, 40, 2_000
CONNECTIONS = 16
PER_CPU, PER_SECOND = "requests/s of CPU", "requests/s"

RETRIEVED, LISTED, FILTERED = f"retrieve of {FEW}", f"list of 25 of {MANY:,}", f"filter on {MANY:,}"
STORED, PLUGGED = "write to a store", "import of the pytest plugin, ms"
READY_FEW, READY_MANY, READY_STORE = f"ready with {FEW}, ms", f"ready with {MANY:,}, s", "ready with a new store, ms"
MEMORY, MEMORY_LATER = f"memory with {MANY:,}, MB", f"memory with {MANY:,}, after lists and filters, MB"
AT_LEAST = {RETRIEVED: 7_000, LISTED: 500, FILTERED: 20}
AT_MOST = {READY_FEW: 250, READY_MANY: 4, MEMORY: 300, MEMORY_LATER: 300, PLUGGED: 1}

NOTHING = "print(flush=True)"
SANDBOX = """
import sys, time
from lightfield.testing import Sandbox
with Sandbox(opportunities={count}, rate_limit=None{more}) as sandbox:
    print(sandbox.base_url, flush=True)
    import resource
    for _ in sys.stdin:
        print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
"""
PLUGIN = """
import time, pytest
started = time.perf_counter()
import {module}
print(time.perf_counter() - started)
"""
HEADERS = "Host: sandbox\r\nAuthorization: Bearer sk_lf_sandbox\r\nLightfield-Version: 2026-03-01\r\n"
LIST = "/v1/opportunities?limit=25"


class Used(msgspec.Struct, frozen=True):
    """CPU seconds that a process has used so far, and its peak of resident memory in MB."""

    cpu: float
    memory: float


class Process:
    """A sandbox in a process of its own."""

    def __init__(self, process: subprocess.Popen[bytes], started: float) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._commands, self._answers = process.stdin, process.stdout
        self.url = self._line()
        self.ready = time.perf_counter() - started

    def used(self) -> Used:
        self._commands.write(b"\n")
        self._commands.flush()
        cpu, peak = self._line().split()
        return Used(float(cpu), int(peak) / KILOBYTES_PER_MB)

    def _line(self) -> str:
        line = self._answers.readline()
        if not line:
            raise CrashedError("the sandbox stopped")
        return line.decode().strip()


def answer(stage: Stage) -> Answer:
    table: Table = {}
    figures: dict[str, list[float]] = {}
    for _ in range(stage.rounds):
        for played in (_play_few(table), _play_many(table), _plugin(), _play_store(table)):
            for name, figure in played.items():
                figures.setdefault(name, []).append(figure)
    findings = [Finding(name, rounds, at_most=AT_MOST.get(name)) for name, rounds in figures.items()]
    findings += [Finding(f"{row}, {PER_CPU}", table[row][PER_CPU], at_least=AT_LEAST.get(row)) for row in table]
    return Answer("sandbox: starts, memory and speed of the sandbox for tests", table, findings)


def _play_few(table: Table) -> dict[str, float]:
    starts, ready = [_start(NOTHING) for _ in range(STARTS)], list[float]()
    for _ in range(STARTS):
        with _running(FEW) as sandbox:
            ready.append(sandbox.ready)
    with _running(FEW) as sandbox:
        ids, seconds = _first_list(sandbox)
        paths = (f"/v1/opportunities/{ids[number % len(ids)]}" for number in count())
        _send(sandbox.url, islice(paths, RETRIEVES // 10), CONNECTIONS)
        _rate(table, RETRIEVED, sandbox, islice(paths, RETRIEVES), CONNECTIONS)
    return {READY_FEW: 1e3 * (median(ready) - median(starts)), f"first list of {FEW}, ms": 1e3 * seconds}


def _play_many(table: Table) -> dict[str, float]:
    starts = [_start(NOTHING) for _ in range(STARTS)]
    with _running(MANY) as sandbox:
        memory = sandbox.used().memory
        _, seconds = _first_list(sandbox)
        random = Random(1)
        lists = (f"{LIST}&offset={random.randrange(MANY)}" for _ in count())
        _rate(table, LISTED, sandbox, islice(lists, LISTS))
        filters = _filters()
        started = time.perf_counter()
        _send(sandbox.url, islice(filters, 1))
        first = time.perf_counter() - started
        _rate(table, FILTERED, sandbox, islice(filters, FILTERS))
        return {
            READY_MANY: sandbox.ready - median(starts),
            f"first list of {MANY:,}, ms": 1e3 * seconds,
            f"first filter on {MANY:,}, ms": 1e3 * first,
            MEMORY: memory,
            MEMORY_LATER: sandbox.used().memory,
        }


def _play_store(table: Table) -> dict[str, float]:
    """Write to a sandbox that keeps its records in a file, if this one does."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "crm.sqlite"
        with _running(FEW, f", store={str(store)!r}") as sandbox:
            ids, _ = _first_list(sandbox)
            if not store.exists():
                return {}
            bodies = (f'{{"fields": {{"$nextStep": "{number}"}}}}' for number in count())
            requests = (f"/v1/opportunities/{ids[number % len(ids)]}\n{body}" for number, body in enumerate(bodies))
            _rate(table, STORED, sandbox, islice(requests, WRITES))
            return {READY_STORE: 1e3 * sandbox.ready}


def _filters() -> Iterator[str]:
    for number in count():
        for key, value in (
            ("$amount[greaterThan]", str(100_000 + number)),
            ("$name[startsWith]", f"Fennimoor Labs{' ' * (number % 2)}"),
            ("$stage[equal]", ("Lead", "Demo", "Won")[number % 3]),
            ("$account", ("acc_fennimoor_labs", "acc_northwind_traders")[number % 2]),
            ("$closeDate[lessThan]", f"2026-{number % 12 + 1:02}-15T10:00:00.000Z"),
        ):
            yield f"{LIST}&{urlencode({key: value})}"


def _plugin() -> dict[str, float]:
    """Return the milliseconds of importing the pytest plugin, if there is one, where pytest is already imported."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    contestant = Contestant("plugin", [sys.executable, "-P", "-c"], [CHECKOUT])
    modules = [*project.get("entry-points", {}).get("pytest11", {}).values()]
    imports = [[float(contestant.run(PLUGIN.format(module=module))) for _ in range(STARTS)] for module in modules]
    return {PLUGGED: 1e3 * sum(map(median, imports))} if imports else {}


def _start(code: str) -> float:
    """Return the seconds until a program prints its first line."""
    started = time.perf_counter()
    with subprocess.Popen([sys.executable, "-P", "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        return time.perf_counter() - started


@contextmanager
def _running(opportunities: int, more: str = "") -> Generator[Process]:
    contestant = Contestant("sandbox", [sys.executable, "-P", "-c"], [CHECKOUT])
    code = SANDBOX.format(count=opportunities, more=more)
    started = time.perf_counter()
    with subprocess.Popen(
        [*contestant.command, code], env=contestant.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            yield Process(process, started)
        finally:
            process.kill()


def _first_list(sandbox: Process) -> tuple[list[str], float]:
    """Return the ids of the first page, and the seconds it takes."""
    started = time.perf_counter()
    [body] = _send(sandbox.url, [LIST])
    seconds = time.perf_counter() - started
    return [each["id"] for each in msgspec.json.decode(body)["data"]], seconds


def _rate(table: Table, row: str, sandbox: Process, requests: Iterator[str], connections: int = 1) -> None:
    """Note at what rate requests are answered."""
    waiting = [*requests]
    before, started = sandbox.used(), time.perf_counter()
    _send(sandbox.url, waiting, connections)
    seconds = time.perf_counter() - started
    figures = {PER_CPU: len(waiting) / (sandbox.used().cpu - before.cpu), PER_SECOND: len(waiting) / seconds}
    for name, figure in figures.items():
        table.setdefault(row, {}).setdefault(name, []).append(figure)


def _send(url: str, requests: Iterable[str], connections: int = 1) -> list[bytes]:
    """Send requests, one at a time over each connection; return the body of the last answer.

    A request is a path; or a path and a body that is to be posted, on a second line.
    """
    address, left, last = urlsplit(url), iter(requests), b""
    with ExitStack() as stack:
        ready = stack.enter_context(selectors.DefaultSelector())
        for request in islice(left, connections):
            connection = stack.enter_context(socket.create_connection((address.hostname, address.port)))
            ready.register(connection, selectors.EVENT_READ, connection)
            connection.sendall(_encoded(request))
        while ready.get_map():
            for key, _ in ready.select():
                connection = key.data
                last = _receive(connection)
                following = next(left, None)
                if following is None:
                    ready.unregister(connection)
                else:
                    connection.sendall(_encoded(following))
    return [last]


def _encoded(request: str) -> bytes:
    path, _, body = request.partition("\n")
    if not body:
        return f"GET {path} HTTP/1.1\r\n{HEADERS}\r\n".encode()
    length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"POST {path} HTTP/1.1\r\n{HEADERS}{length}\r\n{body}".encode()


def _receive(connection: socket.socket) -> bytes:
    received = b""
    while True:
        chunk = connection.recv(1 << 18)
        received += chunk
        head, end, body = received.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]):
            break
        if not chunk:
            raise CrashedError("the sandbox closed a connection")
    if not received.startswith(b"HTTP/1.1 200"):
        raise CrashedError(f"the sandbox answered {received[:500]!r}")
    return body
