"""Notes.

API page: https://docs.lightfield.app/api/resources/note/
"""

from typing import Unpack

from msgspec.json import Decoder

from lightfield._official.spelling import spelled
from lightfield._operations import CallOptions, M, Raw, Stream, operation, view
from lightfield._protocol.builders import changes, write
from lightfield._protocol.request import Request
from lightfield.models import Note, Page, wire
from lightfield.models.write import LinkChanges, Links, NewNote, NoteFields

from ._records import Records


class Notes(Records[M, Note, NoteFields, LinkChanges]):
    """``client.note``. Relationships take ``add`` and ``remove``, also together, but not ``replace``."""

    _path = "/v1/notes"
    _one: Decoder[Note] = Decoder(Note)
    _shapes = (wire.NoteFields, LinkChanges)
    _page: Decoder[Page[Note]] = Decoder(Page[Note])
    with_raw_response: "view[Notes[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Notes[Stream[M]]]" = view("streamed")

    @operation
    def create(self, *, fields: NewNote, relationships: Links | None = None, **_: Unpack[CallOptions]) -> Request[Note]:
        """Create a note. Its author is the key's owner.

        Args:
            fields: ``$title``, and ``$content`` in Markdown.
            relationships: Ids by key: ``$account``, ``$opportunity``, ``$contact``, ``$meeting``.
        """
        body = changes(spelled("fields", fields, wire.NewNote), relationships)
        return write(self._items, self._one, body, "fields", retry_safety="with_key")
