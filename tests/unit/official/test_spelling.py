"""Do both names of a member give the same request, and is what is neither refused?"""

from collections import UserDict
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from lightfield import LightfieldTypeError, Request, omit
from lightfield._client.plan import Plan
from lightfield.models import Address, SequenceDefinition
from lightfield.models.sender import Pace, Pacing

PLAN: Any = Plan()
EXTRA = "To send a member that the SDK does not know, use extra_body."
STEP = {"type": "EMAIL", "name": "Hello", "prompt": "Say hello"}
SENT_STEP = {**STEP, "deliveryMode": "AUTO"}


def body(request: Request[Any]) -> Any:
    return msgspec.json.decode(request.body or b"null")


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(LightfieldTypeError) as caught:
        call()
    return str(caught.value)


def create_note(fields: object) -> Any:
    return body(PLAN.note.create(fields=fields))["fields"]


def create_sequence(definition: object) -> Any:
    return body(PLAN.sequence.create(name="Outreach", definition=definition))["definition"]


@pytest.mark.parametrize("kind", [dict, UserDict, MappingProxyType])
def test_any_mapping_is_a_shape(kind: Callable[[dict[str, str]], Any]) -> None:
    assert create_note(kind({"title": "A", "$content": "B"})) == {"$title": "A", "$content": "B"}


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"titel": "A"}, f"fields.titel is not a known member; did you mean title? {EXTRA}"),
        ({"$titel": "A"}, f"fields.$titel is not a known member; did you mean $title? {EXTRA}"),
        ({"x\ny": "A"}, f"fields.x y is not a known member; known are title, content. {EXTRA}"),
        ({"title": "A", "$title": "B"}, "fields has both $title and title, which are the same member."),
        ({5: "A"}, "The keys of fields must be strings, not int."),
    ],
)
def test_a_member_that_is_not_there_is_refused(fields: Any, text: str) -> None:
    assert refusal(lambda: PLAN.note.create(fields=fields)) == text


@pytest.mark.parametrize(
    ("call", "start"),
    [
        (lambda: PLAN.note.update("not_1", fields={"due_at": 1}), "fields.due_at is not"),
        (lambda: PLAN.note.update("not_1", relationships={"$account": {"ad": "x"}}), "relationships.$account.ad is"),
        (lambda: PLAN.task.update("tsk_1", fields={"dueAt": 1}), "fields.dueAt is not a known member; did you mean $d"),
        (lambda: PLAN.list.create(fields={}, relationships={"account": "x"}), "relationships.account is not"),
        (lambda: PLAN.list.update("lst_1", relationships={"contacts": {"ad": "x"}}), "relationships.contacts.ad is"),
        (lambda: PLAN.meeting.create(fields={}, relationships={"transcripts": "x"}), "relationships.transcripts is"),
        (lambda: PLAN.email.log(fields={"body": {"htm": "x"}}), "fields.body.htm is not"),
        (lambda: PLAN.email.draft(from_="x", message_body={"contentTyp": "x"}), "message_body.contentTyp is not"),
        (lambda: PLAN.sender.update("snd_1", pacing={"email": {"daily": 1}}), "pacing.email.daily is not"),
        (lambda: create_sequence({"steps": [{}, {"delivery_mod": 1}]}), "definition.steps[1].delivery_mod is not"),
        (lambda: create_sequence({"steps": [{"template": {"bdy": 1}}]}), "definition.steps[0].template.bdy is not"),
        (lambda: PLAN.sequence.update_draft("seq_1", definition={"step": []}), "definition.step is not"),
        (lambda: PLAN.sequence.update_draft("seq_1", senders={"ad": []}), "senders.ad is not"),
        (lambda: PLAN.sequence.update_draft("seq_1", reviewers={"ad": []}), "reviewers.ad is not"),
        (lambda: _merge({"slug": {"valeu": 1}}), "field_resolutions.slug.valeu is not"),
        (lambda: _merge(None, {"multi_select": True}), "options.multi_select is not"),
    ],
)
def test_an_error_says_where(call: Callable[[], object], start: str) -> None:
    assert refusal(call).startswith(start)


def test_an_error_is_short() -> None:
    text = refusal(lambda: PLAN.note.update("not_1", relationships={"k" * 1000: {"m" * 1000: 1}}))
    assert len(text) < 400
    fields = {"line\nbreak": {"postalCode": 1, "postal_code": 2}}
    assert refusal(lambda: PLAN.account.create(fields=fields)).startswith("fields.line break has both")


def _merge(resolutions: object, options: object = None) -> Any:
    return body(
        PLAN.merge.merge_accounts(
            primary_id="acc_1", duplicate_id="acc_2", field_resolutions=resolutions, options=options
        )
    )


@pytest.mark.parametrize("names", [{"deliveryMode": "AUTO"}, {"delivery_mode": "AUTO"}])
@pytest.mark.parametrize("kind", [list, tuple, iter])
def test_steps_are_any_iterable(kind: Callable[[list[Any]], Any], names: dict[str, str]) -> None:
    assert create_sequence({"description": "", "steps": kind([{**STEP, **names}])})["steps"] == [SENT_STEP]


@pytest.mark.parametrize("steps", ["one", {"one": "two"}, 5, None])
def test_what_is_no_list_is_left_to_the_api(steps: object) -> None:
    assert create_sequence({"description": "", "steps": steps}) == {"description": "", "steps": steps}


