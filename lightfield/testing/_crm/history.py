"""Field history."""

from typing import NamedTuple

from lightfield.testing._http.errors import bad_request, unknown_field
from lightfield.testing._http.query import Query, integer_param

from .collections import Collection
from .documents import Record, Value
from .values import display_value

_DEFAULT_LIMIT, _MAX_LIMIT = 20, 100
_CURSOR = "hst_"


class _Entry(NamedTuple):
    value: Value
    recorded_at: str


class History:
    """The values written to the fields of records, oldest first.

    A field that was never updated has no entries; its history is its current value.
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], list[_Entry]] = {}

    def record(self, record: Record, key: str, before: Value, timestamp: str) -> None:
        """Record the current value of a field; the first change also records the previous one."""
        after = record["fields"][key]["value"]
        entries = self._entries.setdefault((record["id"], key), [_Entry(before, record.get("createdAt", timestamp))])
        entries.append(_Entry(after, timestamp))

    def page(self, collection: Collection, record: Record, key: str, query: Query) -> dict[str, object]:
        """Return a page of the values of a field, newest first."""
        field = record["fields"].get(key)
        if field is None:
            raise unknown_field(collection.record_type.name, key, "fieldKey")
        limit = integer_param(query, "limit", _DEFAULT_LIMIT, 1, _MAX_LIMIT)
        entries = self._entries.get((record["id"], key), [_Entry(field["value"], record.get("createdAt", ""))])
        stop = _read_cursor(query, len(entries))
        start = max(stop - limit, 0)
        definition = collection.definitions["fieldDefinitions"].get(key)
        data: list[object] = [
            {
                "value": entry.value,
                "valueType": field["valueType"],
                "displayValue": display_value(entry.value, definition),
                "recordedAt": entry.recorded_at,
                "isCreate": entry is entries[0] and stop == len(entries),
            }
            for entry in reversed(entries[start:stop])
        ]
        return {"data": data, "hasMore": start > 0, "nextCursor": f"{_CURSOR}{start}" if start else None}


def _read_cursor(query: Query, newest: int) -> int:
    cursor = dict(query).get("after")
    if cursor is None:
        return newest
    digits = cursor.removeprefix(_CURSOR)
    valid = digits != cursor and digits.isascii() and digits.isdecimal() and len(digits) < 10
    if not valid or not 0 < int(digits) <= newest:
        raise bad_request("'after' is not a cursor of this history.", param="after")
    return int(digits)
