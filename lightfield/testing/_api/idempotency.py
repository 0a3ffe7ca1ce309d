"""Idempotency keys.

A key is scoped to one operation, such as creating accounts, whatever the payload, and kept for 24 hours. Failures are
not stored: the next request with the same key is processed.
"""

from datetime import timedelta
from typing import TypeAlias

from lightfield.testing._crm.documents import Answer
from lightfield.testing._crm.timestamps import current_timestamp, now, parse_timestamp
from lightfield.testing._http.errors import bad_request, idempotency_conflict
from lightfield.testing._store.tables import Table

from .operations import Operation

Claim: TypeAlias = tuple[str, str]

_MAX_KEY_LENGTH = 255
_RETENTION = timedelta(hours=24)


class IdempotencyStore:
    """The responses to requests with an idempotency key."""

    def __init__(self, answers: Table[Answer]) -> None:
        self._answers = answers
        self._in_progress: set[Claim] = set()

    def claim(self, operation: Operation, key: str | None) -> Claim | None:
        """Claim a key for a request; return None if the operation takes none or the request has none.

        Raises:
            WireError: 400 if the key is too long, 409 if a request with it is in progress.
        """
        if key is None or not operation.idempotent:
            return None
        if len(key) > _MAX_KEY_LENGTH:
            message = f"The Idempotency-Key must have at most {_MAX_KEY_LENGTH} characters."
            raise bad_request(message, code="idempotency_key_too_long", param="Idempotency-Key")
        claim = (operation.name, key)
        if claim in self._in_progress:
            raise idempotency_conflict()
        self._in_progress.add(claim)
        return claim

    def stored_response(self, claim: Claim | None) -> bytes | None:
        """Return the stored response for a claim, or None."""
        answer = None if claim is None else self._answers.get(_id(claim))
        if answer is None or parse_timestamp(answer["storedAt"]) + _RETENTION <= now():
            return None
        return answer["body"].encode()

    def store(self, claim: Claim | None, response: bytes) -> None:
        """Store a successful response, unless it is the stored one."""
        if claim is not None and self.stored_response(claim) is None:
            self._answers[_id(claim)] = {"storedAt": current_timestamp(), "body": response.decode()}

    def release(self, claim: Claim | None) -> None:
        """Release a claim after its response was sent."""
        if claim is not None:
            self._in_progress.discard(claim)


def _id(claim: Claim) -> str:
    return " ".join(claim)
