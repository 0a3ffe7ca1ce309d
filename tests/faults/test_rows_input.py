"""Rows 10 to 19: what cannot be sent is refused before a slot is taken or a byte is sent."""

import traceback
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any, TypeAlias, cast
from zoneinfo import ZoneInfo

import pytest

from lightfield import AsyncLightfield, LightfieldError, LightfieldTypeError, LightfieldValueError
from tests.client.both import Connect
from tests.faults.calls import Call
from tests.faults.server import ID, FaultServer
from tests.secrets.seen import KEY, SECRET

pd: Any = import_module("pandas")

ById: TypeAlias = Callable[[AsyncLightfield, Any], Awaitable[Any]]


@pytest.fixture(params=["read", "write"])
def by_id(request: pytest.FixtureRequest) -> ById:
    """Make a call about one record: the test runs once with a read, once with a write."""
    if request.param == "read":
        return lambda client, value: client.opportunity.retrieve(value)
    return lambda client, value: client.opportunity.update(value, fields={"$name": "Acme"})


async def refused(
    connect: Connect, kind: type[LightfieldError], act: Callable[[AsyncLightfield], Awaitable[Any]]
) -> str:
    """Do what is refused; give the refusal's text. Nobody has taken a slot or connected to the server."""
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            with pytest.raises(kind) as caught:
                await act(client)
            assert [lane.granted for lane in client.rate_limits.values()] == [0, 0, 0]
    assert (server.connections, server.requests) == (0, [])
    return str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "{place}",
        "ftp://{place}",
        "file:///etc/passwd",
        "http://localhost:99999",
        "http://localhost:0",
        "http://user:9f2b1c7d4e@{place}",
        "http://{place}?key=9f2b1c7d4e",
        "http://{place}#x",
        "http://{place}/../v2",
        "http://{place}\r\nX-Header: 1",
        "http://api.lightfield.test",
    ],
    ids=ascii,
)
async def test_row_10_base_url_that_cannot_work(connect: Connect, url: str) -> None:
    with FaultServer() as server, pytest.raises(LightfieldValueError, match="base_url") as caught:
        async with connect(url.format(place=server.address)):
            pass
    assert server.connections == 0
    assert SECRET not in "".join(traceback.format_exception(caught.value))


async def test_row_10_clear_text_to_another_host_when_allowed(connect: Connect, call: Call) -> None:
    with FaultServer() as server:
        async with connect(f"http://0.0.0.0:{server.port}", allow_http=True) as client:
            assert (await call(client)).id == ID


async def without_key(connect: Connect, key: str, match: str) -> None:
    with FaultServer() as server, pytest.raises(LightfieldValueError, match=match) as caught:
        async with connect(server.base_url, api_key=key):
            pass
    assert server.connections == 0
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("key", ["", " ", "\t\n"], ids=ascii)
async def test_row_11_empty_key(connect: Connect, key: str) -> None:
    await without_key(connect, key, "empty")


@pytest.mark.parametrize(
    "key",
    [f"{KEY}\n", f"{KEY}\r\nX-Header: 1", f"\x00{KEY}", f"sk\x00{KEY}", f"{KEY}\x7f", f" {KEY}", f"{KEY} "],
    ids=ascii,
)
async def test_row_11_key_with_a_control_character(connect: Connect, key: str) -> None:
    await without_key(connect, key, "not shown")


@pytest.mark.parametrize("key", [f"{KEY}é", f"{KEY}\u2028", f"\N{NO-BREAK SPACE}{KEY}", f"{KEY}\ud800"], ids=ascii)
async def test_row_12_key_beyond_ascii(connect: Connect, key: str) -> None:
    await without_key(connect, key, "not shown")


HEADERS = ["", "a\r\nX-Header: 1", "a\n", "a\x00", "a b", "é", "a" * 256]


@pytest.mark.parametrize("key", HEADERS, ids=ascii)
async def test_row_13_idempotency_key_that_is_no_header(connect: Connect, call: Call, key: str) -> None:
    text = await refused(connect, LightfieldValueError, lambda client: call(client.with_options(idempotency_key=key)))
    assert "idempotency_key must be 1 to 255 visible ASCII characters" in text


@pytest.mark.parametrize("key", HEADERS, ids=ascii)
async def test_row_13_idempotency_key_of_a_request(connect: Connect, key: str) -> None:
    async def act(client: AsyncLightfield) -> None:
        await client.send(client.plan.opportunity.create(fields={}, relationships={}).keyed(key))

    await refused(connect, LightfieldValueError, act)


async def test_row_14_empty_id(connect: Connect, by_id: ById) -> None:
    assert await refused(connect, LightfieldValueError, lambda client: by_id(client, "")) == "id is empty."


