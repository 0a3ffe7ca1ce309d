"""What a type checker sees of the awaited client. Checked by ``test_typing.py``, never run."""

import datetime as dt
from collections.abc import AsyncIterator, Coroutine, Mapping
from decimal import Decimal
from typing import Any, Literal, assert_type

from lightfield import (
    APIResponse,
    AsyncLightfield,
    BulkResult,
    LaneStatus,
    LightfieldError,
    Outcome,
    Progress,
    RateLimits,
    Request,
    Timeout,
)
from lightfield.models import Address, FieldValue, FullName, Opportunity, Relationship
from lightfield.models.value import JSON
from lightfield.types import OpportunityRetrieveResponse


async def operations(client: AsyncLightfield) -> None:
    """Check one operation of each shape."""
    assert_type(client.opportunity.retrieve("opp_1"), Coroutine[Any, Any, Opportunity]).close()
    assert_type(await client.opportunity.retrieve("opp_1"), Opportunity)
    assert_type(await client.opportunity.retrieve(id="opp_1"), OpportunityRetrieveResponse)
    assert_type(await client.request("GET", "/v1/opportunities", query={"limit": "5"}), JSON)
    assert_type(await client.request("POST", "/v1/x", body={"fields": {}}, category="Search"), JSON)


async def many(client: AsyncLightfield, ids: AsyncIterator[str]) -> None:
    """Check the operations that make several requests."""
    result = assert_type(await client.opportunity.retrieve_many(["opp_1"]), BulkResult[Opportunity])
    assert_type(result.values, list[Opportunity])
    assert_type(result.errors, dict[str, LightfieldError])
    assert_type(client.opportunity.iter_many(ids), AsyncIterator[Outcome[Opportunity]])
    async for outcome in client.opportunity.iter_many({"opp_1"}, concurrency=8, progress=tell):
        assert_type(outcome, Outcome[Opportunity])
        assert_type(outcome.id, str)
        assert_type(outcome.value, Opportunity | None)
        assert_type(outcome.error, LightfieldError | None)


def tell(progress: Progress) -> None:
    """Check what a hook is told."""
    assert_type(progress.done, int)
    assert_type(progress.total, int | None)
    assert_type(progress.eta, float | None)


async def raw(client: AsyncLightfield) -> None:
    """Check the same operation, undecoded."""
    response = assert_type(await client.opportunity.with_raw_response.retrieve("opp_1"), APIResponse[Opportunity])
    assert_type(response.parse(), Opportunity)
    assert_type(response.status_code, int)
    assert_type(response.headers, Mapping[str, str])
    assert_type(response.content, bytes)
    assert_type(response.retries_taken, int)


async def plan(client: AsyncLightfield) -> None:
    """Check requests described, and sent later."""
    request = assert_type(client.plan.opportunity.retrieve("opp_1"), Request[Opportunity])
    assert_type(request.method, Literal["GET", "POST", "DELETE"])
    assert_type(request.category, Literal["Read", "Write", "Search"])
    assert_type(client.send(request), Coroutine[Any, Any, Opportunity]).close()
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
    assert_type(opportunity.fields["$name"].value, JSON | Address | FullName)
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
    assert_type(opportunity.to_dict(), dict[str, JSON])
    assert_type(opportunity.to_json(), str)
