"""Who performs what a resource describes?"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lightfield._protocol.request import Request
from lightfield.errors import LightfieldUsageError

if TYPE_CHECKING:
    from lightfield._files.storage import Storage


T = TypeVar("T")


class Performer(Protocol):
    """Whatever a resource hands its requests to."""

    def perform(self, request: Request[Any], /) -> Any:
        """Perform one request."""
        ...

    def run(self, resource: Any, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Run a coroutine function of a resource."""
        ...

    def walk(self, resource: Any, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Iterate an asynchronous generator function of a resource."""
        ...


class Worker(Performer, Protocol):
    """Whatever runs procedures: the awaited client, behind the blocking one too."""

    @property
    def background(self) -> Performer:
        """Who performs what may wait until other calls have been made."""
        ...

    async def pause(self, seconds: float) -> None:
        """Wait some seconds."""
        ...

    @property
    def storage(self) -> "Storage":
        """The way to the file storage."""
        ...


class Describer:
    """Gives requests back unsent."""

    def perform(self, request: Request[T], /) -> Request[T]:
        """Give the request back."""
        return request

    def run(self, resource: Any, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        """Refuse: there is no one request."""
        raise LightfieldUsageError(f"{function.__name__} makes several requests: there is no one request to describe.")

    walk = run


DESCRIBER: Performer = Describer()
