"""Every operation sends what is documented: described by ``plan``, and over the wire by both clients."""

from operator import attrgetter
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import msgspec
import pytest

from lightfield import Request
from lightfield._client.plan import Plan
from tests.client.both import KEY
from tests.contract.build import documents, misfits
from tests.contract.calls import CALLS, Call
from tests.contract.catalog import operations
from tests.contract.conftest import Perform
from tests.contract.facts import OPERATIONS, Operation
from tests.contract.server import Answering, Received

every_call = pytest.mark.parametrize("call", CALLS, ids=str)
BEST_EFFORT = "email.send"
"""Its ``Idempotency-Key`` is documented, but not as reliable."""

HARMLESS_TWICE = {"delete", "restore", "activate", "deactivate"}
"""Writes that are documented to change nothing the second time."""


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return operations(Plan())


@every_call
def test_plan_describes_the_documented_request(call: Call, described: dict[str, Any]) -> None:
    request = described[call.fact.operation](*call.args, **call.kwargs)
    assert isinstance(request, Request)
    assert (request.method, request.path, request.category) == (call.fact.method, call.path, call.fact.category)
    assert sorted(parse_qsl(request.query, keep_blank_values=True)) == sorted(call.query)
    assert msgspec.json.decode(request.body or b"{}") == call.body


@pytest.mark.parametrize("fact", OPERATIONS, ids=attrgetter("operation"))
def test_a_write_is_repeated_only_where_its_key_is_reliable(fact: Operation, described: dict[str, Any]) -> None:
    call = next(call for call in CALLS if call.fact == fact)
    retry_safety = described[fact.operation](*call.args, **call.kwargs).retry_safety
    assert (retry_safety == "with_key") == (fact.idempotency and fact.operation != BEST_EFFORT)
    assert (retry_safety == "never") or fact.operation != BEST_EFFORT
    assert (retry_safety == "idempotent") or fact.method != "GET"
    assert (retry_safety != "idempotent") or fact.method == "GET" or fact.operation.rpartition(".")[2] in HARMLESS_TWICE


@every_call
def test_call_sends_the_documented_request(
    call: Call,
    described: dict[str, Any],
    perform: Perform,
    server: Answering,
) -> None:
    server.document = documents(call.fact.response, "full")[0]
    perform(call)
    received = server.take()
    assert (received.method, received.path) == (call.fact.method, call.path)
    assert sorted(parse_qsl(received.query, keep_blank_values=True)) == sorted(call.query)
    assert sorted(received.query.split("&")) == sorted(urlencode(call.query).split("&"))
    _check_body(call, received)
    _check_headers(call, received, described[call.fact.operation](*call.args, **call.kwargs).retry_safety)


def _check_body(call: Call, received: Received) -> None:
    if call.fact.body is None:
        assert received.body == b""
        return
    body = msgspec.json.decode(received.body or b"{}")
    assert body == call.body
    assert misfits(body, call.fact.body) == []


def _check_headers(call: Call, received: Received, retry_safety: str) -> None:
    headers = received.headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["lightfield-version"] == "2026-03-01"
    assert headers["accept"] == "application/json"
    assert headers.get("content-type") == (None if call.fact.method == "GET" else "application/json")
    key = headers.get("idempotency-key")
    assert (key is not None) == (retry_safety != "idempotent")
    assert (key is not None) or not call.fact.idempotency
    assert key is None or (UUID(key).version, str(UUID(key))) == (4, key)


@pytest.mark.parametrize("call", [call for call in CALLS if call.manner == "full"], ids=str)
def test_call_takes_the_options_of_a_call(call: Call, perform: Perform, server: Answering) -> None:
    """A GET has neither a body nor an idempotency key."""
    server.document = documents(call.fact.response, "full")[0]
    options: dict[str, Any] = {
        "timeout": 7.5,
        "extra_headers": {"X-Trace": "t", "accept": "application/vnd.json"},
        "extra_query": {"more": [1, True, "a b"], "limit": 5},
        "extra_body": {"more": {"nested": [None, 1.5]}},
    }
    written = call.fact.method != "GET"
    perform(call, **options, **({"idempotency_key": "key-1"} if written else {}))
    received = server.take()
    query = [pair for pair in call.query if pair[0] != "limit"]
    assert parse_qsl(received.query, keep_blank_values=True) == [*query, ("more", "1,true,a b"), ("limit", "5")]
    assert msgspec.json.decode(received.body or b"{}") == call.body | (options["extra_body"] if written else {})
    assert (received.headers["x-trace"], received.headers["accept"]) == ("t", "application/vnd.json")
    assert received.headers.get("idempotency-key") == ("key-1" if written else None)


def test_a_query_is_form_encoded(perform: Perform, server: Answering) -> None:
    call = next(call for call in CALLS if call.fact.operation == "opportunity.list" and call.manner == "full")
    server.document = documents(call.fact.response, "full")[0]
    perform(call)
    assert server.take().query == (
        "limit=10&offset=50&status=trashed&%24name%5B-equal%5D=Acme+%26+Co&%24amount%5BgreaterThanOrEqual%5D=100000"
        "&%24closeDate%5BlessThan%5D=2026-03-01T00%3A00%3A00%2B00%3A00&parent%3AasSource%5Bcontains%5D=acc_1"
        "&approved=true"
    )
