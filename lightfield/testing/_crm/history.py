"""Which values has a field had?"""

from typing import NamedTuple

from lightfield.testing._http.errors import bad_request, unknown_field
from lightfield.testing._http.query import Query, whole_number

from .collections import Collection
from .documents import Record, Value
from .values import display

_LIMIT, _MOST = 20, 100
_CURSOR = "hst_"


class _Entry(NamedTuple):
    value: Value
    recorded: str


class History:
    """What was written to the fields of records, oldest first.

    Nothing is kept for a field that was never updated: it has always had the value it has.
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], list[_Entry]] = {}

    def record(self, record: Record, key: str, before: Value, moment: str) -> None:
        """Keep the value that a field has now, and if it is the first change, the one it had before."""
        after = record["fields"][key]["value"]
        entries = self._entries.setdefault((record["id"], key), [_Entry(before, record.get("createdAt", moment))])
        entries.append(_Entry(after, moment))

    def page(self, collection: Collection, record: Record, key: str, query: Query) -> dict[str, object]:
        """Return what a field has held, newest first."""
        field = record["fields"].get(key)
        if field is None:
            raise unknown_field(collection.kind.name, key, "fieldKey")
        limit = whole_number(query, "limit", _LIMIT, 1, _MOST)
        entries = self._entries.get((record["id"], key), [_Entry(field["value"], record.get("createdAt", ""))])
        stop = _position(query, len(entries))
        start = max(stop - limit, 0)
        definition = collection.definitions["fieldDefinitions"].get(key)
        shown: list[object] = [
            {
                "value": entry.value,
                "valueType": field["valueType"],
                "displayValue": display(entry.value, definition),
                "recordedAt": entry.recorded,
                "isCreate": entry is entries[0] and stop == len(entries),
            }
            for entry in reversed(entries[start:stop])
        ]
        return {"data": shown, "hasMore": start > 0, "nextCursor": f"{_CURSOR}{start}" if start else None}


def _position(query: Query, newest: int) -> int:
    cursor = dict(query).get("after")
    if cursor is None:
        return newest
    digits = cursor.removeprefix(_CURSOR)
    known = digits != cursor and digits.isascii() and digits.isdecimal() and len(digits) < 10
    if not known or not 0 < int(digits) <= newest:
        raise bad_request("'after' is no cursor of this history.", param="after")
    return int(digits)
