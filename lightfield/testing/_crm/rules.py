"""What must hold between the values of a record, and what follows from them?"""

from collections.abc import Mapping

from lightfield.testing._http.errors import unknown_relationship, unprocessable

from .collections import Collection
from .documents import Record, Value
from .links import Change
from .timestamps import iso, now
from .workspace import Workspace

_ENDED = {"opt_stage_won": "opt_status_won", "opt_stage_lost": "opt_status_lost"}
_ATTENDEES = 500


def check(collection: Collection, values: Mapping[str, Value], changes: list[Change]) -> None:
    """Refuse what no single definition forbids."""
    if collection.kind.name == "meetings":
        _happened(values)
    elif collection.kind.name == "lists":
        listed = f"{values.get('$objectType')}s".replace("ys", "ies")
        for change in changes:
            if change.key != listed:
                raise unknown_relationship("lists", change.key)


def settle(workspace: Workspace, collection: Collection, record: Record) -> None:
    """Set what the API sets by itself after a write."""
    fields, relationships = record["fields"], record["relationships"]
    members = list(workspace.collections["members"].records)
    if collection.kind.name == "opportunities" and {"$stage", "$opportunityStatus"} <= fields.keys():
        status = _ENDED.get(str(fields["$stage"]["value"]), "opt_status_open")
        fields["$opportunityStatus"]["value"] = status
    for key in ("$createdBy", "$author"):
        if key in relationships and not relationships[key]["values"]:
            relationships[key]["values"] = members[:1]
    if collection.kind.name == "meetings" and {"$transcript", "$transcripts"} <= relationships.keys():
        every = [*relationships["$transcripts"]["values"], *relationships["$transcript"]["values"]]
        relationships["$transcripts"]["values"] = list(dict.fromkeys(every))


def _happened(values: Mapping[str, Value]) -> None:
    start, end, attendees = (values.get(key) for key in ("$startDate", "$endDate", "$attendeeEmails"))
    if isinstance(end, str) and end > iso(now()):
        raise unprocessable("Only a meeting of the past can be written.", param="fields.$endDate")
    if isinstance(start, str) and isinstance(end, str) and start > end:
        raise unprocessable("The meeting ends before it begins.", param="fields.$endDate")
    if isinstance(attendees, list) and len(attendees) > _ATTENDEES:
        raise unprocessable(f"A meeting has {_ATTENDEES} attendees at most.", param="fields.$attendeeEmails")
