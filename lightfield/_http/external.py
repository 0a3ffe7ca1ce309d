"""Exchanges with servers other than the API, such as the storage: no header or key of ours is sent to them."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from lightfield._aio.caught import Caught
from lightfield._config.config import Config
from lightfield._config.proxy import Proxy, proxy_to

from .faults import NETWORK_FAULTS, connection_failure
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
        """Send a request and yield its response. After an exception the connection is dropped at once.

        Within a session of aiohttp, which others may watch, only the server is known, and errors are ours already.
        """
        sockets, config = Sockets(), self._config
        origin = url.origin()
        proxy = proxy_to(origin, config.proxy, trust_env=config.trust_env, allow_http=config.allow_http)
        middlewares = (_sending_to(url, "receiving" if data is None else "sending", proxy),)
        options: Any = {"proxy": proxy and proxy.url.reveal(), "allow_redirects": False, "middlewares": middlewares}
        session = open_bare_session(config, tls_context(config, origin, proxy), sockets)
        self._in_flight.add(sockets)
        try:
            async with session.request(method, origin, data=data, headers=headers, **options) as response:
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


def _sending_to(url: "URL", phase: str, proxy: Proxy | None) -> Callable[..., Awaitable[Any]]:
    """Return what sends a request of aiohttp to this URL, and raises network faults as our errors."""

    async def send_to_url(request: Any, send: Callable[[Any], Awaitable[Any]]) -> Any:
        request.url = url
        try:
            return await send(request)
        except NETWORK_FAULTS as error:
            caught = Caught(connection_failure(error, phase, proxy.place if proxy else None).with_traceback(None))
        raise caught.take()

    return send_to_url
