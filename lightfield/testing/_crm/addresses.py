"""Addresses on the Internet: of emails, web sites and social media profiles."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;.]+(\.[^@\s<>,;.]+)+\Z")
_URL = re.compile(r"(https?://[^\s/]+|[^\s/.:]+(\.[^\s/.]+)+)(/\S*)?\Z", re.IGNORECASE)
_SITES: Mapping[str, tuple[str, ...]] = {
    "TWITTER": ("twitter.com", "x.com"),
    "LINKEDIN": ("linkedin.com",),
    "FACEBOOK": ("facebook.com", "fb.com"),
    "INSTAGRAM": ("instagram.com",),
}


def email(text: str) -> str:
    """Return a plausible email address as it is, or raise ValueError."""
    if not _EMAIL.match(text):
        raise ValueError(f"{text!r} is not an email address")
    return text


def url(text: str) -> str:
    """Return a plausible URL as it is, or raise ValueError; the scheme may be missing."""
    if not _URL.match(text):
        raise ValueError(f"{text!r} is not a URL")
    return text


def profile(text: str, service: str) -> str:
    """Return the URL of a profile as it is.

    Args:
        text: The URL; a bare handle such as ``@acme`` is not one.
        service: ``TWITTER``, ``LINKEDIN``, ``FACEBOOK`` or ``INSTAGRAM``.

    Raises:
        ValueError: It is not a URL, not of that platform, or names no profile.
    """
    parts = urlsplit(text)
    host = parts.hostname or ""
    sites = _SITES.get(service, ())
    if parts.scheme not in {"http", "https"} or not host or re.search(r"\s", text):
        raise ValueError(f"{text!r} is not the URL of a profile")
    if sites and not any(host == site or host.endswith(f".{site}") for site in sites):
        raise ValueError(f"{text!r} is not at {' or '.join(sites)}")
    if sites and not parts.path.strip("/"):
        raise ValueError(f"{text!r} names no profile")
    return text
