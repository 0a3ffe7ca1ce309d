"""Sessions of TLS: a new connection resumes that of an earlier one to the same server, which saves both sides work.

It is the session of the latest full handshake, for an hour at most: then the certificate is verified again.
"""

import ssl
import sys
import time
from collections import OrderedDict
from typing import Any, ClassVar

_MAX_AGE = 3_600
_MAX_SERVERS = 16
_MAX_READ = 32 if sys.version_info < (3, 12, 8) or sys.version_info[:3] == (3, 13, 0) else sys.maxsize
"""How many sessions are read: these Pythons leak 7 KB with each (python/cpython#116810)."""


def resume_sessions(context: ssl.SSLContext, reads: int = _MAX_READ) -> None:
    """Let the connections of a context resume sessions, unless it makes connections of a kind of its own."""
    if context.sslobject_class is ssl.SSLObject:
        context.sslobject_class = type("Connection", (_Connection,), {"sessions": _Sessions(), "reads": reads})


def forget_sessions(context: ssl.SSLContext | None) -> None:
    """Have the next connections of a context make a full handshake: one that resumed a session may have failed."""
    if context is not None and issubclass(context.sslobject_class, _Connection):
        context.sslobject_class.sessions.clear()


class _Sessions(OrderedDict[str | None, ssl.SSLSession | None]):
    """The session with each server of one context, which OpenSSL takes in no other."""

    def current(self, server: str | None) -> ssl.SSLSession | None:
        """Return the session with a server; None if there is none, or it is too old."""
        session = self.get(server)
        if session is None or time.time() - session.time < _MAX_AGE:
            return session
        self.pop(server, None)
        return None

    def keep(self, server: str | None, session: ssl.SSLSession | None) -> None:
        """Keep the session with a server."""
        self[server] = session
        if len(self) > _MAX_SERVERS:
            self.popitem(last=False)


class _Connection(ssl.SSLObject):
    """The client's side of a connection."""

    sessions: ClassVar[_Sessions]
    reads: ClassVar[int]
    _offered: ssl.SSLSession | None = None
    _is_new = True
    _is_unread = True

    def do_handshake(self) -> None:
        """Start or continue it."""
        if self._is_new:
            self._is_new = False
            self._offered = self.sessions.current(self.server_hostname)
            if self._offered is not None:
                self.session = self._offered
        super().do_handshake()

    def read(self, len: int = 1024, buffer: Any = None) -> Any:
        """Read data. With the first of it came all that TLS 1.3 needs to resume the session."""
        data: Any = super().read(len, buffer)
        if self._is_unread:
            self._is_unread = False
            self._keep_session()
        return data

    def _keep_session(self) -> None:
        kind, server = type(self), self.server_hostname
        if kind.reads > 0 and not self.session_reused and kind.sessions.get(server) is self._offered:
            kind.reads -= 1
            kind.sessions.keep(server, self.session)
