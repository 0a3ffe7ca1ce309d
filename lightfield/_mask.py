"""A server may say again what it was told: the key is taken out of what it says before anybody sees it."""

from ._options import Secret

_GUESSABLE = 8  # characters; a shorter key is made up, and would turn up in any text
_MASK = "[API key]"


def mask_text(text: str, key: Secret) -> str:
    """Take the key out of a text."""
    secret = key.reveal()
    return text.replace(secret, _MASK) if len(secret) >= _GUESSABLE else text


def mask_bytes(content: bytes, key: Secret) -> bytes:
    """Take the key out of a body."""
    secret = key.reveal()
    return content.replace(secret.encode(), _MASK.encode()) if len(secret) >= _GUESSABLE else content
