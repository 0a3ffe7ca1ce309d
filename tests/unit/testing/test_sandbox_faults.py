"""Do requests fail as they are told to, and no others?"""

import asyncio
import socket
import threading
import time
from contextlib import suppress
from functools import partial
from typing import Any, get_args

import aiohttp
import pytest
from multidict import CIMultiDictProxy

from lightfield import APIConnectionError, APITimeoutError, AsyncLightfield, InternalServerError, Lightfield
from lightfield.testing import RecordedRequest, Sandbox
from lightfield.testing._http.failures import Way
from tests.client.both import Connect
from tests.unit.testing.sandbox_calls import HEADERS, Api, calling

ACCOUNT = "/v1/accounts/acc_northwind_traders"
NEW = {"fields": {"$name": "Acme"}}


async def statuses(api: Api, times: int, path: str = ACCOUNT) -> list[int]:
    found: list[int] = []
    for _ in range(times):
        async with api.session.get(path, headers=HEADERS) as response:
            found.append(response.status)
    return found


async def test_next_request_fails_and_then_no_more() -> None:
    async with calling() as api:
        fault = api.sandbox.fail("account.retrieve", status=503)
        assert await statuses(api, 1, "/v1/members") == [200]
        assert fault.hits == 0
        assert await statuses(api, 3) == [503, 200, 200]
        assert fault.hits == 1
        assert [request.status for request in api.sandbox.requests.of("account.retrieve")] == [503, 200, 200]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"times": 2}, [503, 503, 200, 200]),
        ({"times": None}, [503, 503, 503, 503]),
        ({"after": 2}, [200, 200, 503, 200]),
        ({"after": 1, "times": 2}, [200, 503, 503, 200]),
    ],
)
async def test_so_many_fail_after_so_many(options: Any, expected: list[int]) -> None:
    async with calling() as api:
        api.sandbox.fail("account.retrieve", status=503, **options)
        assert await statuses(api, 4) == expected


async def test_faults_come_one_after_the_other() -> None:
    async with calling() as api:
        for status in (500, 429, 504):
            api.sandbox.fail("account.retrieve", status=status)
        api.sandbox.fail(status=502, times=None)
        assert await statuses(api, 4) == [500, 429, 504, 502]


async def test_every_operation_may_fail_and_what_is_none() -> None:
    async with calling() as api:
        fault = api.sandbox.fail("*", status=500, times=None)
        assert await statuses(api, 1) + await statuses(api, 1, "/v1/nothing") + await statuses(api, 1, "/") == [500] * 3
        fault.cancel()
        fault.cancel()
        assert await statuses(api, 1) == [200]
        assert fault.hits == 3


async def test_fault_ends_with_its_block() -> None:
    async with calling() as api:
        with api.sandbox.fail("account.retrieve", status=500, times=None) as fault:
            assert await statuses(api, 2) == [500, 500]
        assert await statuses(api, 1) == [200]
        assert fault.hits == 2


async def test_condition_sees_the_request() -> None:
    def is_acme(request: RecordedRequest) -> bool:
        return request.json["fields"]["$name"] == "Acme" and request.headers["lightfield-version"] == "2026-03-01"

    async with calling() as api:
        api.sandbox.fail("account.create", status=503, only=is_acme)
        await api.post("/v1/accounts", {"fields": {"$name": "Other"}})
        await api.post("/v1/accounts", NEW, status=503)
        await api.post("/v1/accounts", NEW)


async def test_condition_that_raises_is_told_to_the_caller(caplog: pytest.LogCaptureFixture) -> None:
    async with calling() as api:
        with api.sandbox.fail("account.retrieve", status=503, only=lambda request: request.json["id"]):
            error = await api.get(ACCOUNT, status=500)
        assert error["error"]["message"].startswith("The sandbox failed: TypeError: ")
        assert api.sandbox.requests.last.status == 500
        assert await statuses(api, 1) == [200]
    assert "lambda request: request.json" in caplog.text


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "bad_request"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "not_found"),
        (409, "conflict"),
        (415, "unsupported_media_type"),
        (422, "unprocessable_content"),
        (500, "internal_server_error"),
        (503, "service_unavailable"),
        (504, "gateway_timeout"),
        (599, "status_599"),
    ],
)
async def test_body_is_that_of_the_status(status: int, kind: str) -> None:
    async with calling() as api:
        api.sandbox.fail("account.retrieve", status=status)
        assert (await api.get(ACCOUNT, status=status))["error"]["type"] == kind


