"""Rules across the fields of a record, and derived values."""

from collections.abc import Mapping

from lightfield.testing._http.errors import unknown_relationship, unprocessable

from .collections import Collection
from .documents import Record, Value
from .links import Change
from .timestamps import current_timestamp
from .workspace import Workspace

_CLOSED_STATUSES = {"opt_stage_won": "opt_status_won", "opt_stage_lost": "opt_status_lost"}
_MAX_ATTENDEES = 500


def check(collection: Collection, values: Mapping[str, Value], changes: list[Change]) -> None:
    """Raise if the values violate a rule that no single definition expresses."""
    if collection.record_type.name == "meetings":
        _check_meeting(values)
    elif collection.record_type.name == "lists":
        allowed = f"{values.get('$objectType')}s".replace("ys", "ies")
        for change in changes:
            if change.key != allowed:
                raise unknown_relationship("lists", change.key)


def set_derived(workspace: Workspace, collection: Collection, record: Record) -> None:
    """Set the values that the API derives after a write."""
    fields, relationships = record["fields"], record["relationships"]
    members = list(workspace.collections["members"].records)
    if collection.record_type.name == "opportunities" and {"$stage", "$opportunityStatus"} <= fields.keys():
        status = _CLOSED_STATUSES.get(str(fields["$stage"]["value"]), "opt_status_open")
        fields["$opportunityStatus"]["value"] = status
    for key in ("$createdBy", "$author"):
        if key in relationships and not relationships[key]["values"]:
            relationships[key]["values"] = members[:1]
    if collection.record_type.name == "meetings" and {"$transcript", "$transcripts"} <= relationships.keys():
        transcripts = [*relationships["$transcripts"]["values"], *relationships["$transcript"]["values"]]
        relationships["$transcripts"]["values"] = list(dict.fromkeys(transcripts))


def _check_meeting(values: Mapping[str, Value]) -> None:
    start, end, attendees = (values.get(key) for key in ("$startDate", "$endDate", "$attendeeEmails"))
    if isinstance(end, str) and end > current_timestamp():
        raise unprocessable("The meeting must be in the past.", param="fields.$endDate")
    if isinstance(start, str) and isinstance(end, str) and start > end:
        raise unprocessable("The meeting must not end before it starts.", param="fields.$endDate")
    if isinstance(attendees, list) and len(attendees) > _MAX_ATTENDEES:
        raise unprocessable(f"A meeting has at most {_MAX_ATTENDEES} attendees.", param="fields.$attendeeEmails")
