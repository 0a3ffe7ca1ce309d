"""Static server over TLS, for `_server.serving_tls`.

Run as `python -m benchmarks._tls_server PORT FILE CERTIFICATE REQUESTS`: responds to every request with the file, as
JSON, and closes a connection after REQUESTS requests, as nginx does after 1,000. A request for `/counts` gets the
counts so far.
"""

import json
import selectors
import socket
import ssl
import sys
from pathlib import Path

from ._static_server import HEAD


class Server:
    def __init__(self, body: bytes, certificate: str, requests: int) -> None:
        self._response = HEAD.format(length=len(body)).encode() + body
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self._most = requests
        self._requests: dict[ssl.SSLSocket, int] = {}
        self.counts = {"requests": 0, "connections": 0, "resumed": 0, "renewed": 0}
        """`renewed`: connections that were made after one had been closed."""

        self._closed = 0

    def accept(self, listener: socket.socket) -> ssl.SSLSocket | None:
        """Shake hands with a new connection; None if that fails."""
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        connection.settimeout(5)
        try:
            secured = self._tls.wrap_socket(connection, server_side=True)
        except OSError:
            connection.close()
            return None
        self._requests[secured] = 0
        return secured

    def answer(self, connection: ssl.SSLSocket) -> bool:
        """Respond to a request; return whether the connection stays open."""
        try:
            request = connection.recv(65536)
            if request.startswith(b"GET /counts"):
                counts = json.dumps(self.counts).encode()
                connection.sendall(HEAD.format(length=len(counts)).encode() + counts)
            elif request:
                self._count(connection)
                connection.sendall(self._response)
        except OSError:
            return False
        return bool(request) and self._requests[connection] < self._most

    def _count(self, connection: ssl.SSLSocket) -> None:
        if not self._requests[connection]:
            self.counts["connections"] += 1
            self.counts["resumed"] += connection.session_reused is True
            self.counts["renewed"] += self._closed > 0
        self.counts["requests"] += 1
        self._requests[connection] += 1

    def forget(self, connection: ssl.SSLSocket) -> None:
        self._closed += 1
        del self._requests[connection]
        connection.close()


def main(port: int, server: Server) -> None:
    with socket.create_server(("127.0.0.1", port), backlog=128) as listener, selectors.DefaultSelector() as ready:
        ready.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is listener:
                    if (connection := server.accept(listener)) is not None:
                        ready.register(connection, selectors.EVENT_READ, connection)
                elif not server.answer(key.data):
                    ready.unregister(key.data)
                    server.forget(key.data)


if __name__ == "__main__":
    main(int(sys.argv[1]), Server(Path(sys.argv[2]).read_bytes(), sys.argv[3], int(sys.argv[4])))
