"""Options of one call: time limits, headers, query and body, and what they may not do."""

import json
from enum import Enum
from typing import Any, cast

import pytest

import lightfield
from lightfield import APITimeoutError, Lightfield, LightfieldTypeError, LightfieldValueError, Timeout
from lightfield.testing import Sandbox
from tests.client.both import KEY, Connect
from tests.faults.server import ID, OPPORTUNITY, STALL, FaultServer, header, http

NOTE = {**OPPORTUNITY, "id": "not_1"}


def sent_body(request: bytes) -> Any:
    return json.loads(request.partition(b"\r\n\r\n")[2] or b"null")


@pytest.mark.parametrize("limit", [0.2, Timeout(total=0.2), Timeout(0.2), Timeout(None, read=0.2)], ids=str)
async def test_a_time_limit_is_that_of_one_call(connect: Connect, limit: float | Timeout) -> None:
    with FaultServer(STALL, http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url, max_retries=0) as client:
            with pytest.raises(APITimeoutError):
                await client.opportunity.retrieve(ID, timeout=limit)
            assert (await client.opportunity.retrieve(ID)).id == ID


class PhaseTimeout:
    """An object like that of httpx."""

    connect, read, write, pool = 5.0, 0.2, 5.0, 5.0


async def test_a_time_limit_of_httpx_is_understood(connect: Connect) -> None:
    with FaultServer(STALL) as server:
        async with connect(server.base_url, max_retries=0, timeout=PhaseTimeout()) as client:
            assert client.timeout == Timeout(5.0, read=0.2)
            with pytest.raises(APITimeoutError, match=r"timeout\.read"):
                await client.opportunity.retrieve(ID)


async def test_no_time_limit_leaves_the_deadline(connect: Connect) -> None:
    with FaultServer(STALL) as server:
        async with connect(server.base_url, deadline=0.3, timeout=0.1, max_retries=0) as client:
            with pytest.raises(APITimeoutError) as caught:
                await client.opportunity.retrieve(ID, timeout=None)
    assert caught.value.deadline_exceeded


async def test_headers_replace_those_of_the_client_in_any_case(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url, default_headers={"X-One": "1", "x-two": "2", "X-Three": "3"}) as client:
            await client.opportunity.retrieve(ID)
            await client.opportunity.retrieve(
                ID,
                extra_headers={
                    "x-ONE": "one",
                    "X-Two": None,
                    "X-THREE": lightfield.omit,
                    "User-Agent": "me",
                    "accept": "a",
                },
            )
    first, second = server.requests
    assert [header(first, name) for name in ("x-one", "x-two", "x-three")] == ["1", "2", "3"]
    assert [header(second, name) for name in ("x-one", "x-two", "x-three")] == ["one", None, None]
    assert [second.lower().count(name) for name in (b"x-one:", b"user-agent: me", b"accept: a", b"accept:")] == [
        1,
        1,
        1,
        1,
    ]


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"Authorization": "Bearer other"}, LightfieldValueError),
        ({"authorization": None}, LightfieldValueError),
        ({"lightfield-version": "2027-01-01"}, LightfieldValueError),
        ({"Content-Length": "5"}, LightfieldValueError),
        ({"Transfer-Encoding": "chunked"}, LightfieldValueError),
        ({"Host": "example.com"}, LightfieldValueError),
        ({"Expect": "100-continue"}, LightfieldValueError),
        ({"Content-Type": None}, LightfieldValueError),
        ({"X-A": "sesame\r\nX-B: b"}, LightfieldValueError),
        ({"X-A": "sesame\n"}, LightfieldValueError),
        ({"X-A": "sesam\u00e9"}, LightfieldValueError),
        ({"X-A\r\nX-B": "b"}, LightfieldValueError),
        ({"X A": "b"}, LightfieldValueError),
        ({"": "b"}, LightfieldValueError),
        ({5: "b"}, LightfieldValueError),
        ({"X-A": 5}, LightfieldTypeError),
        ({"X-A": b"b"}, LightfieldTypeError),
        ([("X-A", "b")], LightfieldTypeError),
        ("X-A: b", LightfieldTypeError),
    ],
    ids=str,
)
async def test_headers_that_cannot_be_sent_are_refused(
    connect: Connect, headers: Any, error: type[Exception], sandbox: Sandbox
) -> None:
    async with connect(sandbox.base_url) as client:
        with pytest.raises(error, match=r"^extra_headers") as caught:
            await client.opportunity.retrieve(ID, extra_headers=headers)
    assert "sesam" not in str(caught.value)
    assert len(sandbox.requests) == 0


