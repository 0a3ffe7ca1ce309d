"""What do the parameters of a request's query say?"""

from collections.abc import Sequence
from typing import TypeAlias

from .errors import bad_request

Query: TypeAlias = Sequence[tuple[str, str]]

_UNBOUNDED = 2**53 - 1


def whole_number(query: Query, name: str, default: int, least: int, most: int = _UNBOUNDED) -> int:
    """Read a whole number between bounds."""
    text = dict(query).get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > 16 or not least <= int(text) <= most:
        raise bad_request(f"'{name}' must be a whole number from {least} to {most}.", param=name)
    return int(text)


def word(query: Query, name: str, allowed: Sequence[str]) -> str:
    """Read one of a few words; the first one is the default."""
    text = dict(query).get(name, allowed[0])
    if text not in allowed:
        raise bad_request(f"'{name}' must be one of {', '.join(allowed)}.", param=name)
    return text
