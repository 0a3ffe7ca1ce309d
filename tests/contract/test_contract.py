"""Every operation that is documented is there, does what is documented, and works; and there are no others."""

import inspect
from collections import Counter
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import Any, get_args, get_type_hints

import pytest

from lightfield import AsyncLightfield, Lightfield, Request
from lightfield._client import Plan
from lightfield._operation import Resource, operation
from lightfield.resources import Catalog
from lightfield.testing import Sandbox
from tests.client.both import KEY, Connect
from tests.contract.facts import OPERATIONS, Operation

every_operation = pytest.mark.parametrize("fact", OPERATIONS, ids=attrgetter("operation"))


def resources(catalog: Catalog[Any]) -> dict[str, Resource[Any]]:
    """Find the resources of a catalogue, by name."""
    public = (name for name in dir(Catalog) if not name.startswith("_"))
    values = {name: getattr(catalog, name) for name in public}
    return {name: value for name, value in values.items() if isinstance(value, Resource)}


def operations(catalog: Catalog[Any]) -> dict[str, Any]:
    """Find the operations of every resource, by the names that the API gives them."""
    return {
        f"{name}.{member}": getattr(resource, member)
        for name, resource in resources(catalog).items()
        for member, value in inspect.getmembers_static(type(resource))
        if isinstance(value, operation)
    }


def test_facts_are_unambiguous() -> None:
    assert Counter(fact.operation for fact in OPERATIONS).most_common(1)[0][1] == 1
    assert Counter((fact.method, fact.path) for fact in OPERATIONS).most_common(1)[0][1] == 1


@pytest.mark.parametrize(
    "make",
    [Plan, partial(AsyncLightfield, api_key=KEY), partial(Lightfield, api_key=KEY)],
    ids=["plan", "awaited", "blocking"],
)
def test_catalogue_holds_the_documented_operations_and_no_others(make: Callable[[], Catalog[Any]]) -> None:
    assert set(operations(make())) == {fact.operation for fact in OPERATIONS}


@every_operation
def test_operation_describes_the_documented_request(fact: Operation, sandbox: Sandbox) -> None:
    arguments = fact.arguments(sandbox)
    request = operations(Plan())[fact.operation](**arguments)
    assert isinstance(request, Request)
    assert (request.method, request.category) == (fact.method, fact.category)
    assert request.path == fact.path.format_map(arguments)


@every_operation
def test_operation_says_what_it_takes_and_gives(fact: Operation) -> None:
    described = operations(Plan())[fact.operation]
    signature = inspect.signature(described)
    assert set(fact.example) <= set(signature.parameters)
    assert described.__doc__
    assert len(get_args(get_type_hints(described.__wrapped__)["return"])) == 1


@every_operation
async def test_operation_works(fact: Operation, sandbox: Sandbox, connect: Connect) -> None:
    resource, _, name = fact.operation.partition(".")
    arguments = fact.arguments(sandbox)
    async with connect(sandbox.base_url) as client:
        plain = await getattr(getattr(client, resource), name)(**arguments)
        response = await getattr(getattr(client, resource).with_raw_response, name)(**arguments)
        sent = await client.send(operations(client.plan)[fact.operation](**arguments))
        granted = {category: lane.granted for category, lane in client.rate_limits.items()}
    assert plain == sent == response.parse()
    assert response.status_code == 200
    assert granted == {**dict.fromkeys(granted, 0), fact.category: 3}
    assert sandbox.requests == 3
