"""A proxy on raw sockets: lets a client through to where it asks, or says no."""

import re
import socket
import ssl
import threading
from contextlib import suppress

from tests.faults.server import FaultServer, Reply

_CHUNK = 65_536
OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"


class ProxyServer(FaultServer):
    """Answers each CONNECT as the script says; after ``OPEN`` it passes on what comes, both ways.

    A request to an ``http://`` address is answered as the script says, as by any other server.
    """

    def __init__(self, *script: Reply, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(*(script or (OPEN,)), tls=tls)

    def _play(self, connection: socket.socket, reply: Reply) -> bool:
        going = super()._play(connection, reply)
        if reply != OPEN:
            return going
        place = re.match(rb"CONNECT ([^:]+):(\d+) ", self.requests[-1])
        assert place is not None
        with suppress(OSError), socket.create_connection((place[1].decode(), int(place[2]))) as onward:
            back = threading.Thread(target=_pass_on, args=(onward, connection), daemon=True)
            back.start()
            _pass_on(connection, onward)
            back.join()
        return False


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """Send on what comes until one side hangs up, then see to it that the other does too."""
    with suppress(OSError):
        while chunk := source.recv(_CHUNK):
            target.sendall(chunk)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
