"""Names that a test gives, and the one that it may have meant."""

from collections.abc import Collection


def check_name(kind: str, name: str, known: Collection[str], error: type[Exception] = ValueError) -> None:
    """Raise an error unless a name is known; it suggests the closest ones."""
    if name not in known:
        from difflib import get_close_matches

        close = get_close_matches(name, known, 3, 0.5)
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        raise error(f"there is no {kind} '{name}'{hint}")
