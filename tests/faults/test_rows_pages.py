"""Row 72 of the fault matrix: pages that lie end no walk early, prolong none for ever, and are reported."""

import logging
from typing import Any

import pytest

from lightfield import APIResponseValidationError, ListingReport
from tests.client.both import Connect
from tests.faults.server import OPPORTUNITY, FaultServer, Reply, http


def documents(first: int, end: int) -> list[dict[str, object]]:
    return [{**OPPORTUNITY, "id": f"opp_{number}"} for number in range(first, end)]


def page(data: list[dict[str, object]], total: object) -> bytes:
    return http(200, {"data": data, "object": "list", "totalCount": total})


async def walk(connect: Connect, *script: Reply) -> tuple[list[str], ListingReport, int]:
    """Walk a listing whose first page is the first reply; give its ids, its report and the number of requests."""
    reports: list[ListingReport] = []
    with FaultServer(*script) as server:
        async with connect(server.base_url, rate_limits=None) as client:
            found = [record.id async for record in client.opportunity.list_all(report=reports.append)]
    (report,) = reports
    return found, report, len(server.requests)


FULL = documents(0, 25)

LIES: dict[str, tuple[list[Reply], int, int, set[str]]] = {
    "longer-than-its-limit": ([page(documents(0, 60), 60)], 60, 0, {"page longer than its limit"}),
    "shorter-than-its-limit": (
        [page(documents(0, 3), 5), page(documents(3, 5), 5)],
        5,
        0,
        {"page shorter than its limit"},
    ),
    "repeated-for-ever": (
        [page(FULL, 10**9)],
        25,
        10**9 - 25,
        {"page repeated", "only repeated records", "total too high"},
    ),
    "empty-from-the-second-on": (
        [page(FULL, 100), page([], 100)],
        25,
        75,
        {"page without records", "total too high"},
    ),
    "empty-from-the-first-on": ([page([], 10**6)], 0, 10**6, {"page without records", "total too high"}),
    "shrinking": (
        [page(FULL, 100), page(documents(25, 28), 100)],
        28,
        72,
        {"page shorter than its limit"},
    ),
    "total-zero": ([page(documents(0, 3), 0)], 3, 0, {"total too low"}),
    "total-negative": ([page(documents(0, 3), -7)], 3, 0, {"negative total", "total too low"}),
    "total-too-high": (
        [page(documents(0, 3), 5), page([], 5)],
        3,
        2,
        {"page shorter than its limit", "page without records", "total too high"},
    ),
    "total-falling": ([page(FULL, 30), page(documents(25, 28), 28)], 28, 0, set()),
    "one-record-over-and-over": ([page(documents(0, 1) * 25, 25)], 1, 24, set()),
}


@pytest.mark.parametrize(("script", "records", "missing", "anomalies"), LIES.values(), ids=LIES)
async def test_row_72_a_walk_ends_whatever_the_pages_say_and_reports_it(
    connect: Connect, script: list[Reply], records: int, missing: int, anomalies: set[str]
) -> None:
    found, report, requests = await walk(connect, *script)
    assert found == [f"opp_{number}" for number in range(records)]
    assert (report.records, report.missing) == (records, missing)
    assert anomalies <= set(report.anomalies)
    assert requests <= 100


async def test_row_72_what_may_be_missing_is_a_warning_in_the_log(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "lightfield")
    await walk(connect, page(FULL, 100), page([], 100))
    (line,) = [each for each in caplog.records if each.name == "lightfield"]
    assert line.levelno == logging.WARNING
    assert line.getMessage().startswith("/v1/opportunities: 25 listed, up to 75 missing: ")


NAMELESS = [FULL[0], {name: value for name, value in FULL[1].items() if name != "id"}]
NO_PAGES: dict[str, tuple[object, str]] = {
    "record-without-id": ({"data": NAMELESS, "object": "list", "totalCount": 2}, "$.data[1].id is missing; "),
    "id-null": ({"data": [{**FULL[0], "id": None}], "object": "list", "totalCount": 1}, "$.data[0].id does not fit: "),
    "record-null": ({"data": [None], "object": "list", "totalCount": 1}, "$.data[0] does not fit: "),
    "total-missing": ({"data": FULL, "object": "list"}, "$.totalCount is missing; "),
    "total-null": ({"data": FULL, "object": "list", "totalCount": None}, "$.totalCount does not fit: "),
    "total-text": ({"data": FULL, "object": "list", "totalCount": "25"}, "$.totalCount does not fit: "),
    "data-missing": ({"object": "list", "totalCount": 0}, "$.data is missing; "),
    "data-null": ({"data": None, "object": "list", "totalCount": 0}, "$.data does not fit: "),
    "no-object": (FULL, "$ does not fit: "),
}


@pytest.mark.parametrize(("body", "reason"), NO_PAGES.values(), ids=NO_PAGES)
@pytest.mark.parametrize("whole", [True, False], ids=["list_all", "list"])
async def test_row_72_what_is_no_page_is_a_validation_error_that_says_where(
    connect: Connect, whole: bool, body: object, reason: str
) -> None:
    with FaultServer(http(200, body)) as server:
        async with connect(server.base_url, max_retries=0) as client:
            with pytest.raises(APIResponseValidationError) as caught:
                await client.opportunity.list() if not whole else [each async for each in client.opportunity.list_all()]
    assert f"the body is not what the API documents: {reason}" in str(caught.value)
    assert len(server.requests) == 1


async def test_row_72_what_is_no_page_in_the_midst_of_a_walk_ends_it(connect: Connect) -> None:
    found: list[str] = []
    with FaultServer(page(FULL, 60), http(200, {"data": []})) as server:
        async with connect(server.base_url, max_retries=0) as client:
            with pytest.raises(APIResponseValidationError):
                found.extend([record.id async for record in client.opportunity.list_all()])
    assert found == []
    assert len(server.requests) <= 3


async def test_row_72_a_page_of_its_own_is_given_as_it_came(connect: Connect) -> None:
    with FaultServer(page(documents(0, 60), -7)) as server:
        async with connect(server.base_url) as client:
            given = await client.opportunity.list(limit=5)
    assert (len(given.data), given.total_count) == (60, -7)


CHANGE: dict[str, Any] = {
    "value": "a",
    "valueType": "TEXT",
    "displayValue": "A",
    "isCreate": False,
    "recordedAt": "2026-05-01T16:00:00Z",
}


@pytest.mark.parametrize(("cursor", "pages"), [("c", 2), (None, 1), ("", 2)])
async def test_row_72_a_cursor_that_leads_nowhere_ends_a_history(
    connect: Connect, cursor: str | None, pages: int
) -> None:
    with FaultServer(http(200, {"data": [CHANGE], "hasMore": True, "nextCursor": cursor})) as server:
        async with connect(server.base_url) as client:
            changes = [each async for each in client.opportunity.field_history_all("$stage", id="opp_1")]
    assert len(changes) == len(server.requests) == pages
