"""Secrets, and redaction of the API key, which a server may echo."""

from typing import Never

from lightfield.errors import LightfieldUsageError

_MIN_KEY_LENGTH = 8  # real keys are longer, and a shorter one could match any text by chance
_MASK = "[API key]"


class Secret:
    """A string whose repr does not show it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the string."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> Never:
        raise LightfieldUsageError("A client cannot be pickled: it holds an API key. Create one in each process.")


def mask_text(text: str, key: Secret) -> str:
    """Redact the key from a text."""
    secret = key.reveal()
    return text.replace(secret, _MASK) if len(secret) >= _MIN_KEY_LENGTH else text


def mask_bytes(content: bytes, key: Secret) -> bytes:
    """Redact the key from a body."""
    secret = key.reveal()
    return content.replace(secret.encode(), _MASK.encode()) if len(secret) >= _MIN_KEY_LENGTH else content
