"""Operations on senders."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from lightfield.testing._crm.document_filters import FLAG, TEXT, one_of
from lightfield.testing._crm.outreach import Pace, Sender
from lightfield.testing._http.body import EmptyBody
from lightfield.testing._http.errors import conflict, invalid_param, missing_param, not_found

from .documents import document_page
from .routes import Call, Handler

_FILTERS = {
    "channel": one_of("EMAIL", "LINKEDIN"),
    "health": one_of("UNVERIFIED", "HEALTHY", "UNHEALTHY"),
    "owner": TEXT,
    "archived": FLAG,
}
_RECOVERABLE = {
    "EMAIL": {"BOUNCE_THRESHOLD", "RATE_LIMIT", "INVITE_LIMIT"},
    "LINKEDIN": {"RATE_LIMIT", "INVITE_LIMIT", "UNKNOWN"},
}
_STEP_TYPES = {"EMAIL": ("EMAIL",), "LINKEDIN": ("LINKEDIN_INVITE", "LINKEDIN_MESSAGE")}
_MOST = 2**53 - 1


class _Bounds(NamedTuple):
    daily: int
    gap: int


_BOUNDS: Mapping[str, _Bounds] = {
    "SMTP": _Bounds(100, 60),
    "OAUTH": _Bounds(_MOST, 60),
    "LINKEDIN_INVITE": _Bounds(30, 120),
    "LINKEDIN_MESSAGE": _Bounds(60, 120),
}
_MAX_GAP = 3_600


class _Pace(msgspec.Struct, rename="camel"):
    daily_limit: int
    min_gap_seconds: int
    max_gap_seconds: int | None


class _Pacing(msgspec.Struct, kw_only=True):
    EMAIL: _Pace | UnsetType = UNSET
    LINKEDIN_INVITE: _Pace | UnsetType = UNSET
    LINKEDIN_MESSAGE: _Pace | UnsetType = UNSET


class _UpdateRequest(msgspec.Struct):
    pacing: _Pacing


def retrieve(call: Call) -> object:
    """Return one sender, also an archived one."""
    return _sender(call)


def listing(call: Call) -> object:
    """Return a page of the senders, newest first."""
    senders = [{**each, "archived": each["archivedAt"] is not None} for each in call.workspace.index.senders.values()]
    return document_page(call, "senders", _FILTERS, senders, "archived")


def update(call: Call) -> object:
    """Replace the pacing of a sender."""
    request = call.body.read(_UpdateRequest)
    sender = _sender(call)
    _check_not_archived(sender)
    pacing: dict[str, Pace] = msgspec.to_builtins(request.pacing)
    for step_type in _STEP_TYPES[sender["channel"]]:
        if step_type not in pacing:
            raise missing_param(f"pacing.{step_type}")
    for step_type, pace in pacing.items():
        if step_type not in _STEP_TYPES[sender["channel"]]:
            raise invalid_param(f"pacing.{step_type}", f"this sender sends {sender['channel']} only")
        _check_pace(
            f"pacing.{step_type}", pace, _BOUNDS[str(sender["transport"]) if step_type == "EMAIL" else step_type]
        )
    sender["pacing"] = pacing
    call.workspace.senders[sender["id"]] = sender
    return sender


def mark_healthy(call: Call) -> object:
    """Clear a health reason that sending recorded."""
    call.body.read(EmptyBody)
    sender = _sender(call)
    _check_not_archived(sender)
    reason = sender["healthReason"]
    if reason is None:
        return sender
    if reason not in _RECOVERABLE[sender["channel"]]:
        raise conflict(f"{reason} clears only once its cause is fixed.")
    sender["health"], sender["healthReason"] = "HEALTHY", None
    call.workspace.senders[sender["id"]] = sender
    return sender


def _sender(call: Call) -> Sender:
    sender = call.workspace.senders.get(call.params["id"])
    if sender is None:
        raise not_found("senders")
    return sender


def _check_not_archived(sender: Sender) -> None:
    if sender["archivedAt"] is not None:
        raise conflict("The sender is archived.")


def _check_pace(param: str, pace: Pace, bounds: _Bounds) -> None:
    shortest, longest = pace["minGapSeconds"], pace["maxGapSeconds"]
    _check_range(f"{param}.dailyLimit", pace["dailyLimit"], 1, bounds.daily)
    _check_range(f"{param}.minGapSeconds", shortest, bounds.gap, _MAX_GAP)
    if longest is not None:
        _check_range(f"{param}.maxGapSeconds", longest, shortest, _MAX_GAP)


def _check_range(param: str, value: int, minimum: int, maximum: int) -> None:
    if not minimum <= value <= maximum:
        raise invalid_param(param, f"expected an integer from {minimum} to {maximum}")


HANDLERS: dict[str, Handler] = {
    "sender.list": listing,
    "sender.retrieve": retrieve,
    "sender.update": update,
    "sender.mark_healthy": mark_healthy,
}
