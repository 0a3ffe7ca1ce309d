"""What the tests of sequences send, and what they see to in every response."""

from typing import Any

from tests.contract.build import misfits
from tests.contract.facts import OPERATIONS
from tests.unit.testing.sandbox_calls import Api

BUYER, CONTROLLER, ENGINEER, DIRECTOR = (
    f"con_northwind_traders_{name}" for name in ("buyer", "controller", "engineer", "director")
)
OTHER = "con_cobalt_heron_freight_buyer"
"""A contact that no sequence knows, and that has no LinkedIn URL."""

EMAIL: dict[str, Any] = {
    "type": "EMAIL",
    "name": "Introduction",
    "deliveryMode": "AUTO",
    "template": {"subject": "Hello", "body": 'Hi {{ coalesce({col:firstName}, "there") }}'},
}
REVIEWED: dict[str, Any] = {"type": "EMAIL", "name": "Follow up", "deliveryMode": "FOR_REVIEW", "prompt": "Ask again."}
INVITE: dict[str, Any] = {"type": "LINKEDIN_INVITE", "name": "Connect", "deliveryMode": "AUTO", "prompt": "Say hello."}
CHAT: dict[str, Any] = {
    "type": "LINKEDIN_MESSAGE",
    "name": "Chat",
    "deliveryMode": "AUTO",
    "template": {"body": "Shall we talk?"},
}
WAIT: dict[str, Any] = {"type": "WAIT", "duration": 2, "unit": "DAY"}
SENDERS = ["snd_larkspur", "snd_larkspur_linkedin"]

_RESPONSES = {each.operation: each.response for each in OPERATIONS}


def documented(operation: str, document: Any) -> Any:
    """Give a document, and see that it is what the API documents for the operation."""
    assert misfits(document, _RESPONSES[operation]) == []
    return document


async def drafted(api: Api, *steps: object, **changes: object) -> Any:
    """Create a sequence and give its draft."""
    body = {"name": "Outreach", "definition": {"description": "x", "steps": steps}, "senders": SENDERS, **changes}
    return documented("sequence.create", await api.post("/v1/sequences", body))


async def published(api: Api, *steps: object, active: bool = False, **changes: object) -> Any:
    """Create a sequence, publish it, and give it."""
    draft = await drafted(api, *steps, **changes)
    path = f"/v1/sequences/{draft['sequenceId']}"
    body = {"expectedVersion": draft["version"]}
    sequence = documented("sequence.publish_draft", await api.post(f"{path}/draft/publish", body))
    return await api.post(f"{path}/activate") if active else sequence


async def changed(api: Api, draft: Any, **changes: object) -> Any:
    """Update a draft at its version, and give the new one."""
    body = {"expectedVersion": draft["version"], **changes}
    path = f"/v1/sequences/{draft['sequenceId']}/draft"
    return documented("sequence.update_draft", await api.post(path, body))


async def enrolled(api: Api, sequence: Any, *contacts: str) -> list[Any]:
    """Enroll contacts, and give their enrollments."""
    path = f"/v1/sequences/{sequence['id']}/enrollments"
    changes = documented("sequence.update_enrollments", await api.post(path, {"add": contacts}))
    ids = [each["enrollmentId"] for each in changes["results"]]
    return [documented("sequence.retrieve_enrollment", await api.get(f"{path}/{each}")) for each in ids]


async def messages(api: Api, sequence: Any, *filters: tuple[str, str]) -> list[Any]:
    """Give the messages of a sequence with their content, oldest first."""
    path = f"/v1/sequences/{sequence['id']}/messages"
    ids = (await api.listed(path, *filters))[::-1]
    return [documented("sequence.retrieve_message", await api.get(f"{path}/{each}")) for each in ids]


async def issues(api: Api, path: str, body: object) -> list[str]:
    """Give where the issues are for which a definition is refused."""
    error = (await api.post(path, body, 400))["error"]
    assert (error["type"], error["code"]) == ("bad_request", "invalid_configuration")
    assert all(issue["message"] for issue in error["issues"])
    return [issue["param"] for issue in error["issues"]]
