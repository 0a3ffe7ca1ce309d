"""What is written arrives as it was meant: plain values, one key for each write, and nothing that cannot be sent."""

import json
from collections import deque
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

import pytest

from lightfield import (
    APIConnectionError,
    APIStatusError,
    InternalServerError,
    LightfieldTypeError,
    LightfieldValueError,
)
from lightfield.models import Address, FullName
from tests.client.both import Connect
from tests.faults.server import FIN, OPPORTUNITY, FaultServer, Reply, header, http
from tests.ids import lasting


class Tier(StrEnum):
    GOLD = "gold"


class Noon(datetime):
    """As pandas, freezegun and others have."""


class Name(str):
    __slots__ = ()


class Share(float):
    pass


class Price(Decimal):
    pass


def body(server: FaultServer, number: int = -1) -> bytes:
    return server.requests[number].partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("Zoë", '"Zoë"'),
        (None, "null"),
        (True, "true"),
        (180_000, "180000"),
        (0.5, "0.5"),
        (Decimal("12345678901234567890.10"), "12345678901234567890.10"),
        (datetime(2026, 12, 15, 10, tzinfo=UTC), '"2026-12-15T10:00:00Z"'),
        (datetime(2026, 12, 15, 10, tzinfo=timezone(timedelta(hours=-5))), '"2026-12-15T10:00:00-05:00"'),
        (date(2026, 12, 15), '"2026-12-15"'),
        (["a@x.com", "b@x.com"], '["a@x.com","b@x.com"]'),
        (("opt_1",), '["opt_1"]'),
        (Tier.GOLD, '"gold"'),
        (Noon(2026, 12, 15, 10, tzinfo=UTC), '"2026-12-15T10:00:00Z"'),
        (Name("Ada"), '"Ada"'),
        (Share(0.5), "0.5"),
        (Price("1.10"), "1.10"),
        (deque(["opt_1"]), '["opt_1"]'),
        ({"street": "1 Way", "city": None}, '{"street":"1 Way","city":null}'),
        (Address(street="1 Way", postal_code=None), '{"street":"1 Way","postalCode":null}'),
        (FullName(first_name="Ada"), '{"firstName":"Ada"}'),
    ],
    ids=repr,
)
async def test_a_value_is_sent_as_the_api_takes_it(connect: Connect, value: Any, sent: str) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            await client.opportunity.update("opp_1", fields={"x": value})
    assert body(server) == f'{{"fields":{{"x":{sent}}}}}'.encode()


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (float("nan"), LightfieldValueError),
        (Decimal("Infinity"), LightfieldValueError),
        (datetime(2026, 12, 15, 10), LightfieldValueError),  # noqa: DTZ001
        ([datetime(2026, 12, 15, 10)], LightfieldValueError),  # noqa: DTZ001
        (datetime(1900, 1, 1, tzinfo=timezone(timedelta(minutes=19, seconds=32))), LightfieldValueError),
        ("\ud800", LightfieldValueError),
        (b"bytes", LightfieldTypeError),
        (timedelta(days=1), LightfieldTypeError),
        (object(), LightfieldTypeError),
        ({"a": {5}}, None),
    ],
    ids=lasting,
)
async def test_a_value_that_cannot_be_sent_is_refused_before(connect: Connect, value: Any, kind: Any) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            if kind is None:
                await client.opportunity.update("opp_1", fields={"x": value})
                assert body(server) == b'{"fields":{"x":{"a":[5]}}}'
                return
            with pytest.raises(kind):
                await client.opportunity.update("opp_1", fields={"x": value})
    assert server.requests == []


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"fields": ["$name"]}, LightfieldTypeError),
        ({"fields": "$name"}, LightfieldTypeError),
        ({"relationships": "acc_1"}, LightfieldTypeError),
        ({"relationships": {"$owner": "mem_1"}}, LightfieldValueError),
        ({"relationships": {"$owner": {}}}, LightfieldValueError),
        ({"relationships": {"$owner": {"set": "mem_1"}}}, LightfieldTypeError),
    ],
    ids=lasting,
)
async def test_parts_of_the_wrong_shape_are_refused_before(
    connect: Connect, arguments: dict[str, Any], kind: type[Exception]
) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            with pytest.raises(kind):
                await client.opportunity.update("opp_1", **arguments)
    assert server.requests == []


