"""The official types of parameters: each has the members, the types and the required members of its operation."""

from collections.abc import Mapping
from inspect import signature
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from lightfield import types
from lightfield._client.plan import Plan
from lightfield._operations.resource import Resource
from tests.contract.catalog import operations, resources
from tests.contract.facts import OPERATIONS, Operation

with_params = pytest.mark.parametrize("fact", [fact for fact in OPERATIONS if fact.params], ids=attrgetter("params"))


@with_params
def test_params_have_the_official_members(fact: Operation) -> None:
    assert sorted(get_type_hints(_params(fact))) == sorted(fact.keyword)


@with_params
def test_params_have_the_types_of_the_operation(fact: Operation) -> None:
    plan = Plan()
    known = _arguments(resources(plan)[fact.resource])
    hints = get_type_hints(operations(plan)[fact.operation])
    expected = {name: _official(_specific(hints[name], known)) for name in fact.keyword}
    assert get_type_hints(_params(fact)) == expected


@with_params
def test_params_require_what_the_operation_requires(fact: Operation) -> None:
    parameters = signature(operations(Plan())[fact.operation]).parameters
    required = {name for name in fact.keyword if parameters[name].default is parameters[name].empty}
    assert _params(fact).__required_keys__ == required


def _params(fact: Operation) -> Any:
    return getattr(types, str(fact.params))


def _arguments(resource: Resource[Any]) -> dict[TypeVar, Any]:
    """Return what a resource inserts for the type variables of the classes it inherits from."""
    bases: tuple[Any, ...] = vars(type(resource))["__orig_bases__"]
    pairs = (zip(get_origin(base).__parameters__, get_args(base), strict=True) for base in bases)
    return {name: value for found in pairs for name, value in found}


def _specific(annotation: Any, known: dict[TypeVar, Any]) -> Any:
    """Return a type with the arguments of a resource for its type variables."""
    free = getattr(annotation, "__parameters__", ())
    return annotation[tuple(known[name] for name in free)] if free else annotation


def _official(annotation: Any) -> Any:
    """Return the part of a type that the official one has: Python names, no None, and mappings that can be changed."""
    if get_origin(annotation) is Mapping:
        return dict.__class_getitem__(get_args(annotation))
    if get_origin(annotation) not in {Union, UnionType}:
        return annotation
    parts = [part for part in get_args(annotation) if not (_is_struct(part) or part is NoneType)]
    named = [part for part in parts if getattr(part, "__module__", "").endswith(".pythonic")]
    return Union[tuple(map(_official, named or parts))]  # noqa: UP007 - of as many as there are


def _is_struct(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, msgspec.Struct)
