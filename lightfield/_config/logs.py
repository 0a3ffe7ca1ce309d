"""Logging as ``LIGHTFIELD_LOG`` asks for it."""

from functools import cache

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@cache
def setup_logging(level: str | None) -> None:
    """Show the log of this package on stderr from ``info`` or ``debug`` on. Has an effect once for each."""
    if level not in {"info", "debug"}:
        return
    import logging

    logging.basicConfig(format=_FORMAT)
    logging.getLogger("lightfield").setLevel(level.upper())
