"""The public class: starting and stopping the sandbox, and having it fail."""

import asyncio
import threading
import weakref
from collections.abc import Iterable
from random import Random
from types import TracebackType
from typing import Self, Unpack

from lightfield._aio.loop import running_loop
from lightfield._aio.portal import Portal
from lightfield._aio.threads import in_thread
from lightfield.testing._api.service import Service
from lightfield.testing._clients import ClientFactory
from lightfield.testing._data.beginning import begin
from lightfield.testing._http.access_log import logged
from lightfield.testing._http.faults import CURABLE, EVERY, Fault, FaultOptions, Kind
from lightfield.testing._http.latency import Latency
from lightfield.testing._http.limits import RateLimits
from lightfield.testing._http.listener import HOST, Listener
from lightfield.testing._http.recorder import RecordedRequests
from lightfield.testing._inspection import Inspection
from lightfield.testing._settings import SandboxOptions, settings

_PATIENCE = 10.0
"""Seconds that a cancelled start may take, to be undone before the cancellation passes on."""


class Sandbox(ClientFactory, Inspection):
    """A Lightfield server on 127.0.0.1 for tests, used as ``with Sandbox()`` or ``async with Sandbox()``.

    Args:
        opportunities: Their number, 200 by default. The first ones do not depend on it, except for the relationship of
            the last one to what follows it.
        seed: The seed of opportunities, new ids and latencies; 0 by default.
        rate_limit: Requests per second and burst size in each category, 25 by default; None disables the limit and its
            headers, and the limit on starts of sequence tests.
        limiter: How the limit counts: ``bucket``, which refills all the time and is what the API is likely to have;
            ``window``, each second of the clock; or ``sliding``, the second before each request.
        foreign_traffic: Requests per second that other keys of the organization send in each category, at an even pace.
        log: Called with a line for each request: its method, path, status and milliseconds. ``print`` will do.
        latency: Seconds each response takes, or a (minimum, maximum) range.
        port: 0 takes a free one; a sandbox that is started again keeps its port and its records.
        api_key: The key that may do everything; ``sk_lf_sandbox`` by default.
        keys: Further keys with their scopes, such as ``{"sk_reader": {"opportunities:read"}}``; a key without scopes
            may do everything too.
        pipelines: The stages of opportunities by the name of their pipeline, the default one first; without it there is
            no ``$pipeline``.
        strict: Whether (by default) members of bodies and parameters of queries that are not documented are refused.
        record_requests: Whether ``requests`` has every request, with its body. False keeps the memory of a sandbox that
            runs for days in bounds.
        index_lag: Seconds after which lists show a write, 0 by default; everything else shows it at once.
            ``refresh_index`` ends the wait. It is real time also where a test freezes the clock.
        store: An SQLite file that keeps everything, for the next sandbox with it to go on; made if there is none. What
            was answered survives a killed process, but not certainly a power cut. ``opportunities``, ``seed`` and
            ``pipelines`` are those that it was begun with, and may be left out the next time.

    Raises:
        OSError: The store cannot be read or written, or another sandbox uses it.
        TypeError: There is no such option, or its value is of another type.
        ValueError: An option is out of its range, the store is another kind of file or comes from a newer version, or
            it was begun with other options than those given.
    """

    __module__ = "lightfield.testing"

    def __init__(self, **options: Unpack[SandboxOptions]) -> None:
        super().__init__()
        chosen, self._workspace = begin(settings(**options), options)
        rng = Random(chosen.seed)  # noqa: S311
        limits = RateLimits(chosen.rate_limit, limiter=chosen.limiter, foreign=chosen.foreign_traffic)
        self._service = Service(self._workspace, chosen, limits, Latency(chosen.latency, rng))
        self._settings = chosen
        self._port = chosen.port
        self._portal: Portal | None = None
        self._lifecycle = threading.Lock()
        if chosen.store is not None:
            weakref.finalize(self, self._workspace.journal.close)  # where nobody stops it

    @property
    def base_url(self) -> str:
        """The base URL for clients; available once the sandbox has been started, and kept after it stops."""
        if not self._port:
            raise RuntimeError("the sandbox has not been started: use `with Sandbox() as sandbox`, or call start()")
        return f"http://{HOST}:{self._port}"

    @property
    def api_key(self) -> str:
        """The API key that may do everything."""
        return self._settings.api_key

    @property
    def requests(self) -> RecordedRequests:
        """The requests received so far, whatever the response, as a list that grows; ``clear()`` empties it.

        Raises:
            RuntimeError: The sandbox does not record requests.
        """
        if not self._settings.record_requests:
            raise RuntimeError("this sandbox does not record requests: it was made with record_requests=False")
        return self._service.requests

    @property
    def throttled(self) -> int:
        """The number of requests that the rate limit rejected with 429."""
        return self._service.throttled

    def fail(self, operation: str = EVERY, **options: Unpack[FaultOptions]) -> Fault:
        """Have the next request of an operation fail, or more of them; the fault that was set up first comes first.

        Such a request is not checked, costs nothing of the rate limit, and has no effect unless ``applied``.

        Args:
            operation: Such as ``opportunity.retrieve``; ``storage.put`` and ``storage.get`` for the contents of files;
                ``*`` for all requests.
            status: The status of the response, from 300 to 599.
            with_: Another way to fail: ``reset`` aborts the connection; ``stall`` never responds; ``truncate`` closes
                the connection amid the body; ``slow`` sends the real response bit by bit; ``garbage`` responds 200 with
                a body that is not JSON.
            times: How many requests fail; 1 by default, None for all.
            after: How many pass first.
            only: Called with the recorded request; returns whether it may fail.
            headers: Headers of a response with ``status``.
            body: Its body: text or bytes, or what is sent as JSON; by default the documented error.
            applied: Whether the request is processed first, so that a write takes effect and only the response is lost.
                ``slow``, ``truncate`` of a GET, and ``truncate`` and ``garbage`` of an upload, always process it.
            seconds: How long ``slow`` takes; 2 by default.

        Returns:
            The fault with its number of ``hits``, which ``cancel()`` or the end of a ``with`` block ends.
        """
        return self._service.faults.add(operation, **options)

    def chaos(self, rate: float, seed: int = 0, kinds: Iterable[Kind] = CURABLE) -> Fault:
        """Have a random share of all requests fail that ``fail`` lets pass; the same ones for the same seed and order.

        Args:
            rate: The share, from 0 to 1; 0 ends it.
            seed: The seed of the choice.
            kinds: Statuses, and ways to fail as in ``fail``. Of those that fail by another way than a status, half are
                processed first.

        Returns:
            The fault, as of ``fail``.

        Raises:
            ValueError: The rate is out of its range, or there are no kinds, or an unknown one.
        """
        return self._service.faults.chaos(rate, seed, kinds)

    def start(self) -> None:
        """Start listening; idempotent.

        Raises:
            OSError: The port is in use, or the store is or cannot be opened.
        """
        with self._lifecycle:
            if self._portal is not None:
                return
            self._workspace.journal.open()
            listener = Listener(logged(self._service.handle, self._settings.log))
            # on uvloop, connections that are still arriving would prevent it from stopping
            portal = Portal("lightfield-sandbox", listener.close, asyncio.SelectorEventLoop)
            try:
                self._port = portal.call(listener.open(self._port))
            except BaseException:
                portal.close()
                self._workspace.journal.close()
                raise
            self._portal = portal

    def stop(self) -> None:
        """Stop listening and abort every connection, including those with a request in flight; idempotent.

        Raises:
            OSError: The store cannot be written. What was answered is in it, what a test changed itself may not be.
            ValueError: A test has set a document that is not JSON, which no store can keep.
        """
        with self._lifecycle:
            if self._portal is not None:
                self._portal.close()
            self._portal = None
            self._workspace.journal.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leave()

    async def __aenter__(self) -> Self:
        running_loop("Elsewhere, such as under trio, use `with Sandbox()`.")
        await in_thread(self.start, lambda _: self.stop(), patience=_PATIENCE)
        return self

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await in_thread(self._leave)

    def _leave(self) -> None:
        self._close_clients()
        self.stop()
