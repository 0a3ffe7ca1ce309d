"""Operations on the drafts of sequences."""

import msgspec
from msgspec import UNSET, UnsetType

from lightfield.testing._crm.outreach import Definition, Draft, Sequence
from lightfield.testing._crm.timestamps import current_timestamp
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._http.errors import missing_param
from lightfield.testing._sequences.cadence import relocate
from lightfield.testing._sequences.definition_bodies import DefinitionChange, NewDefinition
from lightfield.testing._sequences.errors import (
    draft_not_found,
    raise_issues,
    unknown_reference,
    wrong_draft_version,
)
from lightfield.testing._sequences.publish_warnings import publish_warnings
from lightfield.testing._sequences.sequences import available_senders, channels, find_sequence
from lightfield.testing._sequences.steps import changed_definition, publish_issues

from .routes import Call, Handler
from .sequences import references, shown_sequence


class _CreateRequest(msgspec.Struct, kw_only=True):
    name: str
    definition: NewDefinition
    reviewers: list[str] = []
    senders: list[str] = []


class _IdsChange(msgspec.Struct):
    add: list[str] = []
    remove: list[str] = []


class _UpdateRequest(msgspec.Struct, kw_only=True, rename="camel"):
    expected_version: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    definition: DefinitionChange | UnsetType = UNSET
    reviewers: _IdsChange = msgspec.field(default_factory=_IdsChange)
    senders: _IdsChange = msgspec.field(default_factory=_IdsChange)


class _VersionRequest(msgspec.Struct, rename="camel"):
    expected_version: str


def create(call: Call) -> object:
    """Create a sequence and return its first draft."""
    request, workspace = call.body.read(_CreateRequest), call.workspace
    _check_members(workspace, request.reviewers, "reviewers")
    _check_senders(workspace, request.senders, "senders")
    definition, timestamp = changed_definition(workspace, request.definition), current_timestamp()
    sequence: Sequence = {
        "id": workspace.new_id("seq"),
        "name": request.name,
        "status": "DRAFT",
        "createdAt": timestamp,
        "firstActivatedAt": None,
        "lastActivatedAt": None,
        "definition": None,
        "reviewers": [],
        "senders": [],
        "draft": None,
        "edits": 0,
    }
    draft = _new_draft(request.name, definition, request.reviewers, request.senders)
    return _save(workspace, sequence, draft)


def retrieve(call: Call) -> object:
    """Return the open draft."""
    sequence = find_sequence(call.workspace, call.params["id"])
    return _shown(call.workspace, sequence, _open_draft(sequence))


def update(call: Call) -> object:
    """Change the open draft, or open one from the published version."""
    request, workspace = call.body.read(_UpdateRequest), call.workspace
    sequence = find_sequence(workspace, call.params["id"])
    draft = _draft_to_change(sequence, request.expected_version)
    _check_members(workspace, request.reviewers.add, "reviewers.add")
    _check_senders(workspace, request.senders.add, "senders.add")
    changed = _new_draft(
        draft["name"] if isinstance(request.name, UnsetType) else request.name,
        changed_definition(workspace, request.definition, draft["definition"]),
        _changed_ids(draft["reviewers"], request.reviewers),
        _changed_ids(draft["senders"], request.senders),
    )
    if changed["senders"] != draft["senders"]:
        changed["senders"] = _not_archived(workspace, changed["senders"])
    return _save(workspace, sequence, changed)


def publish(call: Call) -> object:
    """Publish the open draft."""
    sequence, draft = _expected_draft(call)
    workspace, former = call.workspace, sequence["definition"]
    definition, senders = draft["definition"], draft["senders"]
    raise_issues([*publish_issues(definition)])
    if former is None:
        senders = _not_archived(workspace, senders)
    available_senders(workspace, senders, channels(definition))
    sequence["name"], sequence["definition"] = draft["name"], definition
    sequence["reviewers"], sequence["senders"] = draft["reviewers"], senders
    sequence["draft"] = None
    if former is None:
        sequence["status"] = "DEACTIVATED"
    workspace.sequences[sequence["id"]] = sequence
    relocate(workspace, sequence, former["steps"] if former else [])
    return shown_sequence(sequence)


def discard(call: Call) -> object:
    """Discard the open draft, and the sequence too if it was never published."""
    sequence, _ = _expected_draft(call)
    deleted = sequence["definition"] is None
    if deleted:
        del call.workspace.sequences[sequence["id"]]
    else:
        sequence["draft"] = None
        call.workspace.sequences[sequence["id"]] = sequence
    return {"sequenceId": sequence["id"], "sequenceDeleted": deleted}


def _shown(workspace: Workspace, sequence: Sequence, draft: Draft) -> object:
    return {
        **draft,
        "sequenceId": sequence["id"],
        "channels": channels(draft["definition"]),
        "publishWarnings": publish_warnings(workspace, sequence, draft),
        **references(draft["reviewers"], draft["senders"]),
    }


def _new_draft(name: str, definition: Definition, reviewers: list[str], senders: list[str]) -> Draft:
    return {
        "version": "",
        "name": name,
        "definition": definition,
        "reviewers": list(dict.fromkeys(reviewers)),
        "senders": list(dict.fromkeys(senders)),
        "updatedAt": current_timestamp(),
    }


def _save(workspace: Workspace, sequence: Sequence, draft: Draft) -> object:
    sequence["edits"] += 1
    draft["version"] = f"v{sequence['edits']}"
    sequence["draft"] = draft
    workspace.sequences[sequence["id"]] = sequence
    return _shown(workspace, sequence, draft)


def _open_draft(sequence: Sequence) -> Draft:
    if sequence["draft"] is None:
        raise draft_not_found()
    return sequence["draft"]


def _expected_draft(call: Call) -> tuple[Sequence, Draft]:
    request = call.body.read(_VersionRequest)
    sequence = find_sequence(call.workspace, call.params["id"])
    draft = _open_draft(sequence)
    if draft["version"] != request.expected_version:
        raise wrong_draft_version()
    return sequence, draft


def _draft_to_change(sequence: Sequence, expected: str | UnsetType) -> Draft:
    draft, published = sequence["draft"], sequence["definition"]
    if draft is not None and isinstance(expected, UnsetType):
        raise missing_param("expectedVersion")
    if not isinstance(expected, UnsetType) and (draft is None or draft["version"] != expected):
        raise wrong_draft_version()
    if draft is not None or published is None:
        return _open_draft(sequence)
    return _new_draft(sequence["name"], published, sequence["reviewers"], sequence["senders"])


def _changed_ids(current: list[str], change: _IdsChange) -> list[str]:
    return [each for each in (*current, *change.add) if each not in change.remove]


def _not_archived(workspace: Workspace, senders: list[str]) -> list[str]:
    return [each for each in senders if workspace.senders[each]["archivedAt"] is None]


def _check_members(workspace: Workspace, identifiers: list[str], param: str) -> None:
    for identifier in identifiers:
        if identifier not in workspace.collections["members"].records:
            raise unknown_reference(param, identifier)


def _check_senders(workspace: Workspace, identifiers: list[str], param: str) -> None:
    for identifier in identifiers:
        sender = workspace.senders.get(identifier)
        if sender is None or sender["archivedAt"] is not None:
            raise unknown_reference(param, identifier)


HANDLERS: dict[str, Handler] = {
    "sequence.create": create,
    "sequence.retrieve_draft": retrieve,
    "sequence.update_draft": update,
    "sequence.publish_draft": publish,
    "sequence.discard_draft": discard,
}
