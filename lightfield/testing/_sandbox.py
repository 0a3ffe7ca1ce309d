"""How is the sandbox started, looked into and stopped?"""

import asyncio
import threading
from random import Random
from types import TracebackType
from typing import Self

from lightfield._aio.portal import Portal
from lightfield.testing._api.service import Service
from lightfield.testing._crm.definitions import Definitions
from lightfield.testing._crm.documents import File, Record
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._data.record_types import KINDS
from lightfield.testing._data.related import seed_neighbours
from lightfield.testing._data.seed import seed_opportunities
from lightfield.testing._http.latency import Latency
from lightfield.testing._http.limits import RateLimits
from lightfield.testing._http.listener import HOST, Listener


class Sandbox:
    """A Lightfield server on 127.0.0.1 for tests, used as ``with Sandbox()`` or ``async with Sandbox()``.

    Args:
        opportunities: How many to make up; the first n are the same whatever the number.
        seed: Same seed, same opportunities, new ids and latencies.
        rate_limit: Requests per second in each category, and the most at once; None: no limit, no headers.
        latency: Seconds each answer takes, or a (shortest, longest) range.
        port: 0 takes a free one; a sandbox that is started again keeps its port and its records.
        api_key: The one key it accepts.
    """

    __module__ = "lightfield.testing"

    def __init__(
        self,
        *,
        opportunities: int = 200,
        seed: int = 0,
        rate_limit: int | None = 25,
        latency: float | tuple[float, float] = 0.0,
        port: int = 0,
        api_key: str = "sk_lf_sandbox",
    ) -> None:
        rng = Random(seed)  # noqa: S311
        self._workspace = Workspace(KINDS, seed_opportunities(rng, opportunities), seed)
        seed_neighbours(self._workspace)
        self._service = Service(self._workspace, api_key, RateLimits(rate_limit), Latency(latency, rng))
        self._api_key = api_key
        self._port = port
        self._portal: Portal | None = None
        self._lifecycle = threading.Lock()

    @property
    def base_url(self) -> str:
        """The address for clients; known once the sandbox has been started, and kept when it stops."""
        if not self._port:
            raise RuntimeError("the sandbox has no address yet: use `with Sandbox() as sandbox`, or call start()")
        return f"http://{HOST}:{self._port}"

    @property
    def api_key(self) -> str:
        """The key it accepts."""
        return self._api_key

    @property
    def opportunities(self) -> dict[str, Record]:
        """The opportunities it serves, by id: tests may look, change, add and remove."""
        return self.records("opportunities")

    @property
    def opportunity_ids(self) -> list[str]:
        """The ids of its opportunities, in creation order."""
        return self.ids("opportunities")

    @property
    def files(self) -> dict[str, File]:
        """The files that were announced to it, by id."""
        return {identifier: upload.file for identifier, upload in self._workspace.storage.uploads.items()}

    def records(self, collection: str) -> dict[str, Record]:
        """The documents of a collection, by id: tests may look, change, add and remove.

        Args:
            collection: ``accounts``, ``contacts``, ``opportunities``, ``meetings``, ``notes``, ``tasks``, ``lists``,
                ``members``, ``emails``, or the custom type ``project``.
        """
        return self._workspace.collections[collection].records

    def ids(self, collection: str) -> list[str]:
        """The ids of a collection, in creation order."""
        return list(self.records(collection))

    def trash(self, collection: str) -> dict[str, Record]:
        """The documents of a collection that were deleted, by id."""
        return self._workspace.collections[collection].trash

    def definitions(self, collection: str) -> Definitions:
        """The fields and relationships of a collection: tests may add those of their own workspace."""
        return self._workspace.collections[collection].definitions

    def content(self, file_id: str) -> bytes | None:
        """The bytes that were stored for a file."""
        content = self._workspace.storage.uploads[file_id].content
        return None if content is None else bytes(content)

    @property
    def requests(self) -> int:
        """How many requests have arrived so far, whatever the answer."""
        return self._service.requests

    @property
    def throttled(self) -> int:
        """How many of them were answered 429."""
        return self._service.throttled

    def start(self) -> None:
        """Listen; nothing happens if it does already. Raises OSError if the port is in use."""
        with self._lifecycle:
            if self._portal is not None:
                return
            listener = Listener(self._service.handle)
            # on uvloop, connections still arriving would keep it from stopping
            portal = Portal("lightfield-sandbox", listener.close, asyncio.SelectorEventLoop)
            try:
                self._port = portal.call(listener.open(self._port))
            except BaseException:
                portal.close()
                raise
            self._portal = portal

    def stop(self) -> None:
        """Stop listening and drop every connection, also those with a request in flight; idempotent."""
        with self._lifecycle:
            if self._portal is not None:
                self._portal.close()
            self._portal = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        starting = asyncio.ensure_future(asyncio.to_thread(self.start))
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:  # the thread starts regardless, and nobody else would stop it
            await asyncio.gather(starting, return_exceptions=True)
            await asyncio.to_thread(self.stop)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)
