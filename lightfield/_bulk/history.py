"""The whole history of a field."""

from collections.abc import AsyncGenerator, Awaitable, Callable

from lightfield._protocol.queries import MAX_HISTORY_PAGE
from lightfield.models.history import FieldHistory


async def history_pages(
    fetch: Callable[..., Awaitable[FieldHistory]], field_key: str, id: str
) -> AsyncGenerator[FieldHistory, None]:
    """Yield every page of a field's history by ``field_history``, newest first; stop at a repeated cursor."""
    seen: set[str | None] = {None}
    cursor: str | None = None
    while True:
        page = await fetch(field_key, id=id, after=cursor, limit=MAX_HISTORY_PAGE)
        yield page
        cursor = page.next_cursor
        if not page.has_more or cursor in seen:
            return
        seen.add(cursor)
