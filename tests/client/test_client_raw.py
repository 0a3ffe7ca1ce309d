"""``with_raw_response``: the same call, the response as it came."""

import json
import pickle
import re
from datetime import timedelta
from typing import Any, cast

import pytest

from lightfield import APIResponseValidationError, AsyncLightfield, LightfieldUsageError
from lightfield.testing import Sandbox
from tests.client.both import KEY, Connect
from tests.faults.server import ID, FaultServer, http


async def test_raw_response_has_it_all(connect: Connect, sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    async with connect(sandbox.base_url) as client:
        response = await client.opportunity.with_raw_response.retrieve(id)
        plain = await client.opportunity.retrieve(id)
        assert await response.parse() == await response.parse() == plain
        assert json.loads(await response.read()) == json.loads(await response.text()) == sandbox.opportunities[id]
        assert await response.json() == sandbox.opportunities[id]
        assert b"".join([piece async for piece in response.iter_bytes(100)]) == await response.read()
        assert "".join([text async for text in response.iter_text(1)]) == await response.text()
        assert [line async for line in response.iter_lines()] == (await response.text()).split("\n")
        await response.close()
    assert (response.status_code, response.retries_taken, response.is_closed) == (200, 0, True)
    assert response.headers["content-type"] == response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert response.request.path == f"/v1/opportunities/{id}"
    assert (response.method, response.url) == ("GET", f"{sandbox.base_url}/v1/opportunities/{id}")
    assert timedelta(0) < response.elapsed < timedelta(seconds=60)
    assert re.fullmatch(rf"<(Async)?APIResponse 200 to <Request GET /v1/opportunities/{id} \(Read\)>>", repr(response))


async def test_what_was_sent_is_shown_without_the_key(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        raw = client.note.with_raw_response
        response = await raw.create(fields={"$title": "a"}, idempotency_key="key-1", extra_headers={"X-Trace": "t"})
    sent = response.http_request
    assert (sent.method, sent.url) == ("POST", f"{sandbox.base_url}/v1/notes")
    expected = {"Idempotency-Key": "key-1", "x-trace": "t", "lightfield-version": "2026-03-01"}
    assert {name: sent.headers[name] for name in expected} == expected
    assert "authorization" not in sent.headers
    assert KEY not in repr(sent) + repr(dict(sent.headers))
    assert pickle.loads(pickle.dumps(sent)) == sent


async def test_a_client_has_raw_responses_of_every_resource(connect: Connect, sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    async with connect(sandbox.base_url) as client:
        response = await client.with_raw_response.opportunity.retrieve(id)
        assert (await response.parse()).id == id
        generic = await client.with_raw_response.request("GET", f"/v1/opportunities/{id}")
        assert await generic.parse() == sandbox.opportunities[id]
        async with client.with_streaming_response.opportunity.retrieve(id) as streamed:
            assert (await streamed.parse()).id == id
    assert repr(client.with_raw_response).endswith(" of raw responses>")


async def test_body_is_judged_only_when_it_is_parsed(connect: Connect) -> None:
    with FaultServer(http(200, b"<html>\xff")) as server:
        async with connect(server.base_url) as client:
            response = await client.opportunity.with_raw_response.retrieve(ID)
        assert (await response.read(), await response.text()) == (b"<html>\xff", "<html>\ufffd")
        assert [text async for text in response.iter_text(6)] == ["<html>", "\ufffd"]
        with pytest.raises(APIResponseValidationError):
            await response.parse()
        with pytest.raises(ValueError, match=r"Expecting value|utf-8"):
            await response.json()
    assert len(server.requests) == 1


async def test_an_empty_body_has_no_pieces(connect: Connect) -> None:
    with FaultServer(http(200)) as server:
        async with connect(server.base_url) as client:
            response = await client.opportunity.with_raw_response.retrieve(ID)
            assert [piece async for piece in response.iter_bytes()] == []
            assert [line async for line in response.iter_lines()] == []


async def test_plain_and_raw_access_do_not_disturb_each_other(connect: Connect, sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    async with connect(sandbox.base_url) as client:
        raw, plain = client.opportunity.with_raw_response.retrieve, client.opportunity.retrieve
        for _ in range(2):
            assert await (await raw(id)).parse() == await plain(id)


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
    assert len(sandbox.requests) == 0


async def test_a_write_that_parses_to_nothing_known_keeps_its_key(connect: Connect) -> None:
    with FaultServer(http(200, {"bad": 1})) as server:
        async with connect(server.base_url) as client:
            response = await client.note.with_raw_response.create(fields={"title": "a"}, idempotency_key="key-1")
            with pytest.raises(APIResponseValidationError) as caught:
                await response.parse()
    assert (caught.value.idempotency_key, caught.value.outcome_unknown) == ("key-1", True)
    assert caught.value.request.url == f"{server.base_url}/v1/notes"


async def test_the_request_of_a_response_can_be_sent_again(connect: Connect, sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    async with connect(sandbox.base_url) as client:
        response = await client.opportunity.with_raw_response.retrieve(id)
        async with client.opportunity.with_streaming_response.retrieve(id) as streamed:
            requests = [response.request, streamed.request]
        assert requests == [client.plan.opportunity.retrieve(id)] * 2
        assert (await client.send(requests[0])).id == id


class Watching(AsyncLightfield):
    """Notes what passes through its hook."""

    seen: list[object]

    async def send(self, request: Any) -> Any:
        self.seen.append(await super().send(request))
        return self.seen[-1]


async def test_a_hook_sees_what_the_caller_gets(sandbox: Sandbox) -> None:
    async with Watching(api_key=sandbox.api_key, base_url=sandbox.base_url) as client:
        client.seen = []
        response = await client.opportunity.with_raw_response.retrieve(sandbox.opportunity_ids[0])
        assert client.seen == [response]
