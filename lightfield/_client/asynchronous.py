"""AsyncLightfield, and the path of one request.

``await client.opportunity.retrieve("opp_1")``

1. ``resources/_documents.py`` describes it: a ``Request`` with its path, category and decoder.
2. ``_operations/operation.py`` and ``performer.py`` hand the request to ``send``, below.
3. ``send`` makes an attempt; after a failure ``_retry/policy.py`` decides whether and when to make another.
4. ``_pacing/lane.py`` admits the attempt: every attempt waits for a slot in the lane of its category.
5. ``_http/transport.py`` sends it and reads the response.
6. ``_protocol/decoding.py`` turns the response into a Struct or the right exception; the lane learns from its headers.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from functools import cached_property
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

from msgspec.structs import replace

from lightfield._aio.caught import Caught
from lightfield._aio.loop import no_task
from lightfield._bulk.bulk import gather, stream
from lightfield._bulk.items import BulkOptions, Requests, by_request
from lightfield._bulk.results import BulkResult, Outcome
from lightfield._config.config import Config, override, resolve
from lightfield._config.options import Options, SiblingOptions, SlotWait
from lightfield._http.lazy_transport import LazyTransport
from lightfield._official.attributes import Attributes
from lightfield._operations.performer import Awaiting
from lightfield._operations.resource import Awaits
from lightfield._operations.responses import AsyncAPIResponse
from lightfield._pacing.lane import Gate
from lightfield._pacing.registry import Gates, LaneStatus, lane_status
from lightfield._pacing.schedule import Slot
from lightfield._protocol.decoding import Exchange, read
from lightfield._protocol.merging import merge_query
from lightfield._protocol.request import Category, Request
from lightfield._retry.budget import Budget
from lightfield._retry.policy import SENT_ONCE, Call, retry_call
from lightfield.errors import APIError

from .call_headers import call_headers
from .catalog import Catalog
from .connections import connected
from .plan import Plan

T = TypeVar("T")


class AsyncLightfield(Catalog[Awaits], Attributes):
    """The Lightfield API, awaited.

    Make one for the life of the process and share it between tasks; it belongs to the event loop it is first used on::

        async with AsyncLightfield() as client:
            opportunity = await client.opportunity.retrieve("opp_cm9uvw890xyz123")

    Raises:
        LightfieldValueError: An option cannot work, or there is no API key.
    """

    __module__ = "lightfield"
    _config: Config
    _transport: LazyTransport
    _gates: Gates
    _budget: Budget

    def __init__(self, **options: Unpack[Options]) -> None:
        try:
            vars(self).update(connected(resolve(options)))
        except Exception as error:  # noqa: BLE001
            raise error.with_traceback(None) from None
        finally:
            del options  # it holds the key, as do the frames that are left out
        super().__init__(self._new_performer())

    async def send(self, request: Request[T]) -> T:
        """Perform a request, such as one described by ``client.plan``. Every operation passes through here.

        Raises:
            APIError: The request and its retries failed.
            ClientClosedError: The client is closed.
            LightfieldUsageError: It is not awaited in a task of asyncio.
        """
        try:
            now = asyncio.get_running_loop().time()
        except RuntimeError:
            raise no_task() from None
        if self._config.default_query:
            request = replace(request, query=merge_query(self._config.default_query, request.query))
        call = Call(request, self._config, self._budget, now)
        if request.method != "GET" or request.headers is not None or self._config.default_headers is not None:
            call.headers = call_headers(request, self._config)
        if request.retry_safety in SENT_ONCE:
            call.reuse = "rested"
        if self._config.deadline_from_call and self._config.deadline is not None:
            call.deadline = now + self._config.deadline
        try:
            result: T = await self._attempt(call)
        except APIError as error:
            caught = Caught(error)
        else:
            if self._budget.spent:
                self._budget.spent -= 1
            return result
        return await retry_call(call, caught, self._attempt, self._transport.waiters.sleep)

    async def _attempt(self, call: Call) -> Any:
        """Make one attempt: wait for a slot, send, read. A default deadline begins with the first slot."""
        loop, transport, config = asyncio.get_running_loop(), self._transport, self._config
        if transport.loop is not loop:
            transport.open(loop)
        gate = self._gates[call.request.category]
        slot = gate.try_admit(config.priority, call.deadline) or await self._wait_for_slot(gate, call)
        if call.deadline is None and config.deadline is not None:
            call.deadline = slot.at + config.deadline
        try:
            slot.is_sent, connection, limits = False, (slot.sent, call.reuse), call.request.timeout or config.timeout
            response = await transport.send(call.request, call.headers, limits, call.deadline, connection)
        finally:
            slot.is_sent = True
            gate.leave()
        if response.status != 429 or not call.request.own_rate_limit:
            gate.learn(slot, response.status, response.headers)
        result: object = read(call.request, response, call.retries, config.api_key)
        if type(result) is Exchange:
            return AsyncAPIResponse(result)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return result

    async def _wait_for_slot(self, gate: Gate, call: Call) -> Slot:
        config, loop = self._config, asyncio.get_running_loop()
        asked = loop.time()
        try:
            slot = await gate.wait_turn(call.order, config.priority, call.deadline, self._transport.waiters.wait)
        finally:
            call.queued += loop.time() - asked
        if config.on_wait is not None and slot.waited:
            try:
                config.on_wait(SlotWait(call.request.category, config.priority, slot.waited))
            except BaseException:
                gate.lane.refund(gate, slot)
                raise
        return slot

    async def bulk(self, requests: Requests[T], **options: Unpack[BulkOptions]) -> BulkResult[T]:
        """Perform many requests and return their results in the order of the input. One failure never fails the others.

        Args:
            requests: Any iterable or asynchronous iterable of requests described by ``client.plan``, or of pairs
                ``(id, request)``, or a mapping of ids to requests. The id of a request without one is its position in
                the input: ``"0"``, ``"1"`` and so on. A repeated id with the same request is performed once; a repeated
                id or idempotency key with another request is a failure.
            options: ``concurrency``, the maximum of requests in flight: 32 by default, 56 in each category at
                most; ``progress``, a plain function that is called on the event loop after each request; ``done``, ids
                to skip, such as a set of those that an earlier run has done.

        Raises:
            LightfieldTypeError: ``requests`` is not iterable. An element that is not a request is a failed outcome.
            LightfieldUsageError: This is a sibling with one ``idempotency_key``, and a write has none of its own.
            Exception: Raised by the input or by ``progress``; the results are lost: see ``iter_bulk``.
        """
        work = by_request(requests, self._config.idempotency_key)
        return await gather(self._awaiting.background.send, work, **options)

    async def iter_bulk(
        self, requests: Requests[T], **options: Unpack[BulkOptions]
    ) -> AsyncGenerator[Outcome[T], None]:
        """Perform many requests and yield outcomes as they complete, in constant memory.

        Parameters and errors are those of ``bulk``. The last 10,000 ids and idempotency keys are remembered. An
        exception of the input is raised after the outcomes of all requests in flight, so that no write is lost.
        """
        work = by_request(requests, self._config.idempotency_key)
        async with stream(self._awaiting.background.send, work, **options) as outcomes:
            async for _, outcome in outcomes:
                yield outcome

    @cached_property
    def plan(self) -> Plan:
        """The same operations, returning requests unsent: for ``send``, bulk and tests."""
        return Plan()

    @property
    def rate_limits(self) -> Mapping[Category, LaneStatus]:
        """A snapshot of the lane of each category. Clients with the same key and base URL share lanes."""
        return {category: lane_status(gate.lane) for category, gate in self._gates.items()}

    def with_options(self, **options: Unpack[SiblingOptions]) -> Self:
        """Return a sibling with other options. It shares connections, limits and closing with this client.

        One with another ``api_key`` or ``base_url`` shares none of these: close it too.
        """
        try:
            config = override(self._config, options)
            same = (config.api_key, config.base_url) == (self._config.api_key, self._config.base_url)
            sibling = self._copy(**({"_config": config} if same else connected(config)))
        except Exception as error:  # noqa: BLE001
            raise error.with_traceback(None) from None
        finally:
            del options
        vars(sibling)["_performer"] = sibling._new_performer()  # noqa: SLF001
        return sibling

    copy = with_options

    @property
    def _settings(self) -> Config:
        return self._config

    def is_closed(self) -> bool:
        """Return whether the client was closed."""
        return self._transport.closed

    def _new_performer(self) -> Awaiting:
        return Awaiting(self, self._in_background, self._transport, self._config, self._budget)

    def _in_background(self) -> Awaiting:
        sibling = self if self._config.priority == "bulk" else self.with_options(priority="bulk")
        return sibling._awaiting  # noqa: SLF001

    async def aclose(self) -> None:
        """Close the connections of this client and its siblings. Idempotent."""
        await self._transport.close()
        for gate in self._gates.values():
            await gate.lane.pace.close()

    close = aclose

    async def __aenter__(self) -> Self:
        self._transport.load()  # here rather than with the first call
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def shares_connections_with(self, other: "AsyncLightfield") -> bool:
        """Return whether closing one closes both."""
        return self._transport is other._transport  # noqa: SLF001

    def __repr__(self) -> str:
        config: Config | None = vars(self).get("_config")  # None if construction failed
        return f"<AsyncLightfield {config.base_url if config else 'uninitialized'}>"


AsyncClient = AsyncLightfield
