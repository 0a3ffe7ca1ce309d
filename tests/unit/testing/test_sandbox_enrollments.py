"""Do contacts enter, pass and leave sequences in the sandbox as in the API?"""

from collections.abc import AsyncIterator

import pytest

from tests.unit.testing.outreach_calls import (
    BUYER,
    CHAT,
    CONTROLLER,
    EMAIL,
    ENGINEER,
    INVITE,
    OTHER,
    REVIEWED,
    WAIT,
    documented,
    enrolled,
    messages,
    published,
)
from tests.unit.testing.sandbox_calls import Api, calling

WELCOME = "/v1/sequences/seq_welcome"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=0) as opened:
        yield opened


async def test_contact_goes_on_until_something_holds_it(api: Api) -> None:
    sequence = await published(api, EMAIL, CHAT, WAIT, INVITE, REVIEWED, active=True)
    [enrollment] = await enrolled(api, sequence, BUYER)
    steps = sequence["definition"]["steps"]
    assert (enrollment["status"], enrollment["currentStepId"]) == ("ACTIVE", steps[2]["id"])
    assert (enrollment["contactId"], enrollment["enrolledBy"]) == (BUYER, "mem_larkspur")
    assert (enrollment["remainingSends"], enrollment["lastActivityKind"]) == (2, "SENT")
    assert enrollment["nextSendAt"] > enrollment["lastActivityAt"] >= enrollment["enrolledAt"]
    email, chat = await messages(api, sequence)
    assert (email["channel"], email["sequenceStepType"], email["sequenceStepId"]) == ("EMAIL", "EMAIL", steps[0]["id"])
    assert (chat["channel"], chat["sequenceStepType"]) == ("LINKEDIN", "LINKEDIN_MESSAGE")
    assert chat["content"] == {"subject": None, "body": "Shall we talk?"}
    for each in (email, chat):
        assert (each["direction"], each["status"], each["enrollmentId"]) == ("OUTBOUND", "SENT", enrollment["id"])
        assert each["sentAt"] == each["statusChangedAt"] == each["createdAt"]


async def test_contact_awaits_a_review(api: Api) -> None:
    sequence = await published(api, REVIEWED, EMAIL, active=True)
    [enrollment] = await enrolled(api, sequence, BUYER)
    assert (enrollment["status"], enrollment["remainingSends"]) == ("AWAITING_REVIEW", 2)
    assert (enrollment["nextSendAt"], enrollment["lastActivityKind"]) == (None, None)
    [message] = await messages(api, sequence)
    assert (message["status"], message["sentAt"]) == ("AWAITING_REVIEW", None)
    assert message["content"] == {"subject": "Follow up", "body": "Ask again."}


async def test_paused_sequence_takes_contacts_but_sends_nothing(api: Api) -> None:
    sequence = await published(api, EMAIL, WAIT)
    [enrollment] = await enrolled(api, sequence, BUYER)
    assert (enrollment["status"], enrollment["currentStepId"]) == ("PAUSED", sequence["definition"]["steps"][0]["id"])
    assert (enrollment["remainingSends"], await messages(api, sequence)) == (1, [])


async def test_each_contact_has_its_own_outcome(api: Api) -> None:
    body = {"add": [OTHER, BUYER, OTHER], "remove": ["con_unknown", "con_bramblewick_foods_controller"]}
    path = "/v1/sequences/seq_winback/enrollments"
    changes = documented("sequence.update_enrollments", await api.post(path, body))
    assert [(each["contactId"], each["outcome"]) for each in changes["results"]] == [
        (OTHER, "enrolled"),
        (BUYER, "enrolled"),
        ("con_unknown", "no_active_enrollment"),
        ("con_bramblewick_foods_controller", "unenrolled"),
    ]
    assert [each["enrollmentId"] for each in changes["results"]][2:] == [None, "enr_winback_paused"]
    again = await api.post(path, {"add": [BUYER], "remove": ["con_bramblewick_foods_controller"]})
    assert again["results"] == [
        {**changes["results"][1], "outcome": "already_enrolled"},
        {**changes["results"][3], "enrollmentId": None, "outcome": "no_active_enrollment"},
    ]


