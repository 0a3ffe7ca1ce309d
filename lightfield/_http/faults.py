"""What aiohttp and the system raise, as our errors, with nothing secret left in them."""

import aiohttp

from lightfield.errors import APIConnectionError, APIProtocolError, APITimeoutError, one_line

CONNECTING = "connecting"
"""The phase before a connection is there: the request has not been sent."""


def connection_failure(error: Exception, phase: str, proxy: str | None) -> APIConnectionError:
    """Turn what aiohttp or the system raised into our error, with nothing secret left in it.

    Args:
        error: What was raised; our own error is given back.
        phase: What was being done.
        proxy: Host and port of the proxy, where there is one.
    """
    if isinstance(error, APIConnectionError):
        return error
    if isinstance(error, TimeoutError):
        return _timeout(error, phase)
    if isinstance(error, aiohttp.ClientConnectorError):
        return _unconnected(error)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return proxy_refusal(error.status, proxy)
    failure: APIConnectionError
    if isinstance(error, aiohttp.ClientResponseError):
        kind = type(error.__cause__ or error).__name__  # its text quotes what arrived, which may be what was sent
        failure = APIProtocolError(f"what arrived is no HTTP response: {kind}")
    else:
        what = "" if _tells_too_much(error) else one_line(str(error), 160)
        what = what or type(error).__name__
        failure = APIConnectionError(f"connection lost while {phase}: {what}")
    failure.sent = phase != CONNECTING
    if not isinstance(error, aiohttp.ClientError):
        failure.__cause__ = error
    return failure


def _tells_too_much(error: Exception) -> bool:
    """Whether its text is the URL of a proxy, or the head of a response, which may hold what was sent."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return not isinstance(error.message, str)
    return isinstance(error, aiohttp.InvalidURL)


def proxy_refusal(status: int, proxy: str | None) -> APIConnectionError:
    """Give the error for a proxy that answers in the API's place."""
    failure = APIConnectionError(f"the proxy {proxy} does not let the request through: status {status}")
    failure.sent, failure.permanent = False, status < 500
    return failure


def _unconnected(error: aiohttp.ClientConnectorError) -> APIConnectionError:
    where = f"{error.host}:{error.port}"
    refused = isinstance(error, aiohttp.ClientConnectorCertificateError)
    unproxied = isinstance(error, aiohttp.ClientProxyConnectionError)
    cause = error.os_error
    reason = one_line(str(cause), 160) or type(cause).__name__
    what = f"the TLS certificate of {where} was refused" if refused else f"cannot connect to {where}"
    failure = APIConnectionError(f"{what}{', the proxy' if unproxied else ''}: {reason}")
    failure.sent, failure.permanent, failure.__cause__ = False, refused or unproxied, cause
    return failure


def _timeout(error: TimeoutError, phase: str) -> APITimeoutError:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        failure = APITimeoutError("no connection in time (timeout.connect)")
    elif isinstance(error, aiohttp.SocketTimeoutError):
        failure = APITimeoutError(f"no data in time while {phase} (timeout.read)")
    else:
        failure = APITimeoutError(f"no whole response in time, stopped while {phase}")
    failure.sent = phase != CONNECTING
    return failure
