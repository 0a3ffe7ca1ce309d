"""Network faults: what aiohttp and the system raise, as our errors without secrets."""

import asyncio
from enum import StrEnum

import aiohttp

from lightfield.errors import APIConnectionError, APIProtocolError, APITimeoutError, one_line

NETWORK_FAULTS = (aiohttp.ClientError, OSError)
"""What aiohttp and the system raise."""

FAULTS = (*NETWORK_FAULTS, APIConnectionError, RuntimeError, asyncio.CancelledError)
"""What may be raised by an exchange that fails."""


class Phase(StrEnum):
    """What an exchange was doing when it failed."""

    CONNECTING = "connecting"
    """Nothing has been sent."""

    WAITING = "waiting for the response"
    """Nothing of a response has come."""

    READING = "reading the response"


def connection_failure(error: Exception, phase: str, proxy: str | None) -> APIConnectionError:
    """Return our error, without secrets, for what aiohttp or the system raised.

    Args:
        error: What was raised; an error of ours is returned as it is.
        phase: A ``Phase``, or another text that says what the exchange was doing.
        proxy: Host and port of the proxy, if there is one.
    """
    if isinstance(error, APIConnectionError):
        return error
    if isinstance(error, TimeoutError):
        return _timeout(error, phase)
    if isinstance(error, aiohttp.ClientConnectorError):
        return _connect_failure(error)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return proxy_refusal(error.status, proxy)
    failure: APIConnectionError
    if isinstance(error, aiohttp.ClientResponseError):
        kind = type(error.__cause__ or error).__name__  # the text quotes what arrived, which may echo what was sent
        failure = APIProtocolError(f"invalid HTTP response: {kind}")
    else:
        reason = "" if _may_show_secrets(error) else one_line(str(error), 160)
        failure = APIConnectionError(f"connection lost while {phase}: {reason or type(error).__name__}")
    failure.sent = phase != Phase.CONNECTING
    if not isinstance(error, aiohttp.ClientError):
        failure.__cause__ = error
    return failure


def closed_silently(error: BaseException) -> bool:
    """Return whether a connection that waits for a response was closed, or reset, before any of it came."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return isinstance(error.message, str)  # not the head of a response
    return isinstance(error, OSError) and not isinstance(error, TimeoutError | aiohttp.ClientConnectorError)


def _may_show_secrets(error: Exception) -> bool:
    """Return whether the text is the URL of a proxy, or the head of a response, which may echo what was sent."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return not isinstance(error.message, str)
    return isinstance(error, aiohttp.InvalidURL)


def proxy_refusal(status: int, proxy: str | None) -> APIConnectionError:
    """Return the error for a proxy that answers instead of the API."""
    failure = APIConnectionError(f"the proxy {proxy} rejected the request: status {status}")
    failure.sent, failure.permanent = False, status < 500
    return failure


def _connect_failure(error: aiohttp.ClientConnectorError) -> APIConnectionError:
    address, cause = f"{error.host}:{error.port}", error.os_error
    untrusted = isinstance(error, aiohttp.ClientConnectorCertificateError)
    to_proxy = isinstance(error, aiohttp.ClientProxyConnectionError)
    reason = one_line(str(cause), 160) or type(cause).__name__
    what = f"the TLS certificate of {address} was refused" if untrusted else f"cannot connect to {address}"
    failure = APIConnectionError(f"{what}{', the proxy' if to_proxy else ''}: {reason}")
    failure.sent, failure.permanent, failure.__cause__ = False, untrusted or to_proxy, cause
    return failure


def _timeout(error: TimeoutError, phase: str) -> APITimeoutError:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        failure = APITimeoutError("timed out while connecting (timeout.connect)")
    elif isinstance(error, aiohttp.SocketTimeoutError):
        failure = APITimeoutError(f"no data in time while {phase} (timeout.read)")
    else:
        failure = APITimeoutError(f"no complete response in time, stopped while {phase}")
    failure.sent = phase != Phase.CONNECTING
    return failure
