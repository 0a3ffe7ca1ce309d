"""Static server that replaces nginx if it is not installed.

Run as `python _static_server.py PORT FILE`: responds to every request with the file, as JSON. Requests are not parsed:
they have no body and are not pipelined, so an empty line ends each. A bare selector loop handles about three times as
many requests per second as asyncio, and about as many as nginx.
"""

import selectors
import socket
import sys
from pathlib import Path

HEAD = """HTTP/1.1 200 OK\r
Content-Type: application/json\r
Content-Length: {length}\r
X-RateLimit-Limit: 1000000\r
X-RateLimit-Remaining: 999999\r
X-RateLimit-Reset: 1741392001\r
\r
"""


def main(port: int, body: bytes) -> None:
    response = HEAD.format(length=len(body)).encode() + body
    with socket.create_server(("127.0.0.1", port), backlog=128) as listener, selectors.DefaultSelector() as ready:
        ready.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is listener:
                    connection, _ = listener.accept()
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
                    ready.register(connection, selectors.EVENT_READ, connection)
                elif not _answer(key.data, response):
                    ready.unregister(key.data)
                    key.data.close()


def _answer(connection: socket.socket, response: bytes) -> bool:
    """Respond to a request; return whether the connection is still open."""
    try:
        request = connection.recv(65536)
        if request.endswith(b"\r\n\r\n"):
            connection.sendall(response)
    except ConnectionError:
        return False
    return bool(request)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]).read_bytes())
