"""Where a client finds its key and its server."""

import pytest

from lightfield import AsyncLightfield, Lightfield, LightfieldTypeError, LightfieldValueError
from lightfield.testing import Sandbox
from tests.client.both import Connect
from tests.faults.server import ID, FaultServer, header

kinds = pytest.mark.parametrize("kind", [AsyncLightfield, Lightfield])


async def test_key_and_address_come_from_the_environment(
    connect: Connect,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LIGHTFIELD_API_KEY", sandbox.api_key)
    monkeypatch.setenv("LIGHTFIELD_BASE_URL", sandbox.base_url)
    async with connect(None, api_key=None) as client:
        id = sandbox.opportunity_ids[0]
        assert (await client.opportunity.retrieve(id)).id == id


async def test_arguments_beat_the_environment(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTFIELD_API_KEY", "sk_lf_environment")
    monkeypatch.setenv("LIGHTFIELD_BASE_URL", "http://localhost:1")
    with FaultServer() as server:
        async with connect(server.base_url, api_key="sk_lf_argument") as client:
            await client.opportunity.retrieve(ID)
    assert header(server.requests[0], "Authorization") == "Bearer sk_lf_argument"


async def test_environment_is_read_when_the_client_is_made(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTFIELD_API_KEY", "sk_lf_before")
    with FaultServer() as server:
        async with connect(server.base_url, api_key=None) as client:
            monkeypatch.setenv("LIGHTFIELD_API_KEY", "sk_lf_after")
            await client.opportunity.retrieve(ID)
    assert header(server.requests[0], "Authorization") == "Bearer sk_lf_before"


@kinds
def test_default_address_is_the_public_api(
    kind: type[AsyncLightfield | Lightfield],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LIGHTFIELD_BASE_URL", raising=False)
    assert "https://api.lightfield.app>" in repr(kind(api_key="sk_lf_1"))


@kinds
def test_without_a_key_there_is_no_client(
    kind: type[AsyncLightfield | Lightfield],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LIGHTFIELD_API_KEY", raising=False)
    with pytest.raises(LightfieldValueError, match="LIGHTFIELD_API_KEY"):
        kind()


@kinds
def test_unknown_option_is_named(kind: type[AsyncLightfield | Lightfield]) -> None:
    with pytest.raises(LightfieldTypeError, match="Unknown option: retries"):
        kind(api_key="sk_lf_1", retries=3)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]


@pytest.mark.parametrize(
    ("prefix", "path"),
    [
        ("", "/v1"),
        ("/", "/v1"),
        ("/crm", "/crm/v1"),
        ("/crm/eu/", "/crm/eu/v1"),
        ("/a%20b%2Fc", "/a%20b%2Fc/v1"),
    ],
)
async def test_path_of_the_address_comes_first(connect: Connect, prefix: str, path: str) -> None:
    with FaultServer() as server:
        async with connect(server.base_url + prefix) as client:
            await client.opportunity.retrieve("opp_é")
            await client.request("GET", "/v1/things", query={"a": "b c&d", "e": "x=é+%"})
    assert [request.split(b"\r\n")[0].decode() for request in server.requests] == [
        f"GET {path}/opportunities/opp_%C3%A9 HTTP/1.1",
        f"GET {path}/things?a=b+c%26d&e=x%3D%C3%A9%2B%25 HTTP/1.1",
    ]
