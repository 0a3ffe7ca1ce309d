"""Notes.

API page: https://docs.lightfield.app/api/resources/note/
"""

from msgspec.json import Decoder

from lightfield._operations.operation import AwaitsRaw, BlocksRaw, M, operation, raw_mode
from lightfield._protocol.builders import changes, write
from lightfield._protocol.request import Request
from lightfield.models import Note, Page
from lightfield.models.write import LinkChanges, Links, NewNote, NoteFields

from ._records import Records


class Notes(Records[M, Note, NoteFields, LinkChanges]):
    """``client.note``. Relationships take ``add`` and ``remove``, also together, but not ``replace``."""

    _path = "/v1/notes"
    _one: Decoder[Note] = Decoder(Note)
    _page: Decoder[Page[Note]] = Decoder(Page[Note])
    with_raw_response: "raw_mode[Notes[AwaitsRaw], Notes[BlocksRaw]]" = raw_mode()

    @operation
    def create(self, *, fields: NewNote, relationships: Links | None = None) -> Request[Note]:
        """Create a note. Its author is the key's owner.

        Args:
            fields: ``$title``, and ``$content`` in Markdown.
            relationships: Ids by key: ``$account``, ``$opportunity``, ``$contact``, ``$meeting``.
        """
        return write(self._items, self._one, changes(fields, relationships), "fields", retry_safety="with_key")
