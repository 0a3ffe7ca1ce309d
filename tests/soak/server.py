"""A server as quick as Python allows, which spoils a share of its answers in a dozen ways.

Run as ``python server.py SHARE``: it prints its port, serves until its input ends, and then prints as JSON how often it
answered how. Each answer names the record or the page that was asked for, so that a client can tell whose it is.
"""

import asyncio
import json
import random
import re
import socket
import struct
import sys
import zlib
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TypeAlias, cast

SLOW = 3.0
"""Seconds that a slow answer takes; the clients here have less patience."""

_LINGER_NOT = struct.pack("ii", 1, 0)  # makes closing send RST
_ASKED = re.compile(rb"(opp_|offset=)([0-9]+)")
_LENGTH = re.compile(rb"\r\nContent-Length: ([0-9]+)\r\n", re.IGNORECASE)
_RECORD = (
    b'{"id":"opp_%b","createdAt":"2026-05-01T16:00:00.000Z","httpLink":null,"relationships":{},'
    b'"fields":{"$name":{"value":"Platform deal","valueType":"TEXT"}}}'
)


def http(status: int, body: bytes, headers: bytes = b"") -> bytes:
    head = b"HTTP/1.1 %d Some reason\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%b\r\n"
    return head % (status, len(body), headers) + body


def good(request: bytes) -> bytes:
    """Give the record that was asked for or created, or a page with the total of its offset."""
    found = _ASKED.search(request)
    what, number = found.groups() if found else (b"opp_", b"0")
    record = _RECORD % number
    return http(200, record if what == b"opp_" else b'{"object":"list","data":[%b],"totalCount":%b}' % (record, number))


Fault: TypeAlias = Callable[[asyncio.Transport, bytes], None]


def _says(answer: bytes) -> Fault:
    return lambda connection, _: connection.write(answer)


def _hangs_up(connection: asyncio.Transport, _: bytes) -> None:
    connection.close()


def _resets(connection: asyncio.Transport, _: bytes) -> None:
    cast("socket.socket", connection.get_extra_info("socket")).setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT
    )
    connection.abort()


def _cuts(connection: asyncio.Transport, answer: bytes) -> None:
    connection.write(answer[:-40])
    connection.close()


def _takes_long(connection: asyncio.Transport, answer: bytes) -> None:
    def late() -> None:
        if not connection.is_closing():
            connection.write(answer)

    asyncio.get_running_loop().call_later(SLOW, late)


_GZIP = b"Content-Encoding: gzip\r\n"
_COMPRESSED = zlib.compress(_RECORD, wbits=31)
FAULTS: dict[str, Fault] = {
    "fin": _hangs_up,
    "rst": _resets,
    "cut": _cuts,
    "slow": _takes_long,
    "garbage": _says(b"\x16\x03\x01\x02\x00 is no HTTP\r\n\r\n"),
    "500": _says(http(500, b'{"error":{"type":"internal_error","message":"no"}}')),
    "503": _says(http(503, b"<html>Service Unavailable</html>")),
    "429": _says(http(429, b'{"type":"rate_limited","message":"no"}', b"Retry-After: 0.01\r\n")),
    "html": _says(http(200, b"<html>Sign in to the network</html>")),
    "empty": _says(http(200, b"")),
    "bad gzip": _says(http(200, b"\x1f\x8b is none", _GZIP)),
    "cut gzip": _says(http(200, _COMPRESSED[:-20], _GZIP)),
}


class Connection(asyncio.Protocol):
    """Answers one request after the other; nobody pipelines."""

    def __init__(self, share: float, counts: Counter[str]) -> None:
        self._share, self._counts = share, counts
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + end)
        if not end or (length and len(body) < int(length[1])):
            return
        answer, self._received = good(self._received), b""
        fault = random.choice(tuple(FAULTS)) if random.random() < self._share else ""
        self._counts[fault or "good"] += 1
        if fault:
            FAULTS[fault](self._transport, answer)
        else:
            self._transport.write(answer)


async def main(share: float) -> None:
    loop, counts = asyncio.get_running_loop(), Counter[str]()
    server = await loop.create_server(partial(Connection, share, counts), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 # how it is found
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps(counts))  # noqa: T201 # its report


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
