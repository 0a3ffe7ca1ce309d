"""Ready clients. Only this module of the sandbox, and the pytest plugin, import the public clients, as a user would."""

import asyncio
import threading
from abc import ABC, abstractmethod
from concurrent.futures import wait
from typing import TYPE_CHECKING, Unpack
from weakref import WeakSet

from lightfield.testing._settings import Settings

if TYPE_CHECKING:
    from lightfield import AsyncLightfield, Lightfield
    from lightfield._config.options import Options

_CLOSE_TIMEOUT = 1.0
"""Seconds that a client may take to close on a loop that runs in another thread."""


class ClientFactory(ABC):
    """What makes clients for a server, and closes them. They need not be closed by anyone else."""

    _settings: Settings

    def __init__(self) -> None:
        self._blocking: WeakSet[Lightfield] = WeakSet()
        self._awaited: WeakSet[AsyncLightfield] = WeakSet()
        self._adding = threading.Lock()

    @property
    @abstractmethod
    def base_url(self) -> str:
        """The base URL of the server."""

    def client(self, **options: Unpack["Options"]) -> "Lightfield":
        """Return a new ``Lightfield`` for this sandbox; it is closed at the end of the sandbox's ``with`` block.

        Args:
            options: Those of ``Lightfield``. The key, the base URL, and for a sandbox without a rate limit
                ``rate_limits=None``, are those of the sandbox unless they are given.

        Raises:
            RuntimeError: The sandbox has not been started.
            LightfieldValueError: An option cannot work.
        """
        from lightfield import Lightfield

        client = Lightfield(**self._completed(options))
        with self._adding:
            self._blocking.add(client)
        return client

    def async_client(self, **options: Unpack["Options"]) -> "AsyncLightfield":
        """Return a new ``AsyncLightfield`` for this sandbox. It may be made before there is an event loop.

        It is closed at the end of the sandbox's ``with`` block or of its event loop, whichever is first, without a
        warning. Parameters and errors are those of ``client``.
        """
        from lightfield import AsyncLightfield

        client = AsyncLightfield(**self._completed(options))
        client._transport.closes_with_loop = True  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        with self._adding:
            self._awaited.add(client)
        return client

    def _completed(self, options: "Options") -> "Options":
        options.setdefault("api_key", self._settings.api_key)
        options.setdefault("base_url", self.base_url)
        if self._settings.rate_limit is None:
            options.setdefault("rate_limits", None)
        return options

    def _close_clients(self) -> None:
        with self._adding:
            blocking, awaited = [*self._blocking], [*self._awaited]
        for client in blocking:
            client.close()
        for other in awaited:
            close_from_outside(other)


def close_from_outside(client: "AsyncLightfield") -> None:
    """Close a client wherever its event loop is: not yet there, paused, running here or in another thread, or closed.

    Where that is not possible, its event loop closes it at its end.
    """
    transport = client._transport  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    loop: asyncio.AbstractEventLoop | None = transport.loop
    if loop is None or loop.is_closed():
        transport.closed = True  # it has no connections any more
        return
    closing = client.aclose()
    if loop.is_running():
        scheduled = asyncio.run_coroutine_threadsafe(closing, loop)
        if not _runs_here(loop):
            wait([scheduled], _CLOSE_TIMEOUT)
        return
    try:
        loop.run_until_complete(closing)
    except RuntimeError:  # another loop is running in this thread
        closing.close()


def _runs_here(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
