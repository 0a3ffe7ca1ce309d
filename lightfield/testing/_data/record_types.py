"""The record types of the sandbox's workspace."""

from lightfield.testing._crm.record_types import Kind
from lightfield.testing._data import schema

KINDS = (
    Kind(
        "accounts",
        "acc",
        schema.ACCOUNT,
        required=(("$name",), ()),
        mirrors={"$contact": "$account"},
    ),
    Kind("contacts", "con", schema.CONTACT, mirrors={"$account": "$contact"}),
    Kind(
        "opportunities",
        "opp",
        schema.OPPORTUNITY,
        required=(("$name",), ("$account",)),
        create_only=frozenset({"$createdBy"}),
        mirrors={"$account": "$opportunity"},
    ),
    Kind(
        "meetings",
        "mtg",
        schema.MEETING,
        required=(("$title", "$startDate", "$endDate"), ()),
        create_only=frozenset({"$title", "$startDate", "$endDate", "$description", "$meetingUrl", "$organizerEmail"}),
        update_only=frozenset({"$meetingPrep", "$postMeetingSummary"}),
        operations=frozenset({"replace"}),
        private=True,
        deleted_once=True,
    ),
    Kind(
        "notes",
        "not",
        schema.NOTE,
        required=(("$title",), ()),
        mirrors={"$account": "$note", "$opportunity": "$note", "$meeting": "$note"},
        operations=frozenset({"add", "remove"}),
    ),
    Kind(
        "tasks",
        "tsk",
        schema.TASK,
        required=(("$title", "$status"), ("$assignedTo",)),
        create_only=frozenset({"$createdBy"}),
        mirrors={"$account": "$task", "$opportunity": "$task"},
    ),
    Kind(
        "lists",
        "lst",
        schema.LIST,
        required=(("$name", "$objectType"), ()),
        create_only=frozenset({"$objectType"}),
        operations=frozenset({"add", "remove"}),
        hidden=frozenset({"relationships", "updatedAt", "externalId"}),
    ),
    Kind("members", "mem", schema.MEMBER),
    Kind("emails", "eml", schema.EMAIL, unlisted=frozenset({"$body"}), private=True),
    Kind("project", "prj", schema.PROJECT, custom=True),
)
