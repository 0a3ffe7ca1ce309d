"""Rate-limited servers with known semantics, on real sockets, in a separate process.

A server consults its limiter when a request arrives and responds 30 to 80 ms later. With `early`, half of that time
passes before the limiter is consulted, so that the jitter shifts arrivals by up to 25 ms against one another.
`/v1/opportunities/ID` is one opportunity, `/v1/opportunities?offset=..&limit=..` a page of a listing, newest first;
`/stats` returns the statistics so far and is not counted.
"""

import asyncio
import multiprocessing
import random
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import msgspec

from ._limiters import Limiter, Shared, ask
from ._server import DOCUMENT

PAGE = 25
ITEMS = "/v1/opportunities"


class Behaviour(msgspec.Struct, frozen=True):
    """Behaviour of a server: its limiter, latency and listing."""

    limiter: Limiter
    latency: tuple[float, float] = (0.030, 0.080)
    early: bool = False
    """Whether half of the latency passes before the limiter is consulted."""

    records: int = 0
    inserts: int = 0
    """Records inserted per second at the top of the listing, after its first page was requested."""


class Arrival(msgspec.Struct, frozen=True, array_like=True):
    """A request: seconds since the first one, and whether it was admitted."""

    seconds: float
    admitted: bool


class Statistics(msgspec.Struct):
    """Statistics of a server."""

    requests: int = 0
    refused: int = 0
    arrivals: list[int] = []
    """Requests in each second since the first one."""

    log: list[Arrival] = []
    late: float = 0.0
    """Maximum delay of a response beyond its scheduled time, in seconds."""

    other_sent: int = 0
    other_refused: int = 0


@contextmanager
def limiting(behaviours: Sequence[Behaviour]) -> Generator[list[str]]:
    """Run a server for each behaviour until the `with` block ends; yield their URLs."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=_run, args=(behaviours, there), daemon=True)
    process.start()
    there.close()
    try:
        yield [f"http://127.0.0.1:{port}" for port in here.recv()]
    finally:
        process.terminate()
        process.join()
        here.close()


def statistics(url: str) -> Statistics:
    """Return the statistics of a server."""
    with urlopen(f"{url}/stats") as response:
        return msgspec.json.decode(response.read(), type=Statistics)


def _run(behaviours: Sequence[Behaviour], ports: Connection) -> None:
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(behaviours, ports))


async def _serve(behaviours: Sequence[Behaviour], ports: Connection) -> None:
    loop = asyncio.get_running_loop()
    listeners: list[asyncio.Server] = []
    for behaviour in behaviours:
        connect = partial(_Connection, _Service(behaviour))
        listeners.append(await loop.create_server(connect, "127.0.0.1", backlog=1024))
    ports.send([listener.sockets[0].getsockname()[1] for listener in listeners])
    await loop.create_future()


class _Service:
    """One server; its connections share its limiter and its statistics."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._loop = asyncio.get_running_loop()
        self._wall = time.time() - self._loop.time()
        self._started: float | None = None
        self._listed: float | None = None
        self._statistics = Statistics(arrivals=[])
        self._before, self._after = _around_id(DOCUMENT.read_bytes())

    def arrive(self, target: str, transport: asyncio.Transport) -> None:
        """Handle a request; the response is written after the latency."""
        if target == "/stats":
            transport.write(_response(200, {}, msgspec.json.encode(self._told())))
            return
        arrived = self._count()
        latency = random.uniform(*self._behaviour.latency)
        if self._behaviour.early:
            self._loop.call_later(latency / 2, self._decide, target, transport, latency / 2, arrived)
        else:
            self._decide(target, transport, latency, arrived)

    def _count(self) -> float:
        now, arrivals = self._loop.time(), self._statistics.arrivals
        if self._started is None:
            self._started = now
        second = int(now - self._started)
        arrivals.extend([0] * (second + 1 - len(arrivals)))
        arrivals[second] += 1
        self._statistics.requests += 1
        return now - self._started

    def _decide(self, target: str, transport: asyncio.Transport, delay: float, arrived: float) -> None:
        due = self._loop.time() + delay
        admitted, headers = ask(self._behaviour.limiter, self._wall + self._loop.time())
        self._statistics.log.append(Arrival(arrived, admitted))
        if admitted:
            response = _response(200, headers, self._body(target))
        else:
            self._statistics.refused += 1
            response = _response(429, headers, b'{"type":"too_many_requests","message":"Rate limit exceeded."}')
        self._loop.call_at(due, self._answer, transport, response, due)

    def _answer(self, transport: asyncio.Transport, response: bytes, due: float) -> None:
        self._statistics.late = max(self._statistics.late, self._loop.time() - due)
        if not transport.is_closing():
            transport.write(response)

    def _body(self, target: str) -> bytes:
        address = urlsplit(target)
        if address.path != ITEMS:
            return self._record(address.path.removeprefix(f"{ITEMS}/"))
        query = parse_qs(address.query)
        offset, limit = int(query.get("offset", ["0"])[0]), int(query.get("limit", [str(PAGE)])[0])
        total = self._total()
        data = b",".join(self._record(f"opp_{total - index}") for index in range(offset, min(offset + limit, total)))
        return b'{"object":"list","totalCount":%d,"data":[%b]}' % (total, data)

    def _total(self) -> int:
        now = self._loop.time()
        if self._listed is None:
            self._listed = now
        return self._behaviour.records + int(self._behaviour.inserts * (now - self._listed))

    def _record(self, identifier: str) -> bytes:
        return self._before + identifier.encode() + self._after

    def _told(self) -> Statistics:
        limiter = self._behaviour.limiter
        if isinstance(limiter, Shared):
            self._statistics.other_sent, self._statistics.other_refused = limiter.sent, limiter.refused
        return self._statistics


class _Connection(asyncio.Protocol):
    """A connection. Requests have no body and are not pipelined, so an empty line ends each."""

    def __init__(self, service: _Service) -> None:
        self._service = service
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._received.endswith(b"\r\n\r\n"):
            request, self._received = self._received, b""
            self._service.arrive(request.split(b" ", 2)[1].decode(), self._transport)


def _around_id(document: bytes) -> tuple[bytes, bytes]:
    """Split an opportunity around its id."""
    identifier: str = msgspec.json.decode(document)["id"]
    before, after = document.split(identifier.encode(), 1)
    return before, after.strip()


def _response(status: int, headers: dict[str, str], body: bytes) -> bytes:
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    lines = [
        f"HTTP/1.1 {status} {'OK' if status == 200 else 'Too Many Requests'}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"Date: {date}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
