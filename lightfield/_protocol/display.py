"""What libraries that display objects may show of them."""

from typing import Any, Never


def _absent(_: object) -> Never:
    raise AttributeError


class ShownByRepr:
    """A mixin of Structs whose ``repr`` omits something: rich shows that ``repr``, and not every field."""

    __slots__ = ()
    __rich_repr__: Any = property(_absent)
