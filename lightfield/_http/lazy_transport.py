"""The transport of a client, which loads aiohttp when it opens: that takes longer than loading all else."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from lightfield._aio.fork import no_fork
from lightfield._aio.loop import is_loop_running, running_loop
from lightfield._aio.timeouts import CLOSED, Waiters
from lightfield._config.config import Config
from lightfield._config.proxy import Proxy, proxy_to
from lightfield._lazy import cannot_load
from lightfield.errors import APIConnectionError, ClientClosedError, LightfieldUsageError

if TYPE_CHECKING:
    from .connector import Connecting
    from .transport import Transport


class LazyTransport:
    """What a client and its siblings share: a transport, once it is open on an event loop."""

    def __init__(self, config: Config, preload: Callable[[], object]) -> None:
        self._config = config
        self._preload = preload
        """Loads what else a call may need, such as for its retries."""

        self._proxy = _proxy(config)
        self._opened: Transport | None = None
        self.send: Any = None
        """That of the open transport."""

        self.connecting: Connecting = {}
        self.closed = False
        self.closes_with_loop = False
        """Whether it may be left open until its loop ends, which then closes it without a warning."""

        self._parent_loop: asyncio.AbstractEventLoop | None = None
        self.waiters = Waiters()
        """Pending waits of this client's calls, for a slot or a retry."""

        self.loop: asyncio.AbstractEventLoop | None = None
        """The event loop it is open on; None if it is closed."""

        if is_loop_running():
            self.load()

    def load(self) -> None:
        """Load what the first call needs, unless that is impossible now. That call explains why."""
        with suppress(APIConnectionError, OSError), no_fork():
            transport_type()
            self._preload()

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Open a transport on the running loop.

        Raises:
            ClientClosedError: It was closed.
            LightfieldUsageError: It is open on another loop, or no task of asyncio is running.
            LightfieldValueError: ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` names no certificates.
            APIConnectionError: aiohttp or the certificate authorities cannot be loaded now.
        """
        running_loop()
        if self.closed:
            raise ClientClosedError("The client is closed.")
        if self.loop is not None:
            raise LightfieldUsageError(
                "The client belongs to another event loop. Make one AsyncLightfield in each loop, "
                "or use Lightfield, which works from everywhere.",
            )
        if loop is self._parent_loop:
            raise LightfieldUsageError("This event loop belongs to the parent of this forked process. Run a new one.")
        self.load()
        opened = transport_type()(self._config, self._proxy, self.connecting, warn=not self.closes_with_loop)
        self._opened, self.send, self.loop = opened, opened.send, loop

    @property
    def opened(self) -> "Transport":
        """The transport of a client that has made a call."""
        assert self._opened is not None  # noqa: S101
        return self._opened

    async def close(self) -> None:
        """Close every connection. Idempotent.

        Raises:
            LightfieldUsageError: There are connections, and no task of asyncio is running.
        """
        if self._opened is not None:
            running_loop()
        self.closed = True
        self.loop = None
        self.waiters.fail_all(lambda: ClientClosedError(CLOSED))
        if self._opened is not None:
            await self._opened.close()

    def detach_after_fork(self) -> object:
        """Reset for a forked process; return what must be kept alive there, so that no finalizer runs."""
        kept, self._opened, self.send = self._opened, None, None
        if kept is not None:
            kept.detach_after_fork()
        self._parent_loop = self.loop or self._parent_loop
        self.loop, self.waiters = None, Waiters()
        return kept


@cache
def transport_type() -> "type[Transport]":
    """Return the class of transports.

    Raises:
        APIConnectionError: It cannot be loaded now, for example because too many files are open.
    """
    try:
        socket.socket().close()  # fails if no descriptor is left, for want of which aiohttp would be loaded in part
        from .transport import Transport
    except (ImportError, OSError) as error:
        failure = cannot_load("the HTTP client", error)
    else:
        return Transport
    raise failure


def _proxy(config: Config) -> Proxy | None:
    if config.proxy is None and not config.trust_env:
        return None
    from yarl import URL

    origin = URL(config.base_url).origin()
    return proxy_to(origin, config.proxy, trust_env=config.trust_env, allow_http=config.allow_http)
