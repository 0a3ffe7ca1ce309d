"""Field history."""

from typing import TypedDict

from lightfield.testing._http.errors import bad_request, unknown_field
from lightfield.testing._http.query import Query, integer_param
from lightfield.testing._store.tables import Counts, Table

from .collections import Collection
from .documents import Record, Value
from .pipelines import PIPELINE
from .values import display_value

_DEFAULT_LIMIT, _MAX_LIMIT = 20, 100
_CURSOR = "hst_"


class Entry(TypedDict):
    """A value that was written to a field."""

    value: Value
    recordedAt: str


class History:
    """The values written to the fields of records, oldest first.

    A field that was never updated has no entries; its history is its current value.

    Attributes:
        counts: The number of entries by the id of the record and the key of the field.
        entries: The entries by both and their number.
    """

    def __init__(self) -> None:
        self.counts = Counts()
        self.entries: Table[Entry] = Table()

    def record(self, record: Record, key: str, before: Value, timestamp: str) -> None:
        """Record the current value of a field; the first change also records the previous one."""
        path = f"{record['id']} {key}"
        if not self.counts[path]:
            self._add(path, _entry(before, record.get("createdAt", timestamp)))
        self._add(path, _entry(record["fields"][key]["value"], timestamp))

    def page(self, collection: Collection, record: Record, key: str, query: Query) -> dict[str, object]:
        """Return a page of the values of a field, newest first."""
        field = record["fields"].get(key)
        if field is None:
            raise unknown_field(collection.record_type.name, key, "fieldKey")
        definition = collection.definitions["fieldDefinitions"].get(key)
        if definition is not None and (definition.get("readOnly") or key == PIPELINE):
            raise bad_request(f"Field '{key}' is derived and has no history.", param="fieldKey")
        limit = integer_param(query, "limit", _DEFAULT_LIMIT, 1, _MAX_LIMIT)
        path = f"{record['id']} {key}"
        only = _entry(field["value"], record.get("createdAt", ""))
        count = self.counts[path] or 1
        stop = _read_cursor(query, count)
        start = max(stop - limit, 0)
        entries = [self.entries.get(f"{path} {number}", only) for number in range(start, stop)]
        data: list[object] = [
            {
                "value": entry["value"],
                "valueType": field["valueType"],
                "displayValue": display_value(entry["value"], definition),
                "recordedAt": entry["recordedAt"],
                "isCreate": number == 0 and stop == count,
            }
            for number, entry in reversed(list(enumerate(entries, start)))
        ]
        return {"data": data, "hasMore": start > 0, "nextCursor": f"{_CURSOR}{start}" if start else None}

    def _add(self, path: str, entry: Entry) -> None:
        self.entries[f"{path} {self.counts[path]}"] = entry
        self.counts[path] += 1


def _entry(value: Value, recorded_at: str) -> Entry:
    return {"value": value, "recordedAt": recorded_at}


def _read_cursor(query: Query, newest: int) -> int:
    cursor = dict(query).get("after")
    if cursor is None:
        return newest
    digits = cursor.removeprefix(_CURSOR)
    valid = digits != cursor and digits.isascii() and digits.isdecimal() and len(digits) < 10
    if not valid or not 0 < int(digits) <= newest:
        raise bad_request("'after' is not a cursor of this history.", param="after")
    return int(digits)
