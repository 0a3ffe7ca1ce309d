"""Initial opportunities.

They are drawn in sequence from one random generator, each created about an hour after the previous one.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple, TypeVar

from lightfield.testing._crm.documents import Direction, Field, Record, Relationship, Value
from lightfield.testing._crm.timestamps import format_timestamp
from lightfield.testing._crm.workspace import random_id
from lightfield.testing._data import vocabulary

T = TypeVar("T")

_EPOCH = datetime(2026, 1, 5, 8, tzinfo=UTC)
_STATUSES = {"Won": "opt_status_won", "Lost": "opt_status_lost"}


class _Deal(NamedTuple):
    company: str
    deal_type: str
    stage: str
    created: datetime


def seed_opportunities(rng: Random, count: int) -> dict[str, Record]:
    """Return random opportunities by id, oldest first."""
    if count < 0:
        raise ValueError(f"opportunities must be at least 0; got {count}")
    records: dict[str, Record] = {}
    created = _EPOCH
    previous: list[str] = []
    for _ in range(count):
        record = _opportunity(rng, created, previous)
        records[record["id"]] = record
        previous = [record["id"]]
        created += timedelta(milliseconds=rng.randrange(60_000, 7_200_000))
    return records


def slug(name: str) -> str:
    """Return a name as part of an id."""
    return name.lower().replace(" ", "_").replace("-", "_")


def contact_id(company: str, first_name: str) -> str:
    """Return the id of a contact."""
    return f"con_{slug(company)}_{first_name.lower()}"


def domain(company: str) -> str:
    """Return the domain of a company."""
    return f"{slug(company).replace('_', '-')}.example"


def address(city: Sequence[str | float | None], street: str, street2: str | None) -> Value:
    """Return an address in one of the vocabulary's cities."""
    name, state, code, country, latitude, longitude = city
    return {
        "street": street,
        "street2": street2,
        "city": name,
        "state": state,
        "postalCode": code,
        "country": country,
        "latitude": latitude,
        "longitude": longitude,
    }


def _opportunity(rng: Random, created: datetime, previous: list[str]) -> Record:
    deal = _Deal(rng.choice(vocabulary.COMPANIES), rng.choice(vocabulary.DEALS), rng.choice(vocabulary.STAGES), created)
    identifier = random_id(rng, "opp")
    link = f"https://crm.lightfield.app/crm/opportunities/{identifier}"
    record: Record = {
        "id": identifier,
        "createdAt": format_timestamp(created),
        "httpLink": _maybe(rng, 0.95, link),
        "fields": _system_fields(rng, deal) | _custom_fields(rng, deal),
        "relationships": _people(rng, deal) | _activity(rng, previous),
    }
    if _chance(rng, 0.8):  # the API sometimes omits both keys and sometimes sends null
        record["updatedAt"] = _maybe(rng, 0.8, format_timestamp(_later(rng, created, days=60)))
    if _chance(rng, 0.6):
        record["externalId"] = _maybe(rng, 0.5, f"legacy-{rng.randrange(100_000):05}")
    return record


def _system_fields(rng: Random, deal: _Deal) -> dict[str, Field]:
    status = _STATUSES.get(deal.stage, "opt_status_open")
    closing = _later(rng, deal.created, days=240).replace(hour=10, minute=0, second=0, microsecond=0)
    amount = rng.choice((rng.randrange(1_000, 400_000), rng.randrange(10, 4_000) * 100, rng.randrange(10**7) / 100))
    return {
        "$name": _field("TEXT", f"{deal.company} - {deal.deal_type}"),
        "$stage": _field("SINGLE_SELECT", f"opt_stage_{deal.stage.lower()}"),
        "$opportunityStatus": _field("SINGLE_SELECT", status),
        "$amount": _field("CURRENCY", _maybe(rng, 0.9, amount)),
        "$closeDate": _field("DATETIME", _maybe(rng, 0.9, format_timestamp(closing))),
        "$nextStep": _field("TEXT", _maybe(rng, 0.8, rng.choice(vocabulary.NEXT_STEPS))),
        "$lastInteractionAt": _field(
            "DATETIME", _maybe(rng, 0.8, format_timestamp(_later(rng, deal.created, days=60)))
        ),
        "$opportunitySummary": _field("MARKDOWN", _summary(rng, deal)),  # its key is not documented
    }


