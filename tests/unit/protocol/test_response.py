"""Do bytes become the right Struct or the right exception, whatever a server or a proxy sends?"""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.json import Decoder
from msgspec.structs import replace
from multidict import CIMultiDict

from lightfield import APIError, APIResponseValidationError, APIStatusError, NotFoundError, RateLimitError
from lightfield._protocol.builders import get
from lightfield._protocol.decoding import Exchange, error_class, read
from lightfield._protocol.request import Request
from lightfield._protocol.response import Response
from lightfield.models import Opportunity

ONE = get("/v1/opportunities/opp_1", Decoder(Opportunity))
RAW = replace(ONE, form="raw")
ANYTHING: Request[Any] = get("/v1/things", Decoder())
RECORD = b'{"id":"opp_1","createdAt":"2026","fields":{},"relationships":{}}'
DETAILS = {"type": "not_found", "message": "No such record.", "code": "draft_not_found", "param": "id"}


def respond(status: int, content: bytes = b"", headers: dict[str, str] | None = None) -> Response:
    return Response(status, CIMultiDict(headers or {}), content)


def refused(status: int, content: bytes = b"", headers: dict[str, str] | None = None) -> APIStatusError:
    with pytest.raises(APIStatusError) as caught:
        read(ONE, respond(status, content, headers), 0)
    return caught.value


@pytest.mark.parametrize("status", [200, 201, 202, 299])
def test_any_success_is_decoded(status: int) -> None:
    assert read(ONE, respond(status, RECORD), 0).id == "opp_1"


@pytest.mark.parametrize("kind", ["text/html", "application/json; charset=latin-1", ""])
def test_the_content_type_does_not_matter(kind: str) -> None:
    assert read(ONE, respond(200, RECORD, {"Content-Type": kind}), 0).id == "opp_1"


@pytest.mark.parametrize(
    "status", [*range(300, 309), 400, 401, 403, 404, 405, 408, 409, 415, 422, 425, 429, 499, 500, 504, 599, 999]
)
def test_any_other_status_raises_its_class(status: int) -> None:
    error = refused(status, RECORD)
    assert type(error) is error_class(status)
    assert error.status_code == status


@pytest.mark.parametrize("body", [{"error": DETAILS}, DETAILS], ids=["nested", "flat"])
def test_both_shapes_of_error_body_are_read(body: object) -> None:
    error = refused(404, json.dumps(body).encode())
    assert isinstance(error, NotFoundError)
    assert (error.type, error.message, error.code, error.param) == tuple(DETAILS.values())
    assert error.body == body
    assert str(error) == "404 not_found: No such record. [GET /v1/opportunities/opp_1]"


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"5", b'"x"', b'{"error":null}', b'{"error":{"type":5}}'])
def test_a_status_counts_whatever_the_body_says(content: bytes) -> None:
    error = refused(500, content)
    assert error.type is None
    assert str(error).startswith("500: ")


@pytest.mark.parametrize("content", [b"<html><h1>Bad\r\nGateway</h1>", b"\xff\xfe<", b"{broken", b"[" * 5_000])
def test_a_body_that_is_no_json_is_kept_as_text(content: bytes) -> None:
    error = refused(502, content)
    assert error.body == content.decode(errors="replace")
    assert str(error).isprintable()
    assert len(str(error)) < 350


def test_a_long_message_is_cut_to_a_log_line_and_kept_in_the_body() -> None:
    body = {"error": {"type": "x" * 10_000, "message": "y" * 1_000_000}}
    error = refused(500, json.dumps(body).encode())
    assert len(str(error)) < 350
    assert len(error.message) <= 300
    assert error.body == body


def test_an_error_keeps_its_headers_without_regard_to_case() -> None:
    error = refused(429, b"", {"Retry-After": "7", "X-RateLimit-Limit": "5"})
    assert isinstance(error, RateLimitError)
    assert (error.headers["x-ratelimit-limit"], error.retry_after) == ("5", 7.0)


@pytest.mark.parametrize("location", ["https://elsewhere.test/v1", "/v2/things", "https://x\r\n.test", "x" * 5_000])
def test_a_redirect_is_an_error_that_names_where_it_leads(location: str) -> None:
    error = refused(307, b"moved", {"Location": location})
    assert " ".join(location.split())[:100] in str(error)
    assert str(error).isprintable()
    assert len(str(error)) < 350


@pytest.mark.parametrize(("status", "named"), [(300, True), (302, True), (399, True), (400, False), (500, False)])
def test_only_redirects_speak_of_a_location(status: int, named: bool) -> None:
    assert ("Location: none" in str(refused(status))) is named


