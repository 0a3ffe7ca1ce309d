"""Plain HTTP for the tests of the sandbox: no client of ours stands between."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import aiohttp

from lightfield.testing import Sandbox

HEADERS = {"Authorization": "Bearer sk_lf_sandbox", "Lightfield-Version": "2026-03-01"}


class Api:
    """Calls to one sandbox; each says which status it expects, and gives the document."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.session = session

    async def get(self, path: str, status: int = 200) -> Any:
        return await self.send("GET", path, status=status)

    async def post(self, path: str, body: object = None, status: int = 200, key: str | None = None) -> Any:
        return await self.send("POST", path, body, status=status, key=key)

    async def delete(self, path: str, status: int = 200) -> Any:
        return await self.send("DELETE", path, status=status)

    async def refused(self, path: str, body: object, status: int = 400) -> tuple[str | None, str | None]:
        """Give the code and the param of the error that a POST ends in."""
        error = (await self.post(path, body, status))["error"]
        return error.get("code"), error.get("param")

    async def listed(self, path: str, *filters: tuple[str, str]) -> list[str]:
        """Give the ids of the first page, and see that the envelope counts them."""
        query = urlencode(filters)
        page = await self.send("GET", f"{path}?{query}")
        assert page["object"] == "list"
        assert page["totalCount"] >= len(page["data"])
        return [record["id"] for record in page["data"]]

    async def send(
        self, method: str, path: str, body: object = None, *, status: int = 200, key: str | None = None
    ) -> Any:
        headers = HEADERS if key is None else {**HEADERS, "Idempotency-Key": key}
        async with self.session.request(method, path, json=body, headers=headers) as response:
            assert response.status == status, await response.text()
            return await response.json()


@asynccontextmanager
async def calling(**options: Any) -> AsyncGenerator[Api]:
    options = {"opportunities": 12, "seed": 7, "rate_limit": None, **options}
    async with Sandbox(**options) as sandbox, aiohttp.ClientSession(sandbox.base_url) as session:
        yield Api(sandbox, session)
