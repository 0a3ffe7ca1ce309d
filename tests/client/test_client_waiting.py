"""Background work is waited for, through both clients, with a deadline; closing the client ends the wait."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

import pytest

from lightfield import ClientClosedError, LightfieldUsageError, NotFoundError, WaitTimeoutError
from tests.client.both import Connect, until
from tests.faults.server import FaultServer, http

MERGE = {
    "id": "mrg_1",
    "createdAt": "2026-05-01T16:00:00Z",
    "updatedAt": "2026-05-01T16:00:00Z",
    "entityType": "account",
    "primaryId": "acc_1",
    "duplicateId": "acc_2",
}
RUN: Mapping[str, object] = {
    "id": "run_1",
    "createdAt": "2026-05-01T16:00:00Z",
    "updatedAt": "2026-05-01T16:00:00Z",
    "entityType": "account",
    "entityId": "acc_1",
    "trigger": "manual",
    "targetFields": [],
}
TEST: Mapping[str, object] = {"id": "tst_1", "contactId": "con_1", "target": "DRAFT", "steps": []}


class Case(NamedTuple):
    """One kind of background work."""

    wait: Callable[..., Any]
    document: Mapping[str, object]
    going: str
    end: str
    path: str


def wait_merge(client: Any, **options: Any) -> Any:
    return client.merge.wait("mrg_1", **options)


def wait_run(client: Any, **options: Any) -> Any:
    return client.enrichment_run.wait("run_1", **options)


def wait_test(client: Any, **options: Any) -> Any:
    return client.sequence.wait_test("tst_1", id="seq_1", **options)


def wait_workflow(client: Any, **options: Any) -> Any:
    return client.workflow_run.wait("w_1", **options)


CASES = {
    "merge": Case(wait_merge, MERGE, "cleanup_pending", "done", "/v1/merges/mrg_1"),
    "run": Case(wait_run, RUN, "running", "timed_out", "/v1/enrichmentRun/run_1"),
    "test": Case(wait_test, TEST, "RUNNING", "COMPLETED", "/v1/sequences/seq_1/tests/tst_1"),
    "workflow": Case(wait_workflow, {}, "busy", "succeeded", "/v1/workflowRun/w_1/status"),
}
each = pytest.mark.parametrize("name", CASES)


@each
async def test_it_is_asked_for_until_it_has_ended(connect: Connect, name: str) -> None:
    wait, document, going, end, path = CASES[name]
    with FaultServer(http(200, {**document, "status": going}), http(200, {**document, "status": end})) as server:
        async with connect(server.base_url) as client:
            found = await wait(client)
    assert found.status == end
    assert [request.split(b" ")[1].decode() for request in server.requests] == [path, path]


@each
async def test_a_deadline_ends_the_wait_and_says_what_was_seen(connect: Connect, name: str) -> None:
    wait, document, going, _, _ = CASES[name]
    with FaultServer(http(200, {**document, "status": going})) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(WaitTimeoutError, match=f"last status was '{going}'") as caught:
                await wait(client, deadline=0.1)
    last: Any = caught.value.last
    assert last.status == going


async def test_what_is_not_there_is_not_waited_for(connect: Connect) -> None:
    with FaultServer(http(404)) as server:
        async with connect(server.base_url) as client:
            with pytest.raises(NotFoundError):
                await client.merge.wait("mrg_1")


async def test_the_ends_of_a_workflow_can_be_said(connect: Connect) -> None:
    with FaultServer(http(200, {"status": "paused"})) as server:
        async with connect(server.base_url) as client:
            assert (await client.workflow_run.wait("w_1", ends={"PAUSED"})).status == "paused"


async def test_closing_the_client_ends_the_wait(connect: Connect) -> None:
    with FaultServer(http(200, {"status": "running"})) as server:
        async with connect(server.base_url) as client:
            waiting = asyncio.ensure_future(_wait(client))
            await until(lambda: len(server.requests) >= 1)
            await client.close()
            with pytest.raises(ClientClosedError):
                await waiting


async def _wait(client: Any) -> object:
    return await client.workflow_run.wait("w_1")


async def test_a_wait_has_no_one_request_to_describe(connect: Connect) -> None:
    async with connect("http://localhost:1") as client:
        with pytest.raises(LightfieldUsageError, match="several requests"):
            cast("Any", client.plan).merge.wait("mrg_1")
