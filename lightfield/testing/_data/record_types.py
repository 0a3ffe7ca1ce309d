"""The record types of the sandbox."""

from collections.abc import Mapping, Sequence

from lightfield.testing._crm.record_types import RecordType
from lightfield.testing._data import pipelines, schema

RECORD_TYPES = (
    RecordType(
        "accounts",
        "acc",
        schema.ACCOUNT,
        required=(("$name",), ()),
        inverses={"$contact": "$account"},
        listed_from_trash=True,
    ),
    RecordType("contacts", "con", schema.CONTACT, inverses={"$account": "$contact"}, listed_from_trash=True),
    RecordType(
        "opportunities",
        "opp",
        schema.OPPORTUNITY,
        listed_from_trash=True,
        required=(("$name",), ("$account",)),
        create_only=frozenset({"$createdBy"}),
        inverses={"$account": "$opportunity"},
    ),
    RecordType(
        "meetings",
        "mtg",
        schema.MEETING,
        listed_from_trash=True,
        required=(("$title", "$startDate", "$endDate"), ()),
        create_only=frozenset({"$title", "$startDate", "$endDate", "$description", "$meetingUrl", "$organizerEmail"}),
        update_only=frozenset({"$meetingPrep", "$postMeetingSummary"}),
        operations=frozenset({"replace"}),
        has_access_level=True,
        second_delete_fails=True,
    ),
    RecordType(
        "notes",
        "not",
        schema.NOTE,
        listed_from_trash=True,
        required=(("$title",), ()),
        inverses={"$account": "$note", "$opportunity": "$note", "$meeting": "$note"},
        operations=frozenset({"add", "remove"}),
    ),
    RecordType(
        "tasks",
        "tsk",
        schema.TASK,
        listed_from_trash=True,
        required=(("$title", "$status"), ("$assignedTo",)),
        create_only=frozenset({"$createdBy"}),
        inverses={"$account": "$task", "$opportunity": "$task"},
    ),
    RecordType(
        "lists",
        "lst",
        schema.LIST,
        required=(("$name", "$objectType"), ()),
        create_only=frozenset({"$objectType"}),
        operations=frozenset({"add", "remove"}),
        hidden=frozenset({"relationships", "updatedAt", "externalId"}),
    ),
    RecordType("members", "mem", schema.MEMBER, hidden=frozenset({"externalId"})),
    RecordType("emails", "eml", schema.EMAIL, hidden_in_lists=frozenset({"$body"}), has_access_level=True),
    RecordType("channels", "chn", schema.CHANNEL, has_access_level=True, hidden=frozenset({"accessLevel"})),
    RecordType("messages", "msg", schema.MESSAGE, has_access_level=True),
    RecordType("project", "prj", schema.PROJECT, custom=True),
)


def record_types(named: Mapping[str, Sequence[str]]) -> tuple[RecordType, ...]:
    """Return the record types, with opportunities in these pipelines."""
    definitions = pipelines.opportunity(named)
    return tuple(
        each._replace(definitions=definitions) if each.name == "opportunities" else each for each in RECORD_TYPES
    )
