"""Which records are there?"""

from copy import deepcopy

from lightfield.testing._http.errors import no_record, unknown_field, unknown_relationship

from .definitions import FieldDefinition, RelationshipDefinition
from .documents import Record, Relationship, Value
from .order import Order
from .record_types import Kind
from .timestamps import iso, now


class Collection:
    """The records of one type, by id: those in use, and those in the trash."""

    def __init__(self, kind: Kind, records: dict[str, Record] | None = None) -> None:
        self.kind = kind
        self.definitions = deepcopy(kind.definitions)
        self.records = {} if records is None else records
        self.trash: dict[str, Record] = {}
        self.order = Order(self.records)
        self.trash_order = Order(self.trash)

    def active(self, identifier: str) -> Record:
        """Return a record in use."""
        record = self.records.get(identifier)
        if record is None:
            raise no_record(self.kind.name)
        return record

    def known(self, identifier: str) -> Record | None:
        """Return a record, also from the trash."""
        return self.records.get(identifier) or self.trash.get(identifier)

    def move(self, identifier: str, *, to_trash: bool) -> Record:
        """Throw a record away or take it back; one that is there already stays."""
        source, target = (self.records, self.trash) if to_trash else (self.trash, self.records)
        record = source.pop(identifier, None)
        if record is not None:
            target[identifier] = record
        found = target.get(identifier)
        if found is None:
            raise no_record(self.kind.name)
        return found

    def field(self, key: str, *, param: str | None = None) -> FieldDefinition:
        """Return the definition of a field."""
        definition = self.definitions["fieldDefinitions"].get(key)
        if definition is None:
            raise unknown_field(self.kind.name, key, param or f"fields.{key}")
        return definition

    def relationship(self, key: str) -> RelationshipDefinition:
        """Return the definition of a relationship."""
        definition = self.definitions["relationshipDefinitions"].get(key)
        if definition is None:
            raise unknown_relationship(self.kind.name, key)
        return definition

    def moment(self) -> str:
        """Return when a record made now is created: never before one that is there."""
        return max(iso(now()), self.order.latest())

    def blank(self, identifier: str, created: str) -> Record:
        """Make a record whose fields and relationships are all unset."""
        defined = self.definitions
        record: Record = {
            "id": identifier,
            "createdAt": created,
            "updatedAt": created,
            "externalId": None,
            "httpLink": f"https://crm.lightfield.app/crm/{self.kind.name}/{identifier}",
            "fields": {
                key: {"value": None, "valueType": each["valueType"]}
                for key, each in defined["fieldDefinitions"].items()
            },
            "relationships": {key: unset(each) for key, each in defined["relationshipDefinitions"].items()},
        }
        if self.kind.private:
            record["accessLevel"] = "FULL"
            record["objectType"] = self.kind.object_type
        return record

    def add(
        self, identifier: str, created: str, values: dict[str, Value], related: dict[str, list[str]] | None = None
    ) -> Record:
        """Put in a record as it is, without asking whether its values are right."""
        record = self.blank(identifier, created)
        for key, value in values.items():
            record["fields"][key]["value"] = value
        for key, identifiers in (related or {}).items():
            record["relationships"][key]["values"] = identifiers
        self.records[identifier] = record
        return record

    def shown(self, record: Record) -> object:
        """Return what the API shows of a record."""
        hidden = self.kind.hidden
        return {key: value for key, value in record.items() if key not in hidden} if hidden else record

    def listed(self, record: Record) -> object:
        """Return what the API shows of a record in a list."""
        unlisted = self.kind.unlisted
        if not unlisted:
            return self.shown(record)
        return {**record, "fields": {key: each for key, each in record["fields"].items() if key not in unlisted}}


def unset(definition: RelationshipDefinition) -> Relationship:
    """Make a relationship that points nowhere."""
    made: Relationship = {
        "cardinality": definition["cardinality"],
        "objectType": definition["objectType"],
        "values": [],
    }
    ends = definition.get("directions")
    if ends is not None:
        made["directions"] = {name: {"cardinality": end["cardinality"], "values": []} for name, end in ends.items()}
    return made