UNREADABLE = {
    "empty": b"",
    "html": b"<html>Sign in</html>",
    "cut": RECORD[:-5],
    "trailing data": RECORD + b"{}",
    "byte order mark": b"\xef\xbb\xbf" + RECORD,
    "UTF-16": RECORD.decode().encode("utf-16"),
    "single quotes": b"{'id': 'opp_1'}",
    "NaN": RECORD.replace(b"{}", b'{"k":{"value":NaN,"valueType":"NUMBER"}}', 1),
    "number too large": RECORD.replace(b"{}", b'{"k":{"value":1e999,"valueType":"NUMBER"}}', 1),
    "lone surrogate": RECORD.replace(b"opp_1", b"\\ud800"),
    "invalid UTF-8": RECORD.replace(b"opp_1", b"\xff\xfe"),
    "overlong UTF-8": RECORD.replace(b"opp_1", b"\xc0\xaf"),
    "nested too deeply": RECORD.replace(
        b"{}", b'{"k":{"value":' + b"[" * 100_000 + b"]" * 100_000 + b',"valueType":"X"}}', 1
    ),
    "nested too deeply in an unknown key": RECORD[:-1] + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "another shape": b"[]",
    "null": b"null",
    "id of another type": RECORD.replace(b'"opp_1"', b"5"),
    "id missing": RECORD.replace(b'"id":"opp_1",', b""),
    "fields null": RECORD.replace(b'"fields":{}', b'"fields":null'),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_success_that_cannot_be_decoded_is_our_error(name: str) -> None:
    content = UNREADABLE[name]
    with pytest.raises(APIResponseValidationError) as caught:
        read(ONE, respond(200, content), 0)
    error = caught.value
    assert (error.status_code, error.body) == (200, content)
    assert str(error).startswith("GET /v1/opportunities/opp_1: status 200, but the body is not what the API documents:")
    assert str(error).isprintable()
    assert len(str(error)) < 450
    assert error.__cause__ is not None


def test_a_success_that_cannot_be_decoded_tells_its_status_and_that_there_was_nothing() -> None:
    with pytest.raises(APIResponseValidationError, match=r"status 202, .* it begins with: nothing$") as caught:
        read(ONE, respond(202), 0)
    assert caught.value.status_code == 202


def test_a_success_that_cannot_be_decoded_names_the_place() -> None:
    with pytest.raises(
        APIResponseValidationError, match=r" the body is not what the API documents: \$\.id does not fit: "
    ):
        read(ONE, respond(200, UNREADABLE["id of another type"]), 0)


def test_a_raw_request_gives_the_response_undecoded() -> None:
    response = respond(201, b"<html>\xff", {"X-A": "1"})
    exchange: Exchange[Opportunity] = read(RAW, response, 3)
    assert (exchange.request, exchange.response, exchange.retries_taken) == (RAW, response, 3)
    with pytest.raises(APIResponseValidationError):
        exchange.decode(response.content)


def test_a_whole_response_is_returned_as_it_came() -> None:
    response = respond(200, b"<html>")
    assert read(replace(ONE, form="response"), response, 0) is response


def test_a_raw_response_is_decoded_on_request() -> None:
    exchange: Exchange[Opportunity] = read(RAW, respond(200, RECORD), 0)
    assert exchange.decode(exchange.response.content) == read(ONE, respond(200, RECORD), 0)
    assert repr(exchange) == "<Exchange 200 to <Request GET /v1/opportunities/opp_1 (Read)>>"


def test_a_raw_request_that_failed_raises_all_the_same() -> None:
    with pytest.raises(NotFoundError):
        read(RAW, respond(404), 0)


@given(status=st.integers(100, 999), content=st.binary(max_size=200))
@example(200, b"\xff")
@example(500, b"[" * 5_000)
def test_whatever_arrives_is_a_value_or_an_api_error(status: int, content: bytes) -> None:
    try:
        read(ANYTHING, respond(status, content), 0)
    except APIError as error:
        assert str(error).isprintable()  # noqa: PT017


@given(position=st.integers(0, len(RECORD) - 1), byte=st.integers(0, 255), status=st.sampled_from([200, 400]))
def test_a_record_with_one_byte_changed_is_a_record_or_an_api_error(position: int, byte: int, status: int) -> None:
    content = RECORD[:position] + bytes([byte]) + RECORD[position + 1 :]
    try:
        found = read(ONE, respond(status, content), 0)
    except APIError as error:
        assert str(error).isprintable()  # noqa: PT017
    else:
        assert isinstance(found, Opportunity)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("https://a.example/b?sig=s3cret", "https://a.example/b?..."),
        ("https:\\/\\/a.example\\/b?sig=s3cret", "https:\\/\\/a.example\\/b?..."),
        ("http://http://a?sig=s3cret http://b", "http://http://a?... http://b"),
        ("see https://a.example/b", "see https://a.example/b"),
    ],
)
def test_the_signature_of_an_address_is_not_shown(sent: str, shown: str) -> None:
    with pytest.raises(APIResponseValidationError) as caught:
        read(ONE, respond(200, f'{{"id": "{sent}"}}'.encode()), 0)
    assert (shown in str(caught.value), "s3cret" in str(caught.value)) == (True, False)
    assert b"s3cret" not in caught.value.body


def test_a_body_full_of_addresses_is_searched_once() -> None:
    """Searched again from each of them, it would take minutes."""
    body = b'{"id": 1, "x": "' + b"http://" * 150_000 + b'"}'
    with pytest.raises(APIResponseValidationError):
        read(ONE, respond(200, body), 0)


def test_what_is_json_of_another_shape_is_not_called_unreadable() -> None:
    large = b'{"id": 5, "x": "' + b"a" * 1024 * 1024 + b'"}'
    for body in (large, b'{"id": 5, "fields": 3}'):
        with pytest.raises(APIResponseValidationError, match="does not fit"):
            read(ONE, respond(200, body), 0)
