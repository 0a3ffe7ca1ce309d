"""Requests by the book, made up from what is known of a sandbox.

All depends on a generator of random numbers and on what is known, so that a failure comes again.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from tests.contract.facts import OPERATIONS, SHAPES, Operation
from tests.contract.generated import usable
from tests.contract.generated.known import Document, Known, Request

T = TypeVar("T")

CUSTOM = "project"
"""The custom object type that the sandbox has."""

NONE = "none_1"
"""An id that no record has."""

MAILBOX = "larkspur@seller.example"
"""The address of a member."""

READ_ONLY = {
    "account": {"$opportunity", "$task", "$note", "$meeting", "$files"},
    "contact": {"$files"},
    "opportunity": {"$task", "$note", "$meeting", "$files"},
    "task": {"$note"},
    "note": {"$author"},
    "meeting": {"$transcripts", "$note", "$contact", "$account", "$opportunity"},
}
"""The relationships that cannot be written."""

CREATE_ONLY = {"opportunity": {"$createdBy", "$account"}, "task": {"$createdBy", "$assignedTo"}}
"""The relationships that cannot be written by an update, or cannot be cleared."""

REQUIRED = {"account": {"$name"}, "opportunity": {"$name", "$account"}, "task": {"$assignedTo"}, "object": {"$name"}}
"""What a create needs beyond what its shape says."""

FILTERED = {"account", "contact", "opportunity", "object", "task"}
"""The resources whose lists take filters."""

_COMPARISONS = ("equal", "greaterThan", "greaterThanOrEqual", "lessThan", "lessThanOrEqual")
OPERATORS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(("NUMBER", "CURRENCY", "DATETIME"), _COMPARISONS),
    **dict.fromkeys(("TEXT", "FULL_NAME", "SOCIAL_HANDLE"), ("equal", "startsWith")),
    **dict.fromkeys(("CHECKBOX", "SINGLE_SELECT"), ("equal",)),
    **dict.fromkeys(("EMAIL", "TELEPHONE", "URL"), ("contains",)),
}
"""The operators of filters, by the type of the value."""

_WORDS = ("renewal & more", "über größe", "a/b?c=d#e", "emoji \N{PARTY POPPER}", "10%+", '"quoted"', "Nordlicht")
_PROFILES = {
    "LINKEDIN": "https://www.linkedin.com/in/",
    "TWITTER": "https://twitter.com/",
    "FACEBOOK": "https://www.facebook.com/",
    "INSTAGRAM": "https://www.instagram.com/",
}
_ENRICHED = {"contacts": ("email", "title", "linkedIn"), "accounts": ("website", "industry", "headcount")}


class Author:
    """Makes up requests."""

    def __init__(self, random: Random, known: Known) -> None:
        self.random = random
        self.known = known
        self._serial = 0

    def request(self, fact: Operation) -> Request:
        """Make up a request that the documentation allows."""
        ids = self._ids(fact)
        made = Request(fact, ids, self._query(fact), self._body(fact, ids), self._headers(fact))
        made.is_possible = NONE not in {*ids.values(), *_ids_named(made.body)} and not self._lacks(fact, made.body)
        made.expected = {200} if made.is_possible and fact.resource not in {"sequence", "sender"} else None
        return made

    def _lacks(self, fact: Operation, body: Any) -> bool:
        """Whether there is no record for a relationship that is required."""
        needed = REQUIRED.get(fact.resource, set[str]()) if fact.operation.endswith(".create") else set[str]()
        return not needed <= {*body["fields"], *body.get("relationships", ())} if needed else False

    def maybe(self, probability: float) -> bool:
        return self.random.random() < probability

    def some(self, choices: Sequence[T], most: int) -> list[T]:
        """Choose some of them, at least one if there is one."""
        count = min(len(choices), self.random.randint(1, most))
        return self.random.sample(choices, count)

    def pick(self, kind: str) -> str:
        """Choose the id of a known document."""
        return self.random.choice([*self.known.active[kind]] or [NONE])

    def number(self) -> int:
        """Give a new number each time."""
        self._serial += 1
        return self._serial

    def text(self) -> str:
        return f"{self.random.choice(_WORDS)} {self.number()}"

    def time(self, first: int = -400, last: int = 400) -> str:
        """Give a time by days from now."""
        moment = datetime.now(UTC).replace(microsecond=0) + timedelta(days=self.random.randint(first, last))
        return moment.isoformat() if self.maybe(0.5) else f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"

    def _ids(self, fact: Operation) -> dict[str, str]:
        ids: dict[str, str] = {}
        for name in [part.strip("{}") for part in fact.path.split("/") if part.startswith("{")]:
            ids[name] = self._id(fact, name, ids)
        return ids

    def _id(self, fact: Operation, name: str, ids: dict[str, str]) -> str:
        if name == "entitySlug":
            return self.random.choice([*_ENRICHED]) if fact.resource == "enrichment_run" else CUSTOM
        if name == "fieldKey":
            return self.random.choice(stored(self.known.definitions[fact.resource]["fieldDefinitions"]))
        kind = {
            "listId": "list",
            "runId": "run",
            "entityId": ids.get("entitySlug", "").removesuffix("s"),
            "enrollmentId": f"enrollment of {ids.get('id')}",
            "messageId": f"message of {ids.get('id')}",
            "testId": f"test of {ids.get('id')}",
        }.get(name, fact.resource)
        if name == "id" and fact.operation in usable.USABLE:
            return self.random.choice(usable.USABLE[fact.operation](self.known) or [NONE])
        if fact.operation.endswith(".restore") and self.known.trashed[kind] and self.maybe(0.8):
            return self.random.choice([*self.known.trashed[kind]])
        return self.pick(kind)

    def _query(self, fact: Operation) -> list[tuple[str, str]]:
        query: list[tuple[str, str]] = []
        if "limit" in fact.query and self.maybe(0.6):
            query.append(("limit", str(self.random.randint(1, 25))))
        if "offset" in fact.query and self.maybe(0.4):
            query.append(("offset", str(self.random.choice((0, 1, 5, 30, 1000)))))
        if "status" in fact.query and self.maybe(0.4):
            query.append(("status", self.random.choice(("active", "trashed"))))
        if fact.operation == f"{fact.resource}.list" and fact.resource in FILTERED:
            query += [self.filter(fact.resource) for _ in range(self.random.choice((0, 0, 1, 1, 2)))]
        return query

    def filter(self, resource: str) -> tuple[str, str]:
        """Make up a filter, mostly one that fits a known record."""
        definitions = self.known.definitions[resource]
        record = self.known.active[resource].get(self.pick(resource), {"fields": {}, "relationships": {}})
        negated = "-" * self.maybe(0.2)
        if self.maybe(0.25):
            key = self.random.choice([*definitions["relationshipDefinitions"]])
            values = record["relationships"].get(key, {"values": []})["values"]
            return f"{key}[{negated}{self.random.choice(('equal', 'contains'))}]", self.random.choice(values or [NONE])
        fields = definitions["fieldDefinitions"]
        key = self.random.choice([key for key, each in fields.items() if each["valueType"] in OPERATORS])
        operator = self.random.choice(OPERATORS[fields[key]["valueType"]])
        value = record["fields"].get(key, {"value": None})["value"]
        if value in (None, []) or self.maybe(0.2):
            value = self.value(fields[key])
        return f"{key}[{negated}{operator}]", filter_text(value)

    def value(self, definition: Document) -> Any:
        """Make up a value that a field takes."""
        return _VALUES[definition["valueType"]](self, definition["typeConfiguration"])

    def _headers(self, fact: Operation) -> dict[str, str]:
        if not fact.idempotency or self.maybe(0.6):
            return {}
        return {"Idempotency-Key": f"key {self.random.randint(1, 40)}"}

    def _body(self, fact: Operation, ids: dict[str, str]) -> Any:
        if fact.operation in _BODIES:
            return _BODIES[fact.operation](self, ids)
        if fact.body == "Body_unspecified":
            empty: Document = {}
            return self.random.choice((None, empty))
        if fact.body is None:
            return None
        creates = fact.operation.endswith(".create")
        body: Document = {"fields": self._fields(fact), "relationships": self._relationships(fact, ids)}
        if creates and fact.resource in {"account", "contact"} and self.maybe(0.3):
            body["skipEnrichment"] = self.maybe(0.5)
        needed = set(SHAPES[fact.body].get("required", ()))
        return {name: part for name, part in body.items() if part or name in needed}

    def _fields(self, fact: Operation) -> Document:
        defined = self.known.definitions[fact.resource]["fieldDefinitions"]
        shape: Document = SHAPES[fact.body or ""]["properties"]["fields"]
        shape = {} if "$ref" in shape else shape
        keys: list[str] = shape.get("properties", [key for key, each in defined.items() if not each.get("readOnly")])
        creates = fact.operation.endswith(".create")
        needed: set[str] = {*shape.get("required", ()), *REQUIRED.get(fact.resource, ())} if creates else set()
        chosen = [key for key in keys if key in needed or self.maybe(0.3)]
        fields = {key: self.value(defined[key]) for key in chosen}
        for key in fields.keys() - needed - {"$title", "$name", "$stage", "$status"}:
            if not creates and self.maybe(0.15) and fact.resource != "meeting":
                fields[key] = None
        if fact.resource == "meeting" and creates:
            ended = datetime.now(UTC) - timedelta(days=self.random.randint(1, 300))
            fields |= {"$startDate": f"{ended - timedelta(hours=1):%FT%TZ}", "$endDate": f"{ended:%FT%T+00:00}"}
        return fields

    def _relationships(self, fact: Operation, ids: dict[str, str]) -> Document:
        creates = fact.operation.endswith(".create")
        forbidden = {*READ_ONLY.get(fact.resource, ()), *(() if creates else CREATE_ONLY.get(fact.resource, ()))}
        needed = REQUIRED.get(fact.resource, set[str]()) if creates else set[str]()
        made: Document = {}
        for key, definition in self.known.definitions[fact.resource]["relationshipDefinitions"].items():
            if key in forbidden or not (key in needed or self.maybe(0.25)):
                continue
            found = self.targets(definition["objectType"], ids.get("id", ""))
            if found:
                made[key] = self._setting(definition, found) if creates else self._change(fact, definition, found)
        return made

    def targets(self, kind: str, but: str = "") -> list[str]:
        """Give the ids that a relationship may point to."""
        kind = "object" if kind == CUSTOM else kind
        return [identifier for identifier in self.known.active[kind] if identifier != but]

    def _setting(self, definition: Document, found: list[str]) -> Any:
        if _is_single(definition):
            chosen = self.random.choice(found)
            return chosen if self.maybe(0.7) else [chosen]
        return self.random.choice(found) if self.maybe(0.2) else self.some(found, 3)

    def _change(self, fact: Operation, definition: Document, found: list[str]) -> Document:
        if fact.resource == "meeting":
            return {"replace": self.random.choice(found)}
        if _is_single(definition):
            return {"replace": self.random.choice([*found[-3:], None])}
        if fact.resource == "note" and self.maybe(0.3):
            return {"add": self.some(found[:3], 2), "remove": self.some(found[3:], 2)}
        return {self.random.choice(("add", "remove")): self._setting(definition, found)}


def _ids_named(body: Any) -> set[Any]:
    return {body.get("primaryId"), body.get("duplicateId"), body.get("contactId")} if body else set()


def stored(fields: Document) -> list[str]:
    """Give the fields that are written, and so have a history."""
    return [key for key, definition in fields.items() if not definition.get("readOnly")]


def filter_text(value: Any) -> str:
    """Give a value as filters have it."""
    if isinstance(value, list):
        return filter_text(value[0])  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, dict):
        return " ".join(value[part] for part in ("firstName", "lastName") if value.get(part))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType, reportUnknownMemberType]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_single(definition: Document) -> bool:
    directions = definition.get("directions")
    return bool((directions["asSource"] if directions else definition)["cardinality"] == "HAS_ONE")


def _several(make: Callable[[Author], str]) -> Callable[[Author, Document], Any]:
    def value(author: Author, configuration: Document) -> Any:
        made = [make(author) for _ in range(author.random.randint(1, 3))]
        return made if configuration.get("multipleValues") else made[0]

    return value


def _address(author: Author, _: Document) -> Document:
    full: Document = {
        "street": "1 Invented Lane",
        "street2": None,
        "city": author.text(),
        "state": "OR",
        "postalCode": "97000",
    }
    full |= {"country": author.random.choice(("US", "DE", "GB")), "latitude": 44.93, "longitude": -123}
    return {key: full[key] for key in author.some(list(full), 8)}


def _option(author: Author, configuration: Document) -> str:
    option = author.random.choice(configuration["options"])
    return str(option["label"] if author.maybe(0.3) else option["id"])


def _options(author: Author, configuration: Document) -> list[str]:
    return [option["id"] for option in author.some(configuration["options"], 3)]


_VALUES: Mapping[str, Callable[[Author, Document], Any]] = {
    **dict.fromkeys(("TEXT", "MARKDOWN", "HTML"), lambda author, _: author.text()),
    "NUMBER": lambda author, _: author.random.choice((0, -7, 3.25, 2**53 - 1, author.random.randrange(10**6) / 100)),
    "CURRENCY": lambda author, _: author.random.randrange(10**8) / 100,
    "CHECKBOX": lambda author, _: author.maybe(0.5),
    "DATETIME": lambda author, _: author.time(),
    "EMAIL": _several(lambda author: f"person.{author.number()}@buyer.example"),
    "TELEPHONE": _several(lambda author: f"+1202555{author.random.randrange(100, 200):04}"),
    "URL": _several(lambda author: f"https://buyer.example/a?b={author.number()}"),
    "ADDRESS": _address,
    "FULL_NAME": lambda author, _: {"firstName": author.text(), "lastName": author.random.choice((None, "Example"))},
    "SOCIAL_HANDLE": lambda author, given: f"{_PROFILES[given['handleService']]}person-{author.number()}",
    "SINGLE_SELECT": _option,
    "MULTI_SELECT": _options,
}


def _list_create(author: Author, _: dict[str, str]) -> Document:
    kind, key = author.random.choice(
        (("account", "$accounts"), ("contact", "$contacts"), ("opportunity", "$opportunities"))
    )
    fields = {"$name": author.text(), "$objectType": f"${kind}"}
    if author.maybe(0.3):
        fields["$description"] = author.text()
    return {"fields": fields, "relationships": {key: author.some(author.targets(kind), 4)} if author.maybe(0.7) else {}}


def _list_update(author: Author, ids: dict[str, str]) -> Document:
    found = author.known.active["list"].get(ids["id"], {"fields": {"$objectType": {"value": "$account"}}})
    kind = found["fields"]["$objectType"]["value"].removeprefix("$")
    key = f"${kind}s".replace("ys", "ies")
    change = {name: author.some(author.targets(kind), 3) for name in author.some(("add", "remove"), 1)}
    return {"fields": {"$name": author.text()}, "relationships": {key: change}}


def _file_create(author: Author, _: dict[str, str]) -> Document:
    purpose = author.random.choice((None, "meeting_transcript", "knowledge_user", "email_attachment"))
    made: Document = {"filename": f"{author.text()}.txt", "mimeType": "text/plain", "sizeBytes": 5}
    return made if purpose is None else {**made, "purpose": purpose}


def _message(author: Author) -> Document:
    made: Document = {
        "from": author.random.choice((MAILBOX, MAILBOX.upper())),
        "to": [f"person.{author.number()}@buyer.example"],
        "subject": author.text(),
        "messageBody": {"content": f"<p>{author.text()}</p>"},
    }
    if author.maybe(0.3):
        made["messageBody"]["contentType"] = author.random.choice(("HTML", "TEXT"))
    if author.maybe(0.3):
        made["cc"] = [f"person.{author.number()}@buyer.example"]
    return made


def _draft(author: Author, _: dict[str, str]) -> Document:
    message = _message(author)
    chosen = author.some([key for key in message if key != "from"], 3)
    return {"from": message["from"], **{key: message[key] for key in chosen}}


def _log(author: Author, _: dict[str, str]) -> Document:
    fields: Document = {"$from": MAILBOX, "$to": [f"Person <person.{author.number()}@buyer.example>"]}
    fields |= {"$sentAt": author.time(-300, -1), "$subject": author.text(), "$body": {"text": author.text()}}
    headers = {"Message-ID": f"<{author.number()}@buyer.example>"} if author.maybe(0.5) else {}
    return {"fields": fields, "headers": headers, "autoCreateRecords": False}


def _merge(kind: str) -> Callable[[Author, dict[str, str]], Document]:
    def body(author: Author, _: dict[str, str]) -> Document:
        primary = author.pick(kind)
        others = author.targets(kind, primary)
        if kind == "opportunity":
            account = _accounts(author, primary)
            others = [other for other in others if _accounts(author, other) == account]
        made: Document = {"primaryId": primary, "duplicateId": author.random.choice(others or [NONE])}
        if author.maybe(0.3):
            made["options"] = {"multiSelectUnion": author.maybe(0.5)}
        if author.maybe(0.3):
            made["fieldResolutions"] = {"name": author.random.choice(("primary", "duplicate"))}
        return made

    return body


def _accounts(author: Author, opportunity: str) -> Any:
    known = author.known.active["opportunity"].get(opportunity, {})
    return known.get("relationships", {}).get("$account", {}).get("values")


def _enrich(author: Author, ids: dict[str, str]) -> Document:
    return {"fields": author.some(_ENRICHED[ids["entitySlug"]][1:], 1)} if author.maybe(0.6) else {}


def _steps(author: Author) -> list[Document]:
    email = {"type": "EMAIL", "name": author.text(), "deliveryMode": "AUTO"}
    template = {"subject": author.text(), "body": author.text()}
    steps: list[Document] = [{**email, "mode": "TEMPLATE", "template": template}]
    if author.maybe(0.5):
        steps.append({"type": "WAIT", "duration": author.random.randint(1, 9), "unit": "DAY"})
        steps.append({**email, "mode": "AGENT", "prompt": author.text()})
    return steps


def _sequence_create(author: Author, _: dict[str, str]) -> Document:
    definition: Document = {"description": author.text(), "steps": _steps(author)}
    if author.maybe(0.3):
        definition["sendWindow"] = {"daysOfWeek": [1, 2], "startHour": 8, "endHour": 18, "timezone": "Europe/Berlin"}
    return {"name": author.text(), "definition": definition, "senders": usable.mail_senders(author.known)[:1]}


def _draft_update(author: Author, ids: dict[str, str]) -> Document:
    return {"name": author.text(), **_version(author, ids)}


def _version(author: Author, ids: dict[str, str]) -> Document:
    draft = author.known.active["draft"].get(ids["id"])
    return {"expectedVersion": draft["version"]} if draft else {}


def _versioned(author: Author, ids: dict[str, str]) -> Document:
    return {"expectedVersion": "none", **_version(author, ids)}


def _enrollments(author: Author, _: dict[str, str]) -> Document:
    return {"add": author.some(author.targets("contact"), 3)}


def _test(author: Author, _: dict[str, str]) -> Document:
    return {"contactId": author.pick("contact")}


def _pacing(author: Author, ids: dict[str, str]) -> Document:
    sender = author.known.active["sender"].get(ids["id"], {"channel": "EMAIL"})
    keys = ("EMAIL",) if sender["channel"] == "EMAIL" else ("LINKEDIN_INVITE", "LINKEDIN_MESSAGE")
    pace = {"dailyLimit": author.random.randint(1, 30), "minGapSeconds": 300, "maxGapSeconds": 600}
    return {"pacing": dict.fromkeys(keys, pace)}


_BODIES: Mapping[str, Callable[[Author, dict[str, str]], Any]] = {
    "list.create": _list_create,
    "list.update": _list_update,
    "file.create": _file_create,
    "file.complete": lambda author, _: author.random.choice(({}, {"md5": "5d41402abc4b2a76b9719d911017c592"})),
    "email.draft": _draft,
    "email.send": lambda author, _: _message(author),
    "email.log": _log,
    "merge.merge_accounts": _merge("account"),
    "merge.merge_contacts": _merge("contact"),
    "merge.merge_opportunities": _merge("opportunity"),
    "merge.merge_object_values": _merge("object"),
    "enrichment_run.enrich": _enrich,
    "sender.update": _pacing,
    "sequence.create": _sequence_create,
    "sequence.update_draft": _draft_update,
    "sequence.publish_draft": _versioned,
    "sequence.discard_draft": _versioned,
    "sequence.update_enrollments": _enrollments,
    "sequence.start_test": _test,
}
BY_NAME = {fact.operation: fact for fact in OPERATIONS}
