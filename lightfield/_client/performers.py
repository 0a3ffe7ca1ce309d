"""How each of the two clients performs what resources describe."""

from collections.abc import Awaitable, Callable
from types import MethodType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lightfield._aio.portal import Portal
from lightfield._config.config import Config
from lightfield._operations.operation import rebind
from lightfield._operations.performer import AsyncPerformer
from lightfield._protocol.request import Request
from lightfield._retry.budget import Budget

if TYPE_CHECKING:
    from lightfield._files.storage import Storage
    from lightfield._http.transport import Transport

T = TypeVar("T")


class AsyncClient(Protocol):
    """A client whose ``send`` is awaited."""

    def send(self, request: Request[T], /) -> Awaitable[T]:
        """Perform one request."""
        ...


class BlockingClient(Protocol):
    """A client whose ``send`` blocks."""

    def send(self, request: Request[T], /) -> T:
        """Perform one request."""
        ...


class Awaiting:
    """Perform on the running event loop. Every call is a coroutine function, or an asynchronous generator function."""

    def __init__(
        self,
        client: AsyncClient,
        in_background: Callable[[], AsyncPerformer],
        transport: "Transport",
        config: Config,
        budget: Budget,
    ) -> None:
        self._client = client
        self._in_background = in_background
        self._transport = transport
        self._config = config
        self._budget = budget
        self._background: AsyncPerformer | None = None

    def operation(self, describe: Callable[..., Request[Any]], /) -> Callable[..., Any]:
        """Return the function that performs the request that ``describe`` returns."""
        send = self._client.send

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await send(describe(*args, **kwargs))

        return call

    def procedure(self, resource: Any, method: Callable[..., Any], /) -> Callable[..., Any]:
        """Return the bound method itself."""
        return MethodType(method, resource)

    iteration = procedure

    def send(self, request: Request[T], /) -> Awaitable[T]:
        """Perform one request."""
        return self._client.send(request)

    async def sleep(self, seconds: float, /) -> None:
        """Wait some seconds; closing the client ends the wait."""
        await self._transport.waiters.sleep(seconds)

    @property
    def background(self) -> AsyncPerformer:
        """The same with priority ``bulk``."""
        if self._background is None:
            self._background = self._in_background()
        return self._background

    @property
    def storage(self) -> "Storage":
        """Uploads to and downloads from the file storage."""
        from lightfield._files.storage import Storage

        return Storage(self._transport, self._config, self._budget)

    def __repr__(self) -> str:
        return repr(self._client)


class Blocking:
    """Perform on the event loop of a portal, and wait for the result."""

    def __init__(self, client: BlockingClient, portal: Portal, awaiting: AsyncPerformer) -> None:
        self._client = client
        self._portal = portal
        self._awaiting = awaiting

    def operation(self, describe: Callable[..., Request[Any]], /) -> Callable[..., Any]:
        """Return the function that performs the request that ``describe`` returns."""
        send = self._client.send

        def call(*args: Any, **kwargs: Any) -> Any:
            return send(describe(*args, **kwargs))

        return call

    def procedure(self, resource: Any, method: Callable[..., Any], /) -> Callable[..., Any]:
        """Return the function that runs a coroutine method of a resource."""
        return self._through(self._portal.call, resource, method)

    def iteration(self, resource: Any, method: Callable[..., Any], /) -> Callable[..., Any]:
        """Return the function that iterates an asynchronous generator method of a resource."""
        return self._through(self._portal.iterate, resource, method)

    def _through(self, run: Callable[..., Any], resource: Any, method: Callable[..., Any]) -> Callable[..., Any]:
        bound = MethodType(method, rebind(resource, self._awaiting))

        def call(*args: Any, **kwargs: Any) -> Any:
            return run(bound(*args, **kwargs))

        return call

    def __repr__(self) -> str:
        return repr(self._client)
