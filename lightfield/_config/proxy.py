"""Choice of the proxy. Its URL may contain a password, so it is kept as a secret."""

import re
from contextlib import suppress
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

import msgspec

from lightfield._protocol.redaction import Secret
from lightfield.errors import LightfieldTypeError, LightfieldValueError

from .hosts import is_loopback, is_valid_host

if TYPE_CHECKING:
    from yarl import URL

_PROXY = re.compile(
    r"https?://([\x21\x22\x24-\x2e\x30-\x3e\x41-\x5a\x5e-\x7e]*@)?(?P<place>(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])(:(?P<port>[0-9]{1,5}))?)/?",
    re.IGNORECASE | re.ASCII,
)
_SEPARATORS = re.compile(r"[\s,]+")


class Proxy(msgspec.Struct, frozen=True):
    """A proxy, and its name in messages."""

    url: Secret
    place: str
    """Host and port, without credentials."""

    is_tls: bool
    is_loopback: bool


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
    return Proxy(Secret(url), parts["place"], url.lower().startswith("https:"), is_loopback(parts["host"]))


def proxy_to(url: "URL", proxy: Proxy | None, *, trust_env: bool, allow_http: bool) -> Proxy | None:
    """Return the proxy for requests to a URL, from the options or the environment.

    Raises:
        LightfieldValueError: The environment's proxy is malformed, or the proxy would read the API key.
    """
    if proxy is None and trust_env:
        proxy = _proxy_of_environment(url)
    if proxy and url.scheme == "http" and not proxy.is_loopback and not allow_http:
        raise LightfieldValueError(
            "base_url uses http:// and the proxy is on another host, which would receive the key in the clear. "
            "Use https://, or pass allow_http=True.",
        )
    return proxy


def _proxy_of_environment(url: "URL") -> Proxy | None:
    """Return the proxy of the environment, but none on another host for what is on this one."""
    from urllib.request import getproxies

    host, proxies = url.host or "", getproxies()
    found = proxies.get(url.scheme) or proxies.get("all")
    if not found or _is_exempt(host, url.port):
        return None
    proxy = checked_proxy(found if "://" in found else f"http://{found}")
    return None if proxy and is_loopback(host) and not proxy.is_loopback else proxy


def _is_exempt(host: str, port: int | None) -> bool:
    """Return whether ``NO_PROXY`` exempts a host, its domain, its network, or this port of it; or the system does."""
    from urllib.request import getproxies_environment, proxy_bypass

    places = f".{host}", f".[{host}]:{port}" if ":" in host else f".{host}:{port}"
    for entry in filter(None, _SEPARATORS.split(getproxies_environment().get("no", "").lower())):
        suffix = f".{entry.removeprefix('*').strip('.')}"
        if entry == "*" or _is_in_network(host, entry) or any(place.endswith(suffix) for place in places):
            return True
    return bool(proxy_bypass(host))


def _is_in_network(host: str, network: str) -> bool:
    with suppress(ValueError):  # a name
        return ip_address(host) in ip_network(network.strip("[]"), strict=False)
    return False
