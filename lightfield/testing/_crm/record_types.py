"""Properties in which record types differ."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from .definitions import Definitions

_EMPTY: Mapping[str, str] = MappingProxyType({})


class RecordType(NamedTuple):
    """One type of record.

    Attributes:
        name: The name of its collection in paths and messages.
        prefix: The prefix of its ids.
        definitions: Its fields and relationships.
        required: The fields, then the relationships, that a new record needs.
        create_only: Keys that only a create may write.
        update_only: Keys that only an update may write.
        inverses: By relationship, the key under which the related records point back.
        operations: The operations that an update may apply to a relationship.
        hidden: Document keys that are not returned.
        hidden_in_lists: Fields that are not returned in lists.
        has_access_level: Whether documents state how much of them the caller may see.
        custom: Whether it is a custom object type.
        second_delete_fails: Whether deleting a record twice is a 404.
        listed_from_trash: Whether a list takes ``status=trashed``.
    """

    name: str
    prefix: str
    definitions: Definitions
    required: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    create_only: frozenset[str] = frozenset()
    update_only: frozenset[str] = frozenset()
    inverses: Mapping[str, str] = _EMPTY
    operations: frozenset[str] = frozenset({"add", "remove", "replace"})
    hidden: frozenset[str] = frozenset()
    hidden_in_lists: frozenset[str] = frozenset()
    has_access_level: bool = False
    custom: bool = False
    second_delete_fails: bool = False
    listed_from_trash: bool = False

    @property
    def object_type(self) -> str:
        """Its name as the target of relationships."""
        return self.definitions["objectType"]
