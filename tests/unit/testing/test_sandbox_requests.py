"""Does the sandbox tell what was sent to it, without secrets?"""

import copy
import pickle
import threading
from http.client import HTTPConnection

import pytest

from lightfield import AsyncLightfield
from lightfield.testing import RecordedRequest, Sandbox
from tests.unit.testing.sandbox_calls import HEADERS, calling

NEW = {"fields": {"$name": "Acme"}}


async def test_request_has_what_was_sent() -> None:
    async with calling() as api:
        await api.post("/v1/accounts", NEW, key="order-17")
        request = api.sandbox.requests.last
        assert (request.operation, request.method, request.path) == ("account.create", "POST", "/v1/accounts")
        assert request.json == NEW
        assert request.body == b'{"fields": {"$name": "Acme"}}'
        assert request.headers["idempotency-key"] == request.headers["Idempotency-Key"] == "order-17"
        assert (request.query, request.status) == ({}, 200)


async def test_query_is_decoded() -> None:
    async with calling(strict=False) as api:
        await api.get("/v1/accounts?limit=5&%24name%5Bequal%5D=Acme+%26+Co")
        assert api.sandbox.requests.last.query == {"limit": "5", "$name[equal]": "Acme & Co"}
        assert api.sandbox.requests.last.query_string.endswith("=Acme+%26+Co")
        await api.get("/v1/auth/validate?a=1&b=&a=2&a=3")
        assert api.sandbox.requests.last.query == {"a": ["1", "2", "3"], "b": ""}


async def test_requests_are_in_order_and_their_count_is_the_length() -> None:
    async with calling() as api:
        requests = api.sandbox.requests
        assert requests == []
        await api.get("/v1/accounts")
        await api.get("/v1/members")
        await api.get("/v1/accounts?limit=1")
        assert [request.operation for request in requests] == ["account.list", "member.list", "account.list"]
        assert [request.query for request in requests.of("account.list")] == [{}, {"limit": "1"}]
        assert requests.of("account.list").last is requests.last is requests[2]
        assert len(requests) == 3
        requests.clear()
        assert api.sandbox.requests == []


async def test_what_is_refused_is_recorded_too() -> None:
    async with calling(rate_limit=1) as api:
        await api.send("PUT", "/v1/nothing", {"a": 1}, status=404)
        await api.send("PUT", "/v1/accounts", status=429)
        async with api.session.post("/v1/accounts", json=NEW) as response:
            assert response.status == 401
        seen = [(request.operation, request.json, request.status) for request in api.sandbox.requests]
        assert seen == [("", {"a": 1}, 404), ("", None, 429), ("account.create", NEW, 401)]


async def test_path_is_as_it_was_sent() -> None:
    async with calling() as api:
        await api.get("/v1/accounts/a%2Fb%20%C3%A9", status=404)
        assert api.sandbox.requests.last.path == "/v1/accounts/a%2Fb%20%C3%A9"
        assert api.sandbox.requests.last.operation == "account.retrieve"


async def test_no_credential_is_kept() -> None:
    secrets = {**HEADERS, "Cookie": "session=s3cret", "Proxy-Authorization": "Basic s3cret", "X-Kept": "yes"}
    async with calling() as api:
        async with api.session.get("/v1/auth/validate", headers=secrets) as response:
            assert response.status == 200
        request = api.sandbox.requests.last
        assert request.headers["x-kept"] == "yes"
        assert not {"authorization", "cookie", "proxy-authorization"} & {name.lower() for name in request.headers}
        for shown in (repr(request), repr(dict(request.headers)), str(pickle.dumps(request))):
            assert "sk_lf_sandbox" not in shown
            assert "s3cret" not in shown


async def test_requests_can_be_copied_and_pickled() -> None:
    async with calling() as api:
        await api.post("/v1/accounts", NEW)
        await api.get("/v1/members")
        for requests in (pickle.loads(pickle.dumps(api.sandbox.requests)), copy.deepcopy(api.sandbox.requests)):
            assert [request.path for request in requests] == ["/v1/accounts", "/v1/members"]
            assert requests.of("account.create").last.json == NEW
            assert requests.last.headers["lightfield-version"] == "2026-03-01"


