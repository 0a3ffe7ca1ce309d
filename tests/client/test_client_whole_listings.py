"""Whole listings over real sockets: many pages at once, records that move, records read again, and the report."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, cast

import pytest

from lightfield import (
    AsyncLightfield,
    LightfieldTypeError,
    LightfieldValueError,
    ListingReport,
    PermissionDeniedError,
    SlotWait,
)
from lightfield.testing import Sandbox
from tests.client.both import KEY, Connect, until
from tests.faults.server import OPPORTUNITY, FaultServer, http

LATER = {**OPPORTUNITY, "id": "opp_0", "httpLink": "https://crm.lightfield.app/opp_0"}


def page(number: int, **more: object) -> bytes:
    data = [{**OPPORTUNITY, "id": f"opp_{each}"} for each in range(number)]
    return http(200, {"data": data, "object": "list", **more})


def others() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {cast("asyncio.Task[Any]", asyncio.current_task())}


async def test_every_record_comes_once_in_as_few_requests_as_can_be(connect: Connect) -> None:
    reports: list[ListingReport] = []
    async with Sandbox(opportunities=500, rate_limit=None, latency=(0.0, 0.02)) as sandbox:
        async with connect(sandbox.base_url, rate_limits=None) as client:
            found = [each.id async for each in client.opportunity.list_all(report=reports.append)]
        assert found == sandbox.opportunity_ids[::-1]
        assert len(sandbox.requests) == 20
    assert reports == [ListingReport(records=500, pages=20, repeated=0, missing=0, gone=0, anomalies=())]


async def test_records_created_meanwhile_push_none_out(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    reports: list[ListingReport] = []
    found: list[str] = []
    async with Sandbox(opportunities=2_000, rate_limit=None, latency=(0.0, 0.005)) as sandbox:
        before = sandbox.opportunity_ids[::-1]
        async with connect(sandbox.base_url, rate_limits=None) as client:
            account = {"$account": sandbox.ids("accounts")[0]}
            async for each in client.opportunity.list_all(report=reports.append):
                found.append(each.id)
                if len(found) % 40 == 1:
                    await client.opportunity.create(fields={"$name": "New"}, relationships=account)
    old = set(before)
    assert [id for id in found if id in old] == before
    (report,) = reports
    assert report.repeated > 0
    assert (report.records, report.missing, report.anomalies) == (len(set(found)), 0, ())
    assert caplog.records == []


@pytest.mark.parametrize("at", [None, 100])
async def test_more_records_created_than_a_window_holds_push_none_out(connect: Connect, at: int | None) -> None:
    reports: list[ListingReport] = []
    found: list[str] = []
    async with Sandbox(opportunities=1_000, rate_limit=None) as sandbox:
        before = sandbox.opportunity_ids[::-1]
        old = set(before)
        async with connect(sandbox.base_url, rate_limits=None) as client:
            account = {"$account": sandbox.ids("accounts")[0]}
            new = client.plan.opportunity.create(fields={"$name": "New"}, relationships=account)
            async for each in client.opportunity.list_all(report=reports.append):
                found.append(each.id)
                if len(found) == at:
                    (await client.bulk([new] * 1_000)).raise_for_errors()
                elif at is None and each.id in old:
                    await client.send(new)
    assert [id for id in found if id in old] == before
    assert [(report.records, report.missing, report.anomalies) for report in reports] == [(len(set(found)), 0, ())]


@pytest.mark.parametrize("kind", ["opportunity", "object"])
async def test_a_record_is_given_as_it_is_when_read_again(connect: Connect, kind: str) -> None:
    reports: list[ListingReport] = []
    with FaultServer(page(1, totalCount=1), http(200, LATER)) as server:
        async with connect(server.base_url) as client:
            if kind == "opportunity":
                records: Any = client.opportunity.list_all(fresh=True, report=reports.append)
            else:
                records = client.object.list_all("project", fresh=True, report=reports.append)
            assert [each.http_link async for each in records] == [LATER["httpLink"]]
    home = "/v1/opportunities" if kind == "opportunity" else "/v1/objects/project"
    item = "/opp_0" if kind == "opportunity" else "/values/opp_0"
    assert [request.split(b" ")[1].decode() for request in server.requests] == [f"{home}?offset=0", f"{home}{item}"]
    assert [(report.records, report.gone, report.missing) for report in reports] == [(1, 0, 0)]


async def test_a_record_that_is_gone_when_read_again_is_left_out(connect: Connect) -> None:
    reports: list[ListingReport] = []
    with FaultServer(page(1, totalCount=1), http(404, {"error": {"type": "not_found", "message": "No."}})) as server:
        async with connect(server.base_url) as client:
            assert [each async for each in client.opportunity.list_all(fresh=True, report=reports.append)] == []
    assert [(report.records, report.gone, report.missing) for report in reports] == [(0, 1, 0)]


async def test_any_other_failure_ends_the_walk_without_a_report(connect: Connect) -> None:
    reports: list[ListingReport] = []
    with FaultServer(page(1, totalCount=1), http(403, {"error": {"type": "forbidden", "message": "No."}})) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(PermissionDeniedError):
                [each async for each in client.opportunity.list_all(fresh=True, report=reports.append)]
    assert reports == []


async def test_what_is_in_the_trash_cannot_be_read_again(connect: Connect) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldValueError, match="trash"):
                [each async for each in client.opportunity.list_all(fresh=True, status="trashed")]
    assert server.requests == []


@pytest.mark.parametrize("kind", ["opportunity", "note", "object"])
@pytest.mark.parametrize("option", [{"reprot": print}, {"limit": 5}])
async def test_an_option_that_there_is_not_is_refused(connect: Connect, kind: str, option: dict[str, object]) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            list_all = getattr(client, kind).list_all
            with pytest.raises(LightfieldTypeError, match=f"^list_all has no option {next(iter(option))}"):
                [each async for each in list_all(*["project"] * (kind == "object"), **option)]
    assert server.requests == []


async def told(_: ListingReport) -> None:
    """Take a report, but only if it is awaited."""


@pytest.mark.parametrize("report", [[], told])
async def test_a_report_that_cannot_be_called_is_refused_before_anything_is_sent(
    connect: Connect, report: object
) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldTypeError, match="report"):
                [each async for each in client.opportunity.list_all(report=cast("Any", report))]
    assert server.requests == []


async def test_what_is_wrong_with_a_listing_is_logged_in_one_line(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "lightfield")
    reports: list[ListingReport] = []
    with FaultServer(page(2, totalCount=5), page(0, totalCount=5)) as server:
        async with connect(server.base_url) as client:
            assert len([each async for each in client.opportunity.list_all(report=reports.append)]) == 2
    assert [(report.records, report.missing) for report in reports] == [(2, 3)]
    (line,) = [each for each in caplog.records if each.name == "lightfield"]
    assert line.levelno == logging.WARNING
    assert line.getMessage().startswith("/v1/opportunities: 2 listed, up to 3 missing: page shorter than its limit; ")
    assert not [secret for secret in (KEY, "opp_") if secret in line.getMessage()]


async def test_pages_and_records_read_again_let_other_calls_pass(connect: Connect) -> None:
    waits: list[SlotWait] = []
    async with Sandbox(opportunities=700) as sandbox, connect(sandbox.base_url, on_wait=waits.append) as client:
        assert len([each async for each in client.opportunity.list_all()]) == 700
        fresh = 0
        async for _ in client.opportunity.list_all(fresh=True):
            fresh += 1
            if fresh == 40:
                break
    assert {wait.category for wait in waits} == {"Read", "Search"}
    assert {wait.priority for wait in waits} == {"bulk"}


@pytest.fixture
async def served() -> AsyncIterator[tuple[AsyncLightfield, Sandbox]]:
    async with (
        Sandbox(opportunities=1_000, rate_limit=None, latency=0.02) as sandbox,
        AsyncLightfield(api_key=KEY, base_url=sandbox.base_url, rate_limits=None) as client,
    ):
        await client.opportunity.list(limit=1)
        yield client, sandbox


@pytest.mark.parametrize("fresh", [False, True])
async def test_closing_a_walk_waits_for_its_tasks(served: tuple[AsyncLightfield, Sandbox], fresh: bool) -> None:
    client, _ = served
    before = others()
    records: Any = client.opportunity.list_all(fresh=fresh)
    async with aclosing(records):
        for _ in range(2):  # the second makes the walk send for more
            await anext(records)
        assert others() > before
    assert others() == before
    lanes = client.rate_limits
    assert [(lanes[name].in_flight, lanes[name].waiting) for name in ("Read", "Search")] == [(0, 0), (0, 0)]


@pytest.mark.parametrize("fresh", [False, True])
async def test_a_cancelled_walk_leaves_no_task(served: tuple[AsyncLightfield, Sandbox], fresh: bool) -> None:
    client, sandbox = served
    before = others()
    begun = asyncio.Event()

    async def consume() -> None:
        async for _ in client.opportunity.list_all(fresh=fresh):
            begun.set()

    task = asyncio.ensure_future(consume())
    async with asyncio.timeout(10):
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert task.cancelled()
    await until(lambda: others() == before)
    id = sandbox.opportunity_ids[0]
    assert (await client.opportunity.retrieve(id)).id == id
