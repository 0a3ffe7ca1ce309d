"""Past meetings.

API page: https://docs.lightfield.app/api/resources/meeting/
"""

from msgspec.json import Decoder

from lightfield._operations.operation import AwaitsRaw, BlocksRaw, M, operation, raw_mode
from lightfield._protocol.builders import changes, write
from lightfield._protocol.request import Request
from lightfield.models import Meeting, Page
from lightfield.models.write import MeetingFields, MeetingLinkChanges, MeetingLinks, NewMeeting

from ._records import Records


class Meetings(Records[M, Meeting, MeetingFields, MeetingLinkChanges]):
    """``client.meeting``. Deleting a meeting that is already in the trash raises ``NotFoundError``."""

    _path = "/v1/meetings"
    _delete_safety = "never"
    _one: Decoder[Meeting] = Decoder(Meeting)
    _page: Decoder[Page[Meeting]] = Decoder(Page[Meeting])
    with_raw_response: "raw_mode[Meetings[AwaitsRaw], Meetings[BlocksRaw]]" = raw_mode()

    @operation
    def create(
        self, *, fields: NewMeeting, auto_create_records: bool | None = None, relationships: MeetingLinks | None = None
    ) -> Request[Meeting]:
        """Create a past meeting.

        Args:
            fields: Values by key; ``$title``, ``$startDate`` and ``$endDate`` are required.
            auto_create_records: Whether accounts and contacts are created for unknown attendees.
            relationships: ``{"$transcript": file_id}``; all others are derived.
        """
        body = changes(fields, relationships) | {"autoCreateRecords": auto_create_records}
        return write(self._items, self._one, body, "fields", retry_safety="with_key")
