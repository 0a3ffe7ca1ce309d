"""Are sequences tested in the sandbox as in the API, with the limits of tests alone?"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from lightfield.testing._http.starts import StartLimit
from tests.unit.testing.outreach_calls import (
    BUYER,
    CHAT,
    EMAIL,
    INVITE,
    OTHER,
    REVIEWED,
    WAIT,
    documented,
    drafted,
    issues,
    published,
)
from tests.unit.testing.sandbox_calls import HEADERS, Api, calling

SECOND = 1_000_000_000
RENEWAL = "/v1/sequences/seq_renewal/tests"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=0) as opened:
        yield opened


async def _finished(api: Api, draft: Any) -> Any:
    """Test a draft, and give the test once it has ended."""
    path = f"/v1/sequences/{draft['sequenceId']}/tests"
    started = documented("sequence.start_test", await api.post(path, {"contactId": BUYER}))
    seen = [documented("sequence.retrieve_test", await api.get(f"{path}/{started['id']}")) for _ in range(4)]
    assert [each["status"] for each in seen[:2]] == ["RUNNING"] * 2
    assert {step["outcome"] for each in seen[:2] for step in each["steps"]} == {"PENDING"}
    assert seen[2] == seen[3]
    return seen[2]


async def test_draft_is_tested_step_by_step(api: Api) -> None:
    draft = await drafted(api, EMAIL, WAIT, REVIEWED, CHAT, INVITE)
    test = await _finished(api, draft)
    assert (test["status"], test["target"], test["contactId"]) == ("COMPLETED", "DRAFT", BUYER)
    assert [step["stepId"] for step in test["steps"]] == [step["id"] for step in draft["definition"]["steps"]]
    assert [(step["type"], step["name"], step["mode"], step["outcome"], step["message"]) for step in test["steps"]] == [
        ("EMAIL", "Introduction", "TEMPLATE", "COMPOSED", {"subject": "Hello", "body": "Hi Buyer"}),
        ("WAIT", None, None, "SKIPPED", None),
        ("EMAIL", "Follow up", "AGENT", "COMPOSED", {"subject": "Follow up", "body": "Ask again."}),
        ("LINKEDIN_MESSAGE", "Chat", "TEMPLATE", "COMPOSED", {"body": "Shall we talk?"}),
        ("LINKEDIN_INVITE", "Connect", "AGENT", "SKIPPED", None),
    ]


async def test_fallback_stands_in_for_a_value_that_is_absent(api: Api) -> None:
    template = {"subject": "x", "body": 'In {{ coalesce({attr:ad_language.label}, "English") }}'}
    test = await _finished(api, await drafted(api, {**EMAIL, "template": template}))
    assert (test["status"], test["steps"][0]["message"]["body"]) == ("COMPLETED", "In English")


async def test_archived_sender_writes_nothing(api: Api) -> None:
    test = await _finished(api, {"sequenceId": "seq_renewal"})
    assert test["steps"][0]["message"]["subject"] == "A question from Tamarisk Member"


async def test_variable_without_value_and_fallback_fails_the_test(api: Api) -> None:
    template = {"subject": "x", "body": '{{ coalesce({attr:ad_language.label}, "") }}'}
    test = await _finished(api, await drafted(api, CHAT, {**EMAIL, "template": template}, WAIT, EMAIL))
    assert test["status"] == "FAILED"
    assert [step["outcome"] for step in test["steps"]] == ["COMPOSED", "FAILED", "PENDING", "PENDING"]
    error = test["steps"][1]["error"]
    assert error["code"] == "CONFIGURATION_ERROR"
    assert "{attr:ad_language.label}" in error["message"]


async def test_test_leaves_no_trace_in_the_sequence(api: Api) -> None:
    sequence = await published(api, EMAIL, active=True)
    path = f"/v1/sequences/{sequence['id']}"
    test = await api.post(f"{path}/tests", {"contactId": BUYER})
    assert test["target"] == "PUBLISHED"
    assert await api.listed(f"{path}/enrollments") == await api.listed(f"{path}/messages") == []
    await api.get(f"{path}/enrollments/{test['id']}", 404)
    assert (await api.get(f"{path}/performance"))["perStep"][0]["sent"] == 0


async def test_open_draft_is_tested_rather_than_what_is_published(api: Api) -> None:
    sequence = await published(api, EMAIL)
    path = f"/v1/sequences/{sequence['id']}"
    for body in ({"contactId": BUYER, "expectedVersion": "v1"}, {"contactId": BUYER, "expectedVersion": "v2"}):
        assert (await api.post(f"{path}/tests", body, 409))["error"]["type"] == "conflict"
    draft = await api.post(f"{path}/draft", {"definition": {"steps": [REVIEWED]}})
    expected = {"contactId": BUYER, "expectedVersion": draft["version"]}
    test = await api.post(f"{path}/tests", expected)
    assert test["target"] == "DRAFT"
    shown = await api.get(f"{path}/tests/{test['id']}")
    assert [step["name"] for step in shown["steps"]] == ["Follow up"]
    assert (await api.post(f"{path}/tests", {**expected, "expectedVersion": "x"}, 409))["error"]["type"] == "conflict"


async def test_test_needs_a_contact_steps_and_senders(api: Api) -> None:
    assert await api.refused(RENEWAL, {}) == ("parameter_missing", "contactId")
    error = (await api.post(RENEWAL, {"contactId": "con_unknown"}, 400))["error"]
    assert [each["contactId"] for each in error["invalidContacts"]] == ["con_unknown"]
    draft = await drafted(api, CHAT)
    error = (await api.post(f"/v1/sequences/{draft['sequenceId']}/tests", {"contactId": OTHER}, 400))["error"]
    assert (error["code"], [each["contactId"] for each in error["invalidContacts"]]) == (
        "invalid_configuration",
        [OTHER],
    )
    draft = await drafted(api, WAIT)
    path = f"/v1/sequences/{draft['sequenceId']}/tests"
    assert await issues(api, path, {"contactId": BUYER}) == ["definition.steps"]
    draft = await drafted(api, EMAIL, senders=[])
    path = f"/v1/sequences/{draft['sequenceId']}/tests"
    assert await api.refused(path, {"contactId": BUYER}) == ("no_selectable_sender", None)


async def test_test_of_another_sequence_is_not_found(api: Api) -> None:
    test = await api.post(RENEWAL, {"contactId": BUYER})
    await api.get(f"/v1/sequences/seq_welcome/tests/{test['id']}", 404)
    await api.get(f"{RENEWAL}/enr_unknown", 404)


async def test_ten_tests_may_run_at_once(api: Api) -> None:
    started = [await api.post(RENEWAL, {"contactId": BUYER}) for _ in range(10)]
    async with api.session.post("/v1/sequences/seq_welcome/tests", json={"contactId": BUYER}, headers=HEADERS) as full:
        error = (await full.json())["error"]
        assert (full.status, error["type"], "running" in error["message"]) == (429, "too_many_requests", True)
        assert "Retry-After" not in full.headers
    for _ in range(3):
        await api.get(f"{RENEWAL}/{started[0]['id']}")
    await api.post(RENEWAL, {"contactId": BUYER})
    await api.post(RENEWAL, {"contactId": BUYER}, 429)


async def test_five_tests_may_start_in_a_minute_whatever_the_write_bucket_holds() -> None:
    async with calling(opportunities=0, rate_limit=1_000) as api:
        await api.post(RENEWAL, {"contactId": "con_unknown"}, 400)  # it did not start
        for _ in range(5):
            await api.post(RENEWAL, {"contactId": BUYER})
        async with api.session.post(RENEWAL, json={"contactId": BUYER}, headers=HEADERS) as refused:
            error = (await refused.json())["error"]
            assert (refused.status, error["type"], "minute" in error["message"]) == (429, "too_many_requests", True)
            assert 1 <= int(refused.headers["Retry-After"]) <= 60
            assert int(refused.headers["X-RateLimit-Remaining"]) > 900
        await api.post("/v1/sequences/seq_welcome/deactivate")


def test_start_is_admitted_again_a_minute_after_the_oldest_one() -> None:
    now = 7 * SECOND
    limit = StartLimit(2, lambda: now)
    assert limit.take() == 0
    now += 10 * SECOND
    assert (limit.take(), limit.take()) == (0, 50)
    now += 49 * SECOND + 1
    assert limit.take() == 1
    now += SECOND - 1
    assert (limit.take(), limit.take()) == (0, 10)
