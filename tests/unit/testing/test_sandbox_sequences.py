"""Are sequences created, published, activated and measured in the sandbox as in the API?"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from lightfield.testing._api.operations import OPERATIONS
from lightfield.testing._api.service import HANDLERS
from tests.unit.testing.outreach_calls import (
    BUYER,
    CONTROLLER,
    DIRECTOR,
    EMAIL,
    ENGINEER,
    INVITE,
    OTHER,
    REVIEWED,
    SENDERS,
    WAIT,
    changed,
    documented,
    drafted,
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


def test_every_operation_of_the_api_is_answered() -> None:
    assert set(OPERATIONS) == set(HANDLERS)


async def test_whole_life_of_a_sequence(api: Api) -> None:
    """From the first draft over a second version to its end."""
    draft = await drafted(api, EMAIL, WAIT, REVIEWED, reviewers=["mem_saffron"])
    path = f"/v1/sequences/{draft['sequenceId']}"
    before = documented("sequence.retrieve", await api.get(path))
    assert (before["status"], before["definition"], before["channels"]) == ("DRAFT", None, [])
    draft = await changed(api, draft, name="Better outreach")
    sequence = await api.post(f"{path}/draft/publish", {"expectedVersion": draft["version"]})
    assert (sequence["status"], sequence["name"]) == ("DEACTIVATED", "Better outreach")
    assert sequence["definition"] == draft["definition"]
    assert sequence["reviewers"] == [{"id": "mem_saffron", "objectType": "member"}]
    assert [each["id"] for each in sequence["senders"]] == SENDERS

    [first] = await enrolled(api, sequence, BUYER)
    assert (first["status"], await messages(api, sequence)) == ("PAUSED", [])
    sequence = documented("sequence.activate", await api.post(f"{path}/activate"))
    assert (sequence["status"], sequence["channels"]) == ("ACTIVE", ["EMAIL"])
    assert sequence["firstActivatedAt"] == sequence["lastActivatedAt"]
    first = await api.get(f"{path}/enrollments/{first['id']}")
    assert (first["status"], first["currentStepId"]) == ("ACTIVE", sequence["definition"]["steps"][1]["id"])
    assert [each["content"]["body"] for each in await messages(api, sequence)] == ["Hi Buyer"]

    opened = documented("sequence.update_draft", await api.post(f"{path}/draft", {}))
    email, _, review = opened["definition"]["steps"]
    draft = await changed(api, opened, definition={"steps": [email, review]})
    assert [(each["code"], each["severity"]) for each in draft["publishWarnings"]] == [("step_removed", "destructive")]
    await api.post(f"{path}/draft/publish", {"expectedVersion": draft["version"]})
    first = await api.get(f"{path}/enrollments/{first['id']}")
    assert (first["status"], first["currentStepId"]) == ("AWAITING_REVIEW", review["id"])

    performance = documented("sequence.retrieve_performance", await api.get(f"{path}/performance"))
    assert [each["currentEnrollments"] for each in performance["perStep"]] == [0, 1]
    assert performance["byStepType"]["EMAIL"]["sent"] == 1
    paused = documented("sequence.deactivate", await api.post(f"{path}/deactivate", {}))
    assert (paused["status"], paused["firstActivatedAt"]) == ("DEACTIVATED", sequence["firstActivatedAt"])
    assert (await api.get(f"{path}/enrollments/{first['id']}"))["status"] == "PAUSED"
    await api.post(f"{path}/enrollments", {"remove": [BUYER]})
    assert (await api.get(f"{path}/enrollments/{first['id']}"))["status"] == "CANCELLED"


async def test_there_are_sequences_of_every_status_from_the_start(api: Api) -> None:
    page = documented("sequence.list", await api.get("/v1/sequences"))
    assert {each["id"]: each["status"] for each in page["data"]} == {
        "seq_renewal": "DRAFT",
        "seq_winback": "DEACTIVATED",
        "seq_welcome": "ACTIVE",
    }
    assert [each["createdAt"] for each in page["data"]] == sorted(each["createdAt"] for each in page["data"])[::-1]
    for each in page["data"]:
        assert documented("sequence.retrieve", await api.get(f"/v1/sequences/{each['id']}")) == each
        for below, operation in (("enrollments", "list_enrollments"), ("messages", "list_messages")):
            documented(f"sequence.{operation}", await api.get(f"/v1/sequences/{each['id']}/{below}"))
    documented("sequence.retrieve_draft", await api.get("/v1/sequences/seq_renewal/draft"))


async def test_initial_messages_make_up_the_performance(api: Api) -> None:
    performance = documented("sequence.retrieve_performance", await api.get(f"{WELCOME}/performance"))
    email, wait, invite, connection, chat = performance["perStep"]
    assert {key: email[key] for key in ("sent", "bounced", "delivered", "opened", "replied", "currentEnrollments")} == {
        "sent": 5,
        "bounced": 1,
        "delivered": 4,
        "opened": 3,
        "replied": 1,
        "currentEnrollments": 0,
    }
    assert (email["bounceRate"], email["openRate"], email["replyRate"]) == (0.2, 0.75, 0.25)
    assert (invite["sent"], invite["accepted"], invite["replied"], invite["replyRate"]) == (2, 2, 1, 0.5)
    assert (wait["currentEnrollments"], connection["currentEnrollments"], chat["currentEnrollments"]) == (1, 0, 1)
    assert (chat["sent"], chat["readRate"], chat["replyRate"]) == (0, None, None)
    by_type = performance["byStepType"]
    assert by_type["EMAIL"] == {key: value for key, value in email.items() if not key.startswith("sequenceStep")}
    assert by_type["WAIT"] == {"currentEnrollments": 1}
    assert by_type["LINKEDIN_MESSAGE"]["currentEnrollments"] == 1


async def test_unpublished_sequence_has_no_performance(api: Api) -> None:
    performance = documented("sequence.retrieve_performance", await api.get("/v1/sequences/seq_renewal/performance"))
    assert performance["perStep"] == []
    assert performance["byStepType"]["EMAIL"]["sent"] == 0


async def test_removed_step_that_has_sent_is_still_measured(api: Api) -> None:
    sequence = await published(api, EMAIL, WAIT, active=True)
    await enrolled(api, sequence, BUYER)
    email, wait = sequence["definition"]["steps"]
    path = f"/v1/sequences/{sequence['id']}"
    draft = await api.post(f"{path}/draft", {"definition": {"steps": [wait, REVIEWED]}})
    await api.post(f"{path}/draft/publish", {"expectedVersion": draft["version"]})
    per_step = documented("sequence.retrieve_performance", await api.get(f"{path}/performance"))["perStep"]
    assert [(each["sequenceStepId"], each.get("sent")) for each in per_step][::2] == [
        (wait["id"], None),
        (email["id"], 1),
    ]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([("status[equal]", "ACTIVE")], ["seq_welcome"]),
        ([("status", "DRAFT")], ["seq_renewal"]),
        ([("channels[contains]", "EMAIL")], ["seq_winback", "seq_welcome"]),
        ([("channels", "LINKEDIN")], ["seq_welcome"]),
        ([("channels[contains]", "EMAIL"), ("status[equal]", "DEACTIVATED")], ["seq_winback"]),
        ([("createdAt[greaterThanOrEqual]", "2025-12-12T10:00:00+01:00")], ["seq_renewal", "seq_winback"]),
        ([("createdAt[lessThanOrEqual]", "2025-12-12T10:00:00+01:00")], ["seq_winback", "seq_welcome"]),
        ([("createdAt[lessThanOrEqual]", "2025-12-12T09:59:59+01:00")], ["seq_welcome"]),
        ([("firstActivatedAt[greaterThanOrEqual]", "2000-01-01T00:00:00Z")], ["seq_winback", "seq_welcome"]),
        ([("lastActivatedAt[lessThanOrEqual]", "2025-12-11T23:00:00Z")], ["seq_welcome"]),
    ],
)
async def test_sequences_are_filtered_as_documented(api: Api, filters: list[tuple[str, str]], found: list[str]) -> None:
    assert await api.listed("/v1/sequences", *filters) == found


@pytest.mark.parametrize(
    ("query", "code", "param"),
    [
        ("name=Welcome", "unknown_field", "name"),
        ("status[]=ACTIVE", "unknown_field", "status[]"),
        ("status[-equal]=ACTIVE", "unknown_field", "status[-equal]"),
        ("status[equal]=active", "invalid_type", "status[equal]"),
        ("status[contains]=ACTIVE", None, "status[contains]"),
        ("channels[equal]=EMAIL", None, "channels[equal]"),
        ("createdAt=2025-12-12T10:00:00Z", None, "createdAt"),
        ("createdAt[greaterThan]=2025-12-12T10:00:00Z", None, "createdAt[greaterThan]"),
        ("createdAt[lessThanOrEqual]=2025-12-12T10:00:00", "invalid_type", "createdAt[lessThanOrEqual]"),
        ("createdAt[lessThanOrEqual]=yesterday", "invalid_type", "createdAt[lessThanOrEqual]"),
        ("limit=26", None, "limit"),
    ],
)
async def test_other_filters_are_refused(api: Api, query: str, code: str | None, param: str) -> None:
    error = (await api.get(f"/v1/sequences?{query}", 400))["error"]
    assert (error.get("code"), error["param"]) == (code, param)


async def test_sequences_are_listed_in_pages(api: Api) -> None:
    page = documented("sequence.list", await api.get("/v1/sequences?limit=1&offset=1"))
    assert ([each["id"] for each in page["data"]], page["totalCount"]) == (["seq_winback"], 3)


async def test_creating_twice_with_one_key_creates_one_sequence(api: Api) -> None:
    body: dict[str, Any] = {"name": "x", "definition": {"description": "x", "steps": []}}
    first, second = [await api.post("/v1/sequences", body, key="key") for _ in range(2)]
    assert first == second
    assert len(await api.listed("/v1/sequences")) == 4


async def test_activating_or_deactivating_twice_changes_nothing(api: Api) -> None:
    active = await api.get(WELCOME)
    assert await api.post(f"{WELCOME}/activate", {}) == active
    paused = await api.post(f"{WELCOME}/deactivate")
    assert await api.post(f"{WELCOME}/deactivate") == paused
    again = await api.post(f"{WELCOME}/activate")
    assert again["firstActivatedAt"] == active["firstActivatedAt"]
    assert again["lastActivatedAt"] > active["lastActivatedAt"]


async def test_pause_keeps_what_contacts_have_come_to(api: Api) -> None:
    sent = await api.listed(f"{WELCOME}/messages")
    await api.post(f"{WELCOME}/deactivate")
    assert await api.listed(f"{WELCOME}/enrollments", ("status", "PAUSED")) == [
        "enr_welcome_reviewed",
        "enr_welcome_controller",
    ]
    assert (await api.get(f"{WELCOME}/enrollments/enr_welcome_controller"))["nextSendAt"] is None
    await api.post(f"{WELCOME}/activate")
    assert await api.listed(f"{WELCOME}/enrollments", ("status", "AWAITING_REVIEW")) == ["enr_welcome_reviewed"]
    assert await api.listed(f"{WELCOME}/messages") == sent
    waiting = await api.get(f"{WELCOME}/enrollments/enr_welcome_controller")
    assert (waiting["status"], waiting["currentStepId"]) == ("ACTIVE", "stp_welcome_wait")
    assert waiting["nextSendAt"] > waiting["lastActivityAt"]


async def test_unpublished_sequence_neither_starts_nor_stops(api: Api) -> None:
    for action in ("activate", "deactivate"):
        assert await api.refused(f"/v1/sequences/seq_renewal/{action}", {}) == ("sequence_not_published", None)


async def test_sequence_starts_once_its_sender_can_send(api: Api) -> None:
    path = "/v1/sequences/seq_winback"
    assert await api.refused(f"{path}/activate", {}) == ("no_selectable_sender", None)
    await api.post("/v1/senders/snd_outreach/mark_healthy")
    assert (await api.post(f"{path}/activate"))["status"] == "ACTIVE"
    [sent] = await messages(api, {"id": "seq_winback"})
    assert (sent["status"], sent["content"]["subject"]) == ("SENT", "A question from Saffron Member")
    ended = await api.get(f"{path}/enrollments/enr_winback_paused")
    assert (ended["status"], ended["currentStepId"], ended["remainingSends"]) == ("COMPLETED", None, 0)
    assert ended["completedAt"] >= ended["lastActivityAt"]


async def test_variables_are_those_that_templates_take(api: Api) -> None:
    page = documented("sequence.list_template_variables", await api.get("/v1/sequences/template/variables"))
    assert page["totalCount"] == len(page["data"])
    found = {each["ref"]: each for each in page["data"]}
    assert list(found) == [
        "{{ {col:firstName} }}",
        "{{ {col:lastName} }}",
        "{{ {attr:ad_language.label} }}",
        "{{ {rel:account.col:name} }}",
        "{{ {rel:account.ad_icp_score} }}",
        "{{ {rel:account.ad_tier.label} }}",
        "{{ {rel:sender.col:name} }}",
        "{{ {rel:sender.col:email} }}",
    ]
    assert found["{{ {attr:ad_language.label} }}"] == {
        "ref": "{{ {attr:ad_language.label} }}",
        "label": "Language",
        "group": "contact",
        "field": {"id": "ad_language", "valueType": "SINGLE_SELECT"},
    }
    texts = [each["ref"].replace(" }}", ', "-") }}').replace("{{ ", "{{ coalesce(") for each in page["data"]]
    template = {"subject": "x", "body": "|".join(texts)}
    sequence = await published(api, {**EMAIL, "template": template}, active=True)
    await enrolled(api, sequence, BUYER)
    [sent] = await messages(api, sequence)
    assert sent["content"] == {
        "subject": "x",
        "body": "Buyer|Example|-|Northwind Traders|0|Gold|Larkspur Member|larkspur@seller.example",
    }


async def test_values_that_are_absent_are_replaced_by_the_fallback(api: Api) -> None:
    api.sandbox.records("contacts")["con_bare"] = {
        "id": "con_bare",
        "createdAt": "2026-05-01T16:00:00.000Z",
        "httpLink": None,
        "fields": {"$email": {"value": ["bare@example.com"], "valueType": "EMAIL"}},
        "relationships": {},
    }
    body = '{{coalesce({col:firstName},"there")}} of {{ coalesce( {rel:account.col:name} , "nowhere" ) }}'
    sequence = await published(api, {**EMAIL, "template": {"subject": "x", "body": body}}, active=True)
    await enrolled(api, sequence, "con_bare", OTHER)
    texts = [each["content"]["body"] for each in await messages(api, sequence)]
    assert texts == ["there of nowhere", "Buyer of Cobalt Heron Freight"]


async def test_variable_whose_field_was_undefined_meanwhile_is_replaced_by_the_fallback(api: Api) -> None:
    body = 'Speaking {{ coalesce({attr:ad_language.label}, "English") }}'
    sequence = await published(api, {**EMAIL, "template": {"subject": "x", "body": body}}, active=True)
    del api.sandbox.definitions("contacts")["fieldDefinitions"]["language"]
    await enrolled(api, sequence, BUYER)
    assert [each["content"]["body"] for each in await messages(api, sequence)] == ["Speaking English"]


@pytest.mark.parametrize("below", ["", "/draft", "/enrollments", "/messages", "/performance"])
async def test_unknown_sequence_is_not_found(api: Api, below: str) -> None:
    for path in (f"/v1/sequences/seq_unknown{below}", f"/v1/sequences/snd_larkspur{below}"):
        assert (await api.get(path, 404))["error"]["type"] == "not_found"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/activate", {}),
        ("/deactivate", {}),
        ("/draft", {}),
        ("/draft/publish", {"expectedVersion": "v1"}),
        ("/draft/discard", {"expectedVersion": "v1"}),
        ("/enrollments", {"add": [BUYER]}),
        ("/tests", {"contactId": BUYER}),
    ],
)
async def test_nothing_is_done_to_an_unknown_sequence(api: Api, path: str, body: Any) -> None:
    error = (await api.post(f"/v1/sequences/seq_unknown{path}", body, 404))["error"]
    assert (error["type"], error.get("code")) == ("not_found", None)


@pytest.mark.parametrize("name", ["enrollments/enr_winback_paused", "messages/sqm_unknown", "tests/enr_welcome_buyer"])
async def test_what_belongs_to_another_sequence_is_not_found(api: Api, name: str) -> None:
    assert (await api.get(f"{WELCOME}/{name}", 404))["error"]["type"] == "not_found"


async def test_contacts_take_turns_among_the_senders(api: Api) -> None:
    template = {"subject": "x", "body": 'From {{ coalesce({rel:sender.col:email}, "?") }}'}
    senders = ["snd_larkspur", "snd_outreach", "snd_tamarisk"]
    sequence = await published(api, {**EMAIL, "template": template}, senders=senders, active=True)
    await enrolled(api, sequence, BUYER, CONTROLLER, ENGINEER)
    texts = [each["content"]["body"] for each in await messages(api, sequence)]
    assert texts == [f"From {name}@seller.example" for name in ("larkspur", "tamarisk", "larkspur")]


async def test_invite_carries_a_note_only_if_it_shall(api: Api) -> None:
    sequence = await published(api, INVITE, {**INVITE, "includeNote": True}, active=True)
    [ended] = await enrolled(api, sequence, DIRECTOR)
    assert (ended["status"], ended["lastActivityKind"]) == ("COMPLETED", "INVITED")
    bare, noted = await messages(api, sequence)
    assert bare["content"] == {"subject": None, "body": None}
    assert noted["content"] == {"subject": None, "body": "Say hello."}
