"""Do the shapes with Python names match those with the API's names: members, types, what is required?"""

import inspect
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from lightfield.models import pythonic, wire, write
from tests.contract.spelling import python_name


def shapes(module: Any) -> dict[str, Any]:
    found = inspect.getmembers(module, is_typeddict)
    return {name: shape for name, shape in found if shape.__module__ == module.__name__}


def comparable(annotation: Any) -> Any:
    """Give a type in which shapes are replaced by their names."""
    if is_typeddict(annotation):
        return annotation.__name__
    parts = get_args(annotation)
    return (get_origin(annotation), [comparable(part) for part in parts]) if parts else annotation


def test_there_are_the_same_shapes() -> None:
    assert shapes(wire).keys() == shapes(pythonic).keys() != set()


@pytest.mark.parametrize("name", shapes(wire))
def test_a_shape_has_the_same_members_under_other_names(name: str) -> None:
    theirs, ours = shapes(wire)[name], shapes(pythonic)[name]
    renamed = {python_name(key): comparable(kind) for key, kind in get_type_hints(theirs).items()}
    assert renamed == {key: comparable(kind) for key, kind in get_type_hints(ours).items()}
    assert {python_name(key) for key in theirs.__required_keys__} == ours.__required_keys__


@pytest.mark.parametrize("name", sorted(shapes(wire).keys() - {"DefinitionOptions"}))
def test_a_shape_to_write_is_either(name: str) -> None:
    assert get_args(getattr(write, name))[:2] == (getattr(wire, name), getattr(pythonic, name))


def test_a_comparison_sees_differences() -> None:
    """Show that it can fail."""
    assert comparable(str | None) != comparable(str)
    assert comparable(wire.Step | None) == comparable(pythonic.Step | None) != comparable(wire.Messaging | None)
