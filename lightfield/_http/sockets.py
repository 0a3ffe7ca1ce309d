"""The sockets of all connections, so that they can be dropped at once."""

import os
import socket
import weakref
from contextlib import suppress
from typing import Any

_sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()


def make_socket(address: Any) -> socket.socket:
    """Make a socket, as a connector asks for it."""
    made = socket.socket(family=address[0], type=address[1], proto=address[2])
    _sockets.add(made)
    return made


def redirect_sockets_to_devnull() -> None:
    """Have every socket lead nowhere, in this process alone: whatever still writes to one, or closes it, may."""
    for made in tuple(_sockets):
        if (number := made.fileno()) >= 0:
            os.close(number)  # first, for there may be no other place left
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number, inheritable=False)
                os.close(nowhere)
    _sockets.clear()


class Sockets:
    """Every socket of a session, so that all can be dropped at once: closing waits until the other side has read."""

    def __init__(self) -> None:
        self._made: list[socket.socket] = []

    def make(self, address: Any) -> socket.socket:
        """Make one, as a connector asks for it."""
        made = make_socket(address)
        self._made.append(made)
        return made

    def drop(self) -> None:
        """End every connection."""
        for made in self._made:
            with suppress(OSError):
                made.shutdown(socket.SHUT_RDWR)
