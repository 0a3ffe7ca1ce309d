"""Values in messages."""


def shown(value: object) -> str:
    """Return a value for a message, in ASCII; its type if it has no representation, as an int of 5,000 digits."""
    try:
        return ascii(value)
    except Exception:  # noqa: BLE001
        return f"a value of type {type(value).__name__}"
