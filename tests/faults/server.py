"""A server that misbehaves on command, on raw sockets.

Its script has one reply for each request, in order of arrival; the last reply is given for ever. A reply is one step
or a list of steps:

=================  ================================================================
step               the server ...
=================  ================================================================
``bytes``          sends them
``float``          waits that many seconds
``Event``          waits until it is set
``Ever``           sends bytes again and again, each time after a pause
``FIN``            ends its side of the connection
``RST``            resets the connection
``STALL``          says no more, until the client hangs up
=================  ================================================================

After a reply without an end the connection stays open for the next request::

    with FaultServer(RST, [http(200, length=99), FIN], http(200, OPPORTUNITY)) as server:
        ...
    assert len(server.requests) == 3
"""

import json
import re
import socket
import ssl
import struct
import threading
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from types import TracebackType
from typing import NamedTuple, Self, TypeAlias

ID = "opp_1"
OPPORTUNITY: dict[str, object] = {
    "id": ID,
    "createdAt": "2026-05-01T16:00:00.000Z",
    "httpLink": None,
    "fields": {},
    "relationships": {},
}


class End(Enum):
    """How a connection ends."""

    FIN = "fin"
    RST = "rst"
    STALL = "stall"


FIN, RST, STALL = End.FIN, End.RST, End.STALL


class Ever(NamedTuple):
    """What is sent without end."""

    piece: bytes
    pause: float = 0.0


Step: TypeAlias = bytes | float | threading.Event | Ever | End
Reply: TypeAlias = Step | list[Step]

_CHUNK = 65_536
_GLANCE = 0.02  # seconds between two looks at whether the server has been stopped
_LINGER_NOT = struct.pack("ii", 1, 0)  # makes close() send RST


def http(
    status: int,
    body: object = b"",
    headers: Mapping[str, str] | None = None,
    *,
    length: int | None = None,
) -> bytes:
    """Write a response. A body that is no bytes becomes JSON; ``length`` lets Content-Length lie."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Type": "application/json", "Content-Length": str(len(content) if length is None else length)}
    head = "".join(f"{name}: {value}\r\n" for name, value in {**lines, **(headers or {})}.items())
    return f"HTTP/1.1 {status} Some reason\r\n{head}\r\n".encode("latin-1") + content


def header(request: bytes, name: str) -> str | None:
    """Read a header of a recorded request."""
    found = re.search(rf"\r\n{re.escape(name)}: *([^\r]*)\r\n", request.decode("latin-1"), re.IGNORECASE)
    return found and found[1]


class FaultServer:
    """Listens on 127.0.0.1, one thread for each connection.

    Args:
        script: The replies.
        greeting: What each new connection gets before it has said a word.
        tls: Speak TLS, with this context.
        port: Where to listen; by default the system chooses.
        backlog: How many connections may wait until the server is entered, and accepts them.
    """

    def __init__(
        self,
        *script: Reply,
        greeting: Reply | None = None,
        tls: ssl.SSLContext | None = None,
        port: int = 0,
        backlog: int = 128,
    ) -> None:
        self.requests: list[bytes] = []
        """Every request whole, as it came over the wire."""

        self.connections = 0
        self.arrived = threading.Event()
        """The first request is here."""

        self.hung_up = threading.Event()
        """A client has closed a connection, or reset it."""

        self._script = script or (http(200, OPPORTUNITY),)
        self._greeting: Reply = [] if greeting is None else greeting
        self._tls = tls
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=backlog)
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, name="fault-server", daemon=True)]

    @property
    def address(self) -> str:
        """Host and port."""
        return f"localhost:{self.port}"

    @property
    def base_url(self) -> str:
        """Where clients find it."""
        return f"http{'s' if self._tls else ''}://{self.address}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        socket.create_connection(("127.0.0.1", self.port)).close()  # wakes the acceptor
        self._threads[0].join()
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)  # wakes its thread
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stopping.is_set():
                connection.close()
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), name="fault-server", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with connection:
            with self._lock:
                self._open.add(connection)
            with suppress(OSError):  # the client reset the connection, or refused our certificate
                if isinstance(connection, ssl.SSLSocket):
                    connection.do_handshake()
                going = self._play(connection, self._greeting)
                while going:
                    going = self._play(connection, self._next_reply(connection))
            self.hung_up.set()
            with self._lock:
                self._open.discard(connection)

    def _next_reply(self, connection: socket.socket) -> Reply:
        request = _read(connection)
        if not request:
            return End.FIN
        with self._lock:
            reply = self._reply_to(request)
            self.requests.append(request)
        self.arrived.set()
        return reply

    def _reply_to(self, request: bytes) -> Reply:  # noqa: ARG002
        return self._script[min(len(self.requests), len(self._script) - 1)]

    def _play(self, connection: socket.socket, reply: Reply) -> bool:
        """Do the steps of a reply; say whether the connection goes on."""
        for step in reply if isinstance(reply, list) else [reply]:
            if isinstance(step, bytes):
                connection.sendall(step)
            elif isinstance(step, int | float):
                self._stopping.wait(step)
            elif isinstance(step, threading.Event):
                while not step.wait(_GLANCE) and not self._stopping.is_set():
                    pass
            elif isinstance(step, Ever):
                while not self._stopping.wait(step.pause):
                    connection.sendall(step.piece)
            else:
                _end(connection, step)
                return False
        return True


def _read(connection: socket.socket) -> bytes:
    """Read one request to the end of its body; nothing if the client has hung up."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (chunk := connection.recv(_CHUNK)):
            return b""
        data += chunk
    missing = int(header(data, "Content-Length") or 0) - len(data.partition(b"\r\n\r\n")[2])
    while missing > 0 and (chunk := connection.recv(_CHUNK)):
        data += chunk
        missing -= len(chunk)
    return data


def _end(connection: socket.socket, end: End) -> None:
    if end is End.RST:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        return
    if end is End.FIN:
        connection.shutdown(socket.SHUT_WR)
    while connection.recv(_CHUNK):  # so that nothing unread turns the end into a reset
        pass
