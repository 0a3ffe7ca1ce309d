"""What code written for the official SDK does with a client: copies, attributes, other endpoints, the environment."""

import os
import pickle
import subprocess
import sys
from typing import Any, cast

import msgspec
import pydantic
import pytest

import lightfield
from lightfield import (
    AsyncLightfield,
    AuthenticationError,
    ClientClosedError,
    Lightfield,
    LightfieldTypeError,
    LightfieldUsageError,
    LightfieldValueError,
    NotFoundError,
    Response,
    Timeout,
)
from lightfield.models import Opportunity
from lightfield.testing import Sandbox
from tests.client.both import KEY, Connect
from tests.faults.server import ID, OPPORTUNITY, FaultServer, header, http

OTHER = "sk_lf_another"


async def test_a_copy_with_another_key_or_url_is_a_client_of_its_own(connect: Connect, sandbox: Sandbox) -> None:
    with FaultServer() as server:
        async with connect(sandbox.base_url, timeout=7, default_headers={"X-A": "1"}) as client:
            stranger = client.copy(api_key=OTHER)
            with pytest.raises(AuthenticationError):
                await stranger.opportunity.retrieve(ID)
            elsewhere = client.copy(base_url=server.base_url, max_retries=1)
            assert (await elsewhere.opportunity.retrieve(ID)).id == ID
            await elsewhere.close()
            await stranger.close()
            assert (client.is_closed(), elsewhere.is_closed(), stranger.is_closed()) == (False, True, True)
            assert (elsewhere.base_url, elsewhere.timeout, elsewhere.max_retries) == (
                server.base_url,
                Timeout(total=7),
                1,
            )
            assert (await client.opportunity.retrieve(sandbox.opportunity_ids[0])).id == sandbox.opportunity_ids[0]
    assert header(server.requests[0], "x-a") == "1"
    assert header(server.requests[0], "authorization") == f"Bearer {KEY}"


async def test_a_copy_with_the_same_key_shares_all(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        twin = client.copy(api_key=KEY, base_url=None, default_headers=None, timeout=lightfield.NOT_GIVEN)
        await twin.opportunity.retrieve(sandbox.opportunity_ids[0])
        assert twin.rate_limits["Read"].granted == client.rate_limits["Read"].granted == 1
        await twin.close()
        assert client.is_closed()
        with pytest.raises(ClientClosedError):
            await client.opportunity.retrieve(sandbox.opportunity_ids[0])


async def test_default_headers_are_added_or_replaced(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url, default_headers={"X-A": "1", "Lightfield-Version": "2027-01-01"}) as client:
            for sibling in (
                client,
                client.copy(default_headers={"x-a": "2", "X-B": "b"}),
                client.copy(set_default_headers={"X-C": "c"}),
                client.copy(set_default_headers={}),
            ):
                await sibling.opportunity.retrieve(ID)
    names = ("x-a", "x-b", "x-c", "lightfield-version")
    assert [[header(request, name) for name in names] for request in server.requests] == [
        ["1", None, None, "2027-01-01"],
        ["2", "b", None, "2027-01-01"],
        [None, None, "c", "2026-03-01"],
        [None, None, None, "2026-03-01"],
    ]


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"default_headers": {"X": "1"}, "set_default_headers": {}}, LightfieldTypeError, "exclude each other"),
        ({"default_query": {"x": "1"}, "set_default_query": {}}, LightfieldTypeError, "exclude each other"),
        (
            {"default_headers": {"Idempotency-Key": "1"}},
            LightfieldValueError,
            "default_headers cannot set Idempotency-Key",
        ),
        ({"set_default_headers": {"authorization": "1"}}, LightfieldValueError, "set_default_headers cannot set"),
        ({"default_query": [1]}, LightfieldTypeError, "default_query must be a mapping"),
        ({"http_client": 5}, LightfieldTypeError, r"aiohttp.*proxy=.*ssl_context="),
        ({"api_key": "a b\n"}, LightfieldValueError, "not shown"),
    ],
    ids=str,
)
def test_options_of_a_copy_that_cannot_work_are_refused(
    options: dict[str, Any], error: type[Exception], text: str
) -> None:
    for client in (Lightfield(api_key=KEY), AsyncLightfield(api_key=KEY)):
        with pytest.raises(error, match=text):
            client.copy(**options)


