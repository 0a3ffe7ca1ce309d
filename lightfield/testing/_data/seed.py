"""Initial opportunities.

Each follows from the seed and its position alone. So it is made when it is asked for, a field of all of them is made
without the rest, and the first n do not depend on the count. They are created in the order of their positions.
"""

from collections.abc import Callable, Sequence

from lightfield.testing._crm.definitions import Option
from lightfield.testing._crm.documents import Record, Value
from lightfield.testing._crm.sources import Column, Source, related_ids
from lightfield.testing._crm.timestamps import format_timestamp
from lightfield.testing._data import deals, documented, vocabulary
from lightfield.testing._data.draws import Draw, drawing
from lightfield.testing._data.identifiers import Identifiers
from lightfield.testing._data.names import account_id
from lightfield.testing._data.pipelines import stages

STAGES = stages({})
WITH_ACTIVITIES = 6
"""The number of opportunities that have tasks, notes and meetings."""

_MOST_ACTIVITIES = 3  # of each type


class Opportunities(Source):
    """The first opportunities for a seed. The very first one is that of the documentation."""

    def __init__(self, seed: int, count: int, stages: Sequence[Option] = STAGES) -> None:
        super().__init__()
        self._fields = deals.fields(stages)
        self._count = count
        self._draw = drawing(seed)
        self._ids = Identifiers("opp", seed)
        self._activities = {prefix: Identifiers(prefix, seed) for prefix in ("tsk", "not", "mtg")}
        self._related: dict[str, tuple[str, str, Callable[[Draw], list[str]]]] = {
            "$account": ("account", "HAS_ONE", lambda draw: [account_id(deals.company(draw))]),
            "$owner": ("member", "HAS_ONE", lambda draw: [draw.choice(deals.OWNER, vocabulary.MEMBERS)]),
            "$createdBy": ("member", "HAS_ONE", lambda draw: [draw.choice(deals.CREATOR, vocabulary.MEMBERS)]),
            "$champion": ("contact", "HAS_ONE", deals.champions),
            "$evaluator": ("contact", "HAS_ONE", deals.evaluators),
            "$task": ("task", "HAS_MANY", lambda draw: self._activity_ids("tsk", deals.TASKS, draw)),
            "$note": ("note", "HAS_MANY", lambda draw: self._activity_ids("not", deals.NOTES, draw)),
            "$meeting": ("meeting", "HAS_MANY", lambda draw: self._activity_ids("mtg", deals.MEETINGS, draw)),
            "$files": ("file", "HAS_MANY", lambda _: []),
            "follows": ("opportunity", "HAS_MANY", self._neighbours),
        }

    def __len__(self) -> int:
        return self._count

    def identifier(self, position: int) -> str:
        return self._ids.encode(position) if position else documented.OPPORTUNITY

    def position(self, identifier: str) -> int | None:
        if identifier == documented.OPPORTUNITY:
            return 0 if self._count else None
        number = self._ids.decode(identifier)
        return number if number is not None and 0 < number < self._count else None

    def created_at(self, position: int) -> str:
        return format_timestamp(self._draw(position).created())

    def values(self, key: str) -> Column[Value]:
        if key not in self._fields or not self._count:
            return [None] * self._count
        _, drawn = self._fields[key]
        first = self.peek(0)["fields"][key]["value"]
        return [first, *(drawn(self._draw(position)) for position in range(1, self._count))]

    def related(self, key: str, direction: str) -> Column[Sequence[str]]:
        if key not in self._related or not self._count:
            return [()] * self._count
        _, _, drawn = self._related[key]
        if key == "follows" and direction:
            drawn = self._predecessors if direction == "asSource" else self._successors
        first = related_ids(self.peek(0), key, direction)
        return [first, *(drawn(self._draw(position)) for position in range(1, self._count))]

    def record(self, position: int) -> Record:
        draw, identifier = self._draw(position), self.identifier(position)
        record: Record = {
            "id": identifier,
            "createdAt": format_timestamp(draw.created()),
            "httpLink": draw.maybe(deals.LINK, 95, f"https://crm.lightfield.app/crm/opportunities/{identifier}"),
            "fields": {
                key: {"value": drawn(draw), "valueType": value_type}
                for key, (value_type, drawn) in self._fields.items()
            },
            "relationships": {
                key: {"cardinality": cardinality, "objectType": object_type, "values": drawn(draw)}
                for key, (object_type, cardinality, drawn) in self._related.items()
            },
        }
        record["relationships"]["follows"]["directions"] = {
            "asSource": {"cardinality": "HAS_ONE", "values": self._predecessors(draw)},
            "asDestination": {"cardinality": "HAS_MANY", "values": self._successors(draw)},
        }
        if draw.dice[deals.UPDATE] % 5:  # the API sometimes omits both keys and sometimes sends null
            updated = format_timestamp(draw.later(deals.UPDATED, days=60))
            record["updatedAt"] = draw.maybe(deals.UPDATE, 80, updated)
        if draw.dice[deals.EXTERNAL_ID] % 5 < 3:
            number = draw.number(deals.EXTERNAL_NUMBER, 100_000)
            record["externalId"] = draw.maybe(deals.EXTERNAL_ID, 50, f"legacy-{number:05}")
        return record if position else documented.as_documented(record)

    def _activity_ids(self, prefix: str, die: int, draw: Draw) -> list[str]:
        if draw.position >= WITH_ACTIVITIES:
            return []
        first = draw.position * _MOST_ACTIVITIES
        count = draw.dice[die] % (_MOST_ACTIVITIES + 1)
        return [self._activities[prefix].encode(number) for number in range(first, first + count)]

    def _predecessors(self, draw: Draw) -> list[str]:
        follows = draw.position > 0 and draw.dice[deals.FOLLOWS] < 128
        return [self.identifier(draw.position - 1)] if follows else []

    def _successors(self, draw: Draw) -> list[str]:
        following = draw.position + 1
        followed = following < self._count and self._predecessors(self._draw(following))
        return [self.identifier(following)] if followed else []

    def _neighbours(self, draw: Draw) -> list[str]:
        return [*self._predecessors(draw), *self._successors(draw)]
