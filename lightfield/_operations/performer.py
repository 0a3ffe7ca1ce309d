"""Performers, which turn the methods of a resource into callables: one for each mode.

That of ``Lightfield`` is in ``_client/blocking``.
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
    """Return requests unsent, for ``client.plan``. The performers of clients override this."""

    def operation(self, describe: Callable[..., Request[Any]], /) -> Callable[..., Any]:
        """Return the function that performs the request that ``describe`` returns."""
        return describe

    def multi_request(self, _resource: Any, method: Callable[..., Any], *, iterates: bool) -> Callable[..., Any]:  # noqa: ARG002
        """Return the function that runs a coroutine method of a resource, or iterates a generator method."""
        return refusing(f"{method.__name__} makes several requests, so client.plan cannot describe it.")

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
        self._shared = transport, config, budget

    def operation(self, describe: Callable[..., Request[Any]], /) -> Callable[..., Any]:
        """Return a coroutine function that sends what ``describe`` returns."""
        client = self._client  # whose ``send`` may be patched at any time

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await client.send(describe(*args, **kwargs))

        return call

    def multi_request(self, resource: Any, method: Callable[..., Any], *, iterates: bool) -> Callable[..., Any]:  # noqa: ARG002
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
        """A performer with priority ``bulk``, with the attributes that the client has now."""
        return self._in_background()

    @property
    def storage(self) -> "Storage":
        """Uploads to and downloads from the file storage."""
        from lightfield._files.storage import Storage

        return Storage(*self._shared)

    def __repr__(self) -> str:
        return repr(self._client)
