"""Every status has its class, its attributes, and its answer to the question: once more?"""

import asyncio
from contextlib import suppress
from typing import NamedTuple

import pytest

from lightfield import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    UnprocessableEntityError,
)
from tests.client.both import Connect
from tests.faults.server import ID, OPPORTUNITY, FaultServer, http


class Row(NamedTuple):
    status: int
    kind: str
    error: type[APIStatusError]
    again: bool


TABLE = [
    Row(400, "bad_request", BadRequestError, again=False),
    Row(401, "unauthorized", AuthenticationError, again=False),
    Row(402, "payment_required", APIStatusError, again=False),
    Row(403, "forbidden", PermissionDeniedError, again=False),
    Row(404, "not_found", NotFoundError, again=False),
    Row(405, "method_not_allowed", APIStatusError, again=False),
    Row(408, "request_timeout", APIStatusError, again=True),
    Row(409, "conflict", ConflictError, again=False),
    Row(409, "idempotency_conflict", ConflictError, again=True),
    Row(415, "unsupported_media_type", APIStatusError, again=False),
    Row(418, "teapot", APIStatusError, again=False),
    Row(422, "unprocessable_content", UnprocessableEntityError, again=False),
    Row(425, "too_early", APIStatusError, again=True),
    Row(429, "too_many_requests", RateLimitError, again=True),
    Row(499, "client_closed_request", APIStatusError, again=False),
    Row(500, "internal_server_error", InternalServerError, again=True),
    Row(501, "not_implemented", InternalServerError, again=False),
    Row(502, "bad_gateway", InternalServerError, again=True),
    Row(503, "service_unavailable", InternalServerError, again=True),
    Row(504, "gateway_timeout", InternalServerError, again=True),
    Row(505, "version_not_supported", InternalServerError, again=False),
    Row(522, "origin_timed_out", InternalServerError, again=True),
    Row(999, "request_denied", InternalServerError, again=False),
]

every_row = pytest.mark.parametrize("row", TABLE, ids=[f"{row.status}-{row.kind}" for row in TABLE])


def refusal(row: Row, **headers: str) -> bytes:
    details = {"type": row.kind, "message": "No.", "code": "a_code", "param": "a.param"}
    return http(row.status, {"error": details}, {name.replace("_", "-"): value for name, value in headers.items()})


@every_row
async def test_status_becomes_its_error(connect: Connect, row: Row) -> None:
    with FaultServer(refusal(row, X_Trace="t1")) as server:
        async with connect(server.base_url, max_retries=0) as client:
            with pytest.raises(row.error) as caught:
                await client.opportunity.retrieve(ID)
    error = caught.value
    assert type(error) is row.error
    assert (error.status_code, error.type, error.message) == (row.status, row.kind, "No.")
    assert (error.code, error.param) == ("a_code", "a.param")
    assert error.headers["x-trace"] == "t1"
    assert (error.retry_after, error.idempotency_key, error.deadline_exceeded) == (None, None, False)
    assert [attempt.wait for attempt in error.attempts] == [None]
    assert str(error) == f"{row.status} {row.kind}: No. [GET /v1/opportunities/{ID}]"


async def test_statuses_are_tried_again_or_not(connect: Connect) -> None:
    """All of them at once, because each retry takes its time."""

    async def attempts(row: Row) -> int:
        with FaultServer(refusal(row), http(200, OPPORTUNITY)) as server:
            async with connect(server.base_url) as client:
                with suppress(row.error):
                    response = await client.opportunity.with_raw_response.retrieve(ID)
                    assert response.retries_taken == len(server.requests) - 1
            return len(server.requests)

    made = await asyncio.gather(*map(attempts, TABLE))
    wanted = {(row.status, row.kind): 1 + row.again for row in TABLE}
    assert dict(zip(wanted, made, strict=True)) == wanted


async def test_server_may_ask_for_a_retry(connect: Connect) -> None:
    with FaultServer(refusal(TABLE[0], X_Should_Retry="true"), http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url) as client:
            assert (await client.opportunity.retrieve(ID)).id == ID
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [429, 503])
async def test_server_may_forbid_a_retry(connect: Connect, status: int) -> None:
    with FaultServer(http(status, headers={"X-Should-Retry": "false"}), http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(APIStatusError) as caught:
                await client.opportunity.retrieve(ID)
    assert caught.value.status_code == status
    assert len(server.requests) == 1


async def test_a_raw_response_is_no_way_around_the_errors(connect: Connect) -> None:
    with FaultServer(http(404, {"error": {"type": "not_found", "message": "No."}})) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(NotFoundError):
                await client.opportunity.with_raw_response.retrieve(ID)