@pytest.mark.parametrize("kind", [Lightfield, AsyncLightfield])
def test_a_key_is_neither_read_nor_changed(kind: type[Lightfield | AsyncLightfield]) -> None:
    client: Any = kind(api_key=KEY)
    with pytest.raises(AttributeError, match="cannot be read"):
        _ = client.api_key
    with pytest.raises(AttributeError, match=r"client\.copy\(api_key="):
        client.api_key = OTHER
    for name in ("base_url", "timeout", "max_retries"):
        with pytest.raises(AttributeError):
            setattr(client, name, 5)


def test_the_http_client_is_aiohttp() -> None:
    client = lightfield.DefaultAioHttpClient()
    AsyncLightfield(api_key=KEY, http_client=client)
    makers: list[Any] = [lightfield.DefaultHttpxClient, lightfield.DefaultAsyncHttpxClient]
    for make in makers:
        with pytest.raises(LightfieldTypeError, match="proxy="):
            make()
    with pytest.raises(LightfieldTypeError, match="ssl_context="):
        lightfield.DefaultAioHttpClient(timeout=5)


class Deal(pydantic.BaseModel):
    """A model of somebody else."""

    id: str


async def test_any_endpoint_is_called_by_verb(connect: Connect, sandbox: Sandbox) -> None:
    id = sandbox.opportunity_ids[0]
    path = f"/v1/opportunities/{id}"
    async with connect(sandbox.base_url) as client:
        assert await client.get(path, cast_to=Opportunity) == await client.opportunity.retrieve(id)
        assert (
            await client.get(path, cast_to=object) == await client.get(path, cast_to=dict) == sandbox.opportunities[id]
        )
        assert (await client.get(path, cast_to=Deal)).id == id
        assert msgspec.json.decode(await client.get(path, cast_to=bytes)) == sandbox.opportunities[id]
        assert msgspec.json.decode(await client.get(path, cast_to=str)) == sandbox.opportunities[id]
        assert await client.get(path, cast_to=cast("Any", lightfield.NoneType)) is None
        whole = await client.get(path, cast_to=Response)
        assert (whole.status_code, whole.json(), whole.headers["content-type"]) == (
            200,
            sandbox.opportunities[id],
            "application/json; charset=utf-8",
        )
        fields = {"fields": {"$name": "By verb"}}
        assert (await client.post(path, cast_to=Opportunity, body=fields)).text("$name") == "By verb"
        page = cast("dict[str, Any]", await client.get("/v1/opportunities?limit=1&offset=0", cast_to=object))
        assert len(page["data"]) == 1
        raw = await client.with_raw_response.get(path, cast_to=Opportunity)
        assert (await raw.parse()).id == id
        assert (await client.delete(path, cast_to=Opportunity)).id == id
        with pytest.raises(NotFoundError):
            await client.get("/v1/nothing", cast_to=Response)


class HTTPXResponse:
    """Stands for the class of httpx, by its name."""


HTTPXResponse.__module__, HTTPXResponse.__name__ = "httpx", "Response"


