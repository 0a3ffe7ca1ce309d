"""The sockets of all connections, which can be dropped at once."""

import os
import socket
import weakref
from contextlib import suppress
from typing import Any

_sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()


def make_socket(address: Any) -> socket.socket:
    """Return a new socket: the ``socket_factory`` of a connector."""
    made = socket.socket(family=address[0], type=address[1], proto=address[2])
    _sockets.add(made)
    return made


def redirect_sockets_to_devnull() -> None:
    """Replace every connection by the null device in this process alone: nothing more reaches a server."""
    for made in tuple(_sockets):
        if (number := made.fileno()) >= 0:
            os.close(number)  # first: there may be no other descriptor left
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number, inheritable=False)
                os.close(null)
    _sockets.clear()


class Sockets:
    """The sockets of one session. Dropping them does not wait until the other side has read all, as closing does."""

    def __init__(self) -> None:
        self._made: list[socket.socket] = []

    def make(self, address: Any) -> socket.socket:
        """Return a new socket: the ``socket_factory`` of a connector."""
        made = make_socket(address)
        self._made.append(made)
        return made

    def drop(self) -> None:
        """Drop every connection."""
        for made in self._made:
            with suppress(OSError):
                made.shutdown(socket.SHUT_RDWR)
