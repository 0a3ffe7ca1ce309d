"""Bodies that are not what they should be: a success becomes a validation error, a failure keeps its status."""

import gzip
import json

import pytest

from lightfield import APIConnectionError, APIResponseValidationError, APIStatusError, InternalServerError
from lightfield.errors import BadRequestError
from tests.client.both import Connect
from tests.faults.server import ID, OPPORTUNITY, FaultServer, http

HTML = b"<!DOCTYPE html>\n<html><body><h1>Please sign in</h1>\n" + b"<p>Wifi</p>" * 500 + b"</body></html>"
DOCUMENT = json.dumps(OPPORTUNITY).encode()
ZIPPED = {"Content-Encoding": "gzip"}

GARBLED = {
    "html": http(200, HTML, {"Content-Type": "text/html"}),
    "empty": http(200),
    "no-content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "truncated-gzip": http(200, gzip.compress(DOCUMENT)[:-30], ZIPPED),
    "gzip-of-nothing": http(200, b"\x1f\x8b\x08\x00", ZIPPED),
    "single-quotes": http(200, b"{'id': 'opp_1'}"),
    "truncated-json": http(200, DOCUMENT[:-5]),
    "two-documents": http(200, DOCUMENT * 2),
    "byte-order-mark": http(200, b"\xef\xbb\xbf" + DOCUMENT),
    "utf-16": http(200, DOCUMENT.decode().encode("utf-16")),
    "nan": http(200, DOCUMENT.replace(b"null", b"NaN")),
    "invalid-utf-8": http(200, DOCUMENT.replace(b"opp_1", b"opp_\xff\xfe")),
    "lone-surrogate": http(200, DOCUMENT.replace(b"opp_1", b"\\ud800")),
    "deep": http(200, DOCUMENT.replace(b"null", b"[" * 100_000 + b"]" * 100_000)),
    "deep-in-unknown-key": http(200, b'{"unknown": ' + b"[" * 100_000 + b"]" * 100_000 + b"," + DOCUMENT[1:]),
    "null": http(200, b"null"),
    "list": http(200, [OPPORTUNITY]),
    "id-is-no-string": http(200, {**OPPORTUNITY, "id": 1}),
    "id-is-missing": http(200, {"createdAt": "", "fields": {}, "relationships": {}}),
    "fields-is-null": http(200, {**OPPORTUNITY, "fields": None}),
}

garbled = pytest.mark.parametrize("reply", GARBLED.values(), ids=GARBLED)


@garbled
async def test_success_that_cannot_be_decoded_is_a_validation_error(connect: Connect, reply: bytes) -> None:
    with FaultServer(reply) as server:
        async with connect(server.base_url, max_retries=0) as client:
            with pytest.raises(APIResponseValidationError) as caught:
                await client.opportunity.retrieve(ID)
    error = caught.value
    assert str(error).startswith(f"GET /v1/opportunities/{ID}: ")
    assert error.status_code in {200, 204}
    assert len(str(error)) < 500
    assert str(error).isprintable()


async def test_garbled_success_is_asked_for_once_more_and_only_once(connect: Connect) -> None:
    with FaultServer(GARBLED["html"]) as server:
        async with connect(server.base_url, max_retries=5) as client:
            with pytest.raises(APIResponseValidationError) as caught:
                await client.opportunity.retrieve(ID)
    assert (len(server.requests), len(caught.value.attempts)) == (2, 2)
    assert caught.value.body == HTML


async def test_garbled_success_that_was_an_accident_is_healed(connect: Connect) -> None:
    with FaultServer(GARBLED["truncated-gzip"], http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url) as client:
            assert (await client.opportunity.retrieve(ID)).id == ID
    assert len(server.requests) == 2