async def test_a_response_of_httpx_is_one_of_ours(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        response: Any = await client.get("/v1/opportunities", cast_to=HTTPXResponse)
    assert (type(response), response.status_code, response.json()["object"]) == (Response, 200, "list")


async def test_a_body_that_does_not_fit_another_type_is_an_error(connect: Connect) -> None:
    with FaultServer(http(200, {"id": KEY})) as server:
        async with connect(server.base_url) as client:
            for kind in (pydantic.create_model("Strict", id=int), Opportunity, int):
                with pytest.raises(lightfield.APIResponseValidationError) as caught:
                    await client.get("/v1/x", cast_to=kind)
                assert KEY not in str(caught.value)
            request = client.plan.get("/v1/x", cast_to=str)
            with pytest.raises(LightfieldUsageError, match="cannot be pickled"):
                pickle.dumps(request)


async def test_a_whole_response_stays_whole_undecoded(connect: Connect) -> None:
    with FaultServer(http(200, b"<html>")) as server:
        async with connect(server.base_url) as client:
            raw = await client.with_raw_response.get("/v1/x", cast_to=Response)
            whole = await raw.parse()
            async with client.with_streaming_response.get("/v1/x", cast_to=Response) as streamed:
                again = await streamed.parse()
    assert (whole.text, again.text, again.status_code) == ("<html>", "<html>", 200)


async def test_an_empty_body_is_none_where_that_fits(connect: Connect) -> None:
    with FaultServer(http(204)) as server:
        async with connect(server.base_url) as client:
            assert await client.post("/v1/x", cast_to=object, body={}) is None
            assert await client.request("DELETE", "/v1/x") is None
            with pytest.raises(lightfield.APIResponseValidationError):
                await client.delete("/v1/x", cast_to=dict)


async def test_a_post_to_another_endpoint_is_made_once(connect: Connect) -> None:
    with FaultServer(http(500)) as server:
        async with connect(server.base_url) as client:
            for call in (client.post("/v1/x", cast_to=object), client.request("POST", "/v1/x")):
                with pytest.raises(lightfield.InternalServerError) as caught:
                    await call
                assert caught.value.outcome_unknown
    assert len(server.requests) == 2


@pytest.mark.parametrize("name", ["idempotency_key", "extra_headers"])
async def test_a_post_with_the_callers_key_is_repeated_with_it(connect: Connect, name: str) -> None:
    options: Any = {name: "key-1" if name == "idempotency_key" else {"idempotency-key": "key-1"}}
    with FaultServer(http(500), http(200, {})) as server:
        async with connect(server.base_url) as client:
            await client.request("POST", "/v1/x", **options)
    assert [header(request, "idempotency-key") for request in server.requests] == ["key-1", "key-1"]


async def test_a_query_in_a_path_is_sent_as_it_is(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            await client.get("/v1/x?a=%FF&flag&$name[equal]=b", cast_to=object)
    assert server.requests[0].startswith(b"GET /v1/x?a=%FF&flag&$name[equal]=b ")


async def test_options_of_another_endpoint(connect: Connect) -> None:
    options: Any = {
        "headers": {"X-A": "1"},
        "params": {"a": [1, 2]},
        "timeout": 5.0,
        "extra_json": {"b": 1},
        "idempotency_key": "key-1",
    }
    options["timeout"] = lightfield.NOT_GIVEN
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            await client.post("/v1/x?z=1", cast_to=object, body={"a": 1}, options=options, extra_headers={"X-B": "2"})
    [request] = server.requests
    assert request.startswith(b"POST /v1/x?z=1&a=1%2C2 ")
    assert request.endswith(b'{"a":1,"b":1}')
    assert [header(request, name) for name in ("x-a", "x-b", "idempotency-key")] == ["1", "2", "key-1"]


@pytest.mark.parametrize(
    ("path", "options", "error"),
    [
        ("/v1/x", {"cast_to": object, "options": {"max_retries": 1}}, LightfieldTypeError),
        ("/v1/x", {"cast_to": object, "options": [1]}, LightfieldTypeError),
        ("/v1/x", {"cast_to": []}, LightfieldTypeError),
        ("/v1/x?a=b c", {"cast_to": object}, LightfieldValueError),
        ("/v1/x?a=b#c", {"cast_to": object}, LightfieldValueError),
        ("/v1/x", {"cast_to": list[int | str | Opportunity | Deal]}, LightfieldTypeError),
        ("http://example.com/v1/x", {"cast_to": object}, LightfieldValueError),
        ("/v1/../x", {"cast_to": object}, LightfieldValueError),
        (5, {"cast_to": object}, LightfieldTypeError),
    ],
    ids=str,
)
async def test_an_endpoint_that_cannot_be_called_is_refused(
    connect: Connect, path: Any, options: Any, error: type[Exception], sandbox: Sandbox
) -> None:
    async with connect(sandbox.base_url) as client:
        with pytest.raises(error):
            await client.get(path, **options)
    assert len(sandbox.requests) == 0


async def test_headers_come_from_the_environment(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTFIELD_CUSTOM_HEADERS", "X-A: 1\n x-b :two words \nnonsense\n\nX-C:3:4")
    with FaultServer() as server:
        async with connect(server.base_url, default_headers={"x-a": "own"}) as client:
            await client.opportunity.retrieve(ID)
    assert [header(server.requests[0], name) for name in ("x-a", "x-b", "x-c")] == ["own", "two words", "3:4"]


@pytest.mark.parametrize("lines", ["Authorization: Bearer sesame", "X A: sesame", "X-A: sesam\u00e9"])
def test_headers_of_the_environment_that_cannot_be_sent_are_refused(
    lines: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIGHTFIELD_CUSTOM_HEADERS", lines)
    with pytest.raises(LightfieldValueError, match="LIGHTFIELD_CUSTOM_HEADERS") as caught:
        Lightfield(api_key=KEY)
    assert "sesam" not in str(caught.value)


@pytest.mark.parametrize(
    ("level", "shown"), [("debug", ["debug", "info"]), ("info", ["info"]), ("", []), ("warning", [])]
)
def test_the_log_is_shown_from_the_level_of_the_environment_on(level: str, shown: list[str]) -> None:
    program = (
        "import logging, lightfield; lightfield.Lightfield(api_key='k'); lightfield.Lightfield(api_key='k');"
        "logging.getLogger('lightfield').info('info'); logging.getLogger('lightfield').debug('debug')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "LIGHTFIELD_LOG": level},
        capture_output=True,
        text=True,
        check=True,
        timeout=50,
    )
    assert sorted(line.rpartition(" ")[2] for line in done.stderr.splitlines()) == shown


async def test_a_member_has_its_fields_by_name(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url) as client:
        member = (await client.member.list(limit=1)).data[0]
    assert member.fields.email is not None
    assert member.fields.email.value == member.fields["$email"].value == member.text("$email")
    assert member.fields.name.value == member.full_name("$name")
    assert member.fields.profile_image.value_type == member.fields["$profileImage"].value_type
    assert member.relationships.user.values == member.related("$user")
    with pytest.raises(AttributeError, match="no attribute 'nickname'"):
        _ = cast("Any", member.fields).nickname
    with pytest.raises(AttributeError):
        _ = cast("Any", member.fields).Email


async def test_every_error_of_a_request_tells_what_was_sent(connect: Connect) -> None:
    with FaultServer(http(404, {"error": {"type": "not_found", "message": "Gone."}}), http(200, {"id": 5})) as server:
        async with connect(server.base_url, default_headers={"X-A": "sesame"}) as client:
            with pytest.raises(NotFoundError) as refused:
                await client.opportunity.retrieve(ID, extra_query={"a": 1})
            with pytest.raises(lightfield.APIResponseValidationError) as unfit:
                await client.note.create(fields={"$title": "a"}, idempotency_key="key-1")
            url = server.base_url
        async with connect("http://127.0.0.1:1", max_retries=0) as client:
            with pytest.raises(lightfield.APIConnectionError) as lost:
                await client.opportunity.retrieve(ID)
    assert (refused.value.request.method, refused.value.request.url) == ("GET", f"{url}/v1/opportunities/{ID}?a=1")
    assert (refused.value.message, refused.value.request.headers) == ("Gone.", {})
    assert (unfit.value.request.headers["Idempotency-Key"], unfit.value.body) == ("key-1", b'{"id": 5}')
    assert lost.value.request.url == f"http://127.0.0.1:1/v1/opportunities/{ID}"
    assert (lost.value.body, lost.value.message) == (None, str(lost.value))


async def test_a_response_of_an_error_reads_as_json(connect: Connect) -> None:
    with FaultServer(http(400, OPPORTUNITY)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(lightfield.BadRequestError) as caught:
                await client.opportunity.retrieve(ID)
    assert caught.value.response is not None
    assert caught.value.response.json() == OPPORTUNITY
