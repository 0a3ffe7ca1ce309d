"""Collections of records."""

from collections.abc import Mapping
from copy import deepcopy

from lightfield.testing._http.errors import not_found, unknown_field, unknown_relationship

from .conditions import RelationshipCondition
from .definitions import Definitions, FieldDefinition, RelationshipDefinition
from .documents import Record, Relationship, Value
from .order import Order
from .record_types import RecordType
from .records import Records
from .sources import Source
from .timestamps import current_timestamp


class Collection:
    """The records of one type by id: active ones, and those in the trash."""

    def __init__(self, record_type: RecordType, source: Source | None = None) -> None:
        self.record_type = record_type
        self.definitions = deepcopy(record_type.definitions)
        self.records = Records(source)
        self.trash = Records()
        self.order = Order(self.records)
        self.trash_order = Order(self.trash)

    def seen(self, identifier: str) -> Record:
        """Return an active record for reading only."""
        record = self.records.peek(identifier)
        if record is None:
            raise not_found(self.record_type.name)
        return record

    def active(self, identifier: str) -> Record:
        """Return an active record that is to be changed."""
        record = self.records.hold(identifier)
        if record is None:
            raise not_found(self.record_type.name)
        return record

    def known(self, identifier: str) -> Record | None:
        """Return a record that is to be changed, active or in the trash; None if there is none."""
        return self.records.hold(identifier) or self.trash.hold(identifier)

    def peek(self, identifier: str) -> Record | None:
        """Return a record for reading only, active or in the trash; None if there is none."""
        return self.records.peek(identifier) or self.trash.peek(identifier)

    def put_back(self, record: Record) -> None:
        """Note that a record, active or in the trash, was changed in place."""
        table = self.records if record["id"] in self.records else self.trash
        table.put(record["id"], record)

    def pointing_at(self, target: str, key: str) -> list[Record]:
        """Return the records, active or in the trash, whose relationship points to another; they are to be changed."""
        condition = RelationshipCondition(key, "", target, negated=False)
        positions, identifiers = self.records.matching([condition])
        _, trashed = self.trash.matching([condition])
        pointing = map(self.known, [*map(self.records.source.identifier, positions), *identifiers, *trashed])
        return [record for record in pointing if record is not None]

    def move(self, identifier: str, *, to_trash: bool) -> Record:
        """Move a record to the trash or back; one that is already there stays."""
        source, target = (self.records, self.trash) if to_trash else (self.trash, self.records)
        record = source.hold(identifier)
        if record is not None:
            del source[identifier]
            target.put(identifier, record)
        found = target.hold(identifier)
        if found is None:
            raise not_found(self.record_type.name)
        return found

    def field(self, key: str, *, param: str | None = None) -> FieldDefinition:
        """Return the definition of a field."""
        definition = self.definitions["fieldDefinitions"].get(key)
        if definition is None:
            raise unknown_field(self.record_type.name, key, param or f"fields.{key}")
        return definition

    def relationship(self, key: str) -> RelationshipDefinition:
        """Return the definition of a relationship."""
        definition = self.definitions["relationshipDefinitions"].get(key)
        if definition is None:
            raise unknown_relationship(self.record_type.name, key)
        return definition

    def creation_timestamp(self) -> str:
        """Return the ``createdAt`` of a new record: now, but never before that of an existing one."""
        return max(current_timestamp(), self.order.newest_created_at())

    def add(
        self, identifier: str, created: str, values: dict[str, Value], related: dict[str, list[str]] | None = None
    ) -> Record:
        """Add a record without validating its values."""
        record = new_record(self.record_type, self.definitions, (identifier, created), values, related or {})
        self.records.put(identifier, record)
        return record

    def shown(self, record: Record) -> object:
        """Return a record as the API shows it."""
        hidden = self.record_type.hidden
        return {key: value for key, value in record.items() if key not in hidden} if hidden else record

    def listed(self, record: Record) -> object:
        """Return a record as the API shows it in lists."""
        hidden_in_lists = self.record_type.hidden_in_lists
        if not hidden_in_lists:
            return self.shown(record)
        return {**record, "fields": {key: each for key, each in record["fields"].items() if key not in hidden_in_lists}}


def new_record(
    record_type: RecordType,
    defined: Definitions,
    identity: tuple[str, str],
    values: Mapping[str, Value],
    related: Mapping[str, list[str]],
) -> Record:
    """Return a record with an id, a creation time, and some values and relationships; the others are unset."""
    identifier, created = identity
    record: Record = {
        "id": identifier,
        "createdAt": created,
        "updatedAt": created,
        "externalId": None,
        "httpLink": f"https://crm.lightfield.app/crm/{record_type.name}/{identifier}",
        "fields": {
            key: {"value": None, "valueType": each["valueType"]} for key, each in defined["fieldDefinitions"].items()
        },
        "relationships": {key: empty_relationship(each) for key, each in defined["relationshipDefinitions"].items()},
    }
    if record_type.has_access_level:
        record["accessLevel"] = "FULL"
        record["objectType"] = record_type.object_type
    for key, value in values.items():
        record["fields"][key]["value"] = value
    for key, identifiers in related.items():
        record["relationships"][key]["values"] = identifiers
    return record


def empty_relationship(definition: RelationshipDefinition) -> Relationship:
    """Return a relationship without ids."""
    made: Relationship = {
        "cardinality": definition["cardinality"],
        "objectType": definition["objectType"],
        "values": [],
    }
    directions = definition.get("directions")
    if directions is not None:
        made["directions"] = {key: {"cardinality": end["cardinality"], "values": []} for key, end in directions.items()}
    return made
