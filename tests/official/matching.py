"""The ``tests/utils.py`` of the official SDK's tests, for our types of responses."""

from typing import Any, get_origin

import msgspec


def assert_matches_type(type_: Any, value: object, *, path: list[str]) -> None:
    """Check that a value is of a type of ``lightfield.types``, as are all its parts, however deep."""
    where = ".".join(path)
    assert isinstance(value, get_origin(type_) or type_), f"{where} is {type(value)}, not {type_}"
    again = msgspec.convert(msgspec.to_builtins(value), type_)
    assert value == again, f"{where} has parts that are not of their types: {value}, not {again}"