async def test_what_is_left_out_stays_and_none_clears(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            await client.opportunity.update("opp_1")
            await client.opportunity.update("opp_1", relationships={"$owner": {"replace": None}})
            await client.account.create(fields={"$name": "Acme"}, skip_enrichment=False)
    assert [body(server, number) for number in range(3)] == [
        b"{}",
        b'{"relationships":{"$owner":{"replace":null}}}',
        b'{"fields":{"$name":"Acme"},"skipEnrichment":false}',
    ]


MESSAGE: dict[str, Any] = {"from_": "a@x.com", "to": ["b@y.com"], "subject": "Hi", "message_body": {"content": "Hello"}}

Write = Callable[[Any], Any]
WRITES: dict[str, Write] = {
    "create": lambda client: client.opportunity.create(fields={"$name": "A"}, relationships={"$account": "acc_1"}),
    "update": lambda client: client.opportunity.update("opp_1", fields={"$name": "B"}),
    "custom": lambda client: client.object.of("project").create(fields={"name": "A"}),
    "merge": lambda client: client.merge.merge_accounts(primary_id="acc_1", duplicate_id="acc_2"),
    "send": lambda client: client.email.send(**MESSAGE),
}


@pytest.mark.parametrize("name", WRITES)
async def test_every_write_has_one_key_of_its_own(connect: Connect, name: str) -> None:
    with FaultServer(http(503, headers={"X-Should-Retry": "false"})) as server:
        async with connect(server.base_url) as client:
            for _ in range(2):
                with pytest.raises(InternalServerError) as caught:
                    await WRITES[name](client)
                assert caught.value.idempotency_key == header(server.requests[-1], "Idempotency-Key")
    keys = {str(header(request, "Idempotency-Key")) for request in server.requests}
    assert len(keys) == 2
    assert {UUID(key).version for key in keys} == {4}


@pytest.mark.parametrize("name", WRITES)
async def test_the_key_of_the_caller_wins(connect: Connect, name: str) -> None:
    with FaultServer(http(400)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(Exception, match="400"):
                await WRITES[name](client.with_options(idempotency_key="order-17"))
    assert header(server.requests[0], "Idempotency-Key") == "order-17"


@pytest.mark.parametrize("fault", [http(503), FIN], ids=["503", "fin"])
@pytest.mark.parametrize(("name", "times"), [("create", 2), ("update", 2), ("custom", 1), ("merge", 1), ("send", 1)])
async def test_only_what_a_key_guards_is_repeated_after_an_unclear_end(
    connect: Connect, name: str, times: int, fault: Reply
) -> None:
    with FaultServer(fault, fault, http(200, OPPORTUNITY)) as server:
        async with connect(server.base_url, max_retries=1) as client:
            with pytest.raises((InternalServerError, APIConnectionError)):
                await WRITES[name](client)
    assert len(server.requests) == times
    assert len(set(server.requests)) == 1


@pytest.mark.parametrize(
    "again",
    [
        http(429, headers={"Retry-After": "0"}),
        http(409, {"error": {"type": "idempotency_conflict", "message": "wait"}}),
    ],
    ids=["429", "in-progress"],
)
async def test_an_email_is_sent_again_where_it_surely_was_not_sent(connect: Connect, again: Reply) -> None:
    with FaultServer(again, http(200, {"sentAt": "2026-05-01T16:00:00Z"})) as server:
        async with connect(server.base_url) as client:
            sent = await client.email.send(**MESSAGE)
    assert sent.sent_at == "2026-05-01T16:00:00Z"
    assert len(set(server.requests)) == 1
    assert json.loads(body(server)) == {
        "from": "a@x.com",
        "to": ["b@y.com"],
        "subject": "Hi",
        "messageBody": {"content": "Hello"},
    }


@pytest.mark.parametrize("wrong", [{"to": "b@y.com"}, {"cc": "b@y.com"}, {"attachments": "fil_1"}, {"to": [5]}])
async def test_one_address_is_no_list_of_addresses(connect: Connect, wrong: dict[str, Any]) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldTypeError, match="must be a list of strings"):
                await client.email.send(**{**MESSAGE, **wrong})
    assert server.requests == []


async def test_any_sequence_of_addresses_will_do(connect: Connect) -> None:
    with FaultServer(http(200, {"sentAt": "2026-05-01T16:00:00Z"})) as server:
        async with connect(server.base_url) as client:
            lists: dict[str, Any] = {"to": deque(["b@y.com"]), "cc": ("c@z.com",)}
            await client.email.send(**{**MESSAGE, **lists})
    sent = json.loads(body(server))
    assert (sent["to"], sent["cc"]) == (["b@y.com"], ["c@z.com"])


INCOMPLETE: list[Write] = [
    lambda client: client.opportunity.create(fields=None, relationships={}),
    lambda client: client.opportunity.create(fields={}, relationships=None),
    lambda client: client.email.send(**{**MESSAGE, "from_": None}),
    lambda client: client.email.send(**{**MESSAGE, "message_body": None}),
    lambda client: client.sender.update("snd_1", pacing=None),
    lambda client: client.sequence.publish_draft("seq_1", expected_version=None),
    lambda client: client.sequence.start_test("seq_1", contact_id=""),
    lambda client: client.sequence.create(name="", definition={}),
    lambda client: client.file.create(filename=None, mime_type="a", size_bytes=1),
    lambda client: client.merge.merge_accounts(primary_id=None, duplicate_id="acc_1"),
]


@pytest.mark.parametrize("call", INCOMPLETE)
async def test_what_the_api_requires_must_be_given(connect: Connect, call: Write) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldTypeError):
                await call(client)
    assert server.requests == []


UNKNOWN: list[Write] = [
    lambda client: client.note.create(fields={"titel": "A"}),
    lambda client: client.list.update("lst_1", fields={"name": "A", "$name": "A"}),
    lambda client: client.sequence.create(name="A", definition={"steps": [{"delivery_mod": "AUTO"}]}),
]


@pytest.mark.parametrize("call", UNKNOWN)
async def test_members_that_no_request_has_are_refused_before(connect: Connect, call: Write) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldTypeError, match=r"fields|steps\[0\]"):
                await call(client)
    assert server.requests == []


@pytest.mark.parametrize("size", [0, -1, 1.0, "1", True])
async def test_a_size_must_be_one(connect: Connect, size: Any) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldValueError, match="size_bytes"):
                await client.file.create(filename="a", mime_type="b", size_bytes=size)
    assert server.requests == []


async def test_an_error_carries_the_response(connect: Connect) -> None:
    with FaultServer(http(400, {"error": {"type": "bad_request", "message": "No."}}, {"X-Trace": "7"})) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(Exception, match=r"No\.") as caught:
                await client.opportunity.update("opp_1", fields={"bogus": 1})
    response = cast("APIStatusError", caught.value).response
    assert response is not None
    assert (response.status_code, response.headers["x-trace"]) == (400, "7")
    assert json.loads(response.text)["error"]["message"] == "No."