@pytest.mark.parametrize("id", [".", "..", "../accounts", "a/b", "a\\b", "/accounts"], ids=ascii)
async def test_row_15_id_that_leads_elsewhere(connect: Connect, by_id: ById, id: str) -> None:
    assert "id is not a valid id: " in await refused(connect, LightfieldValueError, lambda client: by_id(client, id))


@pytest.mark.parametrize("id", ["a?x=1", "a#f", "%2F", "..%2f", "a%", "a" * 513], ids=ascii)
async def test_row_16_id_that_is_more_than_a_segment(connect: Connect, by_id: ById, id: str) -> None:
    assert "id is not a valid id: " in await refused(connect, LightfieldValueError, lambda client: by_id(client, id))


@pytest.mark.parametrize(
    ("id", "quoted"),
    [("a+b", "a%2Bb"), ("a b", "a%20b"), ("a&b=c;d", "a%26b%3Dc%3Bd"), ("a:b@c", "a%3Ab%40c"), ("a..b", "a..b")],
)
async def test_row_16_odd_id_is_quoted_once(connect: Connect, by_id: ById, id: str, quoted: str) -> None:
    assert await path(connect, by_id, id) == f"/v1/opportunities/{quoted}"


@pytest.mark.parametrize(
    "id",
    ["a\r\nb", "a\x00", "\x85a", "a\x1b[31m", "a\u2028b", "a\u2029b", " ", " a", "a ", "a\t", "\u3000a", "a\ud800b"],
    ids=ascii,
)
async def test_row_17_id_with_a_control_character_or_a_space_at_an_end(connect: Connect, by_id: ById, id: str) -> None:
    text = await refused(connect, LightfieldValueError, lambda client: by_id(client, id))
    assert text.isprintable()


@pytest.mark.parametrize(
    ("id", "quoted"),
    [
        ("opp_é", "opp_%C3%A9"),
        ("\N{SNOWMAN}", "%E2%98%83"),
        ("a\u3000b", "a%E3%80%80b"),
        ("\u200b\u202e\ufeff", "%E2%80%8B%E2%80%AE%EF%BB%BF"),
        ("\ue000\uffff\U0010ffff", "%EE%80%80%EF%BF%BF%F4%8F%BF%BF"),
    ],
    ids=ascii,
)
async def test_row_17_id_beyond_ascii_is_quoted(connect: Connect, by_id: ById, id: str, quoted: str) -> None:
    assert await path(connect, by_id, id) == f"/v1/opportunities/{quoted}"


async def path(connect: Connect, by_id: ById, id: str) -> str:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            await by_id(client, id)
    return server.requests[0].split(b" ")[1].decode("ascii")


@pytest.mark.parametrize("id", [None, 7, b"opp_1", ["opp_1"], True], ids=repr)
async def test_row_18_id_that_is_no_string(connect: Connect, by_id: ById, id: object) -> None:
    text = await refused(connect, LightfieldTypeError, lambda client: by_id(client, id))
    assert text == f"id must be a string, not {type(id).__name__}."


LOOP: list[object] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        float("nan"),
        float("inf"),
        pd.NaT,
        pd.NA,
        Decimal("NaN"),
        datetime(2026, 5, 1),  # noqa: DTZ001 # that is what is refused
        b"bytes",
        "\ud800",
        {float("nan")},
        timedelta(1),
        LOOP,
    ],
    ids=lambda value: type(value).__name__,
)
async def test_row_19_body_that_has_no_json_form(connect: Connect, value: object) -> None:
    async def act(client: AsyncLightfield) -> None:
        await client.opportunity.create(fields={"$name": cast("Any", value)}, relationships={"$account": "acc_1"})

    await refused(connect, LightfieldError, act)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        float("nan"),
        Decimal("sNaN"),
        10**400,
        Decimal("1E-999999999"),
        datetime(2026, 5, 1),  # noqa: DTZ001 # that is what is refused
        datetime(1880, 5, 1, tzinfo=ZoneInfo("Europe/Berlin")),
        pd.NaT,
        pd.NA,
        b"bytes",
        "\ud800",
        timedelta(1),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("option", ["filters", "extra_query"])
async def test_row_19_filter_or_query_that_has_no_text(connect: Connect, value: object, option: str) -> None:
    async def act(client: AsyncLightfield) -> None:
        options: dict[str, Any] = {option: {"a": value}}
        await client.opportunity.list(**options)

    await refused(connect, LightfieldError, act)


async def test_row_19_number_of_any_size(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            await client.request("POST", "/v1/things", body={"a": 10**30})
    assert server.requests[0].endswith(b'{"a":1000000000000000000000000000000}')


@pytest.mark.parametrize("path", ["", "v1/things", "/v1/../v2", "/v1//things", "/v1/a?b", "/v1/a b", "//evil.example/"])
async def test_path_of_a_request_that_is_none(connect: Connect, path: str) -> None:
    text = await refused(connect, LightfieldValueError, lambda client: client.request("GET", path))
    assert "path must look like" in text
