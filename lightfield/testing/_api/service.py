"""The request handler: checks, routing and responses."""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import msgspec
from aiohttp import web

from lightfield.testing._api import (
    conversations,
    drafts,
    emails,
    enrollments,
    files,
    listings,
    merges,
    performance,
    records,
    runs,
    senders,
    sequence_tests,
    sequences,
)
from lightfield.testing._crm.storage import PREFIX
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._http.body import Body, receive
from lightfield.testing._http.errors import WireError, failed, throttled, wrong_version
from lightfield.testing._http.failures import JSON, Answer, Failure, fail
from lightfield.testing._http.faults import Faults
from lightfield.testing._http.hosts import check_host
from lightfield.testing._http.latency import Latency
from lightfield.testing._http.limits import Category, RateLimits
from lightfield.testing._http.recorder import RecordedRequest, RecordedRequests, Recorder
from lightfield.testing._settings import Settings

from .idempotency import Claim, IdempotencyStore
from .operations import OPERATIONS
from .parameters import check_parameters
from .routes import Call, Handler, Route, Routes
from .scopes import Keys, Scopes, check_scopes

VERSION = "2026-03-01"
_MODULES = (
    *(records, listings, files, merges, emails, runs),
    *(sequences, drafts, enrollments, performance, sequence_tests, senders, conversations),
)
HANDLERS: Mapping[str, Handler] = {name: each for module in _MODULES for name, each in module.HANDLERS.items()}
ROUTES = Routes(Route(OPERATIONS[name], handler) for name, handler in HANDLERS.items())
STORAGE = {"GET": "storage.get", "PUT": "storage.put"}
NAMES = (*OPERATIONS, *STORAGE.values())

_PATIENCE = 30.0
"""Seconds that a JSON body may take to arrive."""

_logger = logging.getLogger("lightfield.testing")


class _Exchange(NamedTuple):
    record: RecordedRequest
    answer: Answer
    category: Category | None  # the file storage has none


class Service:
    """The request handler of one workspace, which also records requests."""

    def __init__(self, workspace: Workspace, settings: Settings, limits: RateLimits, latency: Latency) -> None:
        self.requests = RecordedRequests(operations=NAMES)
        self.faults = Faults(NAMES)
        self.throttled = 0
        self._recorder = Recorder()
        self._recording = settings.record_requests
        self._workspace = workspace
        self._strict = settings.strict
        self._keys = Keys(settings.api_key, settings.keys)
        self._limits = limits
        self._latency = latency
        self._idempotency = IdempotencyStore(workspace.answers)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Process a request on arrival and respond after the latency."""
        exchange = self._begin(request)
        try:
            response = await self._process(request, exchange)
        except ConnectionError:  # the client has left, or is not to be answered
            return web.Response(status=400)
        except WireError as error:
            response = web.json_response(error.body, status=error.status)
        except Exception as error:
            _logger.exception("The sandbox failed on %r", exchange.record)
            message = f"The sandbox failed: {type(error).__name__}: {error}"
            response = web.json_response(failed(500, message).body, status=500)
        exchange.record.status = response.status
        return response

    def _begin(self, request: web.BaseRequest) -> _Exchange:
        path = request.rel_url.raw_path
        if path.startswith(PREFIX):
            record = self._record(request, STORAGE.get(request.method, ""))
            return _Exchange(record, partial(self._store, request), None)
        route, params = ROUTES.find(request.method, path)
        record = self._record(request, route.operation.name)
        return _Exchange(record, partial(self._respond, request, record, route, params), route.operation.category)

    async def _process(self, request: web.BaseRequest, exchange: _Exchange) -> web.StreamResponse:
        record, answer, category = exchange
        check_host(request.headers.get("Host", ""))
        if request.body_exists and category is not None:
            record.body = await receive(request, _PATIENCE)
        failure = self.faults.take(record)
        return await (answer() if failure is None else fail(request, failure, self._headers(category, failure), answer))

    async def _store(self, request: web.BaseRequest) -> web.Response:
        response = await self._workspace.storage.respond(request, self._workspace.journal)
        await self._wait()
        return response

    async def _respond(
        self, request: web.BaseRequest, record: RecordedRequest, route: Route, params: dict[str, str]
    ) -> web.Response:
        category = route.operation.category
        status, headers = 200, {"Content-Type": JSON}
        claim: Claim | None = None
        try:
            try:
                scopes = self._keys.scopes(request.headers.get("Authorization"))
                self._admit(request, category)
                call = self._call(request, params, record.body, scopes)
                check_scopes(route.operation, call)
                check_parameters(route.operation, call)
                claim = self._idempotency.claim(route.operation, request.headers.get("Idempotency-Key"))
                with self._workspace.journal:
                    reply = self._idempotency.stored_response(claim) or msgspec.json.encode(route.handler(call))
                    self._idempotency.store(claim, reply)
            except WireError as error:
                status, reply = error.status, msgspec.json.encode(error.body)
                headers.update(error.headers)
            headers.update(self._limits.headers(category))
            await self._wait()
        finally:
            self._idempotency.release(claim)
        return web.Response(status=status, body=reply, headers=headers)

    def _record(self, request: web.BaseRequest, operation: str) -> RecordedRequest:
        record = self._recorder.record(request, operation)
        if self._recording:
            self.requests.append(record)
        return record

    def _call(self, request: web.BaseRequest, params: dict[str, str], content: bytes, scopes: Scopes) -> Call:
        query = list(request.rel_url.query.items()) if request.rel_url.raw_query_string else []
        body = Body(content, request.content_type if content else "", self._strict)
        return Call(self._workspace, params, query, body, f"http://{request.headers['Host']}", scopes)

    def _headers(self, category: Category | None, failure: Failure) -> dict[str, str]:
        if category is None:
            return {}
        return self._limits.exhausted() if failure.status == 429 else self._limits.headers(category)

    async def _wait(self) -> None:
        if seconds := self._latency.draw():
            await asyncio.sleep(seconds)

    def _admit(self, request: web.BaseRequest, category: Category) -> None:
        if not self._limits.take(category):
            self.throttled += 1
            raise throttled()
        if request.headers.get("Lightfield-Version") != VERSION:
            raise wrong_version(VERSION)
