"""What aiohttp and the system raise, as our errors, with nothing secret left in them."""

import aiohttp

from .errors import APIConnectionError, APITimeoutError, one_line


def connection_failure(error: Exception, phase: str) -> APIConnectionError:
    """Turn what aiohttp or the system raised into our error, with nothing secret left in it."""
    if isinstance(error, TimeoutError):
        return _timeout(error, phase)
    if isinstance(error, aiohttp.ClientConnectorError):
        return _unconnected(error)
    if isinstance(error, aiohttp.ClientResponseError):
        return APIConnectionError(f"what arrived is no HTTP response: {one_line(error.message, 160)}")
    failure = APIConnectionError(f"connection lost while {phase}: {one_line(str(error), 160) or type(error).__name__}")
    if not isinstance(error, aiohttp.ClientError):
        failure.__cause__ = error
    return failure


def _unconnected(error: aiohttp.ClientConnectorError) -> APIConnectionError:
    where = f"{error.host}:{error.port}"
    cause, refused = error.os_error, isinstance(error, aiohttp.ClientConnectorCertificateError)
    reason = one_line(str(cause), 160) or type(cause).__name__
    what = f"the TLS certificate of {where} was refused" if refused else f"cannot connect to {where}"
    failure = APIConnectionError(f"{what}: {reason}")
    failure.sent, failure.permanent, failure.__cause__ = False, refused, cause
    return failure


def _timeout(error: TimeoutError, phase: str) -> APITimeoutError:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        failure = APITimeoutError("no connection in time (timeout.connect)")
        failure.sent = False
        return failure
    if isinstance(error, aiohttp.SocketTimeoutError):
        return APITimeoutError(f"no data in time while {phase} (timeout.read)")
    return APITimeoutError(f"no whole response in time, stopped while {phase}")
