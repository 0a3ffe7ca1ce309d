"""Typed dicts of the keyword parameters of operations, without the options of a call.

``lightfield.types`` gives them the official SDK's names. Operations with the same parameters share one.
"""

from collections.abc import Sequence
from typing import Literal, Required, TypedDict

from lightfield._protocol.queries import Status
from lightfield.models import pythonic, write


class PageParams(TypedDict, total=False):
    """Parameters of a listing."""

    limit: int
    offset: int


class RecordListParams(PageParams, total=False):
    """Parameters of a listing that can show the trash."""

    status: Status


class BodyParams(TypedDict, total=False):
    """Parameters of a write whose body the API does not specify."""

    body: dict[str, object]


class RecordBodyParams(BodyParams):
    """The same for a record of a custom type."""

    entity_slug: str


class HistoryParams(TypedDict, total=False):
    """Parameters of ``field_history``."""

    id: Required[str]
    after: str
    limit: int


class ObjectFieldHistoryParams(HistoryParams):
    """Parameters of ``object.field_history``."""

    entity_slug: str


class ObjectCreateParams(TypedDict, total=False):
    """Parameters of ``object.create``."""

    fields: Required[dict[str, write.Writable]]
    relationships: dict[str, write.Ids]


class EnrichedCreateParams(ObjectCreateParams, total=False):
    """Parameters of ``create`` for records that Lightfield enriches."""

    skip_enrichment: bool


class RecordUpdateParams(TypedDict, total=False):
    """Parameters of ``update`` for records whose fields are open."""

    fields: dict[str, write.Writable]
    relationships: dict[str, write.LinkChange]


class ObjectUpdateParams(RecordUpdateParams):
    """Parameters of ``object.update``."""

    entity_slug: str


class OpportunityCreateParams(TypedDict):
    """Parameters of ``opportunity.create``."""

    fields: dict[str, write.Writable]
    relationships: dict[str, write.Ids]


class EmailDraftParams(TypedDict, total=False):
    """Parameters of ``email.draft``."""

    from_: Required[str]
    attachments: Sequence[str]
    bcc: Sequence[str]
    cc: Sequence[str]
    message_body: pythonic.MessageBody
    subject: str
    to: Sequence[str]


class EmailLogParams(TypedDict, total=False):
    """Parameters of ``email.log``."""

    fields: Required[pythonic.LoggedEmail]
    auto_create_records: bool
    headers: dict[str, str]


class EmailSendParams(TypedDict, total=False):
    """Parameters of ``email.send``."""

    from_: Required[str]
    message_body: Required[pythonic.MessageBody]
    subject: Required[str]
    to: Required[Sequence[str]]
    attachments: Sequence[str]
    bcc: Sequence[str]
    cc: Sequence[str]


class EnrichmentRunEnrichParams(TypedDict, total=False):
    """Parameters of ``enrichment_run.enrich``."""

    entity_slug: Required[str]
    fields: Sequence[str]


class FileCompleteParams(TypedDict, total=False):
    """Parameters of ``file.complete``."""

    md5: str


class FileCreateParams(TypedDict, total=False):
    """Parameters of ``file.create``."""

    filename: Required[str]
    mime_type: Required[str]
    size_bytes: Required[int]
    purpose: write.Purpose


class ListCreateParams(TypedDict, total=False):
    """Parameters of ``list.create``."""

    fields: Required[pythonic.NewList]
    relationships: pythonic.ListMembers


class ListUpdateParams(TypedDict, total=False):
    """Parameters of ``list.update``."""

    fields: pythonic.ListFields
    relationships: pythonic.ListMemberChanges


class MeetingCreateParams(TypedDict, total=False):
    """Parameters of ``meeting.create``."""

    fields: Required[pythonic.NewMeeting]
    auto_create_records: bool
    relationships: pythonic.MeetingLinks


class MeetingUpdateParams(TypedDict, total=False):
    """Parameters of ``meeting.update``."""

    fields: pythonic.MeetingFields
    relationships: pythonic.MeetingLinkChanges


class MergeParams(TypedDict, total=False):
    """Parameters of the operations of ``merge`` that merge records."""

    duplicate_id: Required[str]
    primary_id: Required[str]
    field_resolutions: dict[str, Literal["primary", "duplicate"] | write.Resolution]
    options: pythonic.MergeOptions


class NoteCreateParams(TypedDict, total=False):
    """Parameters of ``note.create``."""

    fields: Required[pythonic.NewNote]
    relationships: dict[str, write.Ids]


class NoteUpdateParams(TypedDict, total=False):
    """Parameters of ``note.update``."""

    fields: pythonic.NoteFields
    relationships: dict[str, write.LinkChange]


class SenderUpdateParams(TypedDict):
    """Parameters of ``sender.update``."""

    pacing: pythonic.SenderPacing


class SequenceCreateParams(TypedDict, total=False):
    """Parameters of ``sequence.create``."""

    definition: Required[pythonic.NewDefinition]
    name: Required[str]
    reviewers: Sequence[str]
    senders: Sequence[str]


class DraftVersionParams(TypedDict):
    """Parameters of ``sequence.publish_draft`` and ``sequence.discard_draft``."""

    expected_version: str


class SequenceStartTestParams(TypedDict, total=False):
    """Parameters of ``sequence.start_test``."""

    contact_id: Required[str]
    expected_version: str


class SequenceUpdateDraftParams(TypedDict, total=False):
    """Parameters of ``sequence.update_draft``."""

    definition: pythonic.DefinitionChange
    expected_version: str
    name: str
    reviewers: write.Members
    senders: write.Members


class SequenceUpdateEnrollmentsParams(TypedDict, total=False):
    """Parameters of ``sequence.update_enrollments``."""

    add: Sequence[str]
    remove: Sequence[str]


class TaskCreateParams(TypedDict):
    """Parameters of ``task.create``."""

    fields: pythonic.NewTask
    relationships: dict[str, write.Ids]


class TaskUpdateParams(TypedDict, total=False):
    """Parameters of ``task.update``."""

    fields: pythonic.TaskFields
    relationships: dict[str, write.LinkChange]