@pytest.mark.parametrize("step", ["one", None])
def test_what_is_no_step_is_left_to_the_api(step: object) -> None:
    assert create_sequence({"description": "", "steps": [step, STEP]})["steps"] == [step, STEP]


def test_structs_are_sent_as_they_are() -> None:
    pacing = Pacing(email=Pace(daily_limit=5))
    assert body(PLAN.sender.update("snd_1", pacing=pacing)) == {"pacing": {"EMAIL": {"dailyLimit": 5}}}
    assert create_sequence({"description": "", "steps": [], "pacing": pacing})["pacing"] == {"EMAIL": {"dailyLimit": 5}}
    sent = {
        "description": "",
        "messaging": {"valueProp": "x"},
        "pacing": {"LINKEDIN_INVITE": {"dailyLimit": None}},
        "priority": "HIGH",
        "sendWindow": {"daysOfWeek": [1], "startHour": 9, "endHour": 17, "timezone": "UTC"},
        "steps": [{"id": "stp_1", **SENT_STEP}],
    }
    definition = msgspec.convert(sent, SequenceDefinition)
    assert create_sequence(definition) == sent
    assert create_sequence({"description": "Copy", "steps": definition.steps})["steps"] == sent["steps"]


def test_open_shapes_keep_their_keys() -> None:
    fields = {"$name": "A", "due_at": 1, "from_": {"city": "Oslo", "value_type": "NEW", "someKey": {"postal_code": 1}}}
    request = PLAN.opportunity.create(fields=fields, relationships={"$account": "acc_1", "parent_of": "opp_1"})
    assert body(request) == {"fields": fields, "relationships": {"$account": "acc_1", "parent_of": "opp_1"}}
    change = {"custom_key": {"add": "acc_1"}}
    assert body(PLAN.note.update("not_1", relationships=change)) == {"relationships": change}
    headers = {"message_id": "x", "Message-ID": "y"}
    fields = {"from_": "a", "sent_at": "2026"}
    assert body(PLAN.email.log(fields=fields, headers=headers))["headers"] == headers


ADDRESS = {"postal_code": "0150", "city": "Oslo", "new_key": 1}
SENT_ADDRESS = {"postalCode": "0150", "city": "Oslo", "new_key": 1}
NAME = {"first_name": "Ada", "lastName": None}
SENT_NAME = {"firstName": "Ada", "lastName": None}


OPEN: list[Callable[[Any], Request[Any]]] = [
    lambda fields: PLAN.account.create(fields=fields),
    lambda fields: PLAN.contact.update("con_1", fields=fields),
    lambda fields: PLAN.opportunity.create(fields=fields, relationships={}),
    lambda fields: PLAN.object.create("project", fields=fields),
    lambda fields: PLAN.object.update("prj_1", entity_slug="project", fields=fields),
]


@pytest.mark.parametrize("call", OPEN)
def test_addresses_and_names_have_both_spellings(call: Callable[[Any], Request[Any]]) -> None:
    fields = {"home": ADDRESS, "$name": NAME, "work": Address(postal_code="1")}
    assert body(call(fields))["fields"] == {"home": SENT_ADDRESS, "$name": SENT_NAME, "work": {"postalCode": "1"}}
    assert refusal(lambda: call({"home": {"postalCode": "1", "postal_code": "2"}})) == (
        "fields.home has both postalCode and postal_code, which are the same member."
    )


def test_resolutions_of_a_merge_keep_their_slugs() -> None:
    resolutions = {"first_name": "primary", "home": {"value": ADDRESS}, "tags": {"value": ["a"]}}
    sent = _merge(resolutions, {"multi_select_union": True})
    assert sent["fieldResolutions"] == {**resolutions, "home": {"value": SENT_ADDRESS}}
    assert sent["options"] == {"multiSelectUnion": True}


def test_an_omitted_member_is_not_sent_and_none_is() -> None:
    assert create_note({"title": "A", "content": omit}) == {"$title": "A"}
    assert create_note({"title": omit, "$title": "A", "content": None}) == {"$title": "A", "$content": None}
    account = PLAN.account.create(fields={"home": {"city": "Oslo", "state": omit}})
    assert body(account) == {"fields": {"home": {"city": "Oslo"}}}


def test_an_omitted_value_of_an_open_shape_is_left_out() -> None:
    links = {"$owner": omit, "$contact": {"add": ["con_1"]}}
    request = PLAN.account.update("acc_1", fields={"$name": "A", "x": omit}, relationships=links)
    body = {"fields": {"$name": "A"}, "relationships": {"$contact": {"add": ["con_1"]}}}
    assert msgspec.json.decode(request.body or b"") == body
    assert links["$owner"] is omit


def test_the_argument_stays_as_it_was() -> None:
    fields = {"title": "A", "content": omit}
    create_note(fields)
    assert fields == {"title": "A", "content": omit}


@pytest.mark.parametrize("value", ["text", 5, ["title"]])
def test_what_is_no_mapping_is_not_fields(value: object) -> None:
    text = f"fields must be a mapping, not {type(value).__name__}."
    assert refusal(lambda: PLAN.note.create(fields=value)) == text
    assert refusal(lambda: PLAN.account.create(fields=value)) == text