async def test_transfers_of_files_are_recorded_without_signature_and_content() -> None:
    async with Sandbox(rate_limit=None) as sandbox:
        async with AsyncLightfield(api_key=sandbox.api_key, base_url=sandbox.base_url) as client:
            file = await client.file.upload(b"hello", filename="hello.txt")
            assert await client.file.download(file.id) == b"hello"
        stored = sandbox.requests.of("storage.put").last
        assert (stored.method, stored.path, stored.body, stored.status) == ("PUT", f"/storage/{file.id}", b"", 200)
        assert stored.headers["Content-Length"] == "5"
        assert sandbox.requests.of("storage.get").last.query == {}
        assert [request.operation for request in sandbox.requests] == [
            *("file.create", "storage.put", "file.complete", "file.retrieve", "file.url", "storage.get")
        ]


async def test_signature_is_not_kept_of_a_wrong_address() -> None:
    async with calling() as api:
        await api.get(f"{api.sandbox.base_url}//storage/fil_1?signature=s3cret", status=404)
        assert "s3cret" not in repr(api.sandbox.requests)


async def test_storage_knows_no_other_methods() -> None:
    async with calling() as api:
        file = await api.post("/v1/files", {"filename": "a.txt", "mimeType": "text/plain", "sizeBytes": 10})
        async with api.session.delete(file["uploadUrl"]) as response:
            assert response.status == 405
        assert api.sandbox.requests.last.query_string == ""
        assert (api.sandbox.requests.last.operation, api.sandbox.requests.last.status) == ("", 405)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000], ids=["none", "half", "no text", "deep"])
async def test_body_that_is_no_json_is_kept_as_it_is(body: bytes) -> None:
    async with calling() as api:
        async with api.session.post("/v1/accounts", data=body, headers=HEADERS) as response:
            assert response.status in {400, 415}
        assert (api.sandbox.requests.last.body, api.sandbox.requests.last.json) == (body, None)


async def test_same_headers_are_kept_once_and_different_ones_apart() -> None:
    async with calling() as api:
        for _ in range(2):
            for number in range(100):
                headers = {**HEADERS, "X-Number": str(number)}
                async with api.session.get("/v1/auth/validate", headers=headers) as response:
                    assert response.status == 200
        sent = [request.headers["X-Number"] for request in api.sandbox.requests]
        assert sent == [str(number) for _ in range(2) for number in range(100)]
        await api.get("/v1/auth/validate")
        await api.get("/v1/auth/validate")
        first, second = api.sandbox.requests[-2:]
        assert first.headers is second.headers


def test_line_of_a_request_says_what_it_was() -> None:
    request = RecordedRequest(
        operation="account.list", method="GET", path="/v1/accounts", query_string="limit=1", headers={}
    )
    assert repr(request) == "<GET /v1/accounts?limit=1 (account.list): no response>"
    request.operation, request.query_string, request.status = "", "", 404
    assert repr(request) == "<GET /v1/accounts (no operation): 404>"


def test_unknown_operation_is_an_error_that_helps() -> None:
    requests = Sandbox(opportunities=0).requests
    with pytest.raises(ValueError, match=r"there is no operation 'opportunity.retreive'; did you mean opportunity.ret"):
        requests.of("opportunity.retreive")
    with pytest.raises(ValueError, match=r"there is no operation 'xyz'$"):
        requests.of("xyz")
    with pytest.raises(IndexError, match="has received no such request"):
        _ = requests.of("opportunity.retrieve").last


def test_list_can_be_read_while_requests_arrive() -> None:
    with Sandbox(opportunities=1, rate_limit=None) as sandbox:

        def ask() -> None:
            connection = HTTPConnection(sandbox.base_url.removeprefix("http://"), timeout=10)
            for _ in range(200):
                connection.request("GET", "/v1/auth/validate", headers=HEADERS)
                connection.getresponse().read()
            connection.close()

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            assert all(request.method == "GET" for request in sandbox.requests)
            assert len(sandbox.requests.of("auth.validate")) <= 600
        assert len(sandbox.requests) == 600


async def test_sandbox_may_be_told_not_to_record() -> None:
    async with calling(record_requests=False) as api:
        await api.get("/v1/auth/validate")
        with pytest.raises(RuntimeError, match="record_requests=False"):
            _ = api.sandbox.requests
        assert api.sandbox.throttled == 0
