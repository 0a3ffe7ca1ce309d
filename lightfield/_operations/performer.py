"""Performers: what turns the methods of a resource into the functions that are called, one for each mode."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lightfield._protocol.request import Request
from lightfield.errors import LightfieldUsageError

if TYPE_CHECKING:
    from lightfield._files.storage import Storage

T = TypeVar("T")


class Performer(Protocol):
    """Whatever performs what a resource describes."""

    def operation(self, describe: Callable[..., Request[Any]], /) -> Callable[..., Any]:
        """Return the function that performs the request that ``describe`` returns."""
        ...

    def procedure(self, resource: Any, method: Callable[..., Any], /) -> Callable[..., Any]:
        """Return the function that runs a coroutine method of a resource."""
        ...

    def iteration(self, resource: Any, method: Callable[..., Any], /) -> Callable[..., Any]:
        """Return the function that iterates an asynchronous generator method of a resource."""
        ...


class AsyncPerformer(Performer, Protocol):
    """What procedures and iterations run on: an ``AsyncLightfield``, also behind a ``Lightfield``."""

    def send(self, request: Request[T], /) -> Awaitable[T]:
        """Perform one request."""
        ...

    async def sleep(self, seconds: float, /) -> None:
        """Wait some seconds; closing the client ends the wait."""
        ...

    @property
    def background(self) -> "AsyncPerformer":
        """The same with priority ``bulk``."""
        ...

    @property
    def storage(self) -> "Storage":
        """Uploads to and downloads from the file storage."""
        ...


class Describer:
    """Return requests unsent."""

    def operation(self, describe: Callable[..., Request[Any]], /) -> Callable[..., Any]:
        """Return the method itself."""
        return describe

    def procedure(self, _resource: Any, method: Callable[..., Any], /) -> Callable[..., Any]:
        """Return a function that raises an error: there is no single request."""

        def refuse(*_args: Any, **_kwargs: Any) -> Any:
            raise LightfieldUsageError(
                f"{method.__name__} makes several requests, so there is no single one to describe."
            )

        return refuse

    iteration = procedure

    def __repr__(self) -> str:
        return "<Plan>"


DESCRIBER = Describer()
