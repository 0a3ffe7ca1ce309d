"""What cannot be an id is refused before a slot is taken or a byte is sent."""

from typing import Any, cast

import pytest

from lightfield import LightfieldTypeError, LightfieldValueError
from lightfield.testing import Sandbox
from tests.client.both import Connect

HARMFUL = ["", " ", ".", "..", "../accounts", "a/b", "a\\b", "a?x=1", "a#f", "%2F", "..%2f", "a\r\nb", "a\x00", "\x85a"]
ODD = [" a", "a ", "a\t", "\u2028", "a" * 513, "\ud800"]


@pytest.mark.parametrize("id", HARMFUL + ODD, ids=ascii)
async def test_no_id(connect: Connect, sandbox: Sandbox, id: str) -> None:
    async with connect(sandbox.base_url) as client:
        with pytest.raises(LightfieldValueError):
            await client.opportunity.retrieve(id)
        assert client.rate_limits["Read"].granted == 0
    assert sandbox.requests == 0


@pytest.mark.parametrize("id", [None, 7, b"opp_1", ["opp_1"]], ids=repr)
async def test_no_string(connect: Connect, sandbox: Sandbox, id: object) -> None:
    async with connect(sandbox.base_url) as client:
        with pytest.raises(LightfieldTypeError, match="id must be a string"):
            await client.opportunity.retrieve(cast("Any", id))
    assert sandbox.requests == 0


@pytest.mark.parametrize("path", ["", "v1/things", "/v1/../v2", "/v1//things", "/v1/a?b", "/v1/a b", "//evil.example/"])
async def test_no_path(connect: Connect, sandbox: Sandbox, path: str) -> None:
    async with connect(sandbox.base_url) as client:
        with pytest.raises(LightfieldValueError, match="path must look like"):
            await client.request("GET", path)
    assert sandbox.requests == 0


@pytest.mark.parametrize(
    "body", [{"a": float("nan")}, {"a": object()}, {"a": "\ud800"}, {"a": {float("nan")}}], ids=repr
)
async def test_no_json(connect: Connect, sandbox: Sandbox, body: dict[str, object]) -> None:
    async with connect(sandbox.base_url) as client:
        with pytest.raises((LightfieldValueError, LightfieldTypeError)):
            await client.request("POST", "/v1/things", body=body)
    assert sandbox.requests == 0
