"""Rows 44 to 49 of the fault matrix: bodies that HTTP allows and the API does not document."""

import pytest

from lightfield import (
    APIResponseValidationError,
    APIStatusError,
    BadRequestError,
    InternalServerError,
    PermissionDeniedError,
)
from tests.client.both import Connect
from tests.faults.calls import Call
from tests.faults.rows import failed, healed, once
from tests.faults.server import ID, OPPORTUNITY, FaultServer, http

HTML = b"<!DOCTYPE html>\n<html><body>\x1b[31m<h1>Please sign in</h1>\n" + b"<p>Wifi</p>" * 500 + b"</body></html>"
AS_HTML = {"Content-Type": "text/html"}


async def test_row_44_an_html_page_of_a_gateway_is_tried_again(connect: Connect, call: Call) -> None:
    await healed(connect, call, *(http(status, HTML, AS_HTML) for status in (502, 503, 504)))


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_row_44_its_error_keeps_the_status_and_quotes_one_line(connect: Connect, call: Call, status: int) -> None:
    error = await once(connect, call, InternalServerError, http(status, HTML, AS_HTML))
    assert str(error).startswith(f"{status}: <!DOCTYPE html> <html><body> [31m<h1>Please sign in</h1> <p>Wifi</p>")
    assert len(str(error)) < 300
    assert (error.status_code, error.type, error.code, error.param) == (status, None, None, None)
    assert error.body == HTML.decode()


BROKEN: dict[str, tuple[bytes, object]] = {
    "cut": (b'{"error": {"type": "inte', '{"error": {"type": "inte'),
    "null": (b"null", None),
    "list": (b'["no"]', ["no"]),
    "number": (b"0", 0),
    "empty": (b"", ""),
    "error-is-text": (b'{"error": "no"}', {"error": "no"}),
    "error-is-null": (b'{"error": null}', {"error": None}),
    "invalid-utf-8": (b"\xff\xfe", "\ufffd\ufffd"),
    "deep": (b"[" * 100_000, "[" * 100_000),
}


@pytest.mark.parametrize(("content", "body"), BROKEN.values(), ids=BROKEN)
async def test_row_45_a_broken_error_body_leaves_the_status(
    connect: Connect, call: Call, content: bytes, body: object
) -> None:
    error = await once(connect, call, InternalServerError, http(500, content))
    assert str(error).startswith("500: ")
    assert (error.status_code, error.type, error.body) == (500, None, body)
    assert error.response is not None
    assert error.response.content == content


@pytest.mark.parametrize("content", [content for content, _ in BROKEN.values()], ids=BROKEN)
async def test_row_45_a_broken_error_body_is_tried_again_like_a_whole_one(
    connect: Connect, call: Call, content: bytes
) -> None:
    await healed(connect, call, http(500, content))


DETAILS = {"type": "bad_request", "message": "No field 'x'.", "code": "unknown_field", "param": "fields.x"}


@pytest.mark.parametrize("body", [DETAILS, {"error": DETAILS}], ids=["flat", "nested"])
async def test_row_46_both_shapes_of_error_fill_the_same_attributes(connect: Connect, call: Call, body: object) -> None:
    error = await failed(connect, call, BadRequestError, http(400, body))
    assert {name: getattr(error, name) for name in DETAILS} == DETAILS
    assert error.body == body
    assert str(error).startswith("400 bad_request: No field 'x'. [")


async def test_row_47_unknown_types_and_codes_are_plain_strings(connect: Connect, call: Call) -> None:
    body = {"error": {"type": "eaten_by_dog", "code": "woof", "message": "!", "new": 1}}
    error = await failed(connect, call, BadRequestError, http(400, body))
    assert (error.type, error.code) == ("eaten_by_dog", "woof")


async def test_row_47_members_of_the_wrong_type_read_as_absent(connect: Connect, call: Call) -> None:
    members: dict[str, object] = {"type": 7, "code": ["x"], "param": {}, "message": None}
    error = await failed(connect, call, BadRequestError, http(400, {"error": members}))
    assert (error.type, error.code, error.param, error.message) == (None, None, None, "")


async def test_row_47_a_message_of_a_megabyte_is_cut(connect: Connect, call: Call) -> None:
    message = "line\r\n\x1b[31m" * 100_000
    body = {"error": {"type": "t" * 100_000, "message": message}}
    error = await failed(connect, call, APIStatusError, http(418, body))
    assert len(error.message) <= 300
    assert error.message.isprintable()


async def test_row_48_html_in_place_of_a_record_is_asked_for_once_more(connect: Connect, call: Call) -> None:
    await healed(connect, call, http(200, HTML, AS_HTML))


async def test_row_48_html_that_comes_again_is_an_error_that_quotes_it(connect: Connect, call: Call) -> None:
    error = await failed(connect, call, APIResponseValidationError, http(200, HTML, AS_HTML), max_retries=5)
    assert len(error.attempts) == 2
    assert "status 200, but the body is not what the API documents" in str(error)
    assert "it begins with: <!DOCTYPE html> <html>" in str(error)
    assert (error.status_code, error.body) == (200, HTML)


async def test_row_48_a_page_that_says_403_is_an_answer(connect: Connect, call: Call) -> None:
    error = await failed(connect, call, PermissionDeniedError, http(403, HTML, AS_HTML))
    assert (len(error.attempts), error.type, error.body) == (1, None, HTML.decode())


@pytest.mark.parametrize("kind", ["text/plain; charset=utf-16", "text/html", "application/octet-stream", "", "?", None])
async def test_row_49_a_success_is_read_by_its_content_not_by_its_type(
    connect: Connect, call: Call, kind: str | None
) -> None:
    reply = http(200, OPPORTUNITY, {"Content-Type": kind or ""})
    if kind is None:
        reply = reply.replace(b"Content-Type: \r\n", b"")
    with FaultServer(reply) as server:
        async with connect(server.base_url) as client:
            assert (await call(client)).id == ID
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", ["text/html", ""])
async def test_row_49_so_is_an_error(connect: Connect, call: Call, kind: str) -> None:
    error = await failed(connect, call, BadRequestError, http(400, {"error": DETAILS}, {"Content-Type": kind}))
    assert (error.type, error.code) == (DETAILS["type"], DETAILS["code"])
