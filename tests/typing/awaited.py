"""What a type checker sees of the awaited client. Checked by ``test_typing.py``, never run."""

import datetime as dt
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Mapping
from contextlib import aclosing
from decimal import Decimal
from typing import Any, Literal, assert_type

from lightfield import (
    NOT_GIVEN,
    AsyncAPIResponse,
    AsyncLightfield,
    BulkResult,
    F,
    Filter,
    HTTPRequest,
    LaneStatus,
    LightfieldError,
    ListingReport,
    Outcome,
    Progress,
    RateLimits,
    Request,
    Response,
    Timeout,
    omit,
)
from lightfield.models import (
    Account,
    Address,
    Contact,
    CustomRecord,
    Definitions,
    Enrichment,
    EnrichmentRun,
    FieldChange,
    FieldHistory,
    FieldValue,
    File,
    FileUpload,
    FullName,
    List,
    Listing,
    Meeting,
    Member,
    Merge,
    MergeResult,
    Message,
    Note,
    ObjectType,
    Opportunity,
    Option,
    Page,
    Relationship,
    Sender,
    Sent,
    SequencePerformance,
    SequenceTest,
    Task,
    Validation,
    WorkflowStatus,
)
from lightfield.models.document import JSON
from lightfield.types import OpportunityRetrieveResponse


async def operations(client: AsyncLightfield) -> None:
    """Check one operation of each shape."""
    assert_type(client.opportunity.retrieve("opp_1"), Coroutine[Any, Any, Opportunity]).close()
    assert_type(await client.opportunity.retrieve("opp_1"), Opportunity)
    assert_type(await client.opportunity.retrieve(id="opp_1"), OpportunityRetrieveResponse)
    assert_type(await client.request("GET", "/v1/opportunities", query={"limit": "5"}), JSON)
    assert_type(await client.request("POST", "/v1/x", body={"fields": {}}, category="Search"), JSON)


async def shapes(client: AsyncLightfield) -> None:
    """Check one operation of each shape: list, create, update, delete, definitions, history, merge, e-mail, file."""
    assert_type(await client.opportunity.list(limit=25, status="trashed", filters=F("$amount") >= 5), Page[Opportunity])
    assert_type(await client.member.list(offset=25, filters={"$name": "Ada"}), Page[Member])
    assert_type((await client.account.list()).data, list[Account])
    assert_type((await client.account.list()).total_count, int)
    assert_type(await client.account.create(fields={"$name": "A"}, skip_enrichment=True), Account)
    assert_type(await client.account.update("acc_1", fields={"$name": None, "x": Decimal(1)}), Account)
    assert_type(await client.account.update("acc_1", relationships={"$owner": {"replace": None}}), Account)
    assert_type(
        await client.opportunity.create(fields={"$name": "A"}, relationships={"$account": "acc_1"}), Opportunity
    )
    assert_type(
        await client.task.create(fields={"$title": "A", "$status": "TODO"}, relationships={"$assignedTo": "m"}), Task
    )
    assert_type(await client.task.update("tsk_1", fields={"$dueAt": dt.datetime.now(dt.UTC)}), Task)
    assert_type(await client.list.update("lst_1", relationships={"$accounts": {"add": ["acc_1"]}}), List)
    assert_type(await client.list.list_contacts("lst_1", limit=5), Page[Contact])
    assert_type(await client.meeting.delete("mtg_1"), Meeting)
    assert_type(await client.note.restore("not_1", body={}), Note)
    assert_type(await client.contact.definitions(), Definitions)
    assert_type((await client.contact.definitions()).field_definitions["$x"].by_label("A"), Option)
    assert_type(await client.contact.field_history("$title", id="con_1", limit=5), FieldHistory)
    assert_type(await client.merge.merge_contacts(primary_id="a", duplicate_id="b"), MergeResult[Contact])
    assert_type(await client.email.send(from_="a", to=["b"], subject="c", message_body={"content": "d"}), Sent)
    assert_type(await client.file.create(filename="a", mime_type="b", size_bytes=1), FileUpload)
    assert_type(await client.enrichment_run.enrich("acc_1", entity_slug="accounts"), Enrichment)
    assert_type(await client.sequence.retrieve_performance("seq_1"), SequencePerformance)
    assert_type(await client.sender.update("snd_1", pacing={}), Sender)
    assert_type(await client.auth.validate(), Validation)
    assert_type(await client.workflow_run.status("run_1"), WorkflowStatus)


async def custom_objects(client: AsyncLightfield) -> None:
    """Check the records of custom types."""
    assert_type(await client.object.list_definitions(), Listing[ObjectType])
    assert_type(await client.object.retrieve("prj_1", entity_slug="project"), CustomRecord)
    assert_type(await client.object.list("project", limit=5), Page[CustomRecord])
    assert_type(await client.object.of("project").update("prj_1", fields={"a": 1}), CustomRecord)
    assert_type(await client.object.of("project").retrieve_many(["prj_1"]), BulkResult[CustomRecord])
    assert_type(client.object.of("project").list_all(), AsyncGenerator[CustomRecord, None])
    assert_type(await client.object.of("project").with_raw_response.retrieve("p"), AsyncAPIResponse[CustomRecord])


