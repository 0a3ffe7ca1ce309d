"""Rules across the fields of a record, and derived values."""

from collections.abc import Mapping

from lightfield.testing._http.errors import conflict, unknown_relationship, unprocessable

from .collections import Collection
from .documents import Record, Value
from .links import Change
from .pipelines import PIPELINE, stage_values
from .selects import options
from .timestamps import current_timestamp
from .workspace import Workspace

_MAX_ATTENDEES = 500


def check(
    collection: Collection, written: Mapping[str, Value], changes: list[Change], record: Record | None = None
) -> None:
    """Raise if a write violates a rule that no single definition expresses; ``record`` is the one that is updated."""
    current = {key: field["value"] for key, field in record["fields"].items()} if record else {}
    values = {**current, **written}
    for key, value in written.items():
        _check_value(collection, key, values, record)
        if value is None and key in collection.record_type.required[0]:
            raise unprocessable(f"'{key}' is required and cannot be cleared.", param=f"fields.{key}")
    if collection.record_type.name == "meetings":
        _check_meeting(values)
    elif collection.record_type.name == "lists":
        allowed = f"{values.get('$objectType')}s".replace("ys", "ies")
        for change in changes:
            if change.key != allowed:
                raise unknown_relationship("lists", change.key)
        if written.get("$kind") == "target" and _holders(collection, "$kind", "target", record):
            raise conflict("There is a list of the kind 'target' already.")


def set_derived(workspace: Workspace, collection: Collection, record: Record) -> None:
    """Set the values that the API derives after a write."""
    fields, relationships = record["fields"], record["relationships"]
    if collection.record_type.name == "opportunities" and "$stage" in fields:
        stages = options(collection.definitions["fieldDefinitions"].get("$stage"))
        stage = next((each for each in stages if each["id"] == fields["$stage"]["value"]), None)
        derived = {PIPELINE: None, **stage_values(stage)}
        for key in derived.keys() & fields.keys():
            fields[key]["value"] = derived[key]
    for key in ("$createdBy", "$author"):
        if key in relationships and not relationships[key]["values"]:
            relationships[key]["values"] = [workspace.caller] if workspace.caller else []
    if collection.record_type.name == "meetings" and {"$transcript", "$transcripts"} <= relationships.keys():
        transcripts = [*relationships["$transcripts"]["values"], *relationships["$transcript"]["values"]]
        relationships["$transcripts"]["values"] = list(dict.fromkeys(transcripts))


def _check_value(collection: Collection, key: str, values: Mapping[str, Value], record: Record | None) -> None:
    value, definition = values[key], collection.field(key)
    configuration = definition["typeConfiguration"]
    parent = configuration.get("parentFieldKey", PIPELINE)
    if value is not None and parent != PIPELINE:
        owners = {option["id"]: option.get("parentId") for option in options(definition)}
        chosen = value if isinstance(value, list) else [value]
        if any(owners[str(each)] not in (None, values.get(parent)) for each in chosen):
            raise unprocessable(f"The option does not belong to the value of '{parent}'.", param=f"fields.{key}")
    if value and configuration.get("unique") and _holders(collection, key, value, record):
        raise conflict(f"Another of the {collection.record_type.name} has this '{key}'.")


def _holders(collection: Collection, key: str, value: Value, but: Record | None) -> bool:
    """Return whether another active record has the value, or one of several."""
    wanted = set(value if isinstance(value, list) else [str(value)])
    for record in collection.order.newest_first():
        field = record["fields"].get(key)
        held = field["value"] if field else None
        if record is not but and wanted.intersection(held if isinstance(held, list) else [str(held)]):
            return True
    return False


def _check_meeting(values: Mapping[str, Value]) -> None:
    start, end, attendees = (values.get(key) for key in ("$startDate", "$endDate", "$attendeeEmails"))
    if isinstance(end, str) and end > current_timestamp():
        raise unprocessable("The meeting must be in the past.", param="fields.$endDate")
    if isinstance(start, str) and isinstance(end, str) and start > end:
        raise unprocessable("The meeting must not end before it starts.", param="fields.$endDate")
    if isinstance(attendees, list) and len(attendees) > _MAX_ATTENDEES:
        raise unprocessable(f"A meeting has at most {_MAX_ATTENDEES} attendees.", param="fields.$attendeeEmails")
