"""Choice of the proxy. Its URL may contain a password, so it is kept as a secret."""

import re
from contextlib import suppress
from ipaddress import AddressValueError, IPv6Address

import msgspec

from lightfield._protocol.redaction import Secret
from lightfield.errors import LightfieldTypeError, LightfieldValueError

_PROXY = re.compile(
    r"https?://([\x21\x22\x24-\x2e\x30-\x3e\x41-\x5a\x5e-\x7e]*@)?(?P<place>(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])(:(?P<port>[0-9]{1,5}))?)/?",
    re.IGNORECASE | re.ASCII,
)


class Proxy(msgspec.Struct, frozen=True):
    """A proxy, and its name in messages."""

    url: Secret
    place: str
    """Host and port, without credentials."""


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


def checked_proxy(url: object) -> Proxy | None:
    """Check a proxy's URL.

    Raises:
        LightfieldTypeError: It is not a string.
        LightfieldValueError: It is not a proxy's URL.
    """
    if url is None:
        return None
    if not isinstance(url, str):
        raise LightfieldTypeError(f"proxy must be a string, not {type(url).__name__}.")
    parts = _PROXY.fullmatch(url)
    if parts is None or not is_valid_host(parts["host"], parts["port"]):
        raise LightfieldValueError(
            "proxy is malformed (not shown: it may contain a password). "
            "It must look like http://host[:port] or http://user:password@host[:port], in ASCII, with / ? # @ [ \\ ] "
            "in a password percent-encoded.",
        )
    return Proxy(Secret(url), parts["place"])


def proxy_to(scheme: str, host: str | None, proxy: Proxy | None, *, trust_env: bool) -> Proxy | None:
    """Return the proxy for a host, from the options or the environment.

    Raises:
        LightfieldValueError: The environment's proxy is malformed.
    """
    if proxy or not trust_env:
        return proxy
    from urllib.request import getproxies, proxy_bypass

    url = None if proxy_bypass(host or "") else getproxies().get(scheme)
    return checked_proxy(url if url is None or "://" in url else f"http://{url}")