def _custom_fields(rng: Random, deal: _Deal) -> dict[str, Field]:
    first, last = rng.choice(vocabulary.CONTACTS)
    products = [f"opt_product_{name}" for name in rng.sample(vocabulary.PRODUCTS, rng.randrange(4))]
    links = [f"https://{domain(deal.company)}/tenders/{rng.randrange(10_000)}" for _ in range(rng.randrange(1, 3))]
    emails = [
        f"{name}@{domain(deal.company)}" for name in rng.sample(("finance", "legal", "office"), rng.randrange(1, 3))
    ]
    signatory: Value = {"firstName": first, "lastName": _maybe(rng, 0.8, last)}
    return {
        "priority": _field("NUMBER", _maybe(rng, 0.9, rng.randrange(1, 6))),
        "win-probability": _field("NUMBER", rng.randrange(10_000) / 100),
        "products": _field("MULTI_SELECT", products),
        "approved": _field("CHECKBOX", rng.choice((True, False, None))),
        "billing-address": _field("ADDRESS", _maybe(rng, 0.9, _address(rng))),
        "documents": _field("URL", links),
        "billing-contacts": _field("EMAIL", emails),
        "switchboard": _field("TELEPHONE", [f"+1202555{rng.randrange(100, 200):04}"]),  # reserved for fiction
        "signatory": _field("FULL_NAME", _maybe(rng, 0.8, signatory)),
    }


def _people(rng: Random, deal: _Deal) -> dict[str, Relationship]:
    champion, evaluator = (contact_id(deal.company, first) for first, _ in rng.sample(vocabulary.CONTACTS, 2))
    return {
        "$account": _relationship("account", [f"acc_{slug(deal.company)}"]),
        "$owner": _relationship("member", [rng.choice(vocabulary.MEMBERS)]),
        "$createdBy": _relationship("member", [rng.choice(vocabulary.MEMBERS)]),
        "$champion": _relationship("contact", _maybe(rng, 0.8, [champion]) or []),
        "$evaluator": _relationship("contact", _maybe(rng, 0.5, [evaluator]) or []),
    }


def _activity(rng: Random, previous: list[str]) -> dict[str, Relationship]:
    source: Direction = {"cardinality": "HAS_ONE", "values": _maybe(rng, 0.5, previous) or []}
    destination: Direction = {"cardinality": "HAS_MANY", "values": []}
    follows = _relationship("opportunity", source["values"], "HAS_MANY")
    follows["directions"] = {"asSource": source, "asDestination": destination}
    return {
        "$task": _relationship("task", _identifiers(rng, "tsk"), "HAS_MANY"),
        "$note": _relationship("note", _identifiers(rng, "not"), "HAS_MANY"),
        "$meeting": _relationship("meeting", _identifiers(rng, "mtg"), "HAS_MANY"),
        "follows": follows,
    }


def _summary(rng: Random, deal: _Deal) -> str:
    situation = rng.choice(vocabulary.SITUATIONS).format(company=deal.company)
    outlook = f"**Outlook:** {rng.choice(vocabulary.OUTLOOKS)}"
    return "\n\n".join([f"## {deal.deal_type} for {deal.company}", situation, rng.choice(vocabulary.CONCERNS), outlook])


def _address(rng: Random) -> Value:
    return address(rng.choice(vocabulary.CITIES), rng.choice(vocabulary.STREETS), _maybe(rng, 0.2, "Floor 3"))


def _field(value_type: str, value: Value) -> Field:
    return {"value": value, "valueType": value_type}


def _relationship(object_type: str, values: list[str], cardinality: str = "HAS_ONE") -> Relationship:
    return {"cardinality": cardinality, "objectType": object_type, "values": list(values)}


def _maybe(rng: Random, probability: float, value: T) -> T | None:
    return value if _chance(rng, probability) else None


def _chance(rng: Random, probability: float) -> bool:
    return rng.random() < probability


def _later(rng: Random, start: datetime, days: int) -> datetime:
    return start + timedelta(seconds=rng.randrange(3_600, days * 86_400))


def _identifiers(rng: Random, prefix: str) -> list[str]:
    return [random_id(rng, prefix) for _ in range(rng.randrange(4))]
