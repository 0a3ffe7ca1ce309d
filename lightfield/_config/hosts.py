"""Hosts of URLs."""

from contextlib import suppress
from ipaddress import AddressValueError, IPv6Address, ip_address, ip_network

_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1"))


def is_valid_host(host: str, port: str | None) -> bool:
    """Return whether the host and port are valid."""
    if host.startswith("["):
        with suppress(AddressValueError):
            IPv6Address(host[1:-1])
            host = "ipv6"
    with suppress(UnicodeError):  # an empty or overlong label, or invalid Punycode
        host.encode("idna").decode("idna")
        return host[0] != "[" and (port is None or 0 < int(port) < 65536)
    return False


def is_loopback(host: str) -> bool:
    """Return whether what is sent to a host stays on this machine, without looking up its name."""
    with suppress(ValueError):
        address = ip_address(host.strip("[]"))
        return any(address in network for network in _LOOPBACK)
    return host.lower() == "localhost"
