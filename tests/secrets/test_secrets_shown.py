"""Texts of clients, options that are refused, logs and what is said in a shell show no secret."""

import asyncio
import io
import logging
import os
import pprint
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec
import pytest
from rich.console import Console

from lightfield import AsyncAPIResponse, AsyncLightfield, BulkResult, Lightfield, LightfieldError, Outcome, Timeout
from lightfield._config.config import resolve
from lightfield._protocol.decoding import Exchange
from lightfield._protocol.display import ShownByRepr
from lightfield._protocol.headers import Headers
from lightfield._protocol.redaction import Secret
from lightfield._protocol.response import HTTPRequest, Response
from lightfield._retry.budget import Budget
from lightfield._retry.policy import Call
from lightfield.integrations.redis import RedisLimits
from lightfield.models import FileUpload, FileURL
from tests.client.both import Connect
from tests.faults.calls import write
from tests.faults.server import OPPORTUNITY, FaultServer, header, http
from tests.secrets.failures import raised
from tests.secrets.seen import KEY, PASSWORD, SIGNED, everything, found, records

PROXY = f"http://user:{PASSWORD}@proxy.example:3128"
MARKER = "m4rker"
CLIENTS = pytest.mark.parametrize("make", [AsyncLightfield, Lightfield], ids=["awaited", "blocking"])


def holders(client: AsyncLightfield) -> list[object]:
    """Give what hangs on a client."""
    performer: Any = vars(client)["_performer"]
    resources = [client.opportunity, client.file, client.opportunity.with_raw_response, client.plan]
    values = [client.rate_limits, performer.background, performer.storage, client.plan.opportunity.retrieve("opp_1")]
    return [*vars(client).values(), *resources, *values]


def test_texts_of_a_client_and_of_what_hangs_on_it_show_no_secret() -> None:
    client = AsyncLightfield(api_key=KEY, proxy=PROXY)
    shown = [client, *holders(client), Lightfield(api_key=KEY, proxy=PROXY), resolve({"api_key": KEY, "proxy": PROXY})]
    assert found(f"{shown} {list(map(str, shown))}") == []


UPLOAD = FileUpload(
    id="fil_1",
    created_at="2026-06-01T12:00:00.000Z",
    filename="call.txt",
    mime_type="text/plain",
    size_bytes=1,
    status="PENDING",
    upload_url=f"https://storage.example/a?{SIGNED}",
    upload_headers={"x-goog-token": PASSWORD},
)
REQUEST = AsyncLightfield(api_key=KEY).plan.opportunity.create(
    fields={"$name": KEY}, relationships={}, extra_headers={"X-Other": PASSWORD}
)
SENT = HTTPRequest("GET", "https://api.example", {"X-Other": PASSWORD})
RESPONSE = Response(200, {"X-Echo": KEY}, KEY.encode(), SENT)
SHOWN: list[object] = [
    UPLOAD,
    FileURL(url=UPLOAD.upload_url, expires_at="2026-06-01T13:00:00.000Z"),
    REQUEST,
    RESPONSE,
    SENT,
    Exchange(REQUEST, RESPONSE, 0, Secret(KEY)),
    REQUEST.headers,
    RedisLimits(f"redis://user:{PASSWORD}@redis.example"),
    Timeout(3),
]
HOLDERS: list[object] = [
    Outcome("fil_1", UPLOAD),
    BulkResult([UPLOAD], {}),
    Call(REQUEST, resolve({"api_key": KEY, "proxy": PROXY, "default_headers": {"X-Other": PASSWORD}}), Budget(None), 0),
    {"response": (RESPONSE,)},
    [AsyncAPIResponse(Exchange(REQUEST, RESPONSE, 0))],
]


def printed(value: object) -> str:
    """Print a value with rich."""
    said = io.StringIO()
    Console(file=said, width=100_000).print(value)
    return said.getvalue().strip()


@pytest.mark.parametrize("value", SHOWN, ids=lambda value: type(value).__name__)
def test_rich_shows_what_repr_shows(value: object) -> None:
    assert printed(value) == repr(value)
    assert printed([value, {"value": value}]) == f"[{value!r}, {{'value': {value!r}}}]"
    assert found(printed(value)) == []


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: type(holder).__name__)
def test_what_holds_secrets_shows_none(holder: object) -> None:
    assert found(f"{printed(holder)} {holder} {pprint.pformat(holder)}") == []


