"""The request handler: checks, routing and responses."""

import asyncio
from collections.abc import Mapping

import msgspec
from aiohttp import web

from lightfield.testing._api import emails, files, listings, merges, records, runs
from lightfield.testing._crm.storage import PREFIX
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._http.body import Body
from lightfield.testing._http.errors import WireError, throttled, unauthorized, wrong_version
from lightfield.testing._http.latency import Latency
from lightfield.testing._http.limits import Category, RateLimits
from lightfield.testing._settings import Settings

from .idempotency import Claim, IdempotencyStore
from .operations import OPERATIONS
from .routes import Call, Handler, Route, Routes

VERSION = "2026-03-01"
HANDLERS: Mapping[str, Handler] = (
    records.HANDLERS | listings.HANDLERS | files.HANDLERS | merges.HANDLERS | emails.HANDLERS | runs.HANDLERS
)
ROUTES = Routes(Route(OPERATIONS[name], handler) for name, handler in HANDLERS.items())


class Service:
    """The request handler of one workspace, which also counts requests."""

    def __init__(self, workspace: Workspace, settings: Settings, limits: RateLimits, latency: Latency) -> None:
        self.requests = 0
        self.throttled = 0
        self._workspace = workspace
        self._authorization = f"Bearer {settings.api_key}"
        self._limits = limits
        self._latency = latency
        self._idempotency = IdempotencyStore(workspace.answers)

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Process a request on arrival and respond after the latency."""
        self.requests += 1
        try:
            if not request.rel_url.raw_path.startswith(PREFIX):
                return await self._respond(request)
            response = await self._workspace.storage.respond(request, self._workspace.journal)
            await self._wait()
        except ConnectionError:  # the client disconnected before the body was complete
            return web.Response(status=400)
        return response

    async def _respond(self, request: web.BaseRequest) -> web.Response:
        route, params = ROUTES.find(request.method, request.rel_url.raw_path)
        category = route.operation.category
        status, headers = 200, {"Content-Type": "application/json; charset=utf-8"}
        claim: Claim | None = None
        try:
            try:
                self._admit(request, category)
                call = await self._call(request, params)
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

    async def _call(self, request: web.BaseRequest, params: dict[str, str]) -> Call:
        body = Body(await request.content.read(), request.content_type) if request.body_exists else Body()
        query = list(request.rel_url.query.items()) if request.rel_url.raw_query_string else []
        return Call(self._workspace, params, query, body, f"http://{request.host}")

    async def _wait(self) -> None:
        if seconds := self._latency.draw():
            await asyncio.sleep(seconds)

    def _admit(self, request: web.BaseRequest, category: Category) -> None:
        if request.headers.get("Authorization") != self._authorization:
            raise unauthorized()
        if not self._limits.take(category):
            self.throttled += 1
            raise throttled()
        if request.headers.get("Lightfield-Version") != VERSION:
            raise wrong_version(VERSION)
