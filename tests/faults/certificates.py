"""Contexts for servers and clients of TLS, whose certificates are made up."""

import ssl
import warnings

import trustme


def certified(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """Make the context of a server with that certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)  # pyright: ignore[reportUnknownMemberType]
    return context


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Make the context of a client that trusts an authority besides the usual ones."""
    context = ssl.create_default_context()
    authority.configure_trust(context)  # pyright: ignore[reportUnknownMemberType]
    return context


def outdated(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let a server speak no newer protocol than TLS 1.1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    return context


def inquiring(context: ssl.SSLContext, authority: trustme.CA) -> ssl.SSLContext:
    """Let a server ask its clients for a certificate of an authority."""
    authority.configure_trust(context)  # pyright: ignore[reportUnknownMemberType]
    context.verify_mode = ssl.CERT_REQUIRED
    return context
