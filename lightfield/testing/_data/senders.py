"""Initial senders."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from lightfield.testing._crm.timestamps import format_timestamp
from lightfield.testing._crm.workspace import Workspace

_EPOCH = datetime(2025, 12, 1, 9, tzinfo=UTC)
_EMAIL_PACE = {"EMAIL": (40, 90, 300)}
_LINKEDIN_PACE = {"LINKEDIN_INVITE": (20, 180, 600), "LINKEDIN_MESSAGE": (40, 180, None)}


class _Sender(NamedTuple):
    id: str
    owner: str
    address: str | None
    transport: str | None = None
    health: str = "HEALTHY"
    reason: str | None = None
    archived: bool = False


_SENDERS = (
    _Sender("snd_larkspur", "mem_larkspur", "larkspur@seller.example", "OAUTH"),
    _Sender("snd_tamarisk", "mem_tamarisk", "tamarisk@seller.example", "SMTP"),
    _Sender("snd_outreach", "mem_saffron", "outreach@seller.example", "SMTP", "UNHEALTHY", "BOUNCE_THRESHOLD"),
    _Sender("snd_former", "mem_bergamot", "bergamot@seller.example", "SMTP", archived=True),
    _Sender("snd_larkspur_linkedin", "mem_larkspur", None, None, "UNVERIFIED"),
    _Sender("snd_saffron_linkedin", "mem_saffron", None, None, "UNHEALTHY", "ACCOUNT_DISCONNECTED"),
)


def seed_senders(workspace: Workspace) -> None:
    """Create the initial senders: healthy, unhealthy and archived ones of every kind."""
    for days, sender in enumerate(_SENDERS):
        _add_sender(workspace, days, sender)


def _add_sender(workspace: Workspace, days: int, sender: _Sender) -> None:
    paces = _EMAIL_PACE if sender.address else _LINKEDIN_PACE
    workspace.senders[sender.id] = {
        "id": sender.id,
        "objectType": "sender",
        "channel": "EMAIL" if sender.address else "LINKEDIN",
        "emailAddress": sender.address,
        "health": sender.health,
        "healthReason": sender.reason,
        "owner": sender.owner,
        "pacing": {
            step_type: {"dailyLimit": daily, "minGapSeconds": shortest, "maxGapSeconds": longest}
            for step_type, (daily, shortest, longest) in paces.items()
        },
        "transport": sender.transport,
        "replyToAddress": sender.address if sender.transport == "SMTP" else None,
        "archivedAt": _at(days + 1) if sender.archived else None,
        "createdAt": _at(days),
    }


def _at(days: int) -> str:
    return format_timestamp(_EPOCH + timedelta(days=days))