async def procedures(client: AsyncLightfield) -> None:
    """Check what takes several requests."""
    assert_type(client.opportunity.list_all(status="active"), AsyncGenerator[Opportunity, None])
    assert_type(client.message.list_all(), AsyncGenerator[Message, None])
    assert_type(client.note.list_all(fresh=True, report=walked), AsyncGenerator[Note, None])
    assert_type(client.object.list_all("project", fresh=True, report=None), AsyncGenerator[CustomRecord, None])
    assert_type(client.account.field_history_all("$name", id="acc_1"), AsyncGenerator[FieldChange, None])
    assert_type(await client.file.upload(b"a", filename="a", progress=print), File)
    assert_type(await client.file.download("fil_1"), bytes)
    assert_type(await client.file.download_to("fil_1", "a.txt"), int)
    assert_type(await client.merge.wait("mrg_1", deadline=5), Merge)
    assert_type(await client.enrichment_run.wait("run_1"), EnrichmentRun)
    assert_type(await client.sequence.wait_test("tst_1", id="seq_1"), SequenceTest)
    assert_type(await client.workflow_run.wait("run_1", ends=["done"]), WorkflowStatus)


def walked(report: ListingReport) -> None:
    """Check what a walk tells at its end."""
    assert_type(report.records, int)
    assert_type(report.anomalies, tuple[str, ...])


async def filters(client: AsyncLightfield) -> None:
    """Check conditions."""
    assert_type(F("$name") == "Acme", Filter)
    assert_type(~(F("$account") == "acc_1"), Filter)
    assert_type(F("parent").as_source.contains("acc_1"), Filter)
    assert_type(client.plan.account.list(filters=[F("a") > 1, F("b").startswith("c")]).query, str)


async def many(client: AsyncLightfield, ids: AsyncIterator[str]) -> None:
    """Check the operations that make several requests."""
    result = assert_type(await client.opportunity.retrieve_many(["opp_1"]), BulkResult[Opportunity])
    assert_type(result.values, list[Opportunity])
    assert_type(result.errors, dict[str, LightfieldError])
    assert_type(client.opportunity.iter_many(ids), AsyncGenerator[Outcome[Opportunity], None])
    async with aclosing(client.opportunity.iter_many(ids)) as outcomes:
        assert_type(await anext(outcomes), Outcome[Opportunity])
    async for outcome in client.opportunity.iter_many({"opp_1"}, concurrency=8, progress=tell):
        assert_type(outcome, Outcome[Opportunity])
        assert_type(outcome.id, str)
        assert_type(outcome.value, Opportunity | None)
        assert_type(outcome.error, LightfieldError | None)


async def bulks(client: AsyncLightfield, names: list[str], requests: AsyncIterator[Request[Account]]) -> None:
    """Check bulks of described requests."""
    plan = client.plan.account
    result = assert_type(await client.bulk(plan.create(fields={"$name": name}) for name in names), BulkResult[Account])
    assert_type(result.raise_for_errors(), BulkResult[Account])
    assert_type(await client.bulk({name: plan.retrieve(name) for name in names}), BulkResult[Account])
    assert_type(await client.bulk([("a", plan.retrieve("acc_1"))], concurrency=2, done={"a"}), BulkResult[Account])
    assert_type(await client.bulk(map(plan.retrieve, names), progress=tell), BulkResult[Account])
    assert_type(client.iter_bulk(requests, done=["0"]), AsyncGenerator[Outcome[Account], None])
    async with aclosing(client.iter_bulk(requests)) as outcomes:
        assert_type(await anext(outcomes), Outcome[Account])
    async for outcome in client.iter_bulk((name, plan.retrieve(name).keyed()) for name in names):
        assert_type(outcome, Outcome[Account])
        assert_type(outcome.idempotency_key, str | None)
    request = assert_type(plan.create(fields={"$name": "A"}).keyed("key"), Request[Account])
    assert_type(request.idempotency_key, str | None)
    assert_type(request.takes_key, bool)
    assert_type(await client.opportunity.retrieve_many(["opp_1"], done={"opp_1": 1}), BulkResult[Opportunity])
    custom = client.object.iter_many(["a"], entity_slug="b", done=names)
    assert_type(custom, AsyncGenerator[Outcome[CustomRecord], None])
    mixed: list[Request[Account] | Request[Contact]] = [plan.retrieve("acc_1"), client.plan.contact.retrieve("con_1")]
    async for either in client.iter_bulk(mixed):
        if either.value is not None:
            assert_type(either.value.text("$name"), str | None)


def tell(progress: Progress) -> None:
    """Check what a hook is told."""
    assert_type(progress.done, int)
    assert_type(progress.total, int | None)
    assert_type(progress.eta, float | None)


