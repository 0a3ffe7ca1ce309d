"""Are drafts of sequences checked, versioned, published and discarded in the sandbox as in the API?"""

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeAlias

import pytest

from tests.unit.testing.outreach_calls import (
    BUYER,
    CHAT,
    EMAIL,
    INVITE,
    REVIEWED,
    SENDERS,
    WAIT,
    changed,
    documented,
    drafted,
    enrolled,
    issues,
    messages,
    published,
)
from tests.unit.testing.sandbox_calls import Api, calling

Step: TypeAlias = dict[str, Any]
Build: TypeAlias = Callable[..., list[Step]]

RENEWAL = "/v1/sequences/seq_renewal"
CONNECTION = {"type": "WAIT_FOR_CONNECTION", "duration": 5, "unit": "DAY"}


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=0) as opened:
        yield opened


def _body(**changes: object) -> dict[str, object]:
    return {"name": "x", "definition": {"description": "x", "steps": [EMAIL], **changes}}


async def test_first_draft_has_the_documented_defaults(api: Api) -> None:
    draft = documented("sequence.create", await api.post("/v1/sequences", _body(steps=[])))
    assert draft["definition"] == {
        "description": "x",
        "messaging": {"callToAction": None, "persona": None, "trigger": None, "valueProp": None},
        "pacing": {each: {"dailyLimit": None} for each in ("EMAIL", "LINKEDIN_MESSAGE", "LINKEDIN_INVITE")},
        "priority": "NORMAL",
        "sendWindow": {"daysOfWeek": [1, 2, 3, 4, 5], "startHour": 9, "endHour": 17, "timezone": "UTC"},
        "steps": [],
    }
    assert (draft["reviewers"], draft["senders"], draft["channels"], draft["publishWarnings"]) == ([], [], [], [])


async def test_draft_keeps_what_is_sent(api: Api) -> None:
    sent: dict[str, Any] = {
        "messaging": {"persona": "Buyers", "trigger": None},
        "pacing": {"EMAIL": {"dailyLimit": 20}},
        "priority": "HIGH",
        "sendWindow": {"daysOfWeek": [0, 6], "startHour": 0, "endHour": 24, "timezone": "Europe/Berlin"},
        "steps": [EMAIL, WAIT, {**INVITE, "includeNote": True}, CONNECTION, {**CHAT, "mode": "TEMPLATE"}, REVIEWED],
    }
    body = {**_body(**sent), "reviewers": ["mem_saffron", "mem_saffron"], "senders": SENDERS}
    draft = documented("sequence.create", await api.post("/v1/sequences", body))
    kept = draft["definition"]
    assert (kept["messaging"]["persona"], kept["priority"], kept["sendWindow"]) == (
        "Buyers",
        "HIGH",
        sent["sendWindow"],
    )
    assert {key: pace["dailyLimit"] for key, pace in kept["pacing"].items()} == {
        "EMAIL": 20,
        "LINKEDIN_MESSAGE": None,
        "LINKEDIN_INVITE": None,
    }
    steps = [{key: value for key, value in step.items() if key != "id"} for step in kept["steps"]]
    assert steps == [
        {**EMAIL, "mode": "TEMPLATE"},
        WAIT,
        {**INVITE, "mode": "AGENT", "includeNote": True},
        CONNECTION,
        {**CHAT, "mode": "TEMPLATE"},
        {**REVIEWED, "mode": "AGENT"},
    ]
    assert len({step["id"] for step in kept["steps"]}) == 6
    assert draft["reviewers"] == [{"id": "mem_saffron", "objectType": "member"}]
    assert draft["channels"] == ["EMAIL", "LINKEDIN"]


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"name": None}, "invalid_type", "name"),
        ({"definition": {"steps": []}}, "parameter_missing", "definition.description"),
        ({"definition": {"description": "x"}}, "parameter_missing", "definition.steps"),
        ({"reviewers": ["mem_unknown"]}, "referenced_resource_missing", "reviewers"),
        ({"senders": ["snd_unknown"]}, "referenced_resource_missing", "senders"),
        ({"senders": ["snd_former"]}, "referenced_resource_missing", "senders"),
        ({"senders": "snd_larkspur"}, "invalid_type", "senders"),
    ],
)
async def test_sequence_that_lacks_something_is_refused(
    api: Api, change: dict[str, object], code: str, param: str
) -> None:
    assert await api.refused("/v1/sequences", {**_body(), **change}) == (code, param)
    assert len(await api.listed("/v1/sequences")) == 3


