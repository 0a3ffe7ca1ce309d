"""Performers: what turns the methods of a resource into the functions that are called, one for each mode.

The one for ``Lightfield`` is in ``_client/blocking``.
"""

from collections.abc import Awaitable, Callable
from types import MethodType
from typing import TYPE_CHECKING, Any, TypeVar

from lightfield._config.config import Config
from lightfield._protocol.request import Request
from lightfield._retry.budget import Budget
from lightfield.errors import LightfieldUsageError

if TYPE_CHECKING:
    from lightfield._files.storage import Storage
    from lightfield._http.transport import Transport

T = TypeVar("T")


def refusing(reason: str) -> Callable[..., Any]:
    """Return a function that raises LightfieldUsageError."""

    def refuse(*_args: Any, **_kwargs: Any) -> Any:
        raise LightfieldUsageError(reason)

    return refuse


class Performer:
    """Return requests unsent, for ``client.plan``; other performers override how each kind of method is called."""

    def operation(self, describe: Callable[..., Request[Any]], /) -> Callable[..., Any]:
        """Return the function that performs the request that ``describe`` returns."""
        return describe

    def several(self, _resource: Any, method: Callable[..., Any], *, iterates: bool) -> Callable[..., Any]:  # noqa: ARG002
        """Return the function that runs a coroutine method of a resource, or iterates a generator method."""
        return refusing(f"{method.__name__} makes several requests, so there is no single one to plan.")

    def __repr__(self) -> str:
        return "<Plan>"


PLANNER = Performer()


class Awaiting(Performer):
    """Perform on the running event loop: each call is a coroutine function or an asynchronous generator function."""

    def __init__(
        self,
        client: Any,
        in_background: "Callable[[], Awaiting]",
        transport: "Transport",
        config: Config,
        budget: Budget,
    ) -> None:
        self._client = client
        self._in_background = in_background
        self._background: Awaiting | None = None
        self._shared = transport, config, budget

    def operation(self, describe: Callable[..., Request[Any]], /) -> Callable[..., Any]:
        """Return a coroutine function that sends what ``describe`` returns."""
        send = self._client.send

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await send(describe(*args, **kwargs))

        return call

    def several(self, resource: Any, method: Callable[..., Any], *, iterates: bool) -> Callable[..., Any]:  # noqa: ARG002
        """Return the bound method itself."""
        return MethodType(method, resource)

    def send(self, request: Request[T]) -> Awaitable[T]:
        """Perform one request."""
        sent: Awaitable[T] = self._client.send(request)
        return sent

    async def sleep(self, seconds: float) -> None:
        """Wait some seconds; closing the client ends the wait."""
        await self._shared[0].waiters.sleep(seconds)

    @property
    def background(self) -> "Awaiting":
        """The same with priority ``bulk``."""
        if self._background is None:
            self._background = self._in_background()
        return self._background

    @property
    def storage(self) -> "Storage":
        """Uploads to and downloads from the file storage."""
        from lightfield._files.storage import Storage

        return Storage(*self._shared)

    def __repr__(self) -> str:
        return repr(self._client)
