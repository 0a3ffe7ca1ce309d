"""Does any document of a closed shape give the same request, whichever names its members have?"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints, is_typeddict

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightfield import Request
from lightfield._client.plan import Plan
from lightfield.models import wire
from tests.contract.spelling import python_name

PLAN: Any = Plan()
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=5),
    int: st.integers(0, 1000),
    bool: st.booleans(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    type(None): st.none(),
}

WRITES: dict[str, Callable[[Any], Request[Any]]] = {
    "NewNote": lambda part: PLAN.note.create(fields=part),
    "NoteFields": lambda part: PLAN.note.update("not_1", fields=part),
    "NewTask": lambda part: PLAN.task.create(fields=part, relationships={}),
    "TaskFields": lambda part: PLAN.task.update("tsk_1", fields=part),
    "NewMeeting": lambda part: PLAN.meeting.create(fields=part),
    "MeetingFields": lambda part: PLAN.meeting.update("mtg_1", fields=part),
    "MeetingLinks": lambda part: PLAN.meeting.create(fields={}, relationships=part),
    "MeetingLinkChanges": lambda part: PLAN.meeting.update("mtg_1", relationships=part),
    "LoggedEmail": lambda part: PLAN.email.log(fields=part),
    "MessageBody": lambda part: PLAN.email.send(from_="a", to=["b"], subject="c", message_body=part),
    "NewList": lambda part: PLAN.list.create(fields=part),
    "ListFields": lambda part: PLAN.list.update("lst_1", fields=part),
    "ListMembers": lambda part: PLAN.list.create(fields={}, relationships=part),
    "ListMemberChanges": lambda part: PLAN.list.update("lst_1", relationships=part),
    "MergeOptions": lambda part: PLAN.merge.merge_contacts(primary_id="a", duplicate_id="b", options=part),
    "SenderPacing": lambda part: PLAN.sender.update("snd_1", pacing=part),
    "NewDefinition": lambda part: PLAN.sequence.create(name="a", definition=part),
    "DefinitionChange": lambda part: PLAN.sequence.update_draft("seq_1", definition=part),
}


def documents(kind: Any) -> st.SearchStrategy[Any]:
    """Make documents of a type; those of Structs are left out."""
    if is_typeddict(kind):
        members = {key: documents(member) for key, member in get_type_hints(kind).items()}
        required = {key: members.pop(key) for key in kind.__required_keys__}
        return st.fixed_dictionaries(required, optional=members).filter(bool)
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(parts)
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return st.lists(documents(parts[0]), max_size=3)
    known = [part for part in parts if not hasattr(part, "__struct_fields__")]
    return st.one_of(*map(documents, known)) if parts else PLAIN[kind]


def respelled(document: Any, data: st.DataObject) -> Any:
    """Give the Python name to some members of a document."""
    if isinstance(document, list):
        return [respelled(item, data) for item in cast("Iterable[Any]", document)]
    if not isinstance(document, dict):
        return document
    members = cast("Mapping[str, Any]", document)
    names = {key: data.draw(st.sampled_from([key, python_name(key)])) for key in members}
    return {names[key]: respelled(member, data) for key, member in members.items()}


def test_every_shape_that_is_no_part_of_another_is_written() -> None:
    shapes = {name for name, shape in vars(wire).items() if is_typeddict(shape) and shape.__module__ == wire.__name__}
    parts = {"DefinitionOptions", "Step", "Messaging", "SendWindow", "SequencePacing", "ChannelLimit", "ChannelPace"}
    assert WRITES.keys() == shapes - parts


@pytest.mark.parametrize("shape", WRITES)
@given(data=st.data())
def test_names_make_no_difference(shape: str, data: st.DataObject) -> None:
    document = data.draw(documents(getattr(wire, shape)))
    request = WRITES[shape](document)
    sent: dict[str, Any] = msgspec.json.decode(request.body or b"")
    assert msgspec.to_builtins(document) in sent.values()
    assert WRITES[shape](respelled(document, data)).body == request.body