async def test_invalid_gzip_is_a_lost_response_and_tried_again(connect: Connect) -> None:
    with FaultServer(http(200, b"not gzip at all", ZIPPED), http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url, max_retries=0) as client:
            with pytest.raises(APIConnectionError) as caught:
                await client.opportunity.retrieve(ID)
            assert (await client.opportunity.retrieve(ID)).id == ID
    assert (caught.value.sent, caught.value.permanent) == (True, False)


async def test_success_is_read_by_its_content_not_by_its_type(connect: Connect) -> None:
    with FaultServer(http(200, OPPORTUNITY, {"Content-Type": "text/plain; charset=utf-16"})) as server:
        async with connect(server.base_url) as client:
            assert (await client.opportunity.retrieve(ID)).id == ID


async def test_whole_gzip_is_inflated(connect: Connect) -> None:
    with FaultServer(http(200, gzip.compress(DOCUMENT), ZIPPED)) as server:
        async with connect(server.base_url) as client:
            assert (await client.opportunity.with_raw_response.retrieve(ID)).content == DOCUMENT


async def test_html_502_is_a_server_error_with_a_short_excerpt(connect: Connect) -> None:
    with FaultServer(http(502, HTML, {"Content-Type": "text/html"})) as server:
        async with connect(server.base_url, max_retries=0) as client:
            with pytest.raises(InternalServerError, match="502: <!DOCTYPE html> <html>") as caught:
                await client.opportunity.retrieve(ID)
    error = caught.value
    assert (error.status_code, error.type, error.code, error.param) == (502, None, None, None)
    assert error.body == HTML.decode()
    assert len(str(error)) < 300
    assert str(error).isprintable()


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
async def test_broken_error_body_leaves_the_status(connect: Connect, content: bytes, body: object) -> None:
    with FaultServer(http(500, content)) as server:
        async with connect(server.base_url, max_retries=0) as client:
            with pytest.raises(InternalServerError, match=r"^500: ") as caught:
                await client.opportunity.retrieve(ID)
    assert (caught.value.status_code, caught.value.type) == (500, None)
    assert caught.value.body == body


DETAILS = {"type": "bad_request", "message": "No field 'x'.", "code": "unknown_field", "param": "fields.x"}


@pytest.mark.parametrize("body", [DETAILS, {"error": DETAILS}], ids=["flat", "nested"])
async def test_both_shapes_of_error_body_fill_the_same_attributes(connect: Connect, body: object) -> None:
    with FaultServer(http(400, body)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(BadRequestError) as caught:
                await client.opportunity.retrieve(ID)
    error = caught.value
    assert {name: getattr(error, name) for name in DETAILS} == DETAILS
    assert error.body == body
    assert str(error) == f"400 bad_request: No field 'x'. [GET /v1/opportunities/{ID}]"


async def test_unknown_types_and_codes_are_plain_strings(connect: Connect) -> None:
    with FaultServer(
        http(400, {"error": {"type": "eaten_by_dog", "code": "woof", "message": "!", "new": 1}})
    ) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(BadRequestError) as caught:
                await client.opportunity.retrieve(ID)
    assert (caught.value.type, caught.value.code) == ("eaten_by_dog", "woof")


async def test_error_members_of_the_wrong_type_read_as_absent(connect: Connect) -> None:
    members: dict[str, object] = {"type": 7, "code": ["x"], "param": {}, "message": None}
    with FaultServer(http(400, {"error": members})) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(BadRequestError) as caught:
                await client.opportunity.retrieve(ID)
    error = caught.value
    assert (error.type, error.code, error.param, error.message) == (None, None, None, "")


async def test_message_of_a_megabyte_is_cut(connect: Connect) -> None:
    message = "line\r\n\x1b[31m" * 100_000
    with FaultServer(http(418, {"error": {"type": "t" * 100_000, "message": message}})) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(APIStatusError) as caught:
                await client.opportunity.retrieve(ID)
    error = caught.value
    assert len(str(error)) < 500
    assert len(error.message) <= 300
    assert str(error).isprintable()
    assert error.message.isprintable()
    assert all(len(attempt.error) <= 300 for attempt in error.attempts)
