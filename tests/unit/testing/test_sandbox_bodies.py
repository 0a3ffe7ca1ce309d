"""Does the strict sandbox take every member that a body is documented to have?

The bodies of sequences and senders have tests of their own.
"""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import pytest

from tests.contract.facts import OPERATIONS, SHAPES, Shape
from tests.unit.testing.sandbox_calls import Api, calling

ACCOUNT, OTHER, CONTACT = "acc_northwind_traders", "acc_bramblewick_foods", "con_northwind_traders_buyer"
OURS, THEIRS = "larkspur@seller.example", "a@b.example"
MEMBERS = {"add": ["mem_saffron"], "remove": "mem_larkspur"}
ACCOUNTS = {"add": OTHER, "remove": [ACCOUNT]}
MESSAGE = {
    "from": OURS,
    **{key: [THEIRS] for key in ("to", "cc", "bcc")},
    "subject": "x",
    "messageBody": {"content": "x", "contentType": "TEXT"},
    "attachments": [],
}
LOGGED = {
    "$from": OURS,
    "$sentAt": "2026-01-05T10:00:00Z",
    **{key: [THEIRS] for key in ("$to", "$cc", "$bcc")},
    **dict.fromkeys(("$subject", "$threadId"), "x"),
    "$body": {"html": "x", "text": "x"},
    "$privacySetting": "FULL",
}
MEETING = {
    "$title": "x",
    "$startDate": "2026-01-05T09:00:00Z",
    "$endDate": "2026-01-05T10:00:00Z",
    "$attendeeEmails": [THEIRS],
    "$description": "x",
    "$meetingUrl": "https://meet.example/a",
    "$organizerEmail": OURS,
    "$privacySetting": "FULL",
}
NOTES = {"$meetingPrep": "x", "$postMeetingSummary": None, "$attendeeEmails": [THEIRS], "$privacySetting": "METADATA"}
TASK = {"$title": "x", "$status": "TODO", "$description": "x", "$dueAt": "2026-12-01T10:00:00Z"}
NAMED, NOTE, LIST = {"$name": "x"}, {"$title": "x", "$content": "x"}, {"$description": "x", "$kind": "target"}
BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "account.create": ("accounts", {"fields": NAMED, "relationships": {"$contact": [CONTACT]}, "skipEnrichment": True}),
    "account.update": (f"accounts/{ACCOUNT}", {"fields": NAMED, "relationships": {"$owner": {"replace": None}}}),
    "contact.create": ("contacts", {"fields": {}, "relationships": {"$account": ACCOUNT}, "skipEnrichment": False}),
    "contact.update": (f"contacts/{CONTACT}", {"fields": {}, "relationships": {"$account": ACCOUNTS}}),
    "opportunity.create": ("opportunities", {"fields": NAMED, "relationships": {"$account": ACCOUNT}}),
    "opportunity.update": ("opportunities/opp_1", {"fields": NAMED, "relationships": {"$owner": {"replace": None}}}),
    "task.create": ("tasks", {"fields": TASK, "relationships": {"$assignedTo": ["mem_saffron"]}}),
    "task.update": ("tasks/tsk_northwind_traders", {"fields": TASK, "relationships": {"$account": ACCOUNTS}}),
    "note.create": ("notes", {"fields": NOTE, "relationships": {"$contact": CONTACT}}),
    "note.update": ("notes/not_northwind_traders", {"fields": NOTE, "relationships": {"$account": ACCOUNTS}}),
    "meeting.create": (
        "meetings",
        {"fields": MEETING, "relationships": {"$transcript": "fil_1"}, "autoCreateRecords": True},
    ),
    "meeting.update": (
        "meetings/mtg_northwind_traders",
        {"fields": NOTES, "relationships": {"$transcript": {"replace": "fil_1"}}},
    ),
    "list.create": (
        "lists",
        {"fields": {**NAMED, **LIST, "$objectType": "$account"}, "relationships": {"$accounts": [ACCOUNT]}},
    ),
    "list.update": ("lists/lst_1", {"fields": {**NAMED, **LIST}, "relationships": {"$accounts": ACCOUNTS}}),
    "object.create": ("objects/project/values", {"fields": NAMED, "relationships": {"team": ["mem_saffron"]}}),
    "object.update": ("objects/project/values/prj_pilot", {"fields": NAMED, "relationships": {"team": MEMBERS}}),
    "email.draft": ("emails/draft", MESSAGE),
    "email.send": ("emails/send", MESSAGE),
    "email.log": ("emails/log", {"fields": LOGGED, "headers": {"Message-ID": "x"}, "autoCreateRecords": True}),
    "enrichment_run.enrich": (f"enrichmentRun/accounts/{ACCOUNT}", {"fields": ["industry"]}),
    "file.create": (
        "files",
        {"filename": "a.txt", "mimeType": "text/plain", "sizeBytes": 1, "purpose": "meeting_transcript"},
    ),
    "file.complete": ("files/fil_1/complete", {"md5": "9dd4e461268c8034f5c8564e155c67a6"}),
    **{
        f"merge.merge_{name}": (
            f"{path}/merge",
            {
                "primaryId": primary,
                "duplicateId": duplicate,
                "fieldResolutions": {"$name": "primary"},
                "options": {"multiSelectUnion": True},
            },
        )
        for name, path, primary, duplicate in (
            ("accounts", "accounts", ACCOUNT, OTHER),
            ("contacts", "contacts", CONTACT, "con_northwind_traders_engineer"),
            ("opportunities", "opportunities", "opp_1", "opp_2"),
            ("object_values", "objects/project", "prj_pilot", "prj_training"),
        )
    },
}
ONE_OF_SEVERAL = {"relationships.$contacts", "relationships.$opportunities"}
DOCUMENTED = {
    fact.operation: SHAPES[fact.body]
    for fact in OPERATIONS
    if fact.body not in (None, "Body_unspecified") and fact.resource not in ("sequence", "sender")
}
UNSPECIFIED = [
    fact for fact in OPERATIONS if fact.body == "Body_unspecified" and fact.resource not in ("sequence", "sender")
]


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=2) as opened:
        for number in (1, 2):
            sent = {"fields": NAMED, "relationships": {"$account": ACCOUNT}}
            await _rename(opened, "opportunities", f"opp_{number}", await opened.post("/v1/opportunities", sent))
        sent = {"fields": {**NAMED, "$objectType": "$account"}}
        await _rename(opened, "lists", "lst_1", await opened.post("/v1/lists", sent))
        yield opened


