"""What a type checker sees of the blocking client. Checked by ``test_typing.py``, never run."""

from collections.abc import AsyncIterator, Iterator
from typing import Literal, assert_type

from lightfield import APIResponse, BulkResult, LaneStatus, Lightfield, LightfieldError, Outcome, Request, Timeout
from lightfield.models import Opportunity
from lightfield.models.value import JSON
from lightfield.types import OpportunityRetrieveResponse


def operations(client: Lightfield) -> None:
    """Check one operation of each shape."""
    assert_type(client.opportunity.retrieve("opp_1"), Opportunity)
    assert_type(client.opportunity.retrieve(id="opp_1"), OpportunityRetrieveResponse)
    assert_type(client.opportunity.retrieve("opp_1").text("$name"), str | None)
    assert_type(client.request("GET", "/v1/opportunities", query={"limit": "5"}), JSON)
    assert_type(client.request("POST", "/v1/x", body={"fields": {}}, category="Search"), JSON)


def many(client: Lightfield, ids: AsyncIterator[str]) -> None:
    """Check the operations that make several requests."""
    result = assert_type(client.opportunity.retrieve_many(iter(["opp_1"])), BulkResult[Opportunity])
    assert_type(result.errors, dict[str, LightfieldError])
    assert_type(client.opportunity.iter_many(ids), Iterator[Outcome[Opportunity]])
    for outcome in client.opportunity.iter_many(["opp_1"], concurrency=8, progress=print):
        assert_type(outcome, Outcome[Opportunity])
        assert_type(outcome.value, Opportunity | None)


def raw(client: Lightfield) -> None:
    """Check the same operation, undecoded."""
    response = assert_type(client.opportunity.with_raw_response.retrieve("opp_1"), APIResponse[Opportunity])
    assert_type(response.parse(), Opportunity)


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
