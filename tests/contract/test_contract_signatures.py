"""Operations take the parameters that the official SDK takes, by the same names and in the same places."""

from inspect import Parameter, signature
from operator import attrgetter
from typing import Any

import pytest

from lightfield._client.plan import Plan
from tests.contract.calls import CALLS, Call, calls
from tests.contract.catalog import operations
from tests.contract.facts import OPERATIONS, Operation

every_operation = pytest.mark.parametrize("fact", OPERATIONS, ids=attrgetter("operation"))


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return operations(Plan())


@every_operation
def test_parameters_have_the_official_names_and_places(fact: Operation, described: dict[str, Any]) -> None:
    parameters = signature(described[fact.operation]).parameters.values()
    positional = [parameter.name for parameter in parameters if parameter.kind is Parameter.POSITIONAL_OR_KEYWORD]
    keyword = [parameter.name for parameter in parameters if parameter.kind is Parameter.KEYWORD_ONLY]
    assert len(parameters) == len(positional) + len(keyword)
    assert positional == fact.positional
    assert sorted(keyword) == sorted([*fact.keyword, *["filters"] * fact.filtered])


@every_operation
def test_parameters_that_the_api_requires_have_no_default(fact: Operation, described: dict[str, Any]) -> None:
    bare = next(call for call in calls(fact) if call.manner == "bare")
    parameters = signature(described[fact.operation]).parameters
    required = {name for name, parameter in parameters.items() if parameter.default is Parameter.empty}
    assert required == {*fact.positional, *bare.kwargs}
    assert {parameters[name].default for name in parameters if name not in required} <= {None}


@every_operation
def test_operation_says_what_it_is_for(fact: Operation, described: dict[str, Any]) -> None:
    assert described[fact.operation].__doc__


@pytest.mark.parametrize("call", [call for call in CALLS if call.manner == "full"], ids=str)
def test_positional_parameters_may_be_named(call: Call, described: dict[str, Any]) -> None:
    operation = described[call.fact.operation]
    named = dict(zip(call.fact.positional, call.args, strict=True))
    assert _sent(operation(**named, **call.kwargs)) == _sent(operation(*call.args, **call.kwargs))


def _sent(request: Any) -> tuple[Any, ...]:
    return request.method, request.path, request.query, request.body
