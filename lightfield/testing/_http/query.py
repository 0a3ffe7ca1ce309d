"""Query parameters."""

from collections.abc import Sequence
from typing import TypeAlias

from .errors import bad_request

Query: TypeAlias = Sequence[tuple[str, str]]

_MAX_SAFE_INTEGER = 2**53 - 1


def integer_param(query: Query, name: str, default: int, minimum: int, maximum: int = _MAX_SAFE_INTEGER) -> int:
    """Parse an integer within bounds."""
    text = dict(query).get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > 16 or not minimum <= int(text) <= maximum:
        raise bad_request(f"'{name}' must be an integer from {minimum} to {maximum}.", param=name)
    return int(text)


def choice_param(query: Query, name: str, allowed: Sequence[str]) -> str:
    """Parse one of the allowed values; the first one is the default."""
    text = dict(query).get(name, allowed[0])
    if text not in allowed:
        raise bad_request(f"'{name}' must be one of {', '.join(allowed)}.", param=name)
    return text
