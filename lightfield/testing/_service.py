"""What happens to a request, from its headers to its answer?"""

import asyncio

import msgspec
from aiohttp import web

from . import _opportunities
from ._bucket import Category, RateLimits
from ._documents import Workspace
from ._errors import WireError, throttled, unauthorized, wrong_version
from ._latency import Latency
from ._routes import Call, Routes

VERSION = "2026-03-01"
ROUTES = Routes(_opportunities.ROUTES)


class Service:
    """Answers requests for one workspace and counts them; ``handle`` is what an aiohttp server calls."""

    def __init__(self, workspace: Workspace, api_key: str, limits: RateLimits, latency: Latency) -> None:
        self.requests = 0
        self.throttled = 0
        self._workspace = workspace
        self._authorization = f"Bearer {api_key}"
        self._limits = limits
        self._latency = latency

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Decide at once, as of the request's arrival; answer after the latency."""
        self.requests += 1
        response = self._respond(request)
        if seconds := self._latency.draw():
            await asyncio.sleep(seconds)
        return response

    def _respond(self, request: web.BaseRequest) -> web.Response:
        route, params = ROUTES.find(request.method, request.rel_url.raw_path)
        status, headers = 200, {"Content-Type": "application/json; charset=utf-8"}
        body: object
        try:
            self._admit(request, route.category)
            body = route.handler(Call(self._workspace, params))
        except WireError as error:
            status, body = error.status, error.body
            headers.update(error.headers)
        headers.update(self._limits.headers(route.category))
        return web.Response(status=status, body=msgspec.json.encode(body), headers=headers)

    def _admit(self, request: web.BaseRequest, category: Category) -> None:
        if request.headers.get("Authorization") != self._authorization:
            raise unauthorized()
        if not self._limits.take(category):
            self.throttled += 1
            raise throttled()
        if request.headers.get("Lightfield-Version") != VERSION:
            raise wrong_version(VERSION)
