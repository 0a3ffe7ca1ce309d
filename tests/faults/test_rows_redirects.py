"""Rows 50 to 53 of the fault matrix: nothing that a response says sends the key, the body or a cookie anywhere."""

from contextlib import suppress

import pytest
import trustme

from lightfield import APIStatusError
from tests.client.both import Connect
from tests.faults.calls import Call, read
from tests.faults.certificates import certified, trusting
from tests.faults.rows import failed
from tests.faults.server import ID, OPPORTUNITY, FaultServer, header, http

REDIRECTS = [300, 301, 302, 303, 304, 305, 307, 308]


@pytest.mark.parametrize("status", REDIRECTS)
async def test_row_50_a_redirect_within_the_host_is_an_error_that_names_the_place(
    connect: Connect, call: Call, status: int
) -> None:
    reply = http(status, headers={"Location": "/v1/elsewhere?token=5ecret"})
    error = await failed(connect, call, APIStatusError, reply)
    assert (error.status_code, len(error.attempts)) == (status, 1)
    assert f"{status}: redirects are not followed; Location: /v1/elsewhere [" in str(error)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("status", REDIRECTS)
async def test_row_51_another_host_hears_nothing(connect: Connect, status: int, method: str) -> None:
    with FaultServer() as other, FaultServer(http(status, headers={"Location": other.base_url})) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(APIStatusError, match=f"Location: {other.base_url}") as caught:
                await client.request(method, "/v1/things", body={"fields": {}})  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    assert type(caught.value) is APIStatusError
    assert (caught.value.status_code, len(server.requests)) == (status, 1)
    assert (other.connections, other.requests) == (0, [])


async def test_row_51_the_same_host_without_tls_hears_nothing(connect: Connect, call: Call) -> None:
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    with FaultServer() as plain:
        away = http(307, headers={"Location": plain.base_url})
        with FaultServer(away, tls=certified(authority.issue_cert("localhost"))) as server:
            async with connect(server.base_url, ssl_context=trusting(authority)) as client:
                with pytest.raises(APIStatusError, match=f"Location: {plain.base_url}"):
                    await call(client)
    assert len(server.requests) == 1
    assert (plain.connections, plain.requests) == (0, [])


async def test_row_52_a_redirect_to_itself_is_no_loop(connect: Connect, call: Call) -> None:
    place = f"/v1/opportunities/{ID}" if call is read else "/v1/opportunities"
    error = await failed(connect, call, APIStatusError, http(302, headers={"Location": place}))
    assert (error.status_code, len(error.attempts)) == (302, 1)


PLACES = ["file:///etc/passwd", "http://[", "javascript:alert(1)", "//", "", "\x80\xff", "x" * 7_000]


@pytest.mark.parametrize("location", PLACES)
async def test_row_52_a_place_that_is_none_is_quoted_in_one_line(connect: Connect, call: Call, location: str) -> None:
    error = await failed(connect, call, APIStatusError, http(307, headers={"Location": location}))
    assert (error.status_code, len(error.attempts)) == (307, 1)


async def test_row_52_a_redirect_without_a_place_says_so(connect: Connect, call: Call) -> None:
    error = await failed(connect, call, APIStatusError, http(301))
    assert "Location: none [" in str(error)


@pytest.mark.parametrize("status", [200, 307, 429])
async def test_row_53_cookies_are_not_kept(connect: Connect, call: Call, status: int) -> None:
    baked = {"Set-Cookie": "session=1; Path=/", "Retry-After": "0"}
    with FaultServer(http(status, OPPORTUNITY, baked)) as server:
        async with connect(server.base_url, max_retries=0) as client:
            for _ in range(2):
                with suppress(APIStatusError):
                    await call(client)
    assert [header(request, "Cookie") for request in server.requests] == [None, None]
