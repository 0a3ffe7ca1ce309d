"""Initial chat channels and messages, as synced from Slack, Microsoft Teams and LinkedIn."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from lightfield.testing._crm.storage import Upload
from lightfield.testing._crm.timestamps import format_timestamp
from lightfield.testing._crm.workspace import Workspace

from . import documented

if TYPE_CHECKING:
    from lightfield.testing._crm.documents import Value

BUYER, CONTROLLER, ENGINEER, DIRECTOR = (
    f"con_northwind_traders_{name}" for name in ("buyer", "controller", "engineer", "director")
)
LINKEDIN_REPLY = "msg_linkedin_reply"
_EPOCH = datetime(2025, 11, 3, 9, tzinfo=UTC)
_PRICE_LIST = b"seats,price\n10,500\n100,4000\n"


class _Channel(NamedTuple):
    id: str
    name: str
    provider: str
    private: bool
    members: tuple[str, ...]


class _Message(NamedTuple):
    id: str
    channel: str
    text: str
    contact: str = ""
    files: tuple[str, ...] = ()


_CHANNELS = (
    _Channel("chn_sales", "sales", "SLACK", False, ("mem_larkspur", "mem_saffron", "mem_tamarisk")),
    _Channel("chn_deal_desk", "deal-desk", "SLACK", True, ("mem_larkspur", "mem_bergamot")),
    _Channel("chn_leadership", "leadership", "SLACK", True, ("mem_bergamot", documented.MEMBER)),
    _Channel("chn_onboarding", "Onboarding", "TEAMS", False, ("mem_tamarisk",)),
    _Channel("chn_linkedin_engineer", "Engineer Placeholder", "LINKEDIN", True, ("mem_larkspur",)),
    _Channel("chn_linkedin_director", "Director Fictional", "LINKEDIN", True, ("mem_saffron",)),
)
_MESSAGES = (
    _Message("msg_order_form", "chn_sales", "The order form is with the controller for signature."),
    _Message("msg_price_list", "chn_deal_desk", "This is the price list they agreed to.", "", ("fil_price_list",)),
    _Message("msg_hiring", "chn_leadership", "We hire two account executives."),
    _Message("msg_kick_off", "chn_onboarding", "The kick-off is on Monday.", CONTROLLER),
    _Message(LINKEDIN_REPLY, "chn_linkedin_engineer", "Thanks, let us talk next week.", ENGINEER),
    _Message(
        "msg_linkedin_question", "chn_linkedin_director", "Who owns the migration?", DIRECTOR, ("fil_price_list",)
    ),
)


def seed_conversations(workspace: Workspace) -> None:
    """Create the initial channels and messages, and the file of one of them."""
    channels, messages = workspace.collections["channels"], workspace.collections["messages"]
    for hours, channel in enumerate(_CHANNELS):
        values: dict[str, Value] = {"$name": channel.name, "$provider": channel.provider, "$private": channel.private}
        channels.add(channel.id, _at(hours), values, {"$member": [*channel.members]})
    for hours, message in enumerate(_MESSAGES, 10):
        related = {"$channel": [message.channel], "$attachment": [*message.files]}
        if message.contact:
            related["$contact"] = [message.contact]
        messages.add(message.id, _at(hours), {"$text": message.text, "$sentAt": _at(hours)}, related)
    _add_file(workspace)


def _add_file(workspace: Workspace) -> None:
    workspace.storage.uploads["fil_price_list"] = Upload(
        file={
            "id": "fil_price_list",
            "createdAt": _at(11),
            "completedAt": _at(11),
            "expiresAt": None,
            "filename": "price-list.csv",
            "mimeType": "text/csv",
            "sizeBytes": len(_PRICE_LIST),
            "status": "COMPLETED",
        },
        headers={},
        write_signature="",  # it was not uploaded through the API
        read_signature="get_price_list",
    )
    workspace.storage.contents["fil_price_list"] = _PRICE_LIST


def _at(hours: int) -> str:
    return format_timestamp(_EPOCH + timedelta(hours=hours))
