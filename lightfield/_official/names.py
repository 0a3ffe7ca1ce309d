"""Names that the official SDK exports."""

from typing import Any, Never

from lightfield._config.config import MAX_RETRIES
from lightfield._config.http_client import refuse_http_client
from lightfield._protocol.timeout import Timeout

NoneType: type[None] = type(None)
DEFAULT_MAX_RETRIES: int = MAX_RETRIES
DEFAULT_TIMEOUT: Timeout = Timeout()


def DefaultHttpxClient(**_: Any) -> Never:  # noqa: N802
    """Raise ``LightfieldTypeError``, which says what to use instead."""
    refuse_http_client("DefaultHttpxClient")


def DefaultAsyncHttpxClient(**_: Any) -> Never:  # noqa: N802
    """Raise ``LightfieldTypeError``, which says what to use instead."""
    refuse_http_client("DefaultAsyncHttpxClient")


DefaultHttpxClient.__module__ = DefaultAsyncHttpxClient.__module__ = "lightfield"
