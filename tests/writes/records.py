"""What a CRM has and has done, and how it keeps a write with an ``Idempotency-Key`` from being done twice.

The key works as the API documents it: the first answer comes again, whatever the body says; while the first is still at
work 409 does; and what failed is not remembered. Operations whose key the API does not vouch for ignore it.
"""

import asyncio
import json
from collections import Counter
from typing import Any, NamedTuple

SEEDS = 5
KEYED = {"opportunity.create", "opportunity.update", "email.log"}
UNGUARDED = {"email.send", "object.create"}


class Answer(NamedTuple):
    status: int
    body: bytes
    headers: str = ""

    def written(self, cut: int = 0) -> bytes:
        """Write the response; the last ``cut`` bytes of the body are left out."""
        head = f"HTTP/1.1 {self.status} Some reason\r\nContent-Type: application/json\r\n{self.headers}"
        return f"{head}Content-Length: {len(self.body)}\r\n\r\n".encode() + self.body[: len(self.body) - cut]


class Attempt(NamedTuple):
    """One request as it arrived."""

    mark: str
    operation: str
    id: str
    body: dict[str, Any]
    key: str | None


def refusal(status: int, kind: str, headers: str = "") -> Answer:
    return Answer(status, json.dumps({"error": {"type": kind, "message": "No."}}).encode(), headers)


class Records:
    """Begins with a few opportunities."""

    def __init__(self) -> None:
        self.started: Counter[str] = Counter()
        self.finished: Counter[str] = Counter()
        """How often a write, by its mark, has had its first and its last effect."""

        self.answers: dict[str, bytes] = {}
        """The document that answers a write, by its mark."""

        self.seen: set[str] = set()
        """The writes that were found good."""

        self._records = {f"opp_{number}": {"$name": "seed"} for number in range(SEEDS)}
        self._trash: set[str] = set()
        self._messages: set[str] = set()
        self._remembered: dict[tuple[str, str], Answer] = {}
        self._running: set[tuple[str, str]] = set()

    async def execute(self, attempt: Attempt, seconds: float = 0.0) -> Answer:
        """Do what is asked, which takes a while."""
        self.seen.add(attempt.mark)
        key = None
        if attempt.operation in KEYED and attempt.key is not None:
            key = attempt.operation, attempt.key
            if key in self._running:
                return refusal(409, "idempotency_conflict")
            if key in self._remembered:
                return self._remembered[key]
            self._running.add(key)
        if seconds:
            await asyncio.sleep(seconds)
        answer = self._apply(attempt)
        if key is not None:
            self._running.discard(key)
            if answer.status == 200:
                self._remembered[key] = answer
        return answer

    def half(self, attempt: Attempt) -> Answer:
        """Fail in the middle: what is guarded is taken back, what is not stays half done."""
        if attempt.operation in UNGUARDED:
            self.started[attempt.mark] += 1
        return refusal(500, "internal_server_error")

    def _apply(self, attempt: Attempt) -> Answer:
        if attempt.id and attempt.id not in self._records:
            return refusal(404, "not_found")
        if attempt.operation == "opportunity.delete":
            if attempt.id not in self._trash:
                self._trash.add(attempt.id)
                self._note(attempt)
            return self._answer(attempt, attempt.id)
        if attempt.id in self._trash:
            return refusal(404, "not_found")
        if attempt.operation == "email.log":
            if attempt.body["headers"]["Message-ID"] in self._messages:
                return refusal(409, "conflict")
            self._messages.add(attempt.body["headers"]["Message-ID"])
        self._note(attempt)
        if attempt.operation == "email.send":
            return self._remember(attempt, {"sentAt": f"moment {len(self.finished)}"})
        id = attempt.id or f"new_{len(self.finished)}"
        if attempt.operation.startswith("opportunity"):
            self._records[id] = attempt.body["fields"]
        return self._answer(attempt, id)

    def _note(self, attempt: Attempt) -> None:
        self.started[attempt.mark] += 1
        self.finished[attempt.mark] += 1

    def _answer(self, attempt: Attempt, id: str) -> Answer:
        fields = attempt.body.get("fields") or self._records[id]
        document = {
            "id": id,
            "createdAt": "2026-05-01T16:00:00.000Z",
            "httpLink": None,
            "objectType": "email",
            "accessLevel": "FULL",
            "fields": {name: {"value": value, "valueType": "TEXT"} for name, value in fields.items()},
            "relationships": {},
        }
        return self._remember(attempt, document)

    def _remember(self, attempt: Attempt, document: object) -> Answer:
        content = json.dumps(document).encode()
        self.answers[attempt.mark] = content
        return Answer(200, content)