async def _rename(api: Api, collection: str, identifier: str, made: Any) -> None:
    """Give a record an id that is known in advance."""
    records = api.sandbox.records(collection)
    records[identifier] = {**records.pop(made["id"]), "id": identifier}


async def _upload(api: Api) -> str:
    file = await api.post("/v1/files", {"filename": "a.txt", "mimeType": "text/plain", "sizeBytes": 1})
    async with api.session.put(file["uploadUrl"], data=b"x", headers=file["uploadHeaders"]) as response:
        assert response.status == 200
    return str(file["id"])


def _members(shape: Shape, path: str = "") -> Iterator[str]:
    """Name the members of a shape, and theirs, but not what is in a map."""
    if "$ref" in shape:
        yield from _members(SHAPES[shape["$ref"].rpartition("/")[2]], path)
    for name, inner in shape.get("properties", {}).items():
        yield f"{path}{name}"
        yield from _members(inner, f"{path}{name}.")


def _sent(body: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, inner in body.items():
        yield f"{path}{name}"
        if isinstance(inner, dict):
            yield from _sent(cast("dict[str, Any]", inner), f"{path}{name}.")


def test_every_documented_member_is_in_a_body_below() -> None:
    assert DOCUMENTED.keys() == BODIES.keys()
    for name, shape in DOCUMENTED.items():
        missing = {*_members(shape)} - {*_sent(BODIES[name][1])}
        assert {each for each in missing if not each.startswith(tuple(ONE_OF_SEVERAL))} == set(), name


@pytest.mark.parametrize("name", BODIES)
async def test_documented_members_are_taken(api: Api, name: str) -> None:
    text = json.dumps(BODIES[name])
    path, body = json.loads(text.replace("fil_1", await _upload(api)) if "fil_1" in text else text)
    await api.post(f"/v1/{path}", body)


@pytest.mark.parametrize("fact", UNSPECIFIED, ids=lambda fact: fact.operation)
async def test_body_of_which_nothing_is_documented_may_hold_anything(api: Api, fact: Any) -> None:
    error = (await api.send(fact.method, fact.path.replace("{", "").replace("}", ""), {"reason": 1}, status=404))[
        "error"
    ]
    assert error["type"] == "not_found"
