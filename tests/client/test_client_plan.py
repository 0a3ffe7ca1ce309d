"""Requests as values: described, looked at, sent; and endpoints that have no operation yet."""

from typing import Any, cast

import pytest

from lightfield import LightfieldUsageError, LightfieldValueError, NotFoundError, Request
from lightfield.testing import Sandbox
from tests.client.both import Connect
from tests.faults.server import FaultServer, http


async def test_plan_describes_and_sends_nothing(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        request = client.plan.opportunity.retrieve("opp_é")
        assert client.rate_limits["Read"].granted == 0
    assert isinstance(request, Request)
    assert (request.method, request.path, request.category) == ("GET", "/v1/opportunities/opp_%C3%A9", "Read")
    assert (request.query, request.body, request.retry_safety, request.form) == ("", None, "idempotent", "decoded")
    assert repr(request) == "<Request GET /v1/opportunities/opp_%C3%A9 (Read)>"
    assert len(sandbox.requests) == 0


async def test_send_performs_what_was_planned(connect: Connect, sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    async with connect(sandbox.base_url) as client:
        request = client.plan.opportunity.retrieve(id)
        twice = [await client.send(request) for _ in range(2)]
        assert twice == [await client.opportunity.retrieve(id)] * 2


async def test_a_request_of_one_client_can_be_sent_by_another(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url, rate_limit_group="one") as one, connect(sandbox.base_url) as two:
        request = one.plan.opportunity.retrieve(sandbox.opportunity_ids[0])
        assert (await two.send(request)).id == sandbox.opportunity_ids[0]
        assert [each.rate_limits["Read"].granted for each in (one, two)] == [0, 1]


async def test_a_plan_has_no_raw_responses(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        for name in ("with_raw_response", "with_streaming_response"):
            raw: Any = getattr(client.plan.opportunity, name)
            with pytest.raises(LightfieldUsageError, match="describes requests"):
                raw.retrieve("opp_1")


async def test_several_requests_have_no_one_description(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        records = cast("Any", client.plan.opportunity)
        with pytest.raises(LightfieldUsageError, match="retrieve_many makes several requests"):
            records.retrieve_many(["opp_1"])
        with pytest.raises(LightfieldUsageError, match="iter_many makes several requests"):
            records.iter_many(["opp_1"])


async def test_request_reaches_any_endpoint(connect: Connect, sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    async with connect(sandbox.base_url) as client:
        assert await client.request("GET", f"/v1/opportunities/{id}") == sandbox.opportunities[id]
        with pytest.raises(NotFoundError):
            await client.request("GET", "/v1/nothing")


async def test_request_is_counted_in_its_category(connect: Connect) -> None:
    with FaultServer(http(200, {})) as server:
        async with connect(server.base_url) as client:
            await client.request("GET", "/v1/things")
            await client.request("POST", "/v1/things", body={})
            await client.request("DELETE", "/v1/things/1")
            await client.request("POST", "/v1/things/search", body={}, category="Search")
            granted = {name: lane.granted for name, lane in client.rate_limits.items()}
    assert granted == {"Read": 1, "Write": 2, "Search": 1}


@pytest.mark.parametrize("document", [{"a": [1, 2.5, None, True, "é"]}, [], "text", 0, None], ids=repr)
async def test_request_gives_json_as_it_is(connect: Connect, document: object) -> None:
    with FaultServer(http(200, document)) as server:
        async with connect(server.base_url) as client:
            assert await client.request("GET", "/v1/things") == document


async def test_request_refuses_other_methods(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        with pytest.raises(LightfieldValueError, match="method must be GET, POST or DELETE"):
            await cast("Any", client).request("PATCH", "/v1/things")
    assert len(sandbox.requests) == 0
