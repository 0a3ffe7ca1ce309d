"""In what do the types of records differ?

Everything that one type does otherwise than another stands in this table, and nowhere else.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from .definitions import Definitions

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Kind(NamedTuple):
    """One type of record.

    Attributes:
        name: Its collection, as in the path and in messages.
        prefix: How its ids begin.
        definitions: Its fields and relationships.
        required: What a new record needs: fields, then relationships.
        create_only: What an update may not write.
        update_only: What only an update may write.
        mirrors: Under which key the records at the other end of a relationship point back.
        operations: What an update may do to a relationship.
        hidden: Which keys of its documents are not shown.
        unlisted: Which fields are not shown in a list.
        private: Whether its documents tell how much of them the caller may see.
        custom: Whether the workspace invented it.
        deleted_once: Whether a second delete finds nothing.
    """

    name: str
    prefix: str
    definitions: Definitions
    required: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    create_only: frozenset[str] = frozenset()
    update_only: frozenset[str] = frozenset()
    mirrors: Mapping[str, str] = _NOTHING
    operations: frozenset[str] = frozenset({"add", "remove", "replace"})
    hidden: frozenset[str] = frozenset()
    unlisted: frozenset[str] = frozenset()
    private: bool = False
    custom: bool = False
    deleted_once: bool = False

    @property
    def object_type(self) -> str:
        """Its name where records point at it."""
        return self.definitions["objectType"]
