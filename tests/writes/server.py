"""A CRM that does what it is told and loses what it is told to lose, on a real socket.

Each write carries a mark, such as ``write-17``; ``expect`` says what goes wrong with each of its attempts, in the order
in which they arrive. When the faults of a write are used up, it is served properly.
"""

import asyncio
import json
import re
import socket
import struct
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from enum import Enum
from types import TracebackType
from typing import Any, Self

from tests.writes.records import UNGUARDED, Answer, Attempt, Records, refusal

TIMEOUT = 0.3
"""Seconds that a client of this server should wait for an answer."""

_MARK = re.compile(rb"write-\d+")
_LENGTH = re.compile(rb"\r\nContent-Length: ([^\r]*)")
_KEY = re.compile(rb"\r\nIdempotency-Key: ([^\r]*)")
_LINGER_NOT = struct.pack("ii", 1, 0)  # makes close() send RST


class Fault(Enum):
    """What goes wrong with one attempt of a write."""

    LOST_FIN = "lost, the connection ends"
    LOST_RST = "lost, the connection is reset"
    LOST_503 = "lost, 503"
    LOST_GARBAGE = "lost, what comes is no HTTP"
    LOST_STALL = "lost, nothing comes"
    DONE_FIN = "done, the connection ends"
    DONE_RST = "done, the connection is reset"
    DONE_CUT = "done, the body is cut"
    DONE_GARBLED = "done, the body is no JSON"
    DONE_GARBAGE = "done, what comes is no HTTP"
    DONE_500 = "done, 500"
    DONE_502 = "done, 502"
    DONE_504 = "done, 504"
    DONE_STALL = "done, nothing comes"
    SLOW = "done slowly"
    LATE = "done when the client has given up"
    HALF = "half done, 500"
    THROTTLED = "429"
    THROTTLED_BRIEFLY = "429, Retry-After: 1"
    THROTTLED_LONG = "429, Retry-After: 120"
    TWICE = "delivered twice, one after the other"
    TWICE_AT_ONCE = "delivered twice at once"
    REFUSED = "422"
    FORBIDDEN = "403"


_INSTEAD = {
    Fault.LOST_503: refusal(503, "service_unavailable"),
    Fault.THROTTLED: refusal(429, "too_many_requests"),
    Fault.THROTTLED_BRIEFLY: refusal(429, "too_many_requests", "Retry-After: 1\r\n"),
    Fault.THROTTLED_LONG: refusal(429, "too_many_requests", "Retry-After: 120\r\n"),
    Fault.REFUSED: refusal(422, "unprocessable_content"),
    Fault.FORBIDDEN: refusal(403, "forbidden"),
    Fault.DONE_500: refusal(500, "internal_server_error"),
    Fault.DONE_502: Answer(502, b"<html>Bad gateway</html>"),
    Fault.DONE_504: refusal(504, "gateway_timeout"),
    Fault.DONE_GARBLED: Answer(200, b"<html>"),
}
_NOT_DONE = {fault for fault in Fault if fault.name.startswith(("LOST", "THROTTLED"))} | {Fault.FORBIDDEN}
_OPERATIONS = (
    ("opportunity.create", re.compile("POST /v1/opportunities")),
    ("opportunity.update", re.compile("POST /v1/opportunities/([^/]+)")),
    ("opportunity.delete", re.compile("DELETE /v1/opportunities/([^/]+)")),
    ("email.log", re.compile("POST /v1/emails/log")),
    ("email.send", re.compile("POST /v1/emails/send")),
    ("object.create", re.compile("POST /v1/objects/project/values")),
)


