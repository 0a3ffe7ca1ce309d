"""What publishing a draft would change for contacts in the sequence."""

from collections.abc import Callable, Iterator
from typing import TypedDict

from lightfield.testing._crm.outreach import Definition, Draft, Sequence, Step
from lightfield.testing._crm.workspace import Workspace

from .sequences import channels, open_enrollments


class PublishWarning(TypedDict):
    """One change; ``stepIds`` is empty if it concerns the whole sequence."""

    code: str
    message: str
    severity: str
    stepIds: list[str]


_MINUTES = {"DAY": 24 * 60, "MINUTE": 1}
_POOLS = {"EMAIL": "email_sender_pool_emptied", "LINKEDIN": "linkedin_account_pool_emptied"}


def publish_warnings(workspace: Workspace, sequence: Sequence, draft: Draft) -> list[PublishWarning]:
    """Return the warnings of a draft; nothing is affected if no contact is in the sequence."""
    before, after = sequence["definition"], draft["definition"]
    archived = [each for each in draft["senders"] if workspace.senders[each]["archivedAt"] is not None]
    if before is None:
        left_off = f"{', '.join(archived)} was archived and would be left off."
        return [_warning("senders_changed", left_off)] if archived else []
    if not open_enrollments(workspace, sequence):
        return []
    return [
        *_step_warnings(before["steps"], after["steps"]),
        *_setting_warnings(before, after),
        *_sender_warnings(workspace, sequence, draft),
    ]


def _warning(code: str, message: str, *steps: str, destructive: bool = False) -> PublishWarning:
    severity = "destructive" if destructive else "warning"
    return {"code": code, "message": message, "severity": severity, "stepIds": [*steps]}


def _step_warnings(before: list[Step], after: list[Step]) -> Iterator[PublishWarning]:
    old, new = ({step["id"]: step for step in steps} for steps in (before, after))
    kept, removed = old.keys() & new.keys(), [each for each in old if each not in new]
    if not kept:
        yield _warning("full_identity_rewrite", "No step is kept.", *removed, destructive=True)
    elif len(kept) * 2 < len(old):
        yield _warning("low_identity_overlap", "Most steps are replaced.", *removed, destructive=True)
    for each in removed:
        yield _warning("step_removed", "A step is removed.", each, destructive=True)
    for step in after:
        if step["id"] in old:
            yield from _changes(old[step["id"]], step)
        else:
            yield _insertion(step)


def _changes(before: Step, after: Step) -> Iterator[PublishWarning]:
    for code, message, applies in _STEP_CHANGES:
        if applies(before, after):
            yield _warning(code, message, after["id"])


def _insertion(step: Step) -> PublishWarning:
    if step.get("deliveryMode") == "AUTO":
        message = "A step that sends automatically is added."
        return _warning("automatic_send_step_inserted", message, step["id"], destructive=True)
    return _warning("step_inserted", "A step is added.", step["id"])


def _setting_warnings(before: Definition, after: Definition) -> Iterator[PublishWarning]:
    if before["sendWindow"] != after["sendWindow"]:
        yield _warning("send_schedule_changed", "The send window changes.")
    if before["pacing"] != after["pacing"]:
        yield _warning("send_configuration_changed", "The pacing changes.")
    if before["priority"] != after["priority"]:
        yield _warning("send_priority_changed", "The priority changes.")


def _sender_warnings(workspace: Workspace, sequence: Sequence, draft: Draft) -> Iterator[PublishWarning]:
    if sequence["senders"] != draft["senders"]:
        yield _warning("senders_changed", "The senders change.")
    left = {workspace.senders[each]["channel"] for each in draft["senders"]}
    for channel in channels(draft["definition"]):
        if channel not in left:
            yield _warning(_POOLS[channel], f"No sender for {channel} is left.", destructive=True)


def _minutes(step: Step) -> int:
    return step.get("duration", 0) * _MINUTES[step.get("unit", "MINUTE")]


def _shortened(step_type: str) -> Callable[[Step, Step], bool]:
    return lambda before, after: after["type"] == step_type and _minutes(after) < _minutes(before)


def _lengthened(step_type: str) -> Callable[[Step, Step], bool]:
    return lambda before, after: after["type"] == step_type and _minutes(after) > _minutes(before)


def _became(key: str, value: object) -> Callable[[Step, Step], bool]:
    return lambda before, after: after.get(key) == value != before.get(key)


_STEP_CHANGES: tuple[tuple[str, str, Callable[[Step, Step], bool]], ...] = (
    ("delay_shortened", "A wait becomes shorter.", _shortened("WAIT")),
    ("delay_lengthened", "A wait becomes longer.", _lengthened("WAIT")),
    ("connection_wait_shortened", "A wait for a connection becomes shorter.", _shortened("WAIT_FOR_CONNECTION")),
    ("connection_wait_lengthened", "A wait for a connection becomes longer.", _lengthened("WAIT_FOR_CONNECTION")),
    ("delivery_became_automatic", "A step sends without review.", _became("deliveryMode", "AUTO")),
    ("invite_note_enabled", "A connection request carries a note.", _became("includeNote", True)),
    ("invite_note_disabled", "A connection request carries no note.", _became("includeNote", False)),
)
