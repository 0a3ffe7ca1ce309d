"""``with_options`` makes a sibling: options of its own, everything else shared."""

from typing import Any, cast

import pytest

from lightfield import ClientClosedError, InternalServerError, LightfieldTypeError, LightfieldValueError
from lightfield.testing import Sandbox
from tests.client.both import Connect
from tests.faults.server import ID, OPPORTUNITY, FaultServer, http


async def test_connections_are_shared(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            for each in (client, client.with_options(timeout=5), client.with_options().with_options(deadline=9)):
                await each.opportunity.retrieve(ID)
    assert (len(server.requests), server.connections) == (3, 1)


async def test_limits_are_shared(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        sibling = client.with_options(max_retries=0)
        for each in (client, sibling):
            await each.opportunity.retrieve(sandbox.opportunity_ids[0])
        assert client.rate_limits == sibling.rate_limits
        assert client.rate_limits["Read"].granted == 2


async def test_options_are_not_shared(connect: Connect) -> None:
    with FaultServer(http(503), http(503), http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url, max_retries=1) as client:
            hasty = client.with_options(max_retries=0)
            with pytest.raises(InternalServerError):
                await hasty.opportunity.retrieve(ID)
            response = await client.opportunity.with_raw_response.retrieve(ID)
    assert response.retries_taken == 1


async def test_options_build_on_the_siblings(connect: Connect) -> None:
    with FaultServer(http(503)) as server:
        async with connect(server.base_url, max_retries=1) as client:
            grandchild = client.with_options(max_retries=0).with_options(timeout=5)
            with pytest.raises(InternalServerError) as caught:
                await grandchild.opportunity.retrieve(ID)
    assert len(caught.value.attempts) == 1


@pytest.mark.parametrize("elder", [True, False])
async def test_closing_is_shared(connect: Connect, sandbox: Sandbox, *, elder: bool) -> None:
    id = sandbox.opportunity_ids[0]
    async with connect(sandbox.base_url) as client:
        sibling = client.with_options(timeout=5)
        await sibling.opportunity.retrieve(id)
        await (client if elder else sibling).close()
        for each in (client, sibling, client.with_options()):
            with pytest.raises(ClientClosedError):
                await each.opportunity.retrieve(id)
    assert len(sandbox.requests) == 1


async def test_a_sibling_plans_and_shows_itself_like_its_elder(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        sibling = client.with_options(timeout=5)
        assert repr(sibling) == repr(client)
        assert sibling.plan.opportunity.retrieve(ID) == client.plan.opportunity.retrieve(ID)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"api_key": ""}, LightfieldValueError),
        ({"base_url": "http://example.com"}, LightfieldValueError),
        ({"max_rps": 5}, LightfieldTypeError),
        ({"http_client": 5}, LightfieldTypeError),
        ({"timeout": 0}, LightfieldValueError),
        ({"timeout": "5"}, LightfieldTypeError),
        ({"deadline": float("inf")}, LightfieldValueError),
        ({"max_retries": -1}, LightfieldValueError),
        ({"idempotency_key": "a b"}, LightfieldValueError),
        ({"idempotency_key": "k" * 256}, LightfieldValueError),
    ],
    ids=str,
)
async def test_options_that_cannot_work_are_refused(
    connect: Connect,
    options: dict[str, object],
    error: type[Exception],
) -> None:
    async with connect("http://localhost:1") as client:
        with pytest.raises(error):
            cast("Any", client).with_options(**options)
