"""Tasks.

API page: https://docs.lightfield.app/api/resources/task/
"""

from msgspec.json import Decoder

from lightfield._operations.operation import AwaitsRaw, BlocksRaw, M, operation, raw_mode
from lightfield._protocol.builders import changes, write
from lightfield._protocol.request import Request
from lightfield.models import Page, Task
from lightfield.models.write import LinkChanges, Links, NewTask, TaskFields

from ._records import Records


class Tasks(Records[M, Task, TaskFields, LinkChanges]):
    """``client.task``. The ``status`` of a listing selects the trash; that of a task is its field ``$status``."""

    _path = "/v1/tasks"
    _one: Decoder[Task] = Decoder(Task)
    _page: Decoder[Page[Task]] = Decoder(Page[Task])
    with_raw_response: "raw_mode[Tasks[AwaitsRaw], Tasks[BlocksRaw]]" = raw_mode()

    @operation
    def create(self, *, fields: NewTask, relationships: Links) -> Request[Task]:
        """Create a task.

        Args:
            fields: ``$title`` and ``$status`` (``TODO``, ``IN_PROGRESS``, ``COMPLETE``, ``CANCELLED``) are required.
            relationships: Ids by key; ``$assignedTo`` is required.
        """
        body = changes(fields, relationships)
        return write(self._items, self._one, body, "fields", "relationships", retry_safety="with_key")
