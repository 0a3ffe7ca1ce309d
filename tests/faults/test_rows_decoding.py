"""Rows 65 to 68 of the fault matrix: a success that is no JSON, or JSON that cannot be read."""

import json

import pytest

from lightfield import APIResponseValidationError
from tests.client.both import Connect
from tests.faults.calls import Call
from tests.faults.rows import failed, healed, once
from tests.faults.server import ID, OPPORTUNITY, FaultServer, http

DOCUMENT = json.dumps(OPPORTUNITY).encode()


def valued(value: bytes) -> bytes:
    """Write the document with a field that has this value."""
    return DOCUMENT.replace(b'"fields": {}', b'"fields": {"n": {"value": %s, "valueType": "NUMBER"}}' % value)


def with_unknown(value: bytes, key: bytes = b"unknown") -> bytes:
    """Write the document with a key that nobody reads."""
    return DOCUMENT[:-1] + b', "%s": %s}' % (key, value)


INVALID = {
    "cut": DOCUMENT[:-5],
    "trailing": DOCUMENT + b"x",
    "twice": DOCUMENT * 2,
    "nul": DOCUMENT + b"\0",
    "byte-order-mark": b"\xef\xbb\xbf" + DOCUMENT,
    "nan": valued(b"NaN"),
    "infinity": valued(b"-Infinity"),
    "single-quotes": b"{'id': 'opp_1'}",
    "comment": b"/* none */" + DOCUMENT,
    "trailing-comma": DOCUMENT[:-1] + b",}",
    "leading-zero": valued(b"01"),
    "line-break-in-text": DOCUMENT.replace(b"opp_1", b"opp\n1"),
}
NO_UNICODE = {
    "utf-16": DOCUMENT.decode().encode("utf-16"),
    "utf-32": DOCUMENT.decode().encode("utf-32"),
    "invalid": DOCUMENT.replace(b"opp_1", b"opp_\xff\xfe"),
    "overlong": DOCUMENT.replace(b"opp_1", b"opp_\xc0\xaf"),
    "encoded-surrogate": DOCUMENT.replace(b"opp_1", b"\xed\xa0\x80"),
    "in-a-key": DOCUMENT.replace(b'"fields": {}', b'"fields": {"\xff": {"value": 1, "valueType": "TEXT"}}'),
}
DEEP = b"[" * 100_000 + b"]" * 100_000
TOO_DEEP = {
    "in-a-field": valued(DEEP),
    "in-a-key-unknown": with_unknown(DEEP),
    "never-closed": b'{"fields":' * 100_000,
    "two-thousand": with_unknown(DEEP[99_000:101_000]),
}
SURROGATES = {
    "alone": DOCUMENT.replace(b"opp_1", rb"\ud800"),
    "before-a-letter": DOCUMENT.replace(b"opp_1", rb"\ud800x"),
    "in-reverse": DOCUMENT.replace(b"opp_1", rb"\ude00\ud83d"),
    "in-a-key-unknown": with_unknown(rb'"\ud800"'),
}


async def unreadable(connect: Connect, call: Call, body: bytes, reason: str) -> None:
    """Make one attempt; what is raised says why, and quotes the beginning."""
    error = await once(connect, call, APIResponseValidationError, http(200, body))
    assert f"status 200, but the body is not what the API documents: {reason}" in str(error)
    assert "; it begins with: " in str(error)
    assert (error.status_code, error.body) == (200, body)


@pytest.mark.parametrize("body", INVALID.values(), ids=INVALID)
async def test_row_65_what_is_no_json_is_a_validation_error(connect: Connect, call: Call, body: bytes) -> None:
    await unreadable(connect, call, body, "it cannot be read as JSON: ")


async def test_row_65_so_is_a_success_without_content(connect: Connect, call: Call) -> None:
    error = await once(connect, call, APIResponseValidationError, b"HTTP/1.1 204 No Content\r\n\r\n")
    assert "it begins with: nothing" in str(error)
    assert (error.status_code, error.body) == (204, b"")


@pytest.mark.parametrize("body", [INVALID["cut"], NO_UNICODE["invalid"], TOO_DEEP["in-a-field"], SURROGATES["alone"]])
async def test_row_65_what_cannot_be_read_is_asked_for_once_more(connect: Connect, call: Call, body: bytes) -> None:
    await healed(connect, call, http(200, body))
    error = await failed(connect, call, APIResponseValidationError, http(200, body), max_retries=5)
    assert len(error.attempts) == 2


@pytest.mark.parametrize("body", [b" \r\n\t" + DOCUMENT + b"\n\n", with_unknown(rb'"\u00fc"')])
async def test_row_65_what_is_json_is_read(connect: Connect, call: Call, body: bytes) -> None:
    with FaultServer(http(200, body)) as server:
        async with connect(server.base_url, max_retries=0) as client:
            assert (await call(client)).id == ID


@pytest.mark.parametrize("body", NO_UNICODE.values(), ids=NO_UNICODE)
async def test_row_66_what_is_no_utf_8_is_a_validation_error(connect: Connect, call: Call, body: bytes) -> None:
    await unreadable(connect, call, body, "it is not UTF-8 from byte ")


@pytest.mark.parametrize("key", [b"unknown", b"\xff"])
async def test_row_66_in_what_nobody_reads_it_is_not_noticed(connect: Connect, call: Call, key: bytes) -> None:
    with FaultServer(http(200, with_unknown(b'"\xff\xfe"', key))) as server:
        async with connect(server.base_url, max_retries=0) as client:
            assert (await call(client)).id == ID


@pytest.mark.parametrize("body", TOO_DEEP.values(), ids=TOO_DEEP)
async def test_row_67_what_is_too_deep_is_a_validation_error(connect: Connect, call: Call, body: bytes) -> None:
    await unreadable(connect, call, body, "it is nested too deeply; ")


async def test_row_67_a_depth_that_can_be_read_is_read(connect: Connect, call: Call) -> None:
    with FaultServer(http(200, valued(b"[" * 100 + b"]" * 100))) as server:
        async with connect(server.base_url, max_retries=0) as client:
            record = await call(client)
    assert str(record.fields["n"].value) == "[" * 100 + "]" * 100


@pytest.mark.parametrize("body", SURROGATES.values(), ids=SURROGATES)
async def test_row_68_half_a_surrogate_pair_is_a_validation_error(connect: Connect, call: Call, body: bytes) -> None:
    await unreadable(connect, call, body, "it cannot be read as JSON: ")


async def test_row_68_a_whole_pair_is_one_character(connect: Connect, call: Call) -> None:
    with FaultServer(http(200, valued(rb'"\ud83d\ude00"'))) as server:
        async with connect(server.base_url, max_retries=0) as client:
            assert (await call(client)).text("n") == "\N{GRINNING FACE}"
