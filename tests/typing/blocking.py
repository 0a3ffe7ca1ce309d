"""What a type checker sees of the blocking client. Checked by ``test_typing.py``, never run."""

import datetime as dt
from collections.abc import AsyncIterator, Generator
from decimal import Decimal
from typing import Literal, assert_type

from lightfield import (
    APIResponse,
    BulkResult,
    F,
    Filter,
    LaneStatus,
    Lightfield,
    LightfieldError,
    ListingReport,
    Outcome,
    Request,
    Timeout,
)
from lightfield.models import (
    Account,
    Contact,
    CustomRecord,
    Definitions,
    Enrichment,
    EnrichmentRun,
    FieldChange,
    FieldHistory,
    File,
    FileUpload,
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


def operations(client: Lightfield) -> None:
    """Check one operation of each shape."""
    assert_type(client.opportunity.retrieve("opp_1"), Opportunity)
    assert_type(client.opportunity.retrieve(id="opp_1"), OpportunityRetrieveResponse)
    assert_type(client.opportunity.retrieve("opp_1").text("$name"), str | None)
    assert_type(client.request("GET", "/v1/opportunities", query={"limit": "5"}), JSON)
    assert_type(client.request("POST", "/v1/x", body={"fields": {}}, category="Search"), JSON)


def shapes(client: Lightfield) -> None:
    """Check one operation of each shape: list, create, update, delete, definitions, history, merge, e-mail, file."""
    assert_type(client.opportunity.list(limit=25, status="trashed", filters=F("$amount") >= 5), Page[Opportunity])
    assert_type(client.member.list(offset=25, filters={"$name": "Ada"}), Page[Member])
    assert_type((client.account.list()).data, list[Account])
    assert_type((client.account.list()).total_count, int)
    assert_type(client.account.create(fields={"$name": "A"}, skip_enrichment=True), Account)
    assert_type(client.account.update("acc_1", fields={"$name": None, "x": Decimal(1)}), Account)
    assert_type(client.account.update("acc_1", relationships={"$owner": {"replace": None}}), Account)
    assert_type(client.opportunity.create(fields={"$name": "A"}, relationships={"$account": "acc_1"}), Opportunity)
    assert_type(client.task.create(fields={"$title": "A", "$status": "TODO"}, relationships={"$assignedTo": "m"}), Task)
    assert_type(client.task.update("tsk_1", fields={"$dueAt": dt.datetime.now(dt.UTC)}), Task)
    assert_type(client.list.update("lst_1", relationships={"$accounts": {"add": ["acc_1"]}}), List)
    assert_type(client.list.list_contacts("lst_1", limit=5), Page[Contact])
    assert_type(client.meeting.delete("mtg_1"), Meeting)
    assert_type(client.note.restore("not_1", body={}), Note)
    assert_type(client.contact.definitions(), Definitions)
    assert_type((client.contact.definitions()).field_definitions["$x"].by_label("A"), Option)
    assert_type(client.contact.field_history("$title", id="con_1", limit=5), FieldHistory)
    assert_type(client.merge.merge_contacts(primary_id="a", duplicate_id="b"), MergeResult[Contact])
    assert_type(client.email.send(from_="a", to=["b"], subject="c", message_body={"content": "d"}), Sent)
    assert_type(client.file.create(filename="a", mime_type="b", size_bytes=1), FileUpload)
    assert_type(client.enrichment_run.enrich("acc_1", entity_slug="accounts"), Enrichment)
    assert_type(client.sequence.retrieve_performance("seq_1"), SequencePerformance)
    assert_type(client.sender.update("snd_1", pacing={}), Sender)
    assert_type(client.auth.validate(), Validation)
    assert_type(client.workflow_run.status("run_1"), WorkflowStatus)


def custom_objects(client: Lightfield) -> None:
    """Check the records of custom types."""
    assert_type(client.object.list_definitions(), Listing[ObjectType])
    assert_type(client.object.retrieve("prj_1", entity_slug="project"), CustomRecord)
    assert_type(client.object.list("project", limit=5), Page[CustomRecord])
    assert_type(client.object.of("project").update("prj_1", fields={"a": 1}), CustomRecord)
    assert_type(client.object.of("project").retrieve_many(["prj_1"]), BulkResult[CustomRecord])
    assert_type(client.object.of("project").list_all(), Generator[CustomRecord, None, None])
    assert_type(client.object.of("project").with_raw_response.retrieve("p"), APIResponse[CustomRecord])


def procedures(client: Lightfield) -> None:
    """Check what takes several requests."""
    assert_type(client.opportunity.list_all(status="active"), Generator[Opportunity, None, None])
    assert_type(client.message.list_all(), Generator[Message, None, None])
    assert_type(client.note.list_all(fresh=True, report=walked), Generator[Note, None, None])
    assert_type(client.object.list_all("project", fresh=True, report=None), Generator[CustomRecord, None, None])
    assert_type(client.account.field_history_all("$name", id="acc_1"), Generator[FieldChange, None, None])
    assert_type(client.file.upload(b"a", filename="a", progress=print), File)
    assert_type(client.file.download("fil_1"), bytes)
    assert_type(client.file.download_to("fil_1", "a.txt"), int)
    assert_type(client.merge.wait("mrg_1", deadline=5), Merge)
    assert_type(client.enrichment_run.wait("run_1"), EnrichmentRun)
    assert_type(client.sequence.wait_test("tst_1", id="seq_1"), SequenceTest)
    assert_type(client.workflow_run.wait("run_1", ends=["done"]), WorkflowStatus)


def walked(report: ListingReport) -> None:
    """Check what a walk tells at its end."""
    assert_type(report.records, int)
    assert_type(report.anomalies, tuple[str, ...])


def filters(client: Lightfield) -> None:
    """Check conditions."""
    assert_type(F("$name") == "Acme", Filter)
    assert_type(~(F("$account") == "acc_1"), Filter)
    assert_type(F("parent").as_source.contains("acc_1"), Filter)
    assert_type(client.plan.account.list(filters=[F("a") > 1, F("b").startswith("c")]).query, str)


def many(client: Lightfield, ids: AsyncIterator[str]) -> None:
    """Check the operations that make several requests."""
    result = assert_type(client.opportunity.retrieve_many(iter(["opp_1"])), BulkResult[Opportunity])
    assert_type(result.errors, dict[str, LightfieldError])
    assert_type(client.opportunity.iter_many(ids), Generator[Outcome[Opportunity], None, None])
    client.opportunity.iter_many(ids).close()
    for outcome in client.opportunity.iter_many(["opp_1"], concurrency=8, progress=print):
        assert_type(outcome, Outcome[Opportunity])
        assert_type(outcome.value, Opportunity | None)


def bulks(client: Lightfield, names: list[str], requests: AsyncIterator[Request[Account]]) -> None:
    """Check bulks of described requests."""
    plan = client.plan.account
    result = assert_type(client.bulk(plan.create(fields={"$name": name}) for name in names), BulkResult[Account])
    assert_type(result.raise_for_errors(), BulkResult[Account])
    assert_type(client.bulk({name: plan.retrieve(name) for name in names}), BulkResult[Account])
    assert_type(client.bulk([("a", plan.retrieve("acc_1"))], concurrency=2, done={"a"}), BulkResult[Account])
    assert_type(client.iter_bulk(requests, progress=print), Generator[Outcome[Account], None, None])
    for outcome in client.iter_bulk((name, plan.retrieve(name)) for name in names):
        assert_type(outcome, Outcome[Account])
    assert_type(client.opportunity.retrieve_many(["opp_1"], done={"opp_1"}), BulkResult[Opportunity])


def raw(client: Lightfield) -> None:
    """Check the same operation, undecoded."""
    response = assert_type(client.opportunity.with_raw_response.retrieve("opp_1"), APIResponse[Opportunity])
    assert_type(response.parse(), Opportunity)
    assert_type((response.read(), response.text()), tuple[bytes, str])
    assert_type(response.json(), JSON)
    assert_type(client.with_raw_response.account.retrieve("acc_1"), APIResponse[Account])
    with client.opportunity.with_streaming_response.retrieve("opp_1") as streamed:
        assert_type(streamed, APIResponse[Opportunity])
        assert_type(streamed.iter_lines(), Generator[str, None, None])


def options_of_a_call(client: Lightfield) -> None:
    """Check what every operation takes."""
    client.opportunity.retrieve("opp_1", timeout=5, extra_headers={"A": "b"})
    client.note.create(fields={"$title": "a"}, idempotency_key="k", extra_query={"a": 1}, extra_body={"b": {}})
    assert_type(client.get("/v1/x", cast_to=Opportunity), Opportunity)
    assert_type(client.with_raw_response.get("/v1/x", cast_to=Opportunity), APIResponse[Opportunity])
    copy = assert_type(client.copy(base_url="https://x", set_default_headers={}), Lightfield)
    assert_type((copy.base_url, copy.timeout, copy.max_retries, copy.is_closed()), tuple[str, Timeout, int, bool])


def plan(client: Lightfield) -> None:
    """Check requests described, and sent later."""
    request = assert_type(client.plan.opportunity.retrieve("opp_1"), Request[Opportunity])
    assert_type(client.send(request), Opportunity)
    assert_type(client.send(client.plan.request("GET", "/v1/opportunities")), JSON)


def the_client() -> None:
    """Check the client itself."""
    with Lightfield(api_key="k", timeout=5, deadline=60.0, max_retries=0, rate_limits=None) as client:
        sibling = assert_type(client.with_options(timeout=Timeout(read=1), max_retries=5), Lightfield)
        assert_type(sibling.opportunity.retrieve("opp_1"), Opportunity)
        for category, lane in client.rate_limits.items():
            assert_type(category, Literal["Read", "Write", "Search"])
            assert_type(lane, LaneStatus)
    client.close()
