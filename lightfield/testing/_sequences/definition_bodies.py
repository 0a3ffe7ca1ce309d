"""Definitions of sequences as they are sent."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

_Positive = Annotated[int, Meta(ge=1, le=100_000)]
_Day = Annotated[int, Meta(ge=0, le=6)]


class _Template(msgspec.Struct):
    body: str
    subject: str | UnsetType = UNSET


class _Step(msgspec.Struct, kw_only=True, rename="camel"):
    type: Literal["EMAIL", "LINKEDIN_MESSAGE", "LINKEDIN_INVITE", "WAIT", "WAIT_FOR_CONNECTION"]
    id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    delivery_mode: Literal["AUTO", "FOR_REVIEW"] | UnsetType = UNSET
    mode: Literal["AGENT", "TEMPLATE"] | UnsetType = UNSET
    prompt: str | UnsetType = UNSET
    template: _Template | UnsetType = UNSET
    include_note: bool | UnsetType = UNSET
    duration: _Positive | UnsetType = UNSET
    unit: Literal["DAY", "MINUTE"] | UnsetType = UNSET


class _Messaging(msgspec.Struct, kw_only=True, rename="camel"):
    call_to_action: str | UnsetType | None = UNSET
    persona: str | UnsetType | None = UNSET
    trigger: str | UnsetType | None = UNSET
    value_prop: str | UnsetType | None = UNSET


class _Limit(msgspec.Struct, rename="camel"):
    daily_limit: _Positive | None


class _Pacing(msgspec.Struct, kw_only=True):
    EMAIL: _Limit | UnsetType = UNSET
    LINKEDIN_INVITE: _Limit | UnsetType = UNSET
    LINKEDIN_MESSAGE: _Limit | UnsetType = UNSET


class _SendWindow(msgspec.Struct, kw_only=True, rename="camel"):
    days_of_week: list[_Day] | UnsetType = UNSET
    start_hour: Annotated[int, Meta(ge=0, le=23)] | UnsetType = UNSET
    end_hour: Annotated[int, Meta(ge=1, le=24)] | UnsetType = UNSET
    timezone: str | UnsetType = UNSET


class DefinitionChange(msgspec.Struct, kw_only=True, rename="camel"):
    """The parts of a definition to change."""

    description: str | UnsetType = UNSET
    messaging: _Messaging | UnsetType = UNSET
    pacing: _Pacing | UnsetType = UNSET
    priority: Literal["HIGH", "NORMAL"] | UnsetType = UNSET
    send_window: _SendWindow | UnsetType = UNSET
    steps: list[_Step] | UnsetType = UNSET


class NewDefinition(msgspec.Struct, kw_only=True, rename="camel"):
    """The definition of a new sequence."""

    description: str
    steps: list[_Step]
    messaging: _Messaging | UnsetType = UNSET
    pacing: _Pacing | UnsetType = UNSET
    priority: Literal["HIGH", "NORMAL"] | UnsetType = UNSET
    send_window: _SendWindow | UnsetType = UNSET
