"""What time is it, and how does the API write that down?"""

from datetime import UTC, datetime


def iso(moment: datetime) -> str:
    """Write a moment in UTC, to the millisecond."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def instant(text: str) -> datetime:
    """Read a moment; without a zone it is in UTC.

    Raises:
        ValueError: It is not ISO 8601, or out of range in UTC.
    """
    moment = datetime.fromisoformat(text)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error
