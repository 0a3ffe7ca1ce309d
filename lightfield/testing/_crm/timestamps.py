"""Timestamps in the API's format."""

from datetime import UTC, datetime


def format_timestamp(time: datetime) -> str:
    """Format a UTC datetime as ISO 8601 with milliseconds."""
    return f"{time.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def current_timestamp() -> str:
    """Return the current time in the API's format."""
    return format_timestamp(now())


def parse_timestamp(text: str) -> datetime:
    """Parse an ISO 8601 timestamp into UTC; without an offset it is in UTC already.

    Raises:
        ValueError: It is not ISO 8601, or is out of range in UTC.
    """
    time = datetime.fromisoformat(text)
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error


def normalized_timestamp(text: str) -> str:
    """Return an ISO 8601 timestamp in UTC and in the API's format.

    Raises:
        ValueError: It is not ISO 8601, has no time zone, or is out of range in UTC.
    """
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("with a time zone")
    return format_timestamp(parse_timestamp(text))