async def test_contact_whose_enrollment_ended_is_enrolled_again(api: Api) -> None:
    path = f"{WELCOME}/enrollments"
    [result] = (await api.post(path, {"add": [BUYER]}))["results"]
    assert (result["outcome"], result["enrollmentId"] != "enr_welcome_buyer") == ("enrolled", True)
    assert await api.listed(path, ("contactId[equal]", BUYER)) == [result["enrollmentId"], "enr_welcome_buyer"]
    assert (await api.get(f"{path}/enr_welcome_buyer"))["status"] == "REPLIED"


async def test_cancelled_enrollment_stays_readable_and_its_review_ends(api: Api) -> None:
    path = f"{WELCOME}/enrollments"
    sent = await api.listed(f"{WELCOME}/messages", ("status", "SENT"))
    await api.post(path, {"remove": ["con_bramblewick_foods_buyer"]})
    enrollment = documented("sequence.retrieve_enrollment", await api.get(f"{path}/enr_welcome_reviewed"))
    assert (enrollment["status"], enrollment["currentStepId"], enrollment["remainingSends"]) == ("CANCELLED", None, 0)
    assert enrollment["cancelledAt"] > enrollment["lastActivityAt"]
    message = await api.get(f"{WELCOME}/messages/sqm_reviewed_message")
    assert (message["status"], message["statusChangedAt"]) == ("CANCELLED", enrollment["cancelledAt"])
    assert await api.listed(f"{WELCOME}/messages", ("status", "SENT")) == sent
    assert await api.listed(f"{WELCOME}/messages", ("status", "CANCELLED")) == ["sqm_reviewed_message"]


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "parameter_missing", "add"),
        ({"add": [], "remove": []}, "parameter_missing", "add"),
        ({"add": BUYER}, "invalid_type", "add"),
        ({"add": [BUYER], "remove": [CONTROLLER, BUYER]}, "invalid_type", "remove"),
        ({"add": [f"con_{n}" for n in range(26)]}, "invalid_type", "add"),
        ({"add": [f"con_{n}" for n in range(13)], "remove": [f"con_x{n}" for n in range(13)]}, "invalid_type", "add"),
    ],
)
async def test_change_that_makes_no_sense_is_refused(api: Api, body: dict[str, object], code: str, param: str) -> None:
    assert await api.refused(f"{WELCOME}/enrollments", body) == (code, param)


async def test_25_contacts_may_be_changed_at_once(api: Api) -> None:
    added = api.sandbox.ids("contacts")[30:54]
    changes = await api.post("/v1/sequences/seq_winback/enrollments", {"add": added * 2, "remove": ["con_x", "con_x"]})
    assert [each["outcome"] for each in changes["results"]] == ["enrolled"] * 24 + ["no_active_enrollment"]
    page = documented("sequence.list_enrollments", await api.get("/v1/sequences/seq_winback/enrollments"))
    assert (len(page["data"]), page["totalCount"]) == (25, 25)


async def test_unpublished_sequence_takes_no_contacts(api: Api) -> None:
    path = "/v1/sequences/seq_renewal/enrollments"
    assert await api.refused(path, {"add": [BUYER]}) == ("sequence_not_published", None)