async def test_sequence_needs_a_name_and_a_definition(api: Api) -> None:
    for name in ("name", "definition"):
        body = {key: value for key, value in _body().items() if key != name}
        assert await api.refused("/v1/sequences", body) == ("parameter_missing", name)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"priority": "LOW"}, "priority"),
        ({"description": None}, "description"),
        ({"messaging": {"persona": 1}}, "messaging.persona"),
        ({"pacing": {"EMAIL": {"dailyLimit": 0}}}, "pacing.EMAIL.dailyLimit"),
        ({"pacing": {"EMAIL": {"dailyLimit": "1"}}}, "pacing.EMAIL.dailyLimit"),
        ({"sendWindow": {"startHour": -1}}, "sendWindow.startHour"),
        ({"sendWindow": {"startHour": 24}}, "sendWindow.startHour"),
        ({"sendWindow": {"endHour": 0}}, "sendWindow.endHour"),
        ({"sendWindow": {"endHour": 25}}, "sendWindow.endHour"),
        ({"sendWindow": {"daysOfWeek": [7]}}, "sendWindow.daysOfWeek[0]"),
        ({"sendWindow": {"daysOfWeek": [1, -1]}}, "sendWindow.daysOfWeek[1]"),
        ({"steps": [{**EMAIL, "type": "CALL"}]}, "steps[0].type"),
        ({"steps": [{**EMAIL, "deliveryMode": "auto"}]}, "steps[0].deliveryMode"),
        ({"steps": [WAIT, {**EMAIL, "mode": "HUMAN"}]}, "steps[1].mode"),
        ({"steps": [{**WAIT, "duration": 0}]}, "steps[0].duration"),
        ({"steps": [{**WAIT, "unit": "HOUR"}]}, "steps[0].unit"),
        ({"steps": [{**INVITE, "includeNote": "yes"}]}, "steps[0].includeNote"),
    ],
)
async def test_value_out_of_its_bounds_is_named(api: Api, change: dict[str, object], param: str) -> None:
    assert await api.refused("/v1/sequences", _body(**change)) == ("invalid_type", f"definition.{param}")


@pytest.mark.parametrize(
    ("step", "param"),
    [
        ({"name": "x"}, "type"),
        ({"type": "EMAIL", "deliveryMode": "AUTO", "prompt": "x"}, "name"),
        ({"type": "EMAIL", "name": "x", "prompt": "x"}, "deliveryMode"),
        ({"type": "EMAIL", "name": "x", "deliveryMode": "AUTO"}, "prompt"),
        ({**EMAIL, "template": {"subject": "x"}}, "template.body"),
        ({**EMAIL, "template": {"body": "x"}}, "template.subject"),
        ({"type": "WAIT", "unit": "DAY"}, "duration"),
        ({"type": "WAIT_FOR_CONNECTION", "duration": 1}, "unit"),
    ],
)
async def test_step_that_lacks_something_is_refused(api: Api, step: dict[str, object], param: str) -> None:
    expected = ("parameter_missing", f"definition.steps[0].{param}")
    assert await api.refused("/v1/sequences", _body(steps=[step])) == expected


@pytest.mark.parametrize(
    ("step", "params"),
    [
        ({**EMAIL, "prompt": "x"}, [""]),
        ({**EMAIL, "mode": "AGENT"}, [".mode"]),
        ({**REVIEWED, "mode": "TEMPLATE"}, [".mode"]),
        ({**EMAIL, "includeNote": True}, [".includeNote"]),
        ({**EMAIL, "duration": 1, "unit": "DAY"}, [".duration", ".unit"]),
        ({**WAIT, "name": "x"}, [".name"]),
        ({**CHAT, "template": {"subject": "x", "body": "x"}}, [".template.subject"]),
        ({**EMAIL, "id": "stp_unknown"}, [".id"]),
        ({**EMAIL, "template": {"subject": "{{ {col:firstName} }}", "body": "x"}}, [".template.subject"]),
        ({**EMAIL, "template": {"subject": "x", "body": "{{{col:firstName}}}"}}, [".template.body"]),
        ({**EMAIL, "template": {"subject": "x", "body": '{{ coalesce({attr:ad_x}, "y") }}'}}, [".template.body"]),
        ({**EMAIL, "template": {"subject": "x", "body": "{{ name }} {{ x }}"}}, [".template.body"] * 2),
    ],
)
async def test_step_that_makes_no_sense_is_an_issue(api: Api, step: dict[str, object], params: list[str]) -> None:
    found = await issues(api, "/v1/sequences", _body(steps=[step]))
    assert found == [f"definition.steps[0]{param}" for param in params]


