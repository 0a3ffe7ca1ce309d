"""Packages whose names are loaded on first use."""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from lightfield._aio.fork import no_fork

if TYPE_CHECKING:
    from lightfield.errors import APIConnectionError


def lazy_names(
    package: str, homes: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a package, for its modules and for the names that are in them.

    Args:
        package: Its ``__name__``.
        homes: The names, by module.
    """
    public_homes = [home for home in homes if not home.startswith("_")]

    def load(name: str) -> object:
        if name in public_homes:
            with no_fork():
                return import_module(f".{name}", package)
        home = next((module for module, names in homes.items() if name in names), None)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with no_fork():
            value: object = getattr(import_module(f".{home}", package), name)
        vars(sys.modules[package])[name] = value
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *public_homes, *(name for some in homes.values() for name in some)})

    return load, names


def cannot_load(what: str, error: Exception) -> "APIConnectionError":
    """Return the error of a call that needs a module which cannot be loaded now: too many files may be open."""
    from lightfield.errors import APIConnectionError, one_line

    failure = APIConnectionError(f"cannot load {what}: {one_line(str(error), 160)}")
    failure.sent, failure.__cause__ = False, error
    return failure
