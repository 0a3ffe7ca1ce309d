"""One record, from the caller to the server and back."""

import asyncio

import pytest

from lightfield import AuthenticationError, NotFoundError
from lightfield.models import Opportunity
from lightfield.testing import Sandbox
from lightfield.types import OpportunityRetrieveResponse
from tests.client.both import Connect


async def test_record_is_the_servers(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        for id in sandbox.opportunity_ids[:5]:
            opportunity = await client.opportunity.retrieve(id)
            assert type(opportunity) is Opportunity is OpportunityRetrieveResponse
            assert opportunity.id == id
            assert opportunity.to_dict() == sandbox.opportunities[id]


async def test_values_read_as_documented(connect: Connect, sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    async with connect(sandbox.base_url) as client:
        opportunity = await client.opportunity.retrieve(id)
    document = sandbox.opportunities[id]
    assert opportunity.created_at == document["createdAt"]
    assert opportunity.fields["$name"].value == opportunity.text("$name") == document["fields"]["$name"]["value"]
    assert opportunity.relationships["$account"].values == document["relationships"]["$account"]["values"]


async def test_unknown_record_is_not_found(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        with pytest.raises(NotFoundError, match="404 not_found: No resource found") as caught:
            await client.opportunity.retrieve("opp_unknown")
    assert (caught.value.status_code, caught.value.type) == (404, "not_found")
    assert len(sandbox.requests) == 1


async def test_wrong_key_is_an_authentication_error(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url, api_key="sk_lf_other") as client:
        with pytest.raises(AuthenticationError):
            await client.opportunity.retrieve(sandbox.opportunity_ids[0])
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize("id", ["opp a", "opp+a&b=c", "opp_é", "opp_😀", "opp:1@x", "...", "~opp.1,2;3"])
async def test_odd_ids_arrive_as_they_are(connect: Connect, sandbox: Sandbox, id: str) -> None:
    sandbox.opportunities[id] = {**sandbox.opportunities[sandbox.opportunity_ids[0]], "id": id}
    async with connect(sandbox.base_url) as client:
        assert (await client.opportunity.retrieve(id)).id == id


async def test_many_at_once_each_get_their_own(connect: Connect, sandbox: Sandbox) -> None:
    ids = sandbox.opportunity_ids
    async with connect(sandbox.base_url, rate_limits=None) as client:
        got = await asyncio.gather(*(client.opportunity.retrieve(id) for id in ids))
    assert [opportunity.id for opportunity in got] == ids
    assert len(sandbox.requests) == len(ids)
