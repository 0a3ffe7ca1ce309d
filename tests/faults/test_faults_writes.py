"""A write that is sent again is sent with the same key, so that it takes effect once."""

from collections.abc import Awaitable
from uuid import UUID

import pytest

from lightfield import APIConnectionError, APIError, AsyncLightfield, BadRequestError, InternalServerError
from lightfield.models import Opportunity
from tests.client.both import Connect
from tests.faults.server import FIN, ID, OPPORTUNITY, FaultServer, Reply, header, http

PATH = "/v1/opportunities"
BODY = {"fields": {"$name": "Überraschung"}}


def create(client: AsyncLightfield) -> Awaitable[Opportunity]:
    return client.opportunity.create(fields={"$name": "Überraschung"}, relationships={})


def keys(server: FaultServer) -> list[str | None]:
    return [header(request, "Idempotency-Key") for request in server.requests]


async def test_every_attempt_is_the_same_to_the_byte(connect: Connect) -> None:
    with FaultServer(http(503), FIN, http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url) as client:
            assert (await create(client)).id == OPPORTUNITY["id"]
    assert len(server.requests) == 3
    assert len(set(server.requests)) == 1
    assert server.requests[0].endswith(b'\r\n\r\n{"fields":{"$name":"\xc3\x9cberraschung"},"relationships":{}}')


async def test_key_is_a_random_uuid_and_on_the_error(connect: Connect) -> None:
    with FaultServer(http(503)) as server:
        async with connect(server.base_url, max_retries=1) as client:
            with pytest.raises(InternalServerError) as caught:
                await create(client)
    key = caught.value.idempotency_key
    assert key is not None
    assert keys(server) == [key, key]
    assert (UUID(key).version, str(UUID(key))) == (4, key)


@pytest.mark.parametrize("fault", [http(400), FIN], ids=["final", "lost"])
async def test_key_is_on_the_error_of_a_first_attempt_too(connect: Connect, fault: Reply) -> None:
    with FaultServer(fault) as server:
        async with connect(server.base_url, max_retries=0) as client:
            with pytest.raises((BadRequestError, APIConnectionError)) as caught:
                await client.request("POST", PATH, body=BODY)
    assert isinstance(caught.value, APIError)
    assert keys(server) == [caught.value.idempotency_key]
    assert caught.value.idempotency_key


async def test_every_write_has_a_key_of_its_own(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            for _ in range(2):
                await client.request("POST", PATH, body=BODY)
    first, second = keys(server)
    assert first != second


async def test_the_callers_key_wins(connect: Connect) -> None:
    with FaultServer(http(503), http(400)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(BadRequestError) as caught:
                await create(client.with_options(idempotency_key="import-7/row-1"))
            with pytest.raises(BadRequestError):
                await create(client)
    assert keys(server)[:2] == ["import-7/row-1"] * 2
    assert caught.value.idempotency_key == "import-7/row-1"
    assert keys(server)[2] not in {None, "import-7/row-1"}


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_only_a_post_has_a_key(connect: Connect, method: str) -> None:
    with FaultServer(http(400)) as server:
        async with connect(server.base_url) as client:
            send = client.with_options(idempotency_key="import-7").request
            with pytest.raises(BadRequestError) as caught:
                await send(method, f"{PATH}/{ID}")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    assert (keys(server), caught.value.idempotency_key) == ([None], None)
