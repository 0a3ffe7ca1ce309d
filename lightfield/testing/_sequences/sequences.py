"""Sequences, their open enrollments, and the senders that they can use."""

from collections.abc import Iterable, Mapping

from lightfield.testing._crm.outreach import CHANNELS, Definition, Enrollment, Sender, Sequence
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._http.errors import not_found

from .errors import no_selectable_sender, not_published

FINAL_STATUSES = {"REPLIED", "COMPLETED", "CANCELLED", "FAILED"}


def find_sequence(workspace: Workspace, identifier: str) -> Sequence:
    """Return a sequence."""
    sequence = workspace.sequences.get(identifier)
    if sequence is None:
        raise not_found("sequences")
    return sequence


def published_definition(sequence: Sequence) -> Definition:
    """Return the published definition of a sequence; raise 400 ``sequence_not_published`` if there is none."""
    if sequence["definition"] is None:
        raise not_published()
    return sequence["definition"]


def open_enrollments(workspace: Workspace, sequence: Sequence) -> list[Enrollment]:
    """Return the enrollments of a sequence that have not ended."""
    enrolled = [each for each in workspace.enrollments.values() if each["sequenceId"] == sequence["id"]]
    return [each for each in enrolled if each["status"] not in FINAL_STATUSES]


def channels(definition: Definition | None) -> list[str]:
    """Return the channels that the steps of a definition send on; none before the first publish."""
    steps = definition["steps"] if definition else []
    return sorted({CHANNELS[step["type"]] for step in steps if step["type"] in CHANNELS})


def available_senders(
    workspace: Workspace, senders: Iterable[str], needed: Iterable[str]
) -> Mapping[str, list[Sender]]:
    """Return the senders that can send on the channels that are needed.

    Raises:
        WireError: 400 ``no_selectable_sender`` if there is none for a channel.
    """
    usable = [sender for each in senders if _can_send(sender := workspace.senders[each])]
    found = {channel: [each for each in usable if each["channel"] == channel] for channel in needed}
    for channel, available in found.items():
        if not available:
            raise no_selectable_sender(channel)
    return found


def _can_send(sender: Sender) -> bool:
    healthy = {"HEALTHY"} if sender["channel"] == "EMAIL" else {"HEALTHY", "UNVERIFIED"}
    return sender["archivedAt"] is None and sender["health"] in healthy
