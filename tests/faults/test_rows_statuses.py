"""Rows 54 to 56 of the fault matrix: every status has its class, and its answer to the question: once more?"""

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
    UnprocessableEntityError,
)
from tests.client.both import Connect
from tests.faults.calls import Call
from tests.faults.rows import all_healed, failed, healed, once
from tests.faults.server import http


class Status(NamedTuple):
    number: int
    kind: str
    error: type[APIStatusError]


DOCUMENTED = [
    Status(400, "bad_request", BadRequestError),
    Status(401, "unauthorized", AuthenticationError),
    Status(402, "payment_required", APIStatusError),
    Status(403, "forbidden", PermissionDeniedError),
    Status(404, "not_found", NotFoundError),
    Status(405, "method_not_allowed", APIStatusError),
    Status(415, "unsupported_media_type", APIStatusError),
    Status(422, "unprocessable_content", UnprocessableEntityError),
]
FINAL = [
    Status(418, "teapot", APIStatusError),
    Status(499, "client_closed_request", APIStatusError),
    Status(501, "not_implemented", InternalServerError),
    Status(505, "version_not_supported", InternalServerError),
    Status(999, "request_denied", InternalServerError),
]
PASSING = [
    Status(408, "request_timeout", APIStatusError),
    Status(425, "too_early", APIStatusError),
    *[Status(number, "passing", InternalServerError) for number in (500, 502, 503, 504, *range(520, 531))],
]


def refusal(status: Status) -> bytes:
    details = {"type": status.kind, "message": "No.", "code": "a_code", "param": "a.param"}
    return http(status.number, {"error": details}, {"X-Trace": "t1"})


def check(error: APIStatusError, status: Status) -> None:
    assert (error.status_code, error.type, error.message) == (status.number, status.kind, "No.")
    assert (error.code, error.param, error.headers["x-trace"]) == ("a_code", "a.param", "t1")
    assert (error.retry_after, error.deadline_exceeded) == (None, False)
    assert error.attempts[-1].wait is None
    assert str(error).startswith(f"{status.number} {status.kind}: No. [")


def label(status: Status) -> str:
    return str(status.number)


@pytest.mark.parametrize("status", DOCUMENTED, ids=label)
async def test_row_54_what_the_api_refuses_is_final_and_typed(connect: Connect, call: Call, status: Status) -> None:
    error = await failed(connect, call, status.error, refusal(status))
    check(error, status)
    assert len(error.attempts) == 1


CONFLICTS = {
    kind: {"flat": {"type": kind, "message": "No."}, "nested": {"error": {"type": kind, "message": "No."}}}
    for kind in ("conflict", "idempotency_conflict")
}


@pytest.mark.parametrize("body", [*CONFLICTS["conflict"].values(), b"", b"<html>", {"error": {"type": None}}])
async def test_row_55_a_conflict_of_state_is_final(connect: Connect, call: Call, body: object) -> None:
    error = await failed(connect, call, ConflictError, http(409, body))
    assert (error.status_code, len(error.attempts)) == (409, 1)


async def test_row_55_a_key_still_in_use_is_waited_for(connect: Connect) -> None:
    pauses = await all_healed(connect, *(http(409, body) for body in CONFLICTS["idempotency_conflict"].values()))
    assert min(pauses) >= 0.5


async def test_row_55_a_key_that_stays_in_use_is_given_up(connect: Connect, call: Call) -> None:
    reply = http(409, CONFLICTS["idempotency_conflict"]["nested"])
    error = await failed(connect, call, ConflictError, reply, max_retries=1)
    assert (error.type, len(error.attempts)) == ("idempotency_conflict", 2)


@pytest.mark.parametrize("status", FINAL, ids=label)
async def test_row_56_a_status_that_will_stay_is_final(connect: Connect, call: Call, status: Status) -> None:
    error = await failed(connect, call, status.error, refusal(status))
    check(error, status)
    assert len(error.attempts) == 1


@pytest.mark.parametrize("status", PASSING, ids=label)
async def test_row_56_a_status_that_will_pass_keeps_its_class(connect: Connect, call: Call, status: Status) -> None:
    check(await once(connect, call, status.error, refusal(status)), status)


@pytest.mark.parametrize("status", PASSING, ids=label)
async def test_row_56_a_status_that_will_pass_is_tried_again(connect: Connect, call: Call, status: Status) -> None:
    await healed(connect, call, refusal(status))


async def test_row_56_a_status_that_does_not_pass_is_raised_in_the_end(connect: Connect, call: Call) -> None:
    error = await failed(connect, call, InternalServerError, refusal(PASSING[2]), max_retries=2)
    check(error, PASSING[2])
    assert [attempt.wait is None for attempt in error.attempts] == [False, False, True]
