"""A listener that nobody gets through to."""

import socket
from collections.abc import Generator
from contextlib import ExitStack, contextmanager


@contextmanager
def crowded(address: str, port: int) -> Generator[None]:
    """Fill a listener's queue of connections, so that further ones are not completed."""
    with ExitStack() as stack:
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((address, port))
        yield
