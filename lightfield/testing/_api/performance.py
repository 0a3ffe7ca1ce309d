"""The performance of sequences, counted from their messages and enrollments."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lightfield.testing._crm.outreach import CHANNELS, WAITS, SequenceMessage
from lightfield.testing._sequences.sequences import find_sequence, open_enrollments

from .routes import Call, Handler

_TYPES = (*CHANNELS, *WAITS)


class _Rate(NamedTuple):
    """A rate: the name of its count, the key of the messages that it counts, and what it is a rate of."""

    name: str
    counted: str
    key: str
    base: str


_RATES: Mapping[str, Sequence[_Rate]] = {
    "EMAIL": (
        _Rate("bounceRate", "bounced", "bouncedAt", "sent"),
        _Rate("openRate", "opened", "openedAt", "delivered"),
        _Rate("replyRate", "replied", "repliedAt", "delivered"),
    ),
    "LINKEDIN_MESSAGE": (
        _Rate("readRate", "read", "readAt", "sent"),
        _Rate("replyRate", "replied", "repliedAt", "sent"),
    ),
    "LINKEDIN_INVITE": (
        _Rate("acceptanceRate", "accepted", "acceptedAt", "sent"),
        _Rate("replyRate", "replied", "repliedAt", "sent"),
    ),
}


def retrieve(call: Call) -> object:
    """Return counts and rates by step type and step."""
    sequence = find_sequence(call.workspace, call.params["id"])
    own = [each for each in call.workspace.sequence_messages.values() if each["sequenceId"] == sequence["id"]]
    sent = [each for each in own if each.get("sentAt")]
    current = [each["currentStepId"] for each in open_enrollments(call.workspace, sequence)]
    published = sequence["definition"]["steps"] if sequence["definition"] else []
    former = {each["sequenceStepId"]: each["sequenceStepType"] for each in sent}
    types = {step["id"]: step["type"] for step in published}
    types |= {identifier: step_type for identifier, step_type in former.items() if identifier not in types}
    per_step = [
        {
            "sequenceStepId": identifier,
            "sequenceStepType": step_type,
            **_counts(
                step_type, [each for each in sent if each["sequenceStepId"] == identifier], current.count(identifier)
            ),
        }
        for identifier, step_type in types.items()
    ]
    by_type = {
        step_type: _counts(
            step_type,
            [each for each in sent if each["sequenceStepType"] == step_type],
            sum(types.get(each or "") == step_type for each in current),
        )
        for step_type in _TYPES
    }
    return {"byStepType": by_type, "perStep": per_step}


def _counts(step_type: str, sent: Sequence[SequenceMessage], current: int) -> dict[str, float | None]:
    counts: dict[str, float | None] = {"currentEnrollments": current}
    if step_type in WAITS:
        return counts
    rates = _RATES[step_type]
    numbers = {each.counted: sum(message.get(each.key) is not None for message in sent) for each in rates}
    numbers["sent"] = len(sent)
    if step_type == "EMAIL":
        numbers["delivered"] = len(sent) - numbers["bounced"]
    bases = {each.name: numbers[each.base] for each in rates}
    ratios = {each.name: numbers[each.counted] / bases[each.name] if bases[each.name] else None for each in rates}
    return {**counts, **numbers, **ratios}


HANDLERS: dict[str, Handler] = {"sequence.retrieve_performance": retrieve}