async def raw(client: AsyncLightfield) -> None:
    """Check the same operation, undecoded."""
    response = assert_type(await client.opportunity.with_raw_response.retrieve("opp_1"), AsyncAPIResponse[Opportunity])
    assert_type(await response.parse(), Opportunity)
    assert_type(response.status_code, int)
    assert_type(response.headers, Mapping[str, str])
    assert_type(await response.read(), bytes)
    assert_type(await response.text(), str)
    assert_type(await response.json(), JSON)
    assert_type(response.retries_taken, int)
    assert_type(response.http_request, HTTPRequest)
    assert_type(response.elapsed, dt.timedelta)
    assert_type(await client.with_raw_response.account.retrieve("acc_1"), AsyncAPIResponse[Account])
    async with client.opportunity.with_streaming_response.retrieve("opp_1", timeout=5) as streamed:
        assert_type(streamed, AsyncAPIResponse[Opportunity])
        async for piece in streamed.iter_bytes(100):
            assert_type(piece, bytes)
        async for line in streamed.iter_lines():
            assert_type(line, str)


async def options_of_a_call(client: AsyncLightfield) -> None:
    """Check what every operation takes."""
    await client.opportunity.retrieve("opp_1", timeout=Timeout(5, read=1), extra_headers={"A": "b", "C": omit})
    await client.note.create(fields={"title": "a"}, idempotency_key="k", extra_query={"a": [1]}, extra_body={"b": {}})
    await client.opportunity.list(limit=omit, offset=NOT_GIVEN, timeout=None)
    assert_type(await client.get("/v1/x", cast_to=Opportunity, options={"params": {"a": 1}}), Opportunity)
    assert_type(await client.post("/v1/x", cast_to=Response, body={"a": 1}, timeout=5), Response)
    assert_type(await client.delete("/v1/x", cast_to=object), object)
    assert_type(await client.with_raw_response.get("/v1/x", cast_to=Opportunity), AsyncAPIResponse[Opportunity])
    copy = assert_type(client.copy(api_key="k", default_headers={"A": "b"}, set_default_query={}), AsyncLightfield)
    assert_type((copy.base_url, copy.timeout, copy.max_retries, copy.is_closed()), tuple[str, Timeout, int, bool])


async def plan(client: AsyncLightfield) -> None:
    """Check requests described, and sent later."""
    request = assert_type(client.plan.opportunity.retrieve("opp_1"), Request[Opportunity])
    assert_type(request.method, Literal["GET", "POST", "DELETE"])
    assert_type(request.category, Literal["Read", "Write", "Search"])
    assert_type(await client.send(request), Opportunity)
    assert_type(client.plan.request("GET", "/v1/opportunities"), Request[JSON])
    assert_type(await client.send(client.plan.request("GET", "/v1/opportunities")), JSON)


async def the_client() -> None:
    """Check the client itself."""
    async with AsyncLightfield(
        api_key="k",
        base_url=None,
        timeout=Timeout(connect=1, total=None),
        deadline=None,
        max_retries=0,
        rate_limits=RateLimits(read=10),
        allow_http=False,
    ) as client:
        sibling = assert_type(client.with_options(timeout=5, idempotency_key="key"), AsyncLightfield)
        assert_type(await sibling.opportunity.retrieve("opp_1"), Opportunity)
        for category, lane in client.rate_limits.items():
            assert_type(category, Literal["Read", "Write", "Search"])
            assert_type(lane, LaneStatus)
            assert_type(lane.limit, float | None)
        assert_type(await client.close(), None)


def readers(opportunity: Opportunity) -> None:
    """Check what a record holds, and its readers."""
    assert_type(opportunity.id, str)
    assert_type(opportunity.updated_at, str | None)
    assert_type(opportunity.fields["$name"], FieldValue)
    value = opportunity.fields["$name"].value
    assert_type(value, str | int | float | bool | list[str] | Address | FullName | None)
    assert_type(opportunity.relationships["$account"], Relationship)
    assert_type(opportunity.relationships["$account"].values, list[str])
    assert_type(opportunity.text("$name"), str | None)
    assert_type(opportunity.texts("$website"), list[str] | None)
    assert_type(opportunity.number("$amount"), int | float | None)
    assert_type(opportunity.decimal("$amount"), Decimal | None)
    assert_type(opportunity.flag("approved"), bool | None)
    assert_type(opportunity.datetime("$closeDate"), dt.datetime | None)
    assert_type(opportunity.option("$stage"), str | None)
    assert_type(opportunity.options("products"), list[str] | None)
    assert_type(opportunity.address("office"), Address | None)
    assert_type(opportunity.full_name("signatory"), FullName | None)
    assert_type(opportunity.related("$task"), list[str] | None)
    assert_type(opportunity.related_one("$account"), str | None)
    assert_type(opportunity.to_dict(), dict[str, Any])
    assert_type(opportunity.to_json(), str)
