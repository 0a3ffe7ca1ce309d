"""The option ``http_client`` of the official SDK, which has no use here."""

from typing import Any, Never

from lightfield.errors import LightfieldTypeError


class DefaultAioHttpClient:
    """What ``http_client`` may be: requests are made with aiohttp in any case.

    Raises:
        LightfieldTypeError: An option is given, which has another place here.
    """

    __module__ = "lightfield"

    def __init__(self, **options: Any) -> None:
        if options:
            refuse_http_client("An option of DefaultAioHttpClient")


def checked_http_client(client: object) -> dict[str, Any]:
    """Return what it changes: nothing, if it stands for aiohttp."""
    return (
        {} if isinstance(client, DefaultAioHttpClient) else refuse_http_client(f"http_client={type(client).__name__}")
    )


def refuse_http_client(client: str) -> Never:
    """Explain what to use instead.

    Raises:
        LightfieldTypeError: Always.
    """
    raise LightfieldTypeError(
        f"{client} is not supported: requests are made with aiohttp. "
        "Use proxy= for a proxy, ssl_context= for TLS, timeout= for time limits, and default_headers= for headers."
    )
