"""Performers, which turn the methods of a resource into callables: one for each mode.

That of ``Lightfield`` is in ``_client/blocking``.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from copy import copy
from types import MethodType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from lightfield._config.config import Config
from lightfield._protocol.request import Form, Request
from lightfield._retry.budget import Budget
from lightfield.errors import LightfieldUsageError

from .description import Description
from .responses import AsyncAPIResponse

if TYPE_CHECKING:
    from lightfield._files.storage import Storage
    from lightfield._http.lazy_transport import LazyTransport

T = TypeVar("T")


def refusing(reason: str) -> Callable[..., Any]:
    """Return a function that raises LightfieldUsageError."""

    def refuse(*_args: Any, **_kwargs: Any) -> Any:
        raise LightfieldUsageError(reason)

    return refuse


class Performer:
    """Return requests unsent, for ``client.plan``. The performers of clients override this."""

    form: Form = "decoded"
    """The form of responses."""

    def returning(self, form: Form, /) -> "Performer":
        """Return the same performer for another form of responses."""
        other = copy(self)
        other.form = form
        return other

    def operation(self, describe: Description, /) -> Callable[..., Any]:
        """Return the function that performs the request that ``describe`` returns."""
        if self.form != "decoded":
            return refusing("client.plan describes requests; the client itself has their raw responses.")
        plain = describe.plain

        def call(*args: Any, **kwargs: Any) -> Any:
            return describe(args, kwargs) if kwargs else plain(*args)

        return call

    def multi_request(self, _resource: Any, method: Callable[..., Any], *, iterates: bool) -> Callable[..., Any]:  # noqa: ARG002
        """Return the function that runs a coroutine method of a resource, or iterates a generator method."""
        return refusing(f"{method.__name__} makes several requests, so client.plan cannot describe it.")

    def result(self, annotation: Any) -> Any:
        """Return the annotation of what a call returns, for an operation whose result has this one."""
        return cast("Any", Request)[annotation]

    def __repr__(self) -> str:
        return "<Plan>"


PLANNER = Performer()


def of_form(form: Form) -> str:
    """Return a form of responses as it is added to a repr."""
    return "" if form == "decoded" else f" of {form} responses"


class Sending(Performer):
    """Perform with a client. ``response`` is the type of undecoded responses, ``manager`` that of their contexts."""

    response: ClassVar[Any]
    manager: ClassVar[Any]

    def result(self, annotation: Any) -> Any:
        """Return the annotation of what a call returns, for an operation whose result has this one."""
        if self.form == "decoded":
            return annotation
        response = self.response[annotation]
        return response if self.form == "raw" else self.manager[response]


class Awaiting(Sending):
    """Perform on the running event loop: each call is a coroutine function or an asynchronous generator function."""

    response = AsyncAPIResponse
    manager = AbstractAsyncContextManager

    def __init__(
        self,
        client: Any,
        in_background: "Callable[[], Awaiting]",
        transport: "LazyTransport",
        config: Config,
        budget: Budget,
    ) -> None:
        self._client = client
        self._in_background = in_background
        self._shared = transport, config, budget

    def operation(self, describe: Description, /) -> Callable[..., Any]:
        """Return a coroutine function that sends what ``describe`` returns, or for streams a context manager."""
        client, plain = self._client, describe.plain  # a client whose ``send`` may be patched at any time

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await client.send(describe(args, kwargs) if kwargs else plain(*args))

        @asynccontextmanager
        async def stream(*args: Any, **kwargs: Any) -> AsyncGenerator[Any]:
            response = await call(*args, **kwargs)
            try:
                yield response
            finally:
                await response.close()

        return stream if self.form == "streamed" else call

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
        return f"{self._client!r}{of_form(self.form)}"
