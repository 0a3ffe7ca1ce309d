"""Tracing libraries record no secret: neither those that use aiohttp's tracing nor those that wrap its requests."""

import functools
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from lightfield import NotFoundError
from tests.client.both import Connect
from tests.faults.server import ID, OPPORTUNITY, FaultServer, http
from tests.faults.storage import StorageServer
from tests.secrets.failures import FAILURES, Fail, download, upload
from tests.secrets.seen import KEY, everything, found

REQUESTED = {name: fail for name, fail in FAILURES.items() if not name.startswith("streamed")}
"""Failures of one request each, without those that differ only in how a response is read."""


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Record what OpenTelemetry makes of the requests of aiohttp."""
    exporter, provider, instrumentor = InMemorySpanExporter(), TracerProvider(), AioHttpClientInstrumentor()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor.instrument(tracer_provider=provider)
    yield exporter
    instrumentor.uninstrument()
    provider.shutdown()


def exported(spans: InMemorySpanExporter) -> list[str]:
    return [span.to_json() for span in spans.get_finished_spans()]


@pytest.mark.parametrize("fail", REQUESTED.values(), ids=REQUESTED)
async def test_no_span_of_a_failure_shows_a_secret(connect: Connect, fail: Fail, spans: InMemorySpanExporter) -> None:
    error = await fail(connect)
    assert found("\n".join([*exported(spans), everything(error)])) == []


async def test_requests_to_the_api_are_traced(connect: Connect, spans: InMemorySpanExporter) -> None:
    with FaultServer(http(200, OPPORTUNITY), http(404)) as server:
        async with connect(server.base_url, api_key=KEY) as client:
            assert (await client.opportunity.retrieve(ID)).id == ID
            with pytest.raises(NotFoundError):
                await client.opportunity.retrieve(ID)
    assert [f"{server.base_url}/v1/opportunities/{ID}" in span for span in exported(spans)] == [True, True]
    assert all(b"\r\ntraceparent: " in request for request in server.requests)
    assert found("\n".join(exported(spans))) == []


async def test_a_transfer_is_not_traced(connect: Connect, spans: InMemorySpanExporter) -> None:
    """Neither is a header of a trace added to what was signed."""
    with StorageServer(http(200)) as server:
        async with connect(server.base_url, api_key=KEY) as client:
            await upload(client)
    assert [b"traceparent" in request for request in server.requests] == [True, False, True]
    with StorageServer(http(200, b"content"), announced=7) as server:
        async with connect(server.base_url, api_key=KEY) as client:
            assert await download(client) == b"content"
    assert [b"traceparent" in request for request in server.requests] == [True, True, False]
    assert len(exported(spans)) == 4
    assert not [span for span in exported(spans) if "/bucket/" in span]


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record requests and what they raise as libraries do that wrap the one method through which all pass."""
    seen: list[str] = []
    request: Any = vars(aiohttp.ClientSession)["_request"]

    @functools.wraps(request)
    async def wrapper(session: Any, method: str, url: object, **options: Any) -> Any:
        seen.append(f"{method} {url}")
        try:
            return await request(session, method, url, **options)
        except Exception as error:
            seen.append(f"{error} {error!r}")
            raise

    monkeypatch.setattr(aiohttp.ClientSession, "_request", wrapper)
    return seen


WRAPPED = [name for name in FAILURES if name.startswith(("server: echo", "https proxy", "upload", "download"))]


@pytest.mark.parametrize("name", WRAPPED)
async def test_what_wraps_requests_sees_no_secret(connect: Connect, name: str, recorded: list[str]) -> None:
    await FAILURES[name](connect)
    assert recorded
    assert found("\n".join(recorded)) == []
