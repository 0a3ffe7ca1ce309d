"""Every operation that is documented is there, and there are no others; its result has the official name."""

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar, get_args, get_type_hints

import pytest

from lightfield import AsyncLightfield, Lightfield, types
from lightfield._client.catalog import Catalog
from lightfield._client.plan import Plan
from tests.client.both import KEY
from tests.contract.build import documents
from tests.contract.calls import UNSPECIFIED, calls, wire
from tests.contract.catalog import operations
from tests.contract.facts import OPERATIONS, SHAPES, Operation

every_operation = pytest.mark.parametrize("fact", OPERATIONS, ids=attrgetter("operation"))

ASSUMED = {
    "object.create",
    "object.retrieve",
    "object.update",
    "object.list",
    "object.definitions",
    "object.list_definitions",
    "workflow_run.status",
}
"""The operations whose rate-limit category is documented nowhere."""


def test_facts_are_unambiguous() -> None:
    assert len(OPERATIONS) == 112
    assert Counter(fact.operation for fact in OPERATIONS).most_common(1)[0][1] == 1
    assert Counter((fact.method, fact.path) for fact in OPERATIONS).most_common(1)[0][1] == 1
    assert Counter(map(repr, SHAPES.values())).most_common(1)[0][1] == 1


@every_operation
def test_every_parameter_has_its_place_in_the_request(fact: Operation) -> None:
    placeholders = re.findall(r"{(\w+)}", fact.path)
    members = [] if fact.body is None else [*documents(fact.body, "full")[0]]
    members = ["body"] if fact.body == UNSPECIFIED else members
    assert sorted(map(wire, fact.positional + fact.keyword)) == sorted(placeholders + fact.query + members)


@pytest.mark.parametrize(
    "make",
    [Plan, partial(AsyncLightfield, api_key=KEY), partial(Lightfield, api_key=KEY)],
    ids=["plan", "awaited", "blocking"],
)
def test_catalogue_holds_the_documented_operations_and_no_others(make: Callable[[], Catalog[Any]]) -> None:
    assert set(operations(make())) == {fact.operation for fact in OPERATIONS}


def test_categories_of_these_are_assumed_and_of_no_others() -> None:
    assert {fact.operation for fact in OPERATIONS if fact.assumed} == ASSUMED


def test_types_have_the_official_names() -> None:
    params = {fact.params for fact in OPERATIONS if fact.params}
    assert set(types.__all__) == {fact.returns for fact in OPERATIONS} | params


@every_operation
def test_official_name_of_the_result_is_its_type(fact: Operation) -> None:
    described = operations(Plan())[fact.operation]
    call = next(calls(fact))
    result: Any = getattr(types, fact.returns)
    assert described(*call.args, **call.kwargs).decoder.type == result
    (annotated,) = get_args(get_type_hints(described)["return"])
    assert annotated == result or _type_variables(annotated)


def _type_variables(annotated: Any) -> tuple[TypeVar, ...]:
    return (annotated,) if isinstance(annotated, TypeVar) else getattr(annotated, "__parameters__", ())
