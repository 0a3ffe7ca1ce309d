"""The whole history of a field."""

from collections.abc import AsyncGenerator, Coroutine
from typing import Any, Protocol

from lightfield._protocol.queries import MAX_HISTORY_PAGE
from lightfield.models.history import FieldHistory


class FetchHistory(Protocol):
    """The operation ``field_history`` of a resource that is awaited."""

    def __call__(
        self, field_key: str, *, id: str, after: str | None, limit: int
    ) -> Coroutine[Any, Any, FieldHistory]: ...


async def history_pages(fetch: FetchHistory, field_key: str, id: str) -> AsyncGenerator[FieldHistory, None]:
    """Yield every page of a field's history, newest first; stop at a repeated cursor."""
    seen: set[str | None] = {None}
    cursor: str | None = None
    while True:
        page = await fetch(field_key, id=id, after=cursor, limit=MAX_HISTORY_PAGE)
        yield page
        cursor = page.next_cursor
        if not page.has_more or cursor in seen:
            return
        seen.add(cursor)