@pytest.mark.parametrize(
    ("window", "param"),
    [
        ({"startHour": 17}, "endHour"),
        ({"startHour": 12, "endHour": 12}, "endHour"),
        ({"timezone": "Europe/Nowhere"}, "timezone"),
        ({"timezone": "../UTC"}, "timezone"),
        ({"timezone": "Europe"}, "timezone"),
    ],
)
async def test_window_that_makes_no_sense_is_an_issue(api: Api, window: dict[str, object], param: str) -> None:
    assert await issues(api, "/v1/sequences", _body(sendWindow=window)) == [f"definition.sendWindow.{param}"]


async def test_all_issues_are_listed_at_once_and_nothing_changes(api: Api) -> None:
    before = await api.get(f"{RENEWAL}/draft")
    change = {"steps": [{**EMAIL, "prompt": "x"}, {**WAIT, "name": "x"}], "sendWindow": {"timezone": "x"}}
    body = {"expectedVersion": "v1", "name": "Changed", "definition": change}
    found = await issues(api, f"{RENEWAL}/draft", body)
    assert found == ["definition.steps[0]", "definition.steps[1].name", "definition.sendWindow.timezone"]
    assert await api.get(f"{RENEWAL}/draft") == before


async def test_only_what_is_sent_is_changed(api: Api) -> None:
    first = await drafted(api, EMAIL, WAIT, reviewers=["mem_saffron"])
    definition = {
        "messaging": {"persona": "Buyers"},
        "sendWindow": {"endHour": 12},
        "pacing": {"EMAIL": {"dailyLimit": 5}},
    }
    second = await changed(api, first, definition=definition)
    expected = first["definition"]
    expected["messaging"]["persona"] = "Buyers"
    expected["sendWindow"]["endHour"] = 12
    expected["pacing"]["EMAIL"]["dailyLimit"] = 5
    assert second["definition"] == expected
    assert [second[key] for key in ("name", "reviewers", "senders")] == [
        first[key] for key in ("name", "reviewers", "senders")
    ]
    third = await changed(api, second, definition={"messaging": {"persona": None}}, name="Other")
    assert (third["definition"]["messaging"]["persona"], third["name"]) == (None, "Other")


async def test_reviewers_and_senders_are_added_and_removed(api: Api) -> None:
    draft = await drafted(api, EMAIL, reviewers=["mem_saffron"])
    changes = {"reviewers": {"add": ["mem_tamarisk", "mem_saffron"]}, "senders": {"remove": [SENDERS[0], "snd_x"]}}
    draft = await changed(api, draft, **changes)
    assert [each["id"] for each in draft["reviewers"]] == ["mem_saffron", "mem_tamarisk"]
    assert [each["id"] for each in draft["senders"]] == SENDERS[1:]
    path = f"/v1/sequences/{draft['sequenceId']}/draft"
    for change, param in (
        ({"reviewers": {"add": ["mem_x"]}}, "reviewers.add"),
        ({"senders": {"add": ["snd_former"]}}, "senders.add"),
    ):
        body = {"expectedVersion": draft["version"], **change}
        assert await api.refused(path, body) == ("referenced_resource_missing", param)


async def test_kept_steps_keep_their_ids(api: Api) -> None:
    draft = await drafted(api, EMAIL, WAIT, {**INVITE, "includeNote": True})
    email, wait, invite = draft["definition"]["steps"]
    renamed = {key: value for key, value in invite.items() if key not in {"includeNote", "mode"}} | {"name": "Renamed"}
    draft = await changed(api, draft, definition={"steps": [email, REVIEWED, renamed]})
    ids = [step["id"] for step in draft["definition"]["steps"]]
    assert ids[::2] == [email["id"], invite["id"]]
    assert ids[1] not in {email["id"], wait["id"], invite["id"]}
    assert draft["definition"]["steps"][2] == {**invite, "name": "Renamed"}


