"""Hosts that a local server answers for.

A web page can have its own domain name resolved to 127.0.0.1, and so reach local servers from a browser. Such requests
carry that name in their Host header.
"""

from functools import lru_cache
from ipaddress import ip_address

from .errors import bad_request, misdirected

_LOCAL = ("localhost", "localdomain", "lan", "home", "corp", "local", "internal", "svc", "test", "example", "invalid")
"""Top-level domains that are not in the public DNS."""


def check_host(host: str) -> None:
    """Raise WireError for a Host header that is missing or names a public domain."""
    if not host:
        raise bad_request("The Host header is missing.")
    if _is_public(host):
        raise misdirected(host)


@lru_cache(maxsize=64)
def _is_public(host: str) -> bool:
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        labels = name.lower().removesuffix(".").split(".")
        return len(labels) > 1 and labels[-1] not in _LOCAL
    return False