async def test_a_key_is_that_of_one_write_whatever_the_write(connect: Connect) -> None:
    with FaultServer(http(200, NOTE)) as server:
        async with connect(server.base_url) as client:
            await client.note.create(fields={"$title": "a"}, idempotency_key="one")
            await client.note.create(fields={"$title": "a"}, extra_headers={"idempotency-key": "two"})
            await client.note.delete("not_1", idempotency_key="three")
            await client.note.delete("not_1", idempotency_key=None)
            await client.note.create(fields={"$title": "a"}, idempotency_key=lightfield.NOT_GIVEN)
    keys = [header(request, "idempotency-key") for request in server.requests]
    assert keys[:4] == ["one", "two", "three", None]
    assert keys[4]
    assert all(request.lower().count(b"idempotency-key:") == 1 for request in server.requests[:3])


async def test_a_key_is_kept_when_a_write_is_retried(connect: Connect) -> None:
    with FaultServer(http(503), http(200, NOTE)) as server:
        async with connect(server.base_url) as client:
            await client.note.create(fields={"$title": "a"}, idempotency_key="one", extra_headers={"X-Trace": "t"})
    assert [(header(each, "idempotency-key"), header(each, "x-trace")) for each in server.requests] == [
        ("one", "t")
    ] * 2


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"idempotency_key": "k"}, LightfieldTypeError, "a GET takes none"),
        ({"extra_query": [("a", 1)]}, LightfieldTypeError, "extra_query must be a mapping"),
        ({"extra_query": {"a": 1j}}, LightfieldTypeError, r"extra_query\['a'\] must be text"),
        ({"extra_query": {5: "a"}}, LightfieldTypeError, "extra_query has a name"),
        ({"timeout": 0}, LightfieldValueError, "timeout"),
        ({"timeout": 1j}, LightfieldTypeError, "timeout must be a number or a Timeout, not complex"),
        ({"timeout": "5"}, LightfieldTypeError, "timeout"),
        ({"extra_header": {}}, LightfieldTypeError, "unexpected argument 'extra_header'; did you mean 'extra_headers'"),
        ({"whatever": {}}, LightfieldTypeError, r"^retrieve\(\) got an unexpected argument 'whatever'\.$"),
    ],
    ids=str,
)
async def test_options_that_cannot_work_are_refused(
    connect: Connect, options: dict[str, Any], error: type[Exception], text: str, sandbox: Sandbox
) -> None:
    async with connect(sandbox.base_url) as client:
        with pytest.raises(error, match=text):
            await client.opportunity.retrieve(ID, **options)
    assert len(sandbox.requests) == 0


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"idempotency_key": "a b"}, LightfieldValueError, "idempotency_key"),
        ({"extra_headers": {"Idempotency-Key": "a b"}}, LightfieldValueError, "idempotency_key"),
        ({"extra_body": ["a"]}, LightfieldTypeError, "extra_body must be a mapping"),
        ({"extra_body": {"a": float("nan")}}, LightfieldValueError, "JSON"),
        ({"extra_body": {"a": 1j}}, LightfieldTypeError, "JSON"),
        ({"extra_body": {1: "a"}}, LightfieldTypeError, "name that is not a string"),
        ({"extra_body": {"\ud800": 1}}, LightfieldValueError, "Unicode"),
    ],
    ids=str,
)
async def test_options_of_a_write_that_cannot_work_are_refused(
    connect: Connect, options: dict[str, Any], error: type[Exception], text: str, sandbox: Sandbox
) -> None:
    async with connect(sandbox.base_url) as client:
        with pytest.raises(error, match=text):
            await client.note.create(fields={"$title": "a"}, **options)
    assert len(sandbox.requests) == 0


async def test_a_body_keeps_its_numbers_and_takes_more_members(connect: Connect) -> None:
    with FaultServer(http(200, NOTE)) as server:
        async with connect(server.base_url) as client:
            await client.account.create(
                fields={"$name": "a", "exact": cast("Any", 2**60 + 1)},
                extra_body={"more": [1], "skipEnrichment": True, "gone": lightfield.omit},
            )
            await client.account.delete("acc_1", extra_body={"reason": "x"})
    assert sent_body(server.requests[0]) == {
        "fields": {"$name": "a", "exact": 2**60 + 1},
        "more": [1],
        "skipEnrichment": True,
    }
    assert sent_body(server.requests[1]) == {"reason": "x"}


