"""Past meetings.

API page: https://docs.lightfield.app/api/resources/meeting/
"""

from typing import Unpack

from msgspec.json import Decoder

from lightfield._official.spelling import spelled
from lightfield._operations import CallOptions, M, Raw, Stream, operation, view
from lightfield._protocol.builders import changes, write
from lightfield._protocol.request import Request
from lightfield.models import Meeting, Page, wire
from lightfield.models.write import MeetingFields, MeetingLinkChanges, MeetingLinks, NewMeeting

from ._records import Records


class Meetings(Records[M, Meeting, MeetingFields, MeetingLinkChanges]):
    """``client.meeting``. Deleting a meeting that is already in the trash raises ``NotFoundError``."""

    _path = "/v1/meetings"
    _delete_safety = "never"
    _one: Decoder[Meeting] = Decoder(Meeting)
    _shapes = (wire.MeetingFields, wire.MeetingLinkChanges)
    _page: Decoder[Page[Meeting]] = Decoder(Page[Meeting])
    with_raw_response: "view[Meetings[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Meetings[Stream[M]]]" = view("streamed")

    @operation
    def create(
        self,
        *,
        fields: NewMeeting,
        auto_create_records: bool | None = None,
        relationships: MeetingLinks | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[Meeting]:
        """Create a past meeting.

        Args:
            fields: Values by key; ``$title``, ``$startDate`` and ``$endDate`` are required.
            auto_create_records: Whether accounts and contacts are created for unknown attendees.
            relationships: ``{"$transcript": file_id}``; all others are derived.
        """
        links = spelled("relationships", relationships, wire.MeetingLinks)
        body = changes(spelled("fields", fields, wire.NewMeeting), links) | {"autoCreateRecords": auto_create_records}
        return write(self._items, self._one, body, "fields", retry_safety="with_key")
