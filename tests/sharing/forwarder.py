"""The address of a Redis, such as that of a managed one: the server that it leads to may change."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Self

from tests.sharing.server import HOST, RedisServer

_CHUNK = 65_536


class Forwarder:
    """Forwards each new connection to the server that is its ``target`` then; the old ones stay where they are.

    Args:
        target: A server.
        refusal: What the commands that take slots are answered instead, on as many first connections as ``refused``.
    """

    def __init__(self, target: RedisServer, *, refusal: str = "", refused: int = 0) -> None:
        self.target = target
        self.connections = 0
        self.url = ""
        self._refusal = f"-{refusal}\r\n".encode()
        self._refused = refused

    @asynccontextmanager
    async def listen(self) -> AsyncGenerator[Self]:
        served: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            served.add(task)
            self.connections += 1
            onward = await asyncio.open_connection(HOST, self.target.port)
            refused = writer if self.connections <= self._refused else None
            await asyncio.gather(self._pump(reader, onward[1], refused), self._pump(onward[0], writer))

        server = await asyncio.start_server(serve, HOST, 0)
        self.url = f"redis://{HOST}:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self
            server.close()
            await asyncio.gather(*served)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, back: asyncio.StreamWriter | None = None
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                if back is not None and b"EVALSHA" in data:
                    back.write(self._refusal)
                else:
                    writer.write(data)
        writer.close()