@pytest.mark.parametrize(
    ("body", "content"),
    [({"error": {"type": "own"}}, b'{"error":{"type":"own"}}'), ("<html>", b"<html>"), (b"\xff", b"\xff"), ([], b"[]")],
)
async def test_body_and_headers_may_be_given(body: object, content: bytes) -> None:
    async with calling() as api:
        api.sandbox.fail("account.retrieve", status=502, body=body, headers={"content-type": "x/y", "X-A": "b"})
        async with api.session.get(ACCOUNT, headers=HEADERS) as response:
            assert (response.status, await response.read()) == (502, content)
            assert response.headers.getall("Content-Type") == ["x/y"]
            assert response.headers["X-A"] == "b"


async def _refused(api: Api, **options: Any) -> CIMultiDictProxy[str]:
    api.sandbox.fail("account.retrieve", status=429, **options)
    async with api.session.get(ACCOUNT, headers=HEADERS) as response:
        assert response.status == 429
        assert await response.json() == {
            "type": "too_many_requests",
            "message": "Rate limit exceeded. Please try again later.",
        }
        return response.headers


def _limits(headers: CIMultiDictProxy[str]) -> list[str]:
    return [headers[name] for name in ("X-RateLimit-Limit", "X-RateLimit-Remaining", "Retry-After")]


async def test_throttling_on_demand_is_like_the_real_one() -> None:
    async with calling(rate_limit=10) as api:
        before = time.time()
        headers = await _refused(api)
        assert _limits(headers) == ["10", "0", "1"]
        assert before + 1 <= int(headers["X-RateLimit-Reset"]) <= time.time() + 2
        own = {"retry-after": "7", "X-RateLimit-Remaining": "3", "retry-after-ms": "5"}
        headers = await _refused(api, headers=own)
        assert _limits(headers) == ["10", "3", "7"]
        assert (headers.getall("Retry-After"), headers["retry-after-ms"]) == (["7"], "5")
        async with api.session.get(ACCOUNT, headers=HEADERS) as response:
            assert response.headers["X-RateLimit-Remaining"] == "9"  # they cost nothing
        api.sandbox.fail(status=500)
        async with api.session.get(ACCOUNT, headers=HEADERS) as response:
            assert response.headers["X-RateLimit-Limit"] == "10"


async def test_throttling_on_demand_without_limits_has_no_headers_of_them() -> None:
    async with calling() as api:
        headers = await _refused(api)
        assert headers["Retry-After"] == "1"
        assert not [name for name in headers if name.lower().startswith("x-ratelimit")]


@pytest.mark.parametrize("options", [{"status": 500}, {"with_": "reset"}, {"with_": "truncate"}, {"with_": "garbage"}])
@pytest.mark.parametrize("applied", [False, True])
async def test_write_that_fails_has_an_effect_only_if_told_to(options: Any, *, applied: bool) -> None:
    async with calling() as api:
        before = len(api.sandbox.ids("accounts"))
        api.sandbox.fail("account.create", applied=applied, **options)
        try:
            async with api.session.post("/v1/accounts", json=NEW, headers=HEADERS) as response:
                content = await response.read()
                assert (response.status, content[:1]) in {(500, b"{"), (200, b"<")}
        except aiohttp.ClientError:
            assert options["with_"] in {"reset", "truncate"}
        assert len(api.sandbox.ids("accounts")) - before == applied
        await api.post("/v1/accounts", NEW)


async def test_reset_aborts_the_connection() -> None:
    async with calling() as api:
        api.sandbox.fail("account.retrieve", with_="reset")
        with _connected(api.sandbox) as connection:
            connection.sendall(_request(ACCOUNT))
            with pytest.raises(ConnectionResetError):
                await asyncio.to_thread(connection.recv, 1)
        assert api.sandbox.requests.last.status is None
        assert await statuses(api, 1) == [200]


@pytest.mark.parametrize("way", ["reset", "stall", "truncate", "slow", "garbage"])
async def test_client_may_leave_before_it_fails(way: Any) -> None:
    async with calling(latency=0.1) as api:
        api.sandbox.fail("account.restore", with_=way, applied=True)
        with _connected(api.sandbox) as connection:
            connection.sendall(_request(f"{ACCOUNT}/restore").replace(b"GET", b"POST"))
        assert await statuses(api, 2) == [200, 200]
        assert api.sandbox.requests[0].operation == "account.restore"


