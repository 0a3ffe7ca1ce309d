"""Hosts that a local server answers for.

A web page can have its own domain name resolved to 127.0.0.1, and so reach local servers from a browser. Such requests
carry that name in their Host header.
"""

from functools import lru_cache
from ipaddress import ip_address

from .errors import WireError, bad_request, misdirected

_LOCAL = ("localhost", "test", "local", "internal", "example", "invalid")
"""Top-level domains that are not in the public DNS."""


@lru_cache(maxsize=64)
def refusal(host: str) -> WireError | None:
    """Return the error for a Host header that is missing or names a public domain; None for a local one."""
    if not host:
        return bad_request("The Host header is missing.")
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        labels = name.lower().removesuffix(".").split(".")
        return misdirected(name) if len(labels) > 1 and labels[-1] not in _LOCAL else None
    return None
