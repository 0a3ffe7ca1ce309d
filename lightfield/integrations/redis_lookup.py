"""Lookups of the host of a Redis on threads of our own: the interpreter's end waits for those of an event loop.

This relies on undocumented methods of the connections of redis-py.
"""

import asyncio
import socket
from contextlib import suppress
from functools import partial
from typing import Any

from lightfield._aio.threads import in_thread


def use_own_lookups(pool: Any) -> None:
    """Have the connections of a pool look up their host here."""
    if "path" not in pool.connection_kwargs:  # of a Unix socket
        pool.connection_class = type("Connection", (_OwnLookups, pool.connection_class), {})


class _OwnLookups:
    """Mixed into a class of connections."""

    host: str
    port: int
    socket_connect_timeout: float
    _address: str

    async def _connect(self) -> None:
        inherited: Any = super()
        connect = inherited._connect  # noqa: SLF001
        look_up = partial(socket.getaddrinfo, self.host, self.port, type=socket.SOCK_STREAM)
        async with asyncio.timeout(self.socket_connect_timeout):
            found = await in_thread(look_up, patience=0.0)
            *others, last = dict.fromkeys(str(address[0]) for *_, address in found)
            for address in others:
                self._address = address
                with suppress(OSError):
                    await connect()
                    return
            self._address = last
            await connect()

    def _connection_arguments(self) -> dict[str, Any]:
        inherited: Any = super()
        arguments: dict[str, Any] = {**inherited._connection_arguments(), "host": self._address}  # noqa: SLF001
        return {**arguments, "server_hostname": self.host} if "ssl" in arguments else arguments
