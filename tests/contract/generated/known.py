"""What is known of a sandbox, from its answers alone."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

import msgspec

from tests.contract.facts import Operation

Document: TypeAlias = dict[str, Any]


@dataclass
class Request:
    """One request, as it is to be sent."""

    fact: Operation
    ids: dict[str, str]
    query: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    raw: bytes | None = None
    """A body that takes the place of the JSON of ``body``."""

    deviation: str = ""
    """What is wrong with it."""

    expected: set[int] | None = None
    """The statuses that it may have; None for any that is documented."""

    is_possible: bool = True
    """Whether there is what it is about."""

    @property
    def target(self) -> str:
        path = self.fact.path
        for name, identifier in self.ids.items():
            path = path.replace(f"{{{name}}}", quote(identifier, safe=""))
        return f"{path}?{urlencode(self.query)}" if self.query else path

    @property
    def content(self) -> bytes | None:
        return self.raw if self.raw is not None or self.body is None else msgspec.json.encode(self.body)

    def __str__(self) -> str:
        content = str((self.content or b"")[:2000], "utf-8", "replace")
        head = f"{self.fact.operation} ({self.deviation or 'by the book'}): {self.fact.method} {self.target}"
        return f"{head} {content} {self.headers or ''}"


class Known:
    """The newest documents by kind and id.

    A kind is a resource, such as ``account``; or ``merge``, ``run``, ``draft``; or a part of a sequence, such as
    ``message of seq_1``.
    """

    def __init__(self) -> None:
        self.active: dict[str, dict[str, Document]] = defaultdict(dict)
        self.trashed: dict[str, dict[str, Document]] = defaultdict(dict)
        self.definitions: dict[str, Document] = {}
        self.logged: set[str] = set()
        """The emails that were logged: no others can be deleted."""

        self.message_ids: list[str] = []
        """The Message-IDs of emails that were logged."""

        self.stored: set[str] = set()
        """The files whose content was uploaded."""

    def learn(self, request: Request, document: Any) -> None:
        """Remember what a success tells."""
        resource, _, name = request.fact.operation.partition(".")
        if request.fact.operation in _LEARNERS:
            _LEARNERS[request.fact.operation](self, request, document)
        elif name == "definitions":
            self.definitions[resource] = document
        elif name == "delete":
            self.active[resource].pop(document["id"], None)
            self.trashed[resource][document["id"]] = document
        elif document.get("object") == "list":
            if ("status", "trashed") not in request.query:
                self.active[resource].update((each["id"], each) for each in document["data"])
        elif "id" in document:
            self.trashed[resource].pop(document["id"], None)
            self.active[resource][document["id"]] = document


def _listed(kind: str) -> Callable[[Known, Request, Any], None]:
    def learn(known: Known, _: Request, document: Any) -> None:
        known.active[kind].update((each["id"], each) for each in document["data"])

    return learn


def _merged(kind: str) -> Callable[[Known, Request, Any], None]:
    def learn(known: Known, request: Request, document: Any) -> None:
        known.active["merge"][document["merge"]["id"]] = {**request.body, "kind": kind}
        duplicate = request.body["duplicateId"]
        known.trashed[kind][duplicate] = known.active[kind].pop(duplicate, {"id": duplicate})
        known.active[kind][document["primary"]["id"]] = document["primary"]

    return learn


def _part(kind: str) -> Callable[[Known, Request, Any], None]:
    def learn(known: Known, request: Request, document: Any) -> None:
        found = document.get("data", [document])
        known.active[f"{kind} of {request.ids['id']}"].update((each["id"], each) for each in found)

    return learn


def _logged(known: Known, request: Request, document: Any) -> None:
    known.active["email"][document["id"]] = document
    known.message_ids += request.body.get("headers", {}).values()
    known.logged.add(document["id"])


def _enriched(known: Known, _: Request, document: Any) -> None:
    if document["enrichmentRun"]:
        known.active["run"][document["enrichmentRun"]["id"]] = document["enrichmentRun"]


def _drafted(known: Known, _: Request, document: Any) -> None:
    known.active["draft"][document["sequenceId"]] = document
    known.active["sequence"].setdefault(document["sequenceId"], {"id": document["sequenceId"]})


def _published(known: Known, request: Request, document: Any) -> None:
    known.active["draft"].pop(request.ids["id"], None)
    known.active["sequence"][request.ids["id"]] = document


def _discarded(known: Known, request: Request, document: Any) -> None:
    known.active["draft"].pop(request.ids["id"], None)
    if document["sequenceDeleted"]:
        known.active["sequence"].pop(request.ids["id"], None)


def _enrolled(known: Known, request: Request, document: Any) -> None:
    for result in document["results"]:
        if result["outcome"] == "enrolled":
            known.active[f"enrollment of {request.ids['id']}"][result["enrollmentId"]] = result


def _nothing(*_: object) -> None:
    """Take no note of an answer."""


_LEARNERS: dict[str, Callable[[Known, Request, Any], None]] = {
    "list.list_accounts": _listed("account"),
    "list.list_contacts": _listed("contact"),
    "list.list_opportunities": _listed("opportunity"),
    "merge.merge_accounts": _merged("account"),
    "merge.merge_contacts": _merged("contact"),
    "merge.merge_opportunities": _merged("opportunity"),
    "merge.merge_object_values": _merged("object"),
    "merge.get_merge": _nothing,
    "email.log": _logged,
    "enrichment_run.enrich": _enriched,
    "enrichment_run.get_enrichment_run": _nothing,
    "sequence.create": _drafted,
    "sequence.retrieve_draft": _drafted,
    "sequence.update_draft": _drafted,
    "sequence.publish_draft": _published,
    "sequence.discard_draft": _discarded,
    "sequence.update_enrollments": _enrolled,
    "sequence.list_enrollments": _part("enrollment"),
    "sequence.retrieve_enrollment": _part("enrollment"),
    "sequence.list_messages": _part("message"),
    "sequence.retrieve_message": _part("message"),
    "sequence.start_test": _part("test"),
    "sequence.retrieve_test": _part("test"),
    "sequence.list_template_variables": _nothing,
}
