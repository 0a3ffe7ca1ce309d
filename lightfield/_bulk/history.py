"""The whole history of a field, page by page."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightfield.models.history import FieldChange, FieldHistory


async def walk_history(fetch: Callable[[str | None], Awaitable["FieldHistory"]]) -> AsyncGenerator["FieldChange", None]:
    """Yield every value of a field's history, newest first; a cursor that comes again ends the walk."""
    seen: set[str | None] = {None}
    cursor: str | None = None
    while True:
        page = await fetch(cursor)
        for change in page.data:
            yield change
        cursor = page.next_cursor
        if not page.has_more or cursor in seen:
            return
        seen.add(cursor)