class Crm(Records):
    """Listens on 127.0.0.1, on the running loop; what has gone wrong is counted in ``faults``."""

    def __init__(self, faults: Counter[Fault] | None = None) -> None:
        super().__init__()
        self.keys: dict[str, list[str | None]] = {}
        """The keys of a write's attempts, by its mark."""

        self.arrived = asyncio.Event()
        """The first attempt is here."""

        self._faults = Counter[Fault]() if faults is None else faults
        self._scripts: dict[str, list[Fault]] = {}
        self._work: set[asyncio.Task[Any]] = set()
        self._connections: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}
        self._server: asyncio.Server | None = None
        self._port = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.quiet()
        await self._go_away()

    def expect(self, mark: str, faults: Sequence[Fault]) -> None:
        """Say what goes wrong with the attempts of a write."""
        self._scripts[mark] = list(faults)

    async def quiet(self) -> None:
        """Wait until what is done late is done."""
        while self._work:
            await asyncio.gather(*self._work)

    async def outage(self, begins: float, lasts: float) -> None:
        """Reset the connections there are, and refuse others for a while."""
        await asyncio.sleep(begins)
        await self._go_away()
        await asyncio.sleep(lasts)
        await self._listen()

    async def _listen(self) -> None:
        listener = socket.create_server(("127.0.0.1", self._port), backlog=1024)
        self._port = listener.getsockname()[1]
        self._server = await asyncio.start_server(self._serve, sock=listener)

    async def _go_away(self) -> None:
        assert self._server is not None
        self._server.close()
        connections = list(self._connections.items())
        for writer, _ in connections:
            _reset(writer)
        await asyncio.gather(*(task for _, task in connections))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[writer] = task
        try:
            while await self._play(await _read(reader), reader, writer):
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has hung up
        finally:
            del self._connections[writer]
            writer.close()

    async def _play(self, attempt: Attempt, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one attempt; say whether the connection goes on."""
        self.arrived.set()
        self.keys.setdefault(attempt.mark, []).append(attempt.key)
        script = self._scripts[attempt.mark]
        fault = script.pop(0) if script else None
        if fault is Fault.REFUSED and attempt.mark in self.seen:
            fault = None  # what was found good is not refused the next time
        if fault is None:
            writer.write((await self.execute(attempt)).written())
            return True
        self._faults[fault] += 1
        answer = None if fault in _NOT_DONE else await self._misdo(attempt, fault)
        if fault.name.endswith("STALL") or fault is Fault.LATE:
            await reader.read()  # until the client hangs up
        elif fault.name.endswith("RST"):
            _reset(writer)
        elif fault.name.endswith("GARBAGE"):
            writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        elif fault is Fault.DONE_CUT and answer is not None:
            writer.write(answer.written(cut=2))
        elif reply := _INSTEAD.get(fault, answer if not fault.name.endswith("FIN") else None):
            writer.write(reply.written())
            return True
        return False

    async def _misdo(self, attempt: Attempt, fault: Fault) -> Answer | None:
        """Do what is asked in a way that nobody asked for."""
        repeatable = attempt.operation not in UNGUARDED  # a proxy that repeats others is nobody's fault but its own
        if fault is Fault.LATE:
            self._spawn(self.execute(attempt, TIMEOUT * 2))
            return None
        if fault is Fault.REFUSED:
            return None
        if fault is Fault.HALF:
            return self.half(attempt)
        if fault is Fault.TWICE and repeatable:
            await self.execute(attempt)
        if fault is Fault.TWICE_AT_ONCE and repeatable:
            self._spawn(self.execute(attempt, TIMEOUT / 3))
            await asyncio.sleep(0)
        return await self.execute(attempt, TIMEOUT / 3 if fault is Fault.SLOW else 0.0)

    def _spawn(self, work: Coroutine[Any, Any, Answer]) -> None:
        task = asyncio.ensure_future(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)


async def _read(reader: asyncio.StreamReader) -> Attempt:
    head = await reader.readuntil(b"\r\n\r\n")
    length, key = _LENGTH.search(head), _KEY.search(head)
    body = await reader.readexactly(int(length[1])) if length else b"{}"
    what = head.partition(b" HTTP/1.1")[0].decode()
    operation, found = next((name, found) for name, pattern in _OPERATIONS if (found := pattern.fullmatch(what)))
    mark = _MARK.search(body)
    assert mark is not None
    id = found[1] if found.re.groups else ""
    return Attempt(mark[0].decode(), operation, id, json.loads(body), key[1].decode() if key else None)


def _reset(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):  # the client was faster
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    writer.transport.abort()
