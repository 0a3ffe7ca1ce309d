"""Listings, by the page and whole; and custom objects, which are records like the others."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lightfield import F, LightfieldValueError
from tests.client.both import Connect
from tests.faults.server import OPPORTUNITY, FaultServer, http

CHANGE = {
    "value": "a",
    "valueType": "TEXT",
    "displayValue": "A",
    "isCreate": False,
    "recordedAt": "2026-05-01T16:00:00Z",
}


def page(first: int, number: int, total: int) -> bytes:
    data = [{**OPPORTUNITY, "id": f"opp_{first + index}"} for index in range(number)]
    return http(200, {"data": data, "object": "list", "totalCount": total})


def asked(server: FaultServer) -> list[tuple[str, dict[str, list[str]]]]:
    targets = [urlsplit(request.split(b" ")[1].decode()) for request in server.requests]
    return [(target.path, parse_qs(target.query)) for target in targets]


ALL: dict[str, tuple[Callable[[Any], Any], str, dict[str, list[str]]]] = {
    "opportunity": (
        lambda client: client.opportunity.list_all(status="trashed", filters=F("$amount") > 5),
        "/v1/opportunities",
        {"status": ["trashed"], "$amount[greaterThan]": ["5"]},
    ),
    "member": (lambda client: client.member.list_all(), "/v1/members", {}),
    "object": (lambda client: client.object.list_all("project", filters={"a": 1}), "/v1/objects/project", {"a": ["1"]}),
    "of": (lambda client: client.object.of("project").list_all(), "/v1/objects/project", {}),
}


@pytest.mark.parametrize("name", ALL)
async def test_list_all_walks_every_page(connect: Connect, name: str) -> None:
    call, path, query = ALL[name]
    with FaultServer(page(0, 25, 51), page(24, 25, 52), page(49, 3, 52)) as server:  # in the order in which they come
        async with connect(server.base_url, max_rps=1) as client:
            found = [record.id async for record in call(client)]
    assert found == [f"opp_{number}" for number in range(52)]
    assert asked(server) == [(path, {**query, "offset": [offset]}) for offset in ("0", "25", "50")]


async def test_conditions_from_an_iterator_hold_for_every_page(connect: Connect) -> None:
    with FaultServer(page(0, 25, 30), page(25, 5, 30)) as server:
        async with connect(server.base_url) as client:
            conditions = (condition for condition in [F("$amount") >= 5])
            assert len([record async for record in client.opportunity.list_all(filters=conditions)]) == 30
    assert [query["$amount[greaterThanOrEqual]"] for _, query in asked(server)] == [["5"], ["5"]]


async def test_a_bad_filter_is_refused_before_the_first_page(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldValueError, match="must use an operator"):
                [record async for record in client.opportunity.list_all(filters={"$amount[like]": 5})]
    assert server.requests == []


async def test_leaving_a_listing_asks_for_no_more(connect: Connect) -> None:
    with FaultServer(page(0, 25, 1000)) as server:
        async with connect(server.base_url) as client:
            async for record in client.opportunity.list_all():
                assert record.id == "opp_0"
                break
    assert len(server.requests) >= 1


@pytest.mark.parametrize("kind", ["opportunity", "object", "of"])
async def test_a_whole_history_follows_the_cursor(connect: Connect, kind: str) -> None:
    pages = [
        http(200, {"data": [CHANGE, CHANGE], "hasMore": True, "nextCursor": "c 1"}),
        http(200, {"data": [CHANGE], "hasMore": False, "nextCursor": None}),
    ]
    with FaultServer(*pages) as server:
        async with connect(server.base_url) as client:
            if kind == "opportunity":
                changes = client.opportunity.field_history_all("$stage", id="opp_1")
                base = "/v1/opportunities/opp_1"
            elif kind == "object":
                changes = client.object.field_history_all("$stage", id="prj_1", entity_slug="project")
                base = "/v1/objects/project/values/prj_1"
            else:
                changes = client.object.of("project").field_history_all("$stage", id="prj_1")
                base = "/v1/objects/project/values/prj_1"
            assert [change.display_value async for change in changes] == ["A", "A", "A"]
    path = f"{base}/fields/%24stage/history"
    assert asked(server) == [(path, {"limit": ["100"]}), (path, {"after": ["c 1"], "limit": ["100"]})]


@pytest.mark.parametrize("named", [True, False], ids=["named", "of"])
async def test_custom_records_are_fetched_in_bulk(connect: Connect, named: bool) -> None:
    with FaultServer(http(200, {**OPPORTUNITY, "id": "prj_1"})) as server:
        async with connect(server.base_url) as client:
            if named:
                result = await client.object.retrieve_many(["prj_1", ""], entity_slug="project")
                outcomes = [one async for one in client.object.iter_many(["prj_1"], entity_slug="project")]
            else:
                projects = client.object.of("project")
                result = await projects.retrieve_many(["prj_1", ""])
                outcomes = [one async for one in projects.iter_many(["prj_1"])]
    assert [record.id for record in result.values] == ["prj_1"]
    assert list(result.errors) == [""]
    assert [outcome.id for outcome in outcomes] == ["prj_1"]
    assert [path for path, _ in asked(server)] == ["/v1/objects/project/values/prj_1"] * 2


async def test_a_type_is_named_once_in_raw_mode_too(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            response = await client.object.of("project").with_raw_response.retrieve("prj_1")
            other = await client.object.with_raw_response.retrieve("prj_1", entity_slug="project")
    assert await response.parse() == await other.parse()
    assert [path for path, _ in asked(server)] == ["/v1/objects/project/values/prj_1"] * 2
