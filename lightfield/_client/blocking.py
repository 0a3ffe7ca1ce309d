"""Lightfield: the same catalog, performed by an ``AsyncLightfield`` behind a portal."""

from asyncio import AbstractEventLoop
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import MethodType, TracebackType
from typing import Any, Self, TypeVar, Unpack, cast

from lightfield._aio.loop import new_loop
from lightfield._aio.portal import Portal
from lightfield._bulk.items import BulkOptions, Requests
from lightfield._bulk.results import BulkResult, Outcome
from lightfield._config.config import Config, allows_uvloop
from lightfield._config.options import Options, SiblingOptions
from lightfield._official.attributes import Attributes
from lightfield._operations.description import Description
from lightfield._operations.performer import Performer, Sending, of_form
from lightfield._operations.resource import Blocks, rebind
from lightfield._operations.responses import APIResponse, AsyncAPIResponse
from lightfield._pacing.registry import LaneStatus
from lightfield._protocol.request import Category, Request

from .asynchronous import AsyncLightfield
from .catalog import Catalog
from .plan import Plan

T = TypeVar("T")


class Lightfield(Catalog[Blocks], Attributes):
    """The Lightfield API, blocking.

    Works from scripts, from any thread, and in notebooks. Closing is optional::

        client = Lightfield()
        opportunity = client.opportunity.retrieve("opp_cm9uvw890xyz123")

    Raises:
        LightfieldValueError: An option cannot work, or there is no API key.
    """

    __module__ = "lightfield"

    def __init__(self, **options: Unpack[Options]) -> None:
        try:
            self._client = AsyncLightfield(**options)
        finally:
            del options  # it holds the key, and a traceback would keep this frame
        self._portal = _portal(self._client)
        super().__init__(self._new_performer())

    def send(self, request: Request[T]) -> T:
        """Perform a request, such as one described by ``client.plan``. Operations of one request pass through here.

        Raises:
            APIError: The request and its retries failed.
            ClientClosedError: The client is closed.
        """
        result = self._portal.call(self._client.send(request))
        return cast("T", result.blocking(self._portal)) if isinstance(result, AsyncAPIResponse) else result

    def bulk(self, requests: Requests[T], **options: Unpack[BulkOptions]) -> BulkResult[T]:
        """Perform many requests and return their results in the order of the input, as ``AsyncLightfield.bulk`` does.

        The input and the hook run on the event loop of the client, so they must not call a blocking client.
        """
        return self._portal.call(self._client.bulk(requests, **options))

    def iter_bulk(self, requests: Requests[T], **options: Unpack[BulkOptions]) -> Generator[Outcome[T], None, None]:
        """Perform many requests and yield outcomes as they complete, as ``AsyncLightfield.iter_bulk`` does."""
        outcomes = self._client.iter_bulk(requests, **options)
        return self._portal.iterate(outcomes)

    @property
    def plan(self) -> Plan:
        """The same operations, returning requests unsent: for ``send``, bulk and tests."""
        return self._client.plan

    @property
    def rate_limits(self) -> Mapping[Category, LaneStatus]:
        """A snapshot of the lane of each category."""
        return self._client.rate_limits

    def with_options(self, **options: Unpack[SiblingOptions]) -> Self:
        """Return a sibling with other options. It shares the loop, connections, limits and closing with this client.

        One with another ``api_key`` or ``base_url`` shares none of these: close it too.
        """
        try:
            client = self._client.with_options(**options)
        finally:
            del options  # it may hold a key
        shared = client.shares_connections_with(self._client)
        portal = self._portal if shared else _portal(client)
        sibling = self._copy(_client=client, _portal=portal)
        vars(sibling)["_performer"] = sibling._new_performer()  # noqa: SLF001
        return sibling

    copy = with_options

    @property
    def _settings(self) -> Config:
        return self._client._settings  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

    def is_closed(self) -> bool:
        """Return whether the client was closed."""
        return self._portal.closed

    def _new_performer(self) -> Performer:
        return Blocking(self, self._portal, self._client._performer)  # noqa: SLF001

    def close(self) -> None:
        """Close the connections of this client and its siblings, and end its thread. Idempotent."""
        self._portal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Lightfield of {vars(self).get('_client')!r}>"  # None if construction failed


Client = Lightfield


def _portal(client: AsyncLightfield) -> Portal:
    uvloop = allows_uvloop()

    def loop() -> AbstractEventLoop:
        transport = client._transport  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        transport.load()  # on the thread of the first call: it would block the loop
        return new_loop(uvloop=uvloop)

    return Portal("lightfield", client.aclose, loop)


class Blocking(Sending):
    """Perform on the event loop of a portal, and wait for the result."""

    response = APIResponse
    manager = AbstractContextManager

    def __init__(self, client: Lightfield, portal: Portal, awaiting: Performer) -> None:
        self._client = client
        self._portal = portal
        self._awaiting = awaiting

    def operation(self, describe: Description, /) -> Callable[..., Any]:
        """Return a function that sends what ``describe`` returns, or for streams a context manager."""
        client, plain = self._client, describe.plain  # a client whose ``send`` may be patched at any time

        def call(*args: Any, **kwargs: Any) -> Any:
            return client.send(describe(args, kwargs) if kwargs else plain(*args))

        @contextmanager
        def stream(*args: Any, **kwargs: Any) -> Generator[Any]:
            response = call(*args, **kwargs)
            try:
                yield response
            finally:
                response.close()

        return stream if self.form == "streamed" else call

    def multi_request(self, resource: Any, method: Callable[..., Any], *, iterates: bool) -> Callable[..., Any]:
        """Return a function that runs or iterates the method on the portal."""
        run: Callable[..., Any] = self._portal.iterate if iterates else self._portal.call
        bound = MethodType(method, rebind(resource, self._awaiting))
        return lambda *args, **kwargs: run(bound(*args, **kwargs))

    def __repr__(self) -> str:
        return f"{self._client!r}{of_form(self.form)}"
