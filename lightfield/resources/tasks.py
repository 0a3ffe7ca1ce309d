"""Tasks.

API page: https://docs.lightfield.app/api/resources/task/
"""

from typing import Unpack

from msgspec.json import Decoder

from lightfield._official.spelling import spelled
from lightfield._operations import CallOptions, M, Raw, Stream, operation, view
from lightfield._protocol.builders import changes, write
from lightfield._protocol.request import Request
from lightfield.models import Page, Task, wire
from lightfield.models.write import LinkChanges, Links, NewTask, TaskFields

from ._records import Records


class Tasks(Records[M, Task, TaskFields, LinkChanges]):
    """``client.task``. The ``status`` of a listing selects the trash; that of a task is its field ``$status``."""

    _path = "/v1/tasks"
    _one: Decoder[Task] = Decoder(Task)
    _shapes = (wire.TaskFields, LinkChanges)
    _page: Decoder[Page[Task]] = Decoder(Page[Task])
    with_raw_response: "view[Tasks[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Tasks[Stream[M]]]" = view("streamed")

    @operation
    def create(self, *, fields: NewTask, relationships: Links, **_: Unpack[CallOptions]) -> Request[Task]:
        """Create a task.

        Args:
            fields: ``$title`` and ``$status`` (``TODO``, ``IN_PROGRESS``, ``COMPLETE``, ``CANCELLED``) are required.
            relationships: Ids by key; ``$assignedTo`` is required.
        """
        body = changes(spelled("fields", fields, wire.NewTask), relationships)
        return write(self._items, self._one, body, "fields", "relationships", retry_safety="with_key")
