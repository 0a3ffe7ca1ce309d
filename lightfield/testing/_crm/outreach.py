"""The documents of sequences and senders as typed dicts."""

from typing import Literal, NotRequired, TypeAlias, TypedDict

Channel: TypeAlias = Literal["EMAIL", "LINKEDIN"]

CHANNELS: dict[str, Channel] = {"EMAIL": "EMAIL", "LINKEDIN_MESSAGE": "LINKEDIN", "LINKEDIN_INVITE": "LINKEDIN"}
"""The channel of each type of step that sends."""

WAITS = ("WAIT", "WAIT_FOR_CONNECTION")


class Template(TypedDict):
    """A text with variables."""

    body: str
    subject: NotRequired[str]


class Step(TypedDict):
    """One step of a sequence; which keys it has depends on its type and mode."""

    id: str
    type: str
    name: NotRequired[str]
    deliveryMode: NotRequired[str]
    mode: NotRequired[str]
    prompt: NotRequired[str]
    template: NotRequired[Template]
    includeNote: NotRequired[bool]
    duration: NotRequired[int]
    unit: NotRequired[str]


class SendWindow(TypedDict):
    """When a sequence sends."""

    daysOfWeek: list[int]
    startHour: int
    endHour: int
    timezone: str


class Definition(TypedDict):
    """What a sequence does."""

    description: str
    messaging: dict[str, str | None]
    pacing: dict[str, dict[str, int | None]]
    priority: str
    sendWindow: SendWindow
    steps: list[Step]


class Draft(TypedDict):
    """The open draft of a sequence."""

    version: str
    name: str
    definition: Definition
    reviewers: list[str]
    senders: list[str]
    updatedAt: str


class Sequence(TypedDict):
    """A sequence: what is published of it, and its open draft.

    ``edits`` is the number of changes to its drafts so far.
    """

    id: str
    name: str
    status: str
    createdAt: str
    firstActivatedAt: str | None
    lastActivatedAt: str | None
    definition: Definition | None
    reviewers: list[str]
    senders: list[str]
    draft: Draft | None
    edits: int


class Enrollment(TypedDict):
    """A contact in a sequence; ``sequenceId`` and ``number``, its position in the sequence, are not shown."""

    id: str
    sequenceId: str
    number: int
    contactId: str
    status: str
    currentStepId: str | None
    enrolledAt: str
    enrolledBy: str | None
    remainingSends: int
    nextSendAt: str | None
    lastActivityAt: str | None
    lastActivityKind: str | None
    repliedAt: str | None
    completedAt: str | None
    cancelledAt: str | None


class Content(TypedDict):
    """The text of a message."""

    subject: str | None
    body: str | None


class SequenceMessage(TypedDict):
    """A message of a sequence, or a reply to one; ``sequenceId`` is not shown."""

    id: str
    sequenceId: str
    direction: str
    channel: Channel
    contactId: str
    createdAt: str
    enrollmentId: str
    sequenceStepId: str
    sequenceStepType: str
    content: Content
    reference: dict[str, str] | None
    status: NotRequired[str]
    statusChangedAt: NotRequired[str]
    sentAt: NotRequired[str | None]
    openedAt: NotRequired[str | None]
    readAt: NotRequired[str | None]
    repliedAt: NotRequired[str | None]
    bouncedAt: NotRequired[str | None]
    acceptedAt: NotRequired[str | None]
    receivedAt: NotRequired[str]


class StepResult(TypedDict):
    """What a test made of one step."""

    stepId: str
    type: str
    name: str | None
    mode: str | None
    outcome: str
    message: Template | None
    error: dict[str, str] | None


class SequenceTest(TypedDict):
    """A test of a sequence; ``steps`` holds its results from the start on. ``sequenceId`` is not shown."""

    id: str
    sequenceId: str
    contactId: str
    status: str
    target: str
    steps: list[StepResult]


class Pace(TypedDict):
    """The limits of a sender for one type of step."""

    dailyLimit: int
    minGapSeconds: int
    maxGapSeconds: int | None


class Sender(TypedDict):
    """A mailbox or a LinkedIn account."""

    id: str
    objectType: str
    channel: Channel
    emailAddress: str | None
    health: str
    healthReason: str | None
    owner: str | None
    pacing: dict[str, Pace]
    transport: str | None
    replyToAddress: str | None
    archivedAt: str | None
    createdAt: str