async def test_kept_steps_keep_their_order_type_and_template(api: Api) -> None:
    draft = await drafted(api, EMAIL, WAIT, REVIEWED)
    email, wait, review = draft["definition"]["steps"]
    path, version = f"/v1/sequences/{draft['sequenceId']}/draft", draft["version"]
    prompted = {key: value for key, value in email.items() if key not in {"template", "mode"}} | {"prompt": "x"}
    for steps, param in (
        ([wait, email], "[1].id"),
        ([email, email], "[1].id"),
        ([{**wait, "type": "WAIT_FOR_CONNECTION"}], "[0].type"),
        ([prompted], "[0].mode"),
    ):
        body = {"expectedVersion": version, "definition": {"steps": steps}}
        assert await issues(api, path, body) == [f"definition.steps{param}"]
    agent = {**prompted, "mode": "AGENT"}
    draft = await changed(api, draft, definition={"steps": [agent, review]})
    assert draft["definition"]["steps"][0] == agent


async def test_version_changes_with_every_edit_and_must_be_the_current_one(api: Api) -> None:
    draft = await drafted(api, EMAIL)
    path = f"/v1/sequences/{draft['sequenceId']}/draft"
    later = await changed(api, draft)
    assert later["version"] != draft["version"]
    assert (await api.get(path)) == later
    old = {"expectedVersion": draft["version"]}
    for action in ("", "/publish", "/discard"):
        assert (await api.post(f"{path}{action}", old, 409))["error"]["type"] == "conflict"
    assert await api.refused(path, {}) == ("parameter_missing", "expectedVersion")
    for action in ("/publish", "/discard"):
        assert await api.refused(f"{path}{action}", {}) == ("parameter_missing", "expectedVersion")
    assert await api.get(path) == later


async def test_published_sequence_has_no_draft_until_it_is_edited(api: Api) -> None:
    path = "/v1/sequences/seq_welcome"
    sequence = await api.get(path)
    for request in (api.get(f"{path}/draft", 404), api.post(f"{path}/draft/publish", {"expectedVersion": "v1"}, 404)):
        assert (await request)["error"]["code"] == "draft_not_found"
    error = await api.post(f"{path}/draft/discard", {"expectedVersion": "v1"}, 404)
    assert error["error"]["code"] == "draft_not_found"
    assert (await api.post(f"{path}/draft", {"expectedVersion": "v1"}, 409))["error"]["type"] == "conflict"
    draft = documented("sequence.update_draft", await api.post(f"{path}/draft", {"name": "Later"}))
    assert (draft["name"], draft["definition"]) == ("Later", sequence["definition"])
    assert await api.get(path) == sequence


async def test_discarded_draft_of_a_published_sequence_leaves_it_as_it_was(api: Api) -> None:
    path = "/v1/sequences/seq_welcome"
    sequence = await api.get(path)
    draft = await api.post(f"{path}/draft", {"definition": {"steps": []}})
    gone = await api.post(f"{path}/draft/discard", {"expectedVersion": draft["version"]})
    assert documented("sequence.discard_draft", gone) == {"sequenceId": "seq_welcome", "sequenceDeleted": False}
    assert await api.get(path) == sequence
    again = await api.post(f"{path}/draft", {})
    assert again["definition"] == sequence["definition"]
    assert again["version"] != draft["version"]


async def test_discarded_first_draft_takes_its_sequence_with_it(api: Api) -> None:
    gone = await api.post(f"{RENEWAL}/draft/discard", {"expectedVersion": "v1"})
    assert documented("sequence.discard_draft", gone) == {"sequenceId": "seq_renewal", "sequenceDeleted": True}
    await api.get(RENEWAL, 404)
    assert await api.listed("/v1/sequences") == ["seq_winback", "seq_welcome"]


async def test_draft_that_sends_nothing_cannot_be_published(api: Api) -> None:
    for steps in ([], [WAIT]):
        draft = await drafted(api, *steps)
        path = f"/v1/sequences/{draft['sequenceId']}/draft"
        assert await issues(api, f"{path}/publish", {"expectedVersion": draft["version"]}) == ["definition.steps"]
        assert await api.get(path) == draft


@pytest.mark.parametrize(
    ("step", "senders"),
    [
        (EMAIL, []),
        (EMAIL, ["snd_larkspur_linkedin"]),
        (EMAIL, ["snd_outreach"]),
        (CHAT, ["snd_larkspur"]),
        (CHAT, ["snd_saffron_linkedin"]),
    ],
)
async def test_draft_without_a_sender_that_can_send_cannot_be_published(
    api: Api, step: dict[str, object], senders: list[str]
) -> None:
    draft = await drafted(api, step, senders=senders)
    path = f"/v1/sequences/{draft['sequenceId']}/draft/publish"
    assert await api.refused(path, {"expectedVersion": draft["version"]}) == ("no_selectable_sender", None)


