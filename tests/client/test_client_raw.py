"""``with_raw_response``: the same call, the response as it came."""

import json
from typing import Any, cast

import pytest

from lightfield import APIResponse, APIResponseValidationError, LightfieldUsageError
from lightfield.testing import Sandbox
from tests.client.both import Connect
from tests.faults.server import ID, FaultServer, http


async def test_raw_response_has_it_all(connect: Connect, sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    async with connect(sandbox.base_url) as client:
        response = await client.opportunity.with_raw_response.retrieve(id)
        plain = await client.opportunity.retrieve(id)
    assert type(response) is APIResponse
    assert (response.status_code, response.retries_taken) == (200, 0)
    assert response.headers["content-type"] == response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(response.content) == json.loads(response.text) == sandbox.opportunities[id]
    assert response.parse() == response.parse() == plain
    assert response.request.path == f"/v1/opportunities/{id}"
    assert repr(response) == f"<APIResponse 200 to <Request GET /v1/opportunities/{id} (Read)>>"


async def test_body_is_judged_only_when_it_is_parsed(connect: Connect) -> None:
    with FaultServer(http(200, b"<html>\xff")) as server:
        async with connect(server.base_url) as client:
            response = await client.opportunity.with_raw_response.retrieve(ID)
    assert (response.content, response.text) == (b"<html>\xff", "<html>\ufffd")
    with pytest.raises(APIResponseValidationError):
        response.parse()
    assert len(server.requests) == 1


async def test_plain_and_raw_access_do_not_disturb_each_other(connect: Connect, sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    async with connect(sandbox.base_url) as client:
        raw, plain = client.opportunity.with_raw_response.retrieve, client.opportunity.retrieve
        for _ in range(2):
            assert (await raw(id)).parse() == await plain(id)


async def test_raw_access_follows_the_options_of_a_sibling(connect: Connect) -> None:
    with FaultServer(http(503), http(200, {})) as server:
        async with connect(server.base_url, max_retries=0) as client:
            patient = client.with_options(max_retries=1)
            response = await patient.opportunity.with_raw_response.retrieve(ID)
    assert response.retries_taken == 1


async def test_several_requests_have_no_one_raw_response(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        raw = cast("Any", client.opportunity.with_raw_response)
        with pytest.raises(LightfieldUsageError, match="retrieve_many makes several requests"):
            await raw.retrieve_many([])
        with pytest.raises(LightfieldUsageError, match="iter_many makes several requests"):
            async for _ in raw.iter_many([]):
                pass
    assert sandbox.requests == 0
