"""Names that records repeat: of value types, cardinalities and record types. Each is in memory once."""

from enum import StrEnum
from typing import TYPE_CHECKING, Any

_MAX_OTHERS = 1_000
"""Names that are unknown here, such as custom record types, which are kept."""

_KNOWN = (
    *("ADDRESS", "CHECKBOX", "CURRENCY", "DATETIME", "EMAIL", "FULL_NAME", "HTML", "MARKDOWN", "MULTI_SELECT"),
    *("NUMBER", "SINGLE_SELECT", "SOCIAL_HANDLE", "TELEPHONE", "TEXT", "URL"),
    *("HAS_MANY", "HAS_ONE", "has_many", "has_one"),
    *("account", "channel", "contact", "email", "file", "list", "meeting", "member", "message", "note", "opportunity"),
    *("sender", "sequence", "task"),
)


class _Name(StrEnum):
    """A string that is the same object wherever it is decoded: msgspec looks up the members of an enum."""

    __repr__ = str.__repr__
    __hash__ = str.__hash__

    def __reduce_ex__(self, _protocol: object) -> tuple[Any, ...]:  # that of Python 3.11.2 knows known ones only
        return type(self), (self._value_,)

    @classmethod
    def _missing_(cls, value: object) -> Any:
        if not isinstance(value, str):
            return None
        if (name := _others.get(value)) is None:
            name = str.__new__(cls, value)
            name._name_ = name._value_ = value
            if len(_others) < _MAX_OTHERS:
                _others[value] = name
        return name


_others: dict[str, _Name] = {}

if TYPE_CHECKING:
    Name = str
else:
    Name = _Name("Name", {name: name for name in _KNOWN}, module=__name__)
