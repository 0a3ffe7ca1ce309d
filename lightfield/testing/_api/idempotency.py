"""Was this call made before?

A key counts for one operation, such as the creation of accounts, whatever the payload. A failure is not remembered:
the next call with its key runs.
"""

from typing import TypeAlias

from lightfield.testing._http.errors import bad_request, still_running

from .routes import Route

Claim: TypeAlias = tuple[str, str]

_LONGEST = 255


class Replies:
    """The answers that calls with an idempotency key have got."""

    def __init__(self) -> None:
        self._kept: dict[Claim, bytes] = {}
        self._running: set[Claim] = set()

    def claim(self, route: Route, key: str | None) -> Claim | None:
        """Take a key for a call; None where the operation or the call has none.

        Raises:
            WireError: 400 for a key that is too long, 409 for one whose call has not been answered yet.
        """
        if key is None or not route.idempotent:
            return None
        if len(key) > _LONGEST:
            message = f"The Idempotency-Key has more than {_LONGEST} characters."
            raise bad_request(message, code="idempotency_key_too_long", param="Idempotency-Key")
        claim = (route.path, key)
        if claim in self._running:
            raise still_running()
        self._running.add(claim)
        return claim

    def earlier(self, claim: Claim | None) -> bytes | None:
        """Return the answer that a key has got."""
        return None if claim is None else self._kept.get(claim)

    def keep(self, claim: Claim | None, reply: bytes) -> None:
        """Remember a good answer."""
        if claim is not None:
            self._kept[claim] = reply

    def settle(self, claim: Claim | None) -> None:
        """Let a key be used again: its call has been answered."""
        if claim is not None:
            self._running.discard(claim)
