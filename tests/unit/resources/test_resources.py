"""Do the resources describe the documented requests, and do bulk methods run through ``retrieve``?"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from lightfield import AsyncLightfield, Lightfield, NotFoundError
from lightfield._client.plan import Plan
from lightfield._operations.performer import Awaiting
from lightfield._operations.resource import Awaits
from lightfield._protocol.request import Request
from lightfield.errors import LightfieldError, LightfieldTypeError, LightfieldUsageError, LightfieldValueError
from lightfield.models import Opportunity
from lightfield.resources.opportunities import Opportunities
from tests.clock import run


class Server(Awaiting):
    """Performs a retrieve in a second; ids that begin with an x are not there."""

    def __init__(self) -> None:
        nothing: Any = None
        super().__init__(self, lambda: self, nothing, nothing, nothing)
        self.in_flight = 0

    async def send(self, request: Request[Any]) -> Any:
        self.in_flight += 1
        try:
            await asyncio.sleep(1.0)
        finally:
            self.in_flight -= 1
        id = request.path.rpartition("/")[2]
        if id.startswith("x"):
            raise NotFoundError("no", status_code=404)
        return Opportunity(id=id, created_at="2026", fields={}, relationships={})


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def opportunity(server: Server) -> Opportunities[Awaits]:
    return Opportunities(server)


CLIENTS: list[Callable[[], Plan]] = [
    Plan,
    lambda: AsyncLightfield(api_key="k").plan,
    lambda: Lightfield(api_key="k").plan,
    lambda: Lightfield(api_key="k").with_options(timeout=1).plan,
]


@pytest.mark.parametrize("make", CLIENTS)
def test_retrieve_describes_a_read_of_one_record(make: Callable[[], Plan]) -> None:
    request = make().opportunity.retrieve("opp_1")
    assert (request.method, request.path, request.category) == ("GET", "/v1/opportunities/opp_1", "Read")
    assert (request.query, request.body, request.retry_safety, request.form) == ("", None, "idempotent", "decoded")


@pytest.mark.parametrize(
    ("id", "kind"),
    [("", LightfieldValueError), ("..", LightfieldValueError), ("a/b", LightfieldValueError), (5, LightfieldTypeError)],
)
def test_retrieve_refuses_what_is_no_id(id: Any, kind: type[LightfieldError]) -> None:
    with pytest.raises(kind):
        Plan().opportunity.retrieve(id)


def test_request_describes_any_endpoint() -> None:
    request = Plan().request("POST", "/v1/opportunities", query={"a": "b"}, body={"fields": {}}, category="Search")
    assert repr(request) == "<Request POST /v1/opportunities?a=b (Search)>"
    assert (request.body, request.retry_safety) == (b'{"fields":{}}', "with_callers_key")
    assert request.decoder.decode(b'{"a":[1,null]}') == {"a": [1, None]}


@pytest.mark.parametrize("name", ["retrieve_many", "iter_many"])
def test_a_plan_of_many_requests_is_refused(name: str) -> None:
    with pytest.raises(LightfieldUsageError, match=f"{name} makes several requests"):
        getattr(Plan().opportunity, name)(["opp_1"])


def test_a_plan_gives_requests_back_and_names_itself() -> None:
    assert Plan().opportunity.retrieve("opp_1") == Plan().opportunity.retrieve("opp_1")
    assert repr(Plan().opportunity) == "<Opportunities of <Plan>>"


def test_retrieve_many_gives_records_in_order_and_failures_apart(opportunity: Opportunities[Awaits]) -> None:
    async def scenario() -> None:
        done: list[int] = []
        result = await opportunity.retrieve_many(
            ["b", "x", "a", ""], concurrency=2, progress=lambda step: done.append(step.done)
        )
        assert [record.id for record in result.values] == ["b", "a"]
        assert {id: type(error) for id, error in result.errors.items()} == {
            "x": NotFoundError,
            "": LightfieldValueError,
        }
        assert done == [1, 2, 3, 4]

    run(scenario())


def test_iter_many_gives_outcomes(opportunity: Opportunities[Awaits]) -> None:
    async def scenario() -> None:
        found = {outcome.id: outcome async for outcome in opportunity.iter_many(["a", "x"], concurrency=2)}
        assert found["a"].value is not None
        assert found["a"].value.id == "a"
        assert isinstance(found["x"].error, NotFoundError)

    run(scenario())


def test_closing_iter_many_early_cancels_its_requests_before_it_returns(
    server: Server,
    opportunity: Opportunities[Awaits],
) -> None:
    async def scenario() -> None:
        outcomes: Any = opportunity.iter_many([f"id{number}" for number in range(100)], concurrency=8)
        await anext(outcomes)
        assert server.in_flight > 0
        await outcomes.aclose()
        assert server.in_flight == 0

    run(scenario())


def test_each_resource_of_a_client_is_made_once() -> None:
    client = AsyncLightfield(api_key="k")
    assert client.opportunity is client.opportunity
    assert client.with_options(timeout=1).opportunity is not client.opportunity
