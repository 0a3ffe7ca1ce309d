"""Exchanges with servers other than the API, such as the storage: no header or key of ours is sent to them."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from lightfield._config.config import Config
from lightfield._config.proxy import proxy_to

from .session import open_bare_session
from .sockets import Sockets
from .tls import tls_context

if TYPE_CHECKING:
    from yarl import URL


class ExternalSessions:
    """The exchanges of one client that are in flight."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._in_flight: set[Sockets] = set()

    @asynccontextmanager
    async def exchange(
        self, method: str, url: "URL", data: Any = None, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[Any]:
        """Send a request and yield its response. After an exception the connection is dropped at once."""
        sockets, config = Sockets(), self._config
        proxy = proxy_to(url, config.proxy, trust_env=config.trust_env, allow_http=config.allow_http)
        options: Any = {"proxy": proxy and proxy.url.reveal(), "allow_redirects": False}
        session = open_bare_session(config, tls_context(config, url, proxy), sockets)
        self._in_flight.add(sockets)
        try:
            async with session.request(method, url, data=data, headers=headers, **options) as response:
                yield response
        except BaseException:
            sockets.drop()
            raise
        finally:
            self._in_flight.discard(sockets)
            await session.close()

    def drop(self) -> None:
        """Drop the connections of all exchanges."""
        for sockets in self._in_flight:
            sockets.drop()
