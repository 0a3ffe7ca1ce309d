"""A phone book in front of the system's: what a made-up host name leads to, or why it leads nowhere."""

import socket
from typing import Any, TypeAlias

import pytest

HOST = "api.lightfield.test"
Entry: TypeAlias = list[str] | OSError
"""Addresses in the order they are given, or what the lookup fails with."""


class Names:
    """Answers the lookups of ``HOST``, one entry for each; the last entry is given for ever."""

    def __init__(self, *entries: Entry) -> None:
        self.lookups = 0
        self._entries = entries
        self._system = socket.getaddrinfo

    def publish(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stand in for the system's lookup until the test is over."""
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def _look_up(self, host: Any, port: Any, *args: Any, **options: Any) -> list[Any]:
        if host != HOST:
            return self._system(host, port, *args, **options)
        entry = self._entries[min(self.lookups, len(self._entries) - 1)]
        self.lookups += 1
        if isinstance(entry, OSError):
            raise entry
        return [found for address in entry for found in self._system(address, port, type=socket.SOCK_STREAM)]