async def test_contacts_that_cannot_be_enrolled_are_named_and_nothing_changes(api: Api) -> None:
    before = await api.listed(f"{WELCOME}/enrollments")
    api.sandbox.records("contacts")[OTHER]["fields"]["$email"]["value"] = []
    await api.delete(f"/v1/contacts/{ENGINEER}")
    incomplete = "con_dunmarrow_textiles_buyer"
    body = {"add": [BUYER, OTHER, ENGINEER, "con_unknown", incomplete], "remove": [CONTROLLER]}
    error = (await api.post(f"{WELCOME}/enrollments", body, 400))["error"]
    assert error["code"] == "invalid_configuration"
    assert error["invalidContacts"] == [
        {"contactId": OTHER, "reason": "The contact lacks an email address and a LinkedIn URL."},
        {"contactId": ENGINEER, "reason": "The contact does not exist."},
        {"contactId": "con_unknown", "reason": "The contact does not exist."},
        {"contactId": incomplete, "reason": "The contact lacks a LinkedIn URL."},
    ]
    assert await api.listed(f"{WELCOME}/enrollments") == before
    assert (await api.get(f"{WELCOME}/enrollments/enr_welcome_controller"))["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([], ["reviewed", "director", "engineer", "controller", "buyer"]),
        ([("status[equal]", "REPLIED")], ["engineer", "buyer"]),
        ([("contactId", CONTROLLER)], ["controller"]),
        ([("currentStepId[equal]", "stp_welcome_wait")], ["controller"]),
        ([("enrolledAt[greaterThanOrEqual]", "2025-12-14T12:00:00Z")], ["reviewed", "director"]),
        ([("lastActivityAt[lessThanOrEqual]", "2025-12-15T10:00:00Z")], ["controller", "buyer"]),
        ([("repliedAt[greaterThanOrEqual]", "2000-01-01T00:00:00Z")], ["engineer", "buyer"]),
        ([("status[equal]", "REPLIED"), ("contactId[equal]", BUYER)], ["buyer"]),
    ],
)
async def test_enrollments_are_filtered_as_documented(
    api: Api, filters: list[tuple[str, str]], found: list[str]
) -> None:
    assert await api.listed(f"{WELCOME}/enrollments", *filters) == [f"enr_welcome_{name}" for name in found]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([("direction", "INBOUND")], ["engineer_invite_reply", "buyer_email_reply"]),
        ([("channel[equal]", "LINKEDIN"), ("status", "SENT")], ["reviewed_invite", "engineer_invite"]),
        ([("status[equal]", "AWAITING_REVIEW")], ["reviewed_message"]),
        ([("enrollmentId", "enr_welcome_buyer")], ["buyer_email_reply", "buyer_email"]),
        ([("contactId", BUYER), ("direction", "OUTBOUND")], ["buyer_email"]),
        ([("sequenceStepId", "stp_welcome_invite"), ("direction", "INBOUND")], ["engineer_invite_reply"]),
        ([("sequenceStepType", "LINKEDIN_MESSAGE")], ["reviewed_message"]),
        ([("sentAt[lessThan]", "2025-12-14T10:00:00Z")], ["buyer_email"]),
        ([("sentAt[lessThanOrEqual]", "2025-12-14T10:00:00Z")], ["controller_email", "buyer_email"]),
        ([("sentAt[greaterThan]", "2025-12-14T14:00:00Z")], ["reviewed_invite"]),
        ([("sentAt[greaterThanOrEqual]", "2025-12-14T15:00:00+00:00")], ["reviewed_invite"]),
        ([("openedAt[greaterThan]", "2025-12-15T09:00:00Z")], ["reviewed_email", "controller_email"]),
        ([("bouncedAt[greaterThan]", "2000-01-01T00:00:00Z")], ["director_email"]),
        ([("acceptedAt[greaterThan]", "2000-01-01T00:00:00Z")], ["reviewed_invite", "engineer_invite"]),
        ([("repliedAt[greaterThan]", "2000-01-01T00:00:00Z")], ["engineer_invite", "buyer_email"]),
        ([("receivedAt[greaterThan]", "2025-12-15T09:00:00Z")], ["engineer_invite_reply"]),
        ([("readAt[greaterThan]", "2000-01-01T00:00:00Z")], []),
    ],
)
async def test_messages_are_filtered_as_documented(api: Api, filters: list[tuple[str, str]], found: list[str]) -> None:
    assert await api.listed(f"{WELCOME}/messages", *filters) == [f"sqm_{name}" for name in found]


async def test_messages_are_listed_without_their_content(api: Api) -> None:
    page = documented("sequence.list_messages", await api.get(f"{WELCOME}/messages"))
    assert page["totalCount"] == len(page["data"]) == 10
    for listed in page["data"]:
        message = documented("sequence.retrieve_message", await api.get(f"{WELCOME}/messages/{listed['id']}"))
        assert message.pop("content")["body"]
        assert message == listed


async def test_reply_refers_to_the_message_in_the_chat(api: Api) -> None:
    reply = await api.get(f"{WELCOME}/messages/sqm_engineer_invite_reply")
    assert reply["reference"] == {"id": "msg_linkedin_reply", "objectType": "message"}
    chat = await api.get(f"/v1/messages/{reply['reference']['id']}")
    assert chat["fields"]["$text"]["value"] == reply["content"]["body"]
