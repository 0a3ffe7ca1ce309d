"""Nothing that a response says sends the key, the body or a cookie anywhere."""

import pytest

from lightfield import APIStatusError
from tests.client.both import Connect
from tests.faults.server import ID, OPPORTUNITY, FaultServer, header, http

REDIRECTS = [300, 301, 302, 303, 304, 305, 307, 308]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("status", REDIRECTS)
async def test_redirect_to_another_host_is_an_error_and_that_host_hears_nothing(
    connect: Connect,
    status: int,
    method: str,
) -> None:
    with FaultServer() as other, FaultServer(http(status, headers={"Location": other.base_url})) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(
                APIStatusError, match=f"redirects are not followed; Location: {other.base_url}"
            ) as caught:
                await client.request(method, "/v1/things", body={"fields": {}})  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    assert type(caught.value) is APIStatusError
    assert caught.value.status_code == status
    assert len(server.requests) == 1
    assert (other.connections, other.requests) == (0, [])


@pytest.mark.parametrize("location", ["/v1/elsewhere", "", "file:///etc/passwd", "http://[", "x" * 100_000])
async def test_redirect_within_the_host_or_to_nonsense_is_not_followed_either(connect: Connect, location: str) -> None:
    with FaultServer(http(307, headers={"Location": location[:7000]})) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(APIStatusError) as caught:
                await client.opportunity.retrieve(ID)
    assert (caught.value.status_code, len(server.requests)) == (307, 1)
    assert len(str(caught.value)) < 500


async def test_cookies_are_not_kept(connect: Connect) -> None:
    baked = http(200, OPPORTUNITY, {"Set-Cookie": "session=1; Path=/"})
    with FaultServer(baked) as server:
        async with connect(server.base_url) as client:
            for _ in range(2):
                await client.opportunity.retrieve(ID)
    assert [header(request, "Cookie") for request in server.requests] == [None, None]
