"""Operations on sequences as published."""

from lightfield.testing._crm.document_filters import BOUNDS, including, one_of
from lightfield.testing._crm.outreach import Sequence
from lightfield.testing._crm.timestamps import current_timestamp
from lightfield.testing._http.body import EmptyBody
from lightfield.testing._sequences.cadence import proceed_all
from lightfield.testing._sequences.sequences import available_senders, channels, find_sequence, published_definition
from lightfield.testing._sequences.templates import variables

from .documents import document_page, without
from .routes import Call, Handler

_FILTERS = {
    "status": one_of("DRAFT", "ACTIVE", "DEACTIVATED"),
    "channels": including("EMAIL", "LINKEDIN"),
    "createdAt": BOUNDS,
    "firstActivatedAt": BOUNDS,
    "lastActivatedAt": BOUNDS,
}


def shown_sequence(sequence: Sequence) -> dict[str, object]:
    """Return a sequence as the API shows it: what is published of it."""
    return {
        **without(sequence, "draft", "edits"),
        "objectType": "sequence",
        "channels": channels(sequence["definition"]),
        **references(sequence["reviewers"], sequence["senders"]),
    }


def references(reviewers: list[str], senders: list[str]) -> dict[str, object]:
    """Return reviewers and senders as references."""
    return {
        "reviewers": [{"id": each, "objectType": "member"} for each in reviewers],
        "senders": [{"id": each, "objectType": "sender"} for each in senders],
    }


def retrieve(call: Call) -> object:
    """Return one sequence."""
    return shown_sequence(find_sequence(call.workspace, call.params["id"]))


def listing(call: Call) -> object:
    """Return a page of the sequences, newest first."""
    sequences = map(shown_sequence, call.workspace.index.sequences.values())
    return document_page(call, "sequences", _FILTERS, sequences)


def activate(call: Call) -> object:
    """Start sending."""
    sequence = _published(call)
    if sequence["status"] != "ACTIVE":
        available_senders(call.workspace, sequence["senders"], channels(sequence["definition"]))
        timestamp = current_timestamp()
        sequence["firstActivatedAt"] = sequence["firstActivatedAt"] or timestamp
        sequence["lastActivatedAt"] = timestamp
        _set_status(call, sequence, "ACTIVE")
    return shown_sequence(sequence)


def deactivate(call: Call) -> object:
    """Pause sending."""
    sequence = _published(call)
    if sequence["status"] != "DEACTIVATED":
        _set_status(call, sequence, "DEACTIVATED")
    return shown_sequence(sequence)


def template_variables(call: Call) -> object:
    """Return the variables that templates can use."""
    data = [
        {
            "ref": f"{{{{ {reference} }}}}",
            "label": each.label,
            "group": each.group,
            "field": {"id": each.field.get("id"), "valueType": each.field["valueType"]} if each.field else None,
        }
        for reference, each in variables(call.workspace).items()
    ]
    return {"data": data, "object": "list", "totalCount": len(data)}


def _published(call: Call) -> Sequence:
    call.body.read(EmptyBody)
    sequence = find_sequence(call.workspace, call.params["id"])
    published_definition(sequence)
    return sequence


def _set_status(call: Call, sequence: Sequence, status: str) -> None:
    sequence["status"] = status
    call.workspace.sequences[sequence["id"]] = sequence
    proceed_all(call.workspace, sequence)


HANDLERS: dict[str, Handler] = {
    "sequence.retrieve": retrieve,
    "sequence.list": listing,
    "sequence.activate": activate,
    "sequence.deactivate": deactivate,
    "sequence.list_template_variables": template_variables,
}