async def _warnings(
    api: Api, steps: list[Step], build: Build | None = None, change: Any = None, *, contact: bool = True
) -> list[tuple[str, str, list[str]]]:
    """Publish steps with a contact on them, change the steps or something else, and give the warnings of the draft."""
    sequence = await published(api, *steps, active=True)
    if contact:
        await enrolled(api, sequence, BUYER)
    kept = sequence["definition"]["steps"]
    body = change if build is None else {"definition": {"steps": build(*kept)}}
    draft = await api.post(f"/v1/sequences/{sequence['id']}/draft", body)
    ids = {step["id"]: str(number) for number, step in enumerate(kept)}
    return [
        (each["code"], each["severity"], [ids.get(step, "new") for step in each["stepIds"]])
        for each in documented("sequence.update_draft", draft)["publishWarnings"]
    ]


def _all(*kept: Step) -> list[Step]:
    return [*kept]


def _first_three(*kept: Step) -> list[Step]:
    return [*kept[:3]]


def _second(*kept: Step) -> list[Step]:
    return [kept[1]]


def _others(*_: Step) -> list[Step]:
    return [REVIEWED]


def _added(step: Step, position: int) -> Build:
    return lambda *kept: [*kept[:position], step, *kept[position:]]


def _with(position: int, **change: object) -> Build:
    return lambda *kept: [*kept[:position], {**kept[position], **change}, *kept[position + 1 :]]


@pytest.mark.parametrize(
    ("build", "warnings"),
    [
        (_all, []),
        (_first_three, [("step_removed", "destructive", "3"), ("step_removed", "destructive", "4")]),
        (_added(REVIEWED, 5), [("step_inserted", "warning", "new")]),
        (_added(EMAIL, 0), [("automatic_send_step_inserted", "destructive", "new")]),
        (_added(WAIT, 0), [("step_inserted", "warning", "new")]),
        (_with(1, duration=1), [("delay_shortened", "warning", "1")]),
        (_with(1, unit="MINUTE"), [("delay_shortened", "warning", "1")]),
        (_with(1, duration=3), [("delay_lengthened", "warning", "1")]),
        (_with(4, duration=4), [("connection_wait_shortened", "warning", "4")]),
        (_with(4, duration=6), [("connection_wait_lengthened", "warning", "4")]),
        (_with(2, deliveryMode="AUTO"), [("delivery_became_automatic", "warning", "2")]),
        (_with(3, includeNote=True), [("invite_note_enabled", "warning", "3")]),
        (_with(0, deliveryMode="FOR_REVIEW"), []),
        (_with(0, name="Renamed"), []),
    ],
)
async def test_change_of_steps_that_contacts_notice_is_warned_of(
    api: Api, build: Build, warnings: list[tuple[str, str, str]]
) -> None:
    found = await _warnings(api, [EMAIL, WAIT, REVIEWED, INVITE, CONNECTION], build)
    assert found == [(code, severity, [step]) for code, severity, step in warnings]


async def test_note_that_is_taken_away_is_warned_of(api: Api) -> None:
    found = await _warnings(api, [{**INVITE, "includeNote": True}, WAIT], _with(0, includeNote=False))
    assert found == [("invite_note_disabled", "warning", ["0"])]


async def test_steps_that_are_nearly_all_new_are_warned_of(api: Api) -> None:
    codes = [code for code, _, _ in await _warnings(api, [EMAIL, WAIT, REVIEWED], _second)]
    assert codes == ["low_identity_overlap", "step_removed", "step_removed"]
    codes = [code for code, _, _ in await _warnings(api, [EMAIL, WAIT], _second)]
    assert codes == ["step_removed"]
    codes = [code for code, _, _ in await _warnings(api, [EMAIL, WAIT], _others)]
    assert codes == ["full_identity_rewrite", "step_removed", "step_removed", "step_inserted"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"definition": {"sendWindow": {"endHour": 12}}}, "send_schedule_changed"),
        ({"definition": {"pacing": {"EMAIL": {"dailyLimit": 5}}}}, "send_configuration_changed"),
        ({"definition": {"priority": "HIGH"}}, "send_priority_changed"),
        ({"senders": {"add": ["snd_tamarisk"]}}, "senders_changed"),
    ],
)
async def test_change_of_settings_is_warned_of(api: Api, change: dict[str, object], code: str) -> None:
    assert await _warnings(api, [EMAIL, WAIT], change=change) == [(code, "warning", [])]