async def test_stall_lasts_until_the_client_leaves() -> None:
    async with calling() as api:
        fault = api.sandbox.fail("account.retrieve", with_="stall", times=None)
        with pytest.raises(TimeoutError):
            async with api.session.get(ACCOUNT, headers=HEADERS, timeout=aiohttp.ClientTimeout(0.2)):
                pass
        assert (fault.hits, api.sandbox.requests.last.status) == (1, None)
        fault.cancel()
        assert await statuses(api, 1) == [200]


def test_stall_does_not_keep_the_sandbox_from_stopping() -> None:
    with Sandbox(opportunities=0) as sandbox:
        sandbox.fail(with_="stall")
        connection = _connected(sandbox)
        connection.sendall(_request(ACCOUNT))
        while not sandbox.requests:
            pass
        began = time.monotonic()
    assert time.monotonic() - began < 1
    with connection, suppress(ConnectionResetError):
        assert connection.recv(1) == b""


@pytest.mark.parametrize("path", [ACCOUNT, "/v1/auth/validate"])
async def test_truncated_answer_has_fewer_bytes_than_announced(path: str) -> None:
    async with calling() as api:
        whole = await _content(api, path)
        api.sandbox.fail(with_="truncate")
        with _connected(api.sandbox) as connection:
            connection.sendall(_request(path))
            received = await asyncio.to_thread(_all, connection)
        head, _, body = received.partition(b"\r\n\r\n")
        assert f"content-length: {len(whole)}".encode() in head.lower()
        assert body == whole[: len(whole) // 2]
        api.sandbox.fail(with_="truncate")
        with pytest.raises(aiohttp.ClientPayloadError):
            await _content(api, path)


async def test_slow_answer_is_whole_in_the_end() -> None:
    async with calling() as api:
        whole = await _content(api, ACCOUNT)
        api.sandbox.fail("account.retrieve", with_="slow", seconds=0.4)
        began, pieces = time.monotonic(), list[bytes]()
        async with api.session.get(ACCOUNT, headers=HEADERS) as response:
            async for piece in response.content.iter_any():
                pieces.append(piece)
        assert time.monotonic() - began >= 0.4
        assert b"".join(pieces) == whole
        assert len(pieces) > 5


async def test_slow_write_takes_effect() -> None:
    async with calling() as api:
        api.sandbox.fail("account.create", with_="slow", seconds=0.01)
        made = await api.post("/v1/accounts", NEW)
        assert api.sandbox.records("accounts")[made["id"]]["fields"]["$name"]["value"] == "Acme"


async def test_client_that_leaves_amid_a_slow_answer_is_forgotten() -> None:
    async with calling() as api:
        api.sandbox.fail("account.retrieve", with_="slow", seconds=0.5)
        with _connected(api.sandbox) as connection:
            connection.sendall(_request(ACCOUNT))
            assert (await asyncio.to_thread(connection.recv, 12)) == b"HTTP/1.1 200"
        assert await statuses(api, 1) == [200]


async def test_garbage_is_no_json() -> None:
    async with calling() as api:
        api.sandbox.fail("account.retrieve", with_="garbage")
        async with api.session.get(ACCOUNT, headers=HEADERS) as response:
            assert (response.status, response.content_type) == (200, "application/json")
            with pytest.raises(ValueError, match=r"."):
                await response.json()
        assert api.sandbox.requests.last.status == 200


async def test_failing_request_is_not_checked() -> None:
    async with calling(rate_limit=1) as api:
        api.sandbox.fail(status=503, times=None)
        async with api.session.get(ACCOUNT) as response:
            assert response.status == 503
        assert await statuses(api, 3) == [503] * 3


async def test_fault_takes_the_latency_of_what_it_processes() -> None:
    async with calling(latency=0.2) as api:
        api.sandbox.fail("account.create", status=503, applied=True)
        began = time.monotonic()
        await api.post("/v1/accounts", NEW, status=503)
        assert time.monotonic() - began >= 0.2


async def test_transfers_of_files_may_fail() -> None:
    async with calling(rate_limit=10) as api:
        file = await api.post("/v1/files", {"filename": "a.txt", "mimeType": "text/plain", "sizeBytes": 5})
        put = partial(api.session.put, file["uploadUrl"], data=b"hello", headers=file["uploadHeaders"])
        api.sandbox.fail("storage.put", status=503)
        async with put() as response:
            assert response.status == 503
            assert "X-RateLimit-Limit" not in response.headers
        assert api.sandbox.content(file["id"]) is None
        api.sandbox.fail("storage.put", status=503, applied=True)
        async with put() as response:
            assert response.status == 503
        assert api.sandbox.content(file["id"]) == b"hello"
        await api.post(f"/v1/files/{file['id']}/complete")
        address = (await api.get(f"/v1/files/{file['id']}/url"))["url"]
        api.sandbox.fail("storage.get", with_="truncate")
        with pytest.raises(aiohttp.ClientPayloadError):
            async with api.session.get(address) as response:
                await response.read()
        async with api.session.get(address) as response:
            assert await response.read() == b"hello"


async def test_answer_without_a_body_is_cut_short_or_slow_too() -> None:
    async with calling() as api:
        file = await api.post("/v1/files", {"filename": "a.txt", "mimeType": "text/plain", "sizeBytes": 5})
        put = partial(api.session.put, file["uploadUrl"], data=b"hello", headers=file["uploadHeaders"])
        api.sandbox.fail("storage.put", with_="slow", seconds=0.2)
        began = time.monotonic()
        async with put() as response:
            assert (response.status, await response.read()) == (200, b"")
        assert time.monotonic() - began >= 0.2
        file = await api.post("/v1/files", {"filename": "b.txt", "mimeType": "text/plain", "sizeBytes": 5})
        api.sandbox.fail("storage.put", with_="truncate")
        with pytest.raises(aiohttp.ClientPayloadError):
            async with api.session.put(file["uploadUrl"], data=b"hello", headers=file["uploadHeaders"]) as response:
                await response.read()
        assert api.sandbox.content(file["id"]) == b"hello"


@pytest.mark.parametrize("options", [{"status": 503}, *({"with_": way} for way in get_args(Way) if way != "stall")])
async def test_upload_survives_every_fault(connect: Connect, options: Any) -> None:
    with Sandbox(opportunities=1, rate_limit=None) as sandbox:
        sandbox.fail("storage.put", **options, seconds=0.01)
        async with connect(sandbox.base_url) as client:
            file = await client.file.upload(b"hello", filename="hello.txt")
        assert sandbox.content(file.id) == b"hello"


@pytest.mark.parametrize("way", ["slow", "truncate"])
async def test_request_for_the_head_gets_no_body(way: Any) -> None:
    async with calling() as api:
        api.sandbox.fail(with_=way, seconds=0.01)
        with _connected(api.sandbox) as connection:
            connection.sendall(_request(ACCOUNT).replace(b"GET", b"HEAD") + _request("/", "Connection: close"))
            received = await asyncio.to_thread(_all, connection)
        first, _, rest = received.partition(b"\r\n\r\n")
        assert first.startswith(b"HTTP/1.1 ")
        assert rest.startswith(b"HTTP/1.1 404") if way == "slow" else rest == b""


async def test_fault_may_be_set_up_by_another_thread() -> None:
    async with calling() as api:
        thread = threading.Thread(target=lambda: api.sandbox.fail("account.retrieve", status=503))
        thread.start()
        thread.join()
        assert await statuses(api, 2) == [503, 200]


@pytest.mark.parametrize(
    ("operation", "options", "message"),
    [
        (
            "opportunity.retreive",
            {"status": 503},
            "no operation 'opportunity.retreive'; did you mean opportunity.re",
        ),
        ("*", {}, "a fault needs either status=503, for example, or with_="),
        ("*", {"status": 503, "with_": "reset"}, "a fault needs either status=503, for example, or with_="),
        ("*", {"status": 200}, "status must be that of a failure, from 300 to 599; got 200"),
        ("*", {"status": 600}, "status must be that of a failure, from 300 to 599; got 600"),
        ("*", {"status": "503"}, "status must be that of a failure, from 300 to 599; got '503'"),
        ("*", {"with_": "explode"}, "with_ must be one of reset, stall, truncate, slow, garbage; got 'explode'"),
        ("*", {"with_": "reset", "body": "x"}, "headers and body belong to a status"),
        ("*", {"with_": "reset", "headers": {"a": "b"}}, "headers and body belong to a status"),
        ("*", {"status": 503, "headers": {"a": "b\r\nc"}}, "header a must be text without line breaks"),
        ("*", {"status": 503, "headers": {"a": "\x1b[31m"}}, "header a must be text without line breaks"),
        ("*", {"status": 503, "headers": {"Retry-After": 3}}, "header Retry-After must be text without line breaks"),
        ("*", {"status": 503, "headers": {"Retry After": "3"}}, "'Retry After' is not a valid header name"),
        ("*", {"status": 503, "headers": {5: "3"}}, "5 is not a valid header name"),
        ("*", {"status": 503, "body": "\ud800"}, "surrogates not allowed"),
        ("*", {"status": 503, "times": 0}, "times must be an int, at least 1, or None for ever; got 0"),
        ("*", {"status": 503, "times": 1.5}, "times must be an int, at least 1, or None for ever; got 1.5"),
        ("*", {"status": 503, "after": -1}, "after must be an int, at least 0; got -1"),
        ("*", {"status": 503, "after": "1"}, "after must be an int, at least 0; got '1'"),
        ("*", {"with_": "slow", "seconds": 0}, "seconds must be above 0"),
    ],
)
def test_wrong_options_are_refused_at_once(operation: str, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Sandbox(opportunities=0).fail(operation, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"time": 2}, "time"),
        ({"headers": [("a", "b")]}, "headers must be a mapping of names to values, not list"),
        ({"body": object()}, "object"),
        ({"only": "account"}, "only must be a function that takes a request, not str"),
    ],
)
def test_option_of_another_name_or_type_is_refused(options: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Sandbox(opportunities=0).fail("account.list", status=503, **options)


@pytest.mark.parametrize(
    "options",
    [{"status": 503}, {"status": 429, "headers": {"Retry-After": "0"}}, {"with_": "reset"}, {"with_": "truncate"}],
    ids=["status", "throttled", "reset", "truncate"],
)
async def test_client_retries_and_its_key_protects(connect: Connect, options: Any) -> None:
    with Sandbox(opportunities=1, rate_limit=None) as sandbox:
        before = len(sandbox.ids("accounts"))
        sandbox.fail("account.create", applied=True, **options)
        async with connect(sandbox.base_url) as client:
            account = await client.account.create(fields={"$name": "Acme"})
        sent = sandbox.requests.of("account.create")
        assert len(sent) == 2
        assert sent[0].headers["Idempotency-Key"] == sent[1].headers["Idempotency-Key"]
        assert sandbox.ids("accounts")[before:] == [account.id]


def test_client_gives_up_in_the_end() -> None:
    with Sandbox(opportunities=1, rate_limit=None) as sandbox:
        identifier = sandbox.opportunity_ids[0]
        with Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, max_retries=1) as client:
            with sandbox.fail("opportunity.retrieve", status=503, times=None) as fault:
                with pytest.raises(InternalServerError):
                    client.opportunity.retrieve(identifier)
                assert fault.hits == 2
            with (
                sandbox.fail("opportunity.retrieve", with_="reset", times=None),
                pytest.raises(APIConnectionError),
            ):
                client.opportunity.retrieve(identifier)
            assert client.opportunity.retrieve(identifier).id == identifier


async def test_client_does_not_wait_for_what_never_comes() -> None:
    async with (
        Sandbox(opportunities=1, rate_limit=None) as sandbox,
        AsyncLightfield(api_key=sandbox.api_key, base_url=sandbox.base_url, timeout=0.3, max_retries=0) as client,
    ):
        for way in ("stall", "slow"):
            sandbox.fail("opportunity.retrieve", with_=way)
            with pytest.raises(APITimeoutError):
                await client.opportunity.retrieve(sandbox.opportunity_ids[0])


def _request(path: str, *more: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: sandbox", *(f"{name}: {value}" for name, value in HEADERS.items()), *more]
    return "\r\n".join([*lines, "", ""]).encode()


def _connected(sandbox: Sandbox) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(sandbox.base_url.rpartition(":")[2])), timeout=10)


def _all(connection: socket.socket) -> bytes:
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


async def _content(api: Api, path: str) -> bytes:
    async with api.session.get(path, headers=HEADERS) as response:
        return await response.read()
