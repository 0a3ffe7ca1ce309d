"""AsyncLightfield, and the way of one request.

``await client.opportunity.retrieve("opp_1")``

1. ``resources/_records.py`` describes it: a ``Request`` with its path, category and decoder.
2. ``_operation.py`` hands the request to ``perform``, below.
3. ``perform`` makes an attempt; after a failure ``_retry.py`` says whether and when to make another.
4. ``_limits.py`` admits the attempt: every attempt waits for a slot in the lane of its category.
5. ``_transport.py`` sends it and reads the response.
6. ``_response.py`` turns the response into a Struct or the right exception; the lane learns from its headers.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack
from uuid import uuid4

from ._catalog import Catalog
from ._config import Options, SiblingOptions, amend, resolve
from ._limits import LaneStatus, lanes
from ._operation import Awaits, Describes
from ._performer import Describer
from ._request import Category, Request
from ._response import read
from ._retry import Call, persevere
from .errors import APIError

if TYPE_CHECKING:
    from ._storage import Storage

T = TypeVar("T")


class AsyncLightfield(Catalog[Awaits]):
    """The Lightfield API, awaited.

    Make one for the life of the process and share it between tasks; it belongs to the event loop it is first used on::

        async with AsyncLightfield() as client:
            opportunity = await client.opportunity.retrieve("opp_cm9uvw890xyz123")

    Raises:
        LightfieldValueError: An option cannot work, or there is no API key.
    """

    def __init__(self, **options: Unpack[Options]) -> None:
        from ._transport import Transport

        super().__init__()
        self._config = resolve(options)
        self._transport = Transport(self._config)
        self._lanes = lanes(self._config.rate_limits)

    async def perform(self, request: Request[T], /) -> T:
        """Perform a request: attempt it, and again as long as the retry policy says so.

        Raises:
            APIError: It did not succeed.
            ClientClosedError: The client is closed.
        """
        call = Call(request, self._config)
        if request.method != "GET":
            call.headers = self._write_headers(request)
        if self._config.deadline_from_call and self._config.deadline is not None:
            call.due = asyncio.get_running_loop().time() + self._config.deadline
        try:
            result: T = await self._attempt(call)
        except APIError as error:
            failure = error
        else:
            return result
        try:
            return await persevere(call, failure, self._attempt, self._transport.sleep)
        finally:
            del failure

    async def _attempt(self, call: Call) -> Any:
        """Make one attempt: wait for a slot, send, read. A default deadline begins with the first slot."""
        loop, transport, config = asyncio.get_running_loop(), self._transport, self._config
        if transport.loop is not loop:
            transport.open(loop)
        lane = self._lanes[call.request.category]
        await lane.admit(call.due, transport.wait)
        try:
            left = None if call.due is None else max(call.due - loop.time(), 0.001)
            if left is None and config.deadline is not None:
                left = config.deadline
                call.due = loop.time() + left
            response = await transport.send(call.request, call.headers, config.timeout, left)
        finally:
            lane.leave()
        lane.learn(response.status, response.headers)
        return read(call.request, response, call.retries)

    def _write_headers(self, request: Request[Any]) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if request.repeat != "freely":
            headers["Idempotency-Key"] = self._config.idempotency_key or str(uuid4())
        return headers

    def send(self, request: Request[T]) -> Coroutine[Any, Any, T]:
        """Perform a request described by ``client.plan``."""
        return self.perform(request)

    def run(self, resource: Any, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Run a coroutine function of a resource."""
        return function(resource, *args, **kwargs)

    def walk(self, resource: Any, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Iterate an asynchronous generator function of a resource."""
        return function(resource, *args, **kwargs)

    async def pause(self, seconds: float) -> None:
        """Wait some seconds; closing the client ends the wait."""
        await self._transport.sleep(seconds)

    @cached_property
    def storage(self) -> "Storage":
        """The way to the file storage, which ``file.upload`` and ``file.download`` take."""
        from ._storage import Storage

        return Storage(self._transport, self._config)

    @cached_property
    def plan(self) -> "Plan":
        """The same operations, giving requests unsent: for ``send``, for a look, for tests."""
        return Plan()

    @property
    def rate_limits(self) -> Mapping[Category, LaneStatus]:
        """The lane of each category as it is now."""
        return {category: lane.status() for category, lane in self._lanes.items()}

    def with_options(self, **options: Unpack[SiblingOptions]) -> Self:
        """Make a sibling with other options. It shares connections, limits and closing with this client."""
        config = amend(self._config, options)
        return self._sibling(_config=config, _transport=self._transport, _lanes=self._lanes)

    async def aclose(self) -> None:
        """Close the connections of this client and its siblings. Idempotent."""
        await self._transport.close()

    close = aclose

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<AsyncLightfield {self._config.base_url}>"


class Plan(Describer, Catalog[Describes]):
    """The operations of the API, giving requests unsent."""

    def __repr__(self) -> str:
        return "<Plan>"