async def test_pool_that_is_emptied_is_warned_of(api: Api) -> None:
    found = await _warnings(api, [EMAIL, CHAT, WAIT], change={"senders": {"remove": SENDERS}})
    assert found == [
        ("senders_changed", "warning", []),
        ("email_sender_pool_emptied", "destructive", []),
        ("linkedin_account_pool_emptied", "destructive", []),
    ]


async def test_nothing_is_warned_of_if_no_contact_is_affected(api: Api) -> None:
    assert await _warnings(api, [EMAIL, WAIT], _others, contact=False) == []


async def test_message_that_awaits_review_is_superseded_with_its_step(api: Api) -> None:
    sequence = await published(api, REVIEWED, {**REVIEWED, "name": "Kept"}, WAIT, active=True)
    [first] = await enrolled(api, sequence, BUYER)
    _, second, wait = sequence["definition"]["steps"]
    path = f"/v1/sequences/{sequence['id']}"
    [awaiting] = await messages(api, sequence)
    assert (awaiting["status"], awaiting["sequenceStepId"]) == ("AWAITING_REVIEW", first["currentStepId"])
    draft = await api.post(f"{path}/draft", {"definition": {"steps": [second, wait]}})
    await api.post(f"{path}/draft/publish", {"expectedVersion": draft["version"]})
    [awaiting] = await messages(api, sequence)
    assert (awaiting["status"], awaiting["sequenceStepId"]) == ("AWAITING_REVIEW", second["id"])
    draft = await api.post(f"{path}/draft", {"definition": {"steps": [{**second, "deliveryMode": "AUTO"}, wait]}})
    await api.post(f"{path}/draft/publish", {"expectedVersion": draft["version"]})
    [sent] = await messages(api, sequence)
    assert (sent["status"], sent["sequenceStepId"]) == ("SENT", second["id"])


async def test_message_of_a_kept_step_still_awaits_its_review(api: Api) -> None:
    path = "/v1/sequences/seq_welcome"
    draft = await api.post(f"{path}/draft", {"name": "Renamed"})
    await api.post(f"{path}/draft/publish", {"expectedVersion": draft["version"]})
    assert await api.listed(f"{path}/messages", ("status", "AWAITING_REVIEW")) == ["sqm_reviewed_message"]
    assert (await api.get(f"{path}/enrollments/enr_welcome_reviewed"))["status"] == "AWAITING_REVIEW"


async def test_contact_whose_last_steps_are_removed_is_through(api: Api) -> None:
    sequence = await published(api, EMAIL, WAIT)
    path = f"/v1/sequences/{sequence['id']}"
    await api.post(f"{path}/activate")
    [enrollment] = await enrolled(api, sequence, BUYER)
    await api.post(f"{path}/deactivate")
    draft = await api.post(f"{path}/draft", {"definition": {"steps": sequence["definition"]["steps"][:1]}})
    await api.post(f"{path}/draft/publish", {"expectedVersion": draft["version"]})
    ended = await api.get(f"{path}/enrollments/{enrollment['id']}")
    assert (ended["status"], ended["currentStepId"]) == ("COMPLETED", None)
    assert ended["completedAt"]


async def test_archived_sender_is_left_off(api: Api) -> None:
    draft = await api.get(f"{RENEWAL}/draft")
    assert [each["id"] for each in draft["senders"]] == ["snd_former", "snd_tamarisk"]
    [warning] = draft["publishWarnings"]
    assert (warning["code"], warning["severity"], warning["stepIds"]) == ("senders_changed", "warning", [])
    renamed = await changed(api, draft, name="Renamed")
    assert [each["id"] for each in renamed["senders"]] == ["snd_former", "snd_tamarisk"]
    sequence = await api.post(f"{RENEWAL}/draft/publish", {"expectedVersion": renamed["version"]})
    assert [each["id"] for each in sequence["senders"]] == ["snd_tamarisk"]


async def test_change_of_senders_drops_archived_ones(api: Api) -> None:
    draft = await changed(api, await api.get(f"{RENEWAL}/draft"), senders={"add": ["snd_larkspur"]})
    assert [each["id"] for each in draft["senders"]] == ["snd_tamarisk", "snd_larkspur"]
    assert draft["publishWarnings"] == []
