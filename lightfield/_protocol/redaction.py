"""Secrets, and the removal of the API key from what is shown: a server may echo what it was sent."""

from typing import Never

from lightfield.errors import LightfieldUsageError

_GUESSABLE = 8  # characters; a shorter key is made up, and would turn up in any text
_MASK = "[API key]"


class Secret:
    """A string that shows itself only when asked."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the string itself."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> Never:
        raise LightfieldUsageError("A client cannot be pickled: it holds an API key. Make one where it is used.")


def mask_text(text: str, key: Secret) -> str:
    """Take the key out of a text."""
    secret = key.reveal()
    return text.replace(secret, _MASK) if len(secret) >= _GUESSABLE else text


def mask_bytes(content: bytes, key: Secret) -> bytes:
    """Take the key out of a body."""
    secret = key.reveal()
    return content.replace(secret.encode(), _MASK.encode()) if len(secret) >= _GUESSABLE else content
