"""Sends requests to a sandbox and checks each answer."""

import http.client
from collections import Counter
from contextlib import closing
from random import Random
from typing import Any, NamedTuple

import msgspec

from lightfield.testing import Sandbox
from tests.contract.facts import OPERATIONS
from tests.contract.generated.author import BY_NAME, CUSTOM, Author
from tests.contract.generated.deviations import spoil
from tests.contract.generated.known import Known, Request
from tests.contract.schema import answer_misfits, error_misfits

CONTENT = b"hello"
"""The content of each file."""

PROLOGUE = [
    *(fact.operation for fact in OPERATIONS if fact.operation.endswith(".definitions")),
    *(fact.operation for fact in OPERATIONS if fact.operation == f"{fact.resource}.list"),
]
"""The operations that tell what there is."""


TRIES = 10
"""How often to make up a request before it is taken that there is nothing that it could be about."""

WEIGHTS = {"create": 2.0, "restore": 2.0, "delete": 0.5}
"""How often an operation is chosen, compared with others, so that there is always something left."""


class Answer(NamedTuple):
    status: int
    document: Any
    headers: http.client.HTTPMessage


class Player:
    """Plays requests against one sandbox, learns from its answers, and notes what is wrong with them."""

    def __init__(self, sandbox: Sandbox, seed: int) -> None:
        self.known = Known()
        self.author = Author(Random(f"requests of {seed}"), self.known)
        self.faults: list[str] = []
        self.statuses: Counter[tuple[str, int]] = Counter()
        """How many answers there were by operation and status."""

        self._sandbox = sandbox
        self._connection = http.client.HTTPConnection(sandbox.base_url.removeprefix("http://"), timeout=30)
        self._replies: dict[tuple[str, str], Any] = {}
        for name in PROLOGUE:
            self.play(Request(BY_NAME[name], {"entitySlug": CUSTOM}, expected={200}))

    def close(self) -> None:
        self._connection.close()

    def play_some(self, count: int) -> None:
        """Make random requests, half of them with something wrong about them."""
        weights = [WEIGHTS.get(fact.operation.partition(".")[2], 1.0) for fact in OPERATIONS]
        while count:
            [fact] = self.author.random.choices(OPERATIONS, weights)
            request = self.author.request(fact)
            if request.is_possible:
                count -= 1
                if self.author.maybe(0.5):
                    spoil(self.author, request)
                self.play(request)

    def call(self, operation: str) -> Answer:
        """Make a request by the book, without a query."""
        requests = [self.author.request(BY_NAME[operation]) for _ in range(TRIES)]
        chosen = next((request for request in requests if request.is_possible), requests[0])
        chosen.query = []
        return self.play(chosen)

    def play(self, request: Request) -> Answer:
        """Send a request; check and learn from its answer."""
        answer = self.send(request)
        status = answer.status
        self.statuses[request.fact.operation, status] += 1
        is_good = status == 200
        found = answer_misfits(request.fact, answer.document) if is_good else error_misfits(status, answer.document)
        if request.expected is not None and status not in request.expected:
            found.append(f"the status is {status}, not one of {sorted(request.expected)}")
        if (answer.headers["Retry-After"] is not None) != (status == 429):
            found.append("Retry-After comes with 429 and with nothing else")
        if not answer.headers["Content-Type"].startswith("application/json"):
            found.append(f"the media type is {answer.headers['Content-Type']}")
        if is_good and not self._is_replay(request, answer.document, found):
            self.known.learn(request, answer.document)
            if request.fact.operation == "file.create" and self.author.maybe(0.7):
                self._upload(answer.document)
        self.faults += [f"{request}\n  {fault}\n  {str(answer.document)[:600]}" for fault in found]
        return answer

    def send(self, request: Request) -> Answer:
        headers = {"Authorization": f"Bearer {self._sandbox.api_key}", "Lightfield-Version": "2026-03-01"}
        headers |= {"Content-Type": "application/json"} if request.content is not None else {}
        fact = request.fact
        self._connection.request(fact.method, request.target, request.content, headers | request.headers)
        response = self._connection.getresponse()
        text = response.read()
        if self._sandbox.api_key.encode() in text:
            self.faults.append(f"{request}\n  the answer holds the API key")
        return Answer(response.status, _decoded(text), response.headers)

    def _is_replay(self, request: Request, document: Any, found: list[str]) -> bool:
        """Whether an answer repeats that of an earlier request with the same idempotency key, as it must."""
        key = request.headers.get("Idempotency-Key")
        if key is None or not request.fact.idempotency:
            return False
        claim = request.fact.operation, key
        if claim not in self._replies:
            self._replies[claim] = document
            return False
        if self._replies[claim] != document:
            found.append("the answer differs from the first one with the same idempotency key")
        return True

    def _upload(self, file: Any) -> None:
        with closing(http.client.HTTPConnection(self._sandbox.base_url.removeprefix("http://"), timeout=30)) as storage:
            storage.request("PUT", file["uploadUrl"], CONTENT, file["uploadHeaders"])
            assert storage.getresponse().status == 200
        self.known.stored.add(file["id"])


def _decoded(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text.decode(errors="replace")
