"""Values for writing, and the shapes of requests whose members have one name only."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Literal, Required, TypeAlias, TypedDict
from uuid import UUID

from .value import Address, FullName

Writable: TypeAlias = (
    str
    | int
    | float
    | Decimal
    | date
    | UUID
    | Enum
    | Address
    | FullName
    | Mapping[str, object]
    | Sequence[object]
    | None
)
"""The value of a field. Selects take option ids."""

Fields: TypeAlias = Mapping[str, Writable]
"""Values by key, such as ``{"$name": "Acme", "tier": "gold"}``."""

Ids: TypeAlias = str | Sequence[str]

Links: TypeAlias = Mapping[str, Ids]
"""The relationships of a new record, such as ``{"$account": "acc_1"}``."""


class LinkChange(TypedDict, total=False):
    """A change of one relationship: ids to add and remove, or an id that replaces all."""

    add: Ids
    remove: Ids
    replace: str | None


LinkChanges: TypeAlias = Mapping[str, LinkChange]
"""Changes of relationships, such as ``{"$owner": {"replace": "mem_1"}}``."""

Timestamp: TypeAlias = datetime | str
Privacy: TypeAlias = Literal["FULL", "METADATA"] | None
ListKind: TypeAlias = Literal["target"] | None
Purpose: TypeAlias = Literal["meeting_transcript", "knowledge_user", "knowledge_workspace", "email_attachment"]


class Body(TypedDict, total=False):
    """The body of a logged email."""

    html: str
    text: str


class Resolution(TypedDict):
    """An explicit value for a field."""

    value: Writable


Resolutions: TypeAlias = Mapping[str, Literal["primary", "duplicate"] | Resolution]
"""By field slug: the record whose value is kept, or an explicit value."""


class Members(TypedDict, total=False):
    """Ids to add and to remove."""

    add: Sequence[str]
    remove: Sequence[str]


class Template(TypedDict, total=False):
    """A text to send; emails need a subject too."""

    body: Required[str]
    subject: str


class CommonMessageBody(TypedDict):
    """The member of a message body that has one name."""

    content: str


class CommonDefinition(TypedDict, total=False):
    """The optional member of a definition that has one name."""

    priority: Literal["HIGH", "NORMAL"]


class CommonStep(TypedDict, total=False):
    """The members of a step that have one name. Which ones a step has depends on its type."""

    id: str
    type: Required[Literal["EMAIL", "LINKEDIN_MESSAGE", "LINKEDIN_INVITE", "WAIT", "WAIT_FOR_CONNECTION"]]
    name: str
    mode: Literal["AGENT", "TEMPLATE"]
    prompt: str
    template: Template
    duration: int
    unit: Literal["DAY", "MINUTE"]


class CommonMessaging(TypedDict, total=False):
    """The members of the context for messages that have one name."""

    persona: str | None
    trigger: str | None


class CommonSendWindow(TypedDict, total=False):
    """The member of a send window that has one name."""

    timezone: str
