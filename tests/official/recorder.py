"""A proxy in front of the mock that notes which requests each test makes."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from operator import itemgetter
from typing import NamedTuple, TypeAlias
from urllib.parse import parse_qsl

from aiohttp import ClientSession, web
from yarl import URL

HOST = "127.0.0.1"
BEGIN = "/begin"
"""Where a test sends its name before it begins; all paths of the API begin with ``/v1``."""

_OF_THE_CONNECTION = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}


class Received(NamedTuple):
    """What one request asks for, whichever way it is written."""

    method: str
    path: str
    """Percent-encoded, as received."""

    query: list[tuple[str, str]]
    """Decoded, by name; values of the same name stay in order."""

    body: str
    """JSON with sorted keys, which tells ``1`` from ``1.0`` and ``true``; empty if there is no body."""


Recording: TypeAlias = dict[str, list[Received]]
"""The requests of each test, by its name."""


class Recorder:
    """Notes requests and passes them on."""

    def __init__(self, target: str, session: ClientSession) -> None:
        self.url = ""
        self._target = target
        self._session = session
        self._recording: Recording = {}
        self._current: list[Received] = []

    def take(self) -> Recording:
        """Give what was noted so far, and forget it."""
        taken, self._recording = self._recording, {}
        return taken

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Answer as the target does."""
        body = await request.read()
        if request.path == BEGIN:
            self._current = self._recording.setdefault(body.decode(), [])
            return web.Response()
        self._current.append(_received(request, body))
        url, headers = URL(self._target + request.raw_path, encoded=True), _end_to_end(request.headers)
        async with self._session.request(request.method, url, headers=headers, data=body or None) as response:
            content = await response.read()
            return web.Response(status=response.status, headers=_end_to_end(response.headers), body=content)


def _received(request: web.BaseRequest, body: bytes) -> Received:
    path, _, query = request.raw_path.partition("?")
    pairs = sorted(parse_qsl(query, keep_blank_values=True), key=itemgetter(0))
    return Received(request.method, path, pairs, json.dumps(json.loads(body), sort_keys=True) if body else "")


def _end_to_end(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _OF_THE_CONNECTION}


@asynccontextmanager
async def recording(target: str) -> AsyncGenerator[Recorder]:
    """Run a recorder until the ``async with`` block ends."""
    async with ClientSession(auto_decompress=False) as session:
        recorder = Recorder(target, session)
        runner = web.ServerRunner(web.Server(recorder.answer, access_log=None))
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, 0).start()
            recorder.url = f"http://{HOST}:{runner.addresses[0][1]}"
            yield recorder
        finally:
            await runner.cleanup()


def differences(expected: Recording, actual: Recording) -> list[str]:
    """Describe each test whose requests differ."""
    return [
        "\n".join([name, *_lines("official", requests), *_lines("ours", actual.get(name, []))])
        for name, requests in expected.items()
        if actual.get(name) != requests
    ]


def _lines(whose: str, requests: list[Received]) -> list[str]:
    return [f"  {whose}: {' '.join(map(str, request))}" for request in requests] or [f"  {whose}: no request"]
