"""TLS settings of connections.

aiohttp makes its own when it is imported, and would miss what the program sets later: ``SSL_CERT_FILE``,
``SSL_CERT_DIR``, or another ``ssl.SSLContext``, as truststore does.
"""

import os
import socket
import ssl
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from lightfield._config.config import Config, tls_environment
from lightfield._config.proxy import Proxy
from lightfield.errors import APIConnectionError, LightfieldValueError, one_line

from .resumption import resume_sessions

if TYPE_CHECKING:
    from yarl import URL


def tls_context(config: Config, url: "URL", proxy: Proxy | None) -> ssl.SSLContext | None:
    """Return the TLS settings of connections to a URL; None if there are none to be made.

    Raises:
        LightfieldValueError: The environment names certificates that are not there.
        APIConnectionError: They cannot be loaded now, for example because too many files are open.
    """
    if config.ssl_context is not None or not (url.scheme == "https" or (proxy and proxy.is_tls)):
        return config.ssl_context
    try:
        return _default_context(*tls_environment(), ssl.SSLContext)
    except OSError as error:
        failure = APIConnectionError(f"cannot set up TLS: {one_line(str(error), 160)}")
        failure.sent, failure.__cause__ = False, error
    raise failure


@lru_cache(maxsize=8)
def _default_context(
    file: str | None, directories: str | None, _key_log: str | None, _kind: type[ssl.SSLContext]
) -> ssl.SSLContext:
    """Make a context that trusts the system's authorities, or those of the environment. It is shared by all clients."""
    socket.socket().close()  # fails if no descriptor is left, for want of which OpenSSL would silently load nothing
    if not file and directories and not any(map(os.path.isdir, directories.split(os.pathsep))):
        raise LightfieldValueError(f"SSL_CERT_DIR names no directory that exists: {directories!a:.300}.")
    context = ssl.create_default_context()
    if file and (sys.platform == "win32" or not any(context.cert_store_stats().values())):
        _check_file(file)
    context.set_alpn_protocols(["http/1.1"])
    resume_sessions(context)
    return context


def _check_file(file: str) -> None:
    """Refuse a file of certificates that OpenSSL would silently ignore."""
    if not os.path.isfile(file):  # noqa: PTH113 # that of a Path may raise
        raise LightfieldValueError(f"SSL_CERT_FILE names no regular file: {file!a:.300}.")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except (PermissionError, ssl.SSLError):
        what = "a file that cannot be read, or has no PEM certificates"
        raise LightfieldValueError(f"SSL_CERT_FILE names {what}: {file!a:.300}.") from None
