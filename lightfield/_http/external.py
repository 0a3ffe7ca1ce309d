"""Exchanges with other servers than the API, such as the storage: they get nothing of ours."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from lightfield._config.config import Config
from lightfield._config.proxy import proxy_to

from .session import open_bare_session
from .sockets import Sockets

if TYPE_CHECKING:
    from yarl import URL


class ExternalSessions:
    """The exchanges of one client that are under way."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._drops: set[Callable[[], None]] = set()

    @asynccontextmanager
    async def exchange(
        self, method: str, url: "URL", data: Any = None, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[Any]:
        """Send a request, and give its response.

        Left by an exception, it drops its connection at once; closing would wait until the other side has read.
        """
        sockets, config = Sockets(), self._config
        proxy = proxy_to(url.scheme, url.host, config.proxy, trust_env=config.trust_env)
        session = open_bare_session(self._config, sockets)
        through = proxy and proxy.url.reveal()
        self._drops.add(sockets.drop)
        try:
            async with session.request(
                method, url, data=data, headers=headers, proxy=through, allow_redirects=False
            ) as response:
                yield response
        except BaseException:
            sockets.drop()
            raise
        finally:
            self._drops.discard(sockets.drop)
            await session.close()

    def drop(self) -> None:
        """End them all."""
        for drop in self._drops:
            drop()