def structs(kind: type[Any] = msgspec.Struct) -> Iterator[type[Any]]:
    """Give the Structs of the package."""
    for each in kind.__subclasses__():
        yield from structs(each)
        if each.__module__.split(".")[0] == "lightfield":
            yield each


def test_rich_knows_the_fields_only_of_those_whose_repr_has_them_all() -> None:
    own_repr = {kind for kind in structs() if "__repr__" in vars(kind)}
    assert own_repr == {kind for kind in structs() if issubclass(kind, ShownByRepr)}
    assert {type(value) for value in SHOWN} - {Headers} == own_repr


REFUSED: dict[str, dict[str, Any]] = {
    "name": {"debug": True},
    "timeout": {"timeout": "soon"},
    "deadline": {"deadline": -1},
    "retries": {"max_retries": -1},
    "limits": {"rate_limits": 25},
    "address": {"base_url": "x"},
    "address with a password": {"base_url": f"https://user:{PASSWORD}@api.example"},
    "proxy": {"proxy": f"socks5://user:{PASSWORD}@proxy.example"},
    "key with a line break": {"api_key": f"{KEY}\n"},
    "key of bytes": {"api_key": KEY.encode()},
}


@CLIENTS
@pytest.mark.parametrize("name", REFUSED)
def test_no_option_that_is_refused_shows_a_secret(make: Callable[..., Any], name: str) -> None:
    with pytest.raises(LightfieldError) as caught:
        make(**{"api_key": KEY, "proxy": PROXY, **REFUSED[name]})
    assert found(everything(caught.value)) == []


@CLIENTS
def test_no_proxy_of_the_environment_that_is_refused_shows_its_password(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"socks5://user:{PASSWORD}@proxy.example")
    with pytest.raises(LightfieldError) as caught:
        make(api_key=KEY, trust_env=True)
    assert found(everything(caught.value)) == []


async def test_an_error_knows_the_idempotency_key_of_its_own_call_only(connect: Connect) -> None:
    with FaultServer(http(500)) as server:
        async with connect(server.base_url, max_retries=0) as client:
            siblings = [client.with_options(idempotency_key=key) for key in ("idem-one", "idem-two")]
            one, two = await asyncio.gather(*(raised(partial(write, sibling)) for sibling in siblings))
    assert {header(request, "Idempotency-Key") for request in server.requests} == {"idem-one", "idem-two"}
    assert "idem-one" in everything(one)
    assert "idem-two" not in everything(one)
    assert "idem-one" not in everything(two)


async def test_errors_of_a_bulk_know_the_idempotency_keys_of_their_own_calls_only(connect: Connect) -> None:
    keys = [f"idem-{number}-" for number in range(5)]
    with FaultServer(http(500)) as server:
        async with connect(server.base_url, max_retries=0) as client:
            requests = [client.plan.opportunity.create(fields={}, relationships={}).keyed(key) for key in keys]
            result = await client.bulk(requests)
    assert len(server.requests) == len(keys)
    for own, error in zip(keys, result.errors.values(), strict=True):
        assert [key for key in keys if key in everything(error)] == [own]


async def test_no_header_is_logged(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    """Neither of a request nor of an answer, of a success nor of a failure."""
    caplog.set_level(logging.DEBUG)
    headers = {"X-Marker": MARKER, "Set-Cookie": MARKER, "Content-Type": MARKER, "X-Request-Id": MARKER}
    with FaultServer(http(503, b"", headers), http(200, OPPORTUNITY, headers)) as server:
        async with connect(server.base_url, timeout=Timeout(total=5)) as client:
            await write(client.with_options(idempotency_key="idem-one"))
    logged = records(record for record in caplog.records if record.name == "lightfield")
    assert "Retry 1 in" in logged
    assert [shown for shown in (MARKER, "idem-one", "2026-03-01") if shown in logged] == []


@pytest.mark.parametrize("arguments", [["demo", "--opportunities", "2"], ["sandbox", "--port", "x"]])
def test_the_shell_does_not_say_the_key_of_the_environment(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-m", "lightfield", *arguments],
        env={**os.environ, "LIGHTFIELD_API_KEY": KEY, "HTTPS_PROXY": PROXY, "HTTP_PROXY": PROXY},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.stdout + done.stderr
    assert found(done.stdout + done.stderr) == []