async def test_queries_are_merged_by_name(connect: Connect) -> None:
    more = {
        "limit": 7,
        "a": [1, None, True],
        "b": {"c": {"d": 0.5}},
        "none": None,
        "gone": lightfield.omit,
        "empty": "",
    }
    page = http(200, {"data": [], "object": "list", "totalCount": 0})
    with FaultServer(page) as server:
        async with connect(server.base_url, default_query={"limit": 1, "offset": 9, "z": "y"}) as client:
            await client.opportunity.list(limit=3, extra_query=more)
            await client.opportunity.list()
            await client.with_options(default_query={"z": 1}).opportunity.list()
            await client.with_options(set_default_query={"q": 1}).opportunity.list()
    queries = [request.split(b" ")[1].partition(b"?")[2].decode() for request in server.requests]
    assert queries == [
        "offset=9&z=y&limit=7&a=1%2Ctrue&b%5Bc%5D%5Bd%5D=0.5",
        "limit=1&offset=9&z=y",
        "limit=1&offset=9&z=1",
        "q=1",
    ]


async def test_arguments_that_are_omitted_are_as_if_not_there(connect: Connect) -> None:
    page = http(200, {"data": [], "object": "list", "totalCount": 0})
    with FaultServer(page) as server:
        async with connect(server.base_url) as client:
            await client.opportunity.list(
                limit=lightfield.omit, offset=lightfield.NOT_GIVEN, extra_query=lightfield.omit
            )
            with pytest.raises(TypeError):
                await client.opportunity.retrieve(id=cast("Any", lightfield.omit))
    assert server.requests[0].split(b" ")[1] == b"/v1/opportunities"


async def test_options_of_a_call_are_those_of_its_plan(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            request = client.plan.opportunity.retrieve(
                ID, extra_headers={"X-Trace": KEY}, extra_query={"a": 1}, timeout=9
            )
            assert (request.query, request.timeout, KEY in repr(request), KEY in repr(request.headers)) == (
                "a=1",
                Timeout(total=9),
                False,
                False,
            )
            assert (await client.send(request)).id == ID
    assert header(server.requests[0], "x-trace") == KEY


class Word(str, Enum):  # noqa: UP042 - of which `str` makes something else than its value
    """Words."""

    ONE = "one"


async def test_a_word_of_an_enum_is_sent_as_its_value(connect: Connect) -> None:
    with FaultServer(http(200, NOTE)) as server:
        async with connect(server.base_url, default_headers={"X-Default": Word.ONE}) as client:
            await client.note.create(
                fields={"title": Word.ONE},
                idempotency_key=Word.ONE,
                extra_headers={"X-Word": Word.ONE},
                extra_query={Word.ONE: Word.ONE},
                extra_body={"more": Word.ONE},
            )
    [request] = server.requests
    assert request.startswith(b"POST /v1/notes?one=one ")
    assert [header(request, name) for name in ("x-word", "x-default", "idempotency-key")] == ["one"] * 3
    assert sent_body(request) == {"fields": {"$title": "one"}, "more": "one"}


async def test_of_several_keys_the_option_counts_and_then_the_last(connect: Connect) -> None:
    with FaultServer(http(200, NOTE)) as server:
        async with connect(server.base_url) as client:
            headers = {"idempotency-key": "a", "Idempotency-Key": "b"}
            await client.note.create(fields={"title": "a"}, extra_headers=headers)
            await client.note.create(fields={"title": "a"}, extra_headers=headers, idempotency_key="option")
    assert [header(request, "idempotency-key") for request in server.requests] == ["b", "option"]


def test_a_query_that_contains_itself_is_refused() -> None:
    endless: dict[str, Any] = {}
    endless["a"] = endless
    with pytest.raises(LightfieldValueError, match="contains itself"):
        Lightfield(api_key=KEY).plan.opportunity.list(extra_query=endless)


def test_members_are_added_to_an_object_only() -> None:
    with pytest.raises(LightfieldTypeError, match="extra_body needs a body that is a JSON object"):
        Lightfield(api_key=KEY).plan.post("/v1/x", cast_to=object, body=[1], extra_body={"a": 1})
