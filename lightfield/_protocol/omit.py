"""``omit`` and ``NOT_GIVEN``: arguments and members that are not sent, in contrast to None, which clears a value.

To type checkers both are None, so they fit every optional parameter.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Self, TypeAlias, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Sentinel:
    """A value that stands for an absent one. Each subclass has a single instance, which is falsy."""

    _instance: Self | None = None
    _name: str

    def __new__(cls) -> Self:
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return self._name

    def __reduce__(self) -> str:
        return self._name


def is_omitted(value: object) -> bool:
    """Return whether a value stands for an absent one."""
    return isinstance(value, Sentinel)


def without_omitted(members: Mapping[K, V]) -> dict[K, V]:
    """Return the members whose value does not stand for an absent one."""
    return {key: value for key, value in members.items() if not is_omitted(value)}


if TYPE_CHECKING:
    Omit: TypeAlias = None
    NotGiven: TypeAlias = None
    omit: None
    not_given: None
    NOT_GIVEN: None
else:

    class Omit(Sentinel):
        """The type of ``omit``."""

        __module__ = "lightfield"
        _name = "omit"

    class NotGiven(Sentinel):
        """The type of ``NOT_GIVEN``, also called ``not_given``."""

        __module__ = "lightfield"
        _name = "NOT_GIVEN"

    omit = Omit()
    not_given = NOT_GIVEN = NotGiven()
