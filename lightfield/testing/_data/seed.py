"""What is in a sandbox before a test touches it?

Opportunities are made one after the other from one random generator, each an hour or so younger than the
one before it.
"""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple, TypeVar

from lightfield.testing._crm.documents import Direction, Field, Record, Relationship, Value
from lightfield.testing._crm.timestamps import iso
from lightfield.testing._data import vocabulary as words

T = TypeVar("T")

_EPOCH = datetime(2026, 1, 5, 8, tzinfo=UTC)
_ID_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_STATUSES = {"Won": "opt_status_won", "Lost": "opt_status_lost"}


class _Deal(NamedTuple):
    company: str
    kind: str
    stage: str
    created: datetime

    @property
    def slug(self) -> str:
        return self.company.lower().replace(" ", "_")

    @property
    def domain(self) -> str:
        return f"{self.slug.replace('_', '-')}.example"


def seed_opportunities(rng: Random, count: int) -> dict[str, Record]:
    """Make up opportunities, by id and oldest first."""
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


def _opportunity(rng: Random, created: datetime, previous: list[str]) -> Record:
    deal = _Deal(rng.choice(words.COMPANIES), rng.choice(words.DEALS), rng.choice(words.STAGES), created)
    identifier = _identifier(rng, "opp")
    link = f"https://crm.lightfield.app/crm/opportunities/{identifier}"
    record: Record = {
        "id": identifier,
        "createdAt": iso(created),
        "httpLink": _often(rng, 0.95, link),
        "fields": _system_fields(rng, deal) | _custom_fields(rng, deal),
        "relationships": _people(rng, deal) | _activity(rng, previous),
    }
    if _happens(rng, 0.8):  # the API leaves both keys out at times, and gives null at others
        record["updatedAt"] = _often(rng, 0.8, iso(_later(rng, created, days=60)))
    if _happens(rng, 0.6):
        record["externalId"] = _often(rng, 0.5, f"legacy-{rng.randrange(100_000):05}")
    return record


def _system_fields(rng: Random, deal: _Deal) -> dict[str, Field]:
    status = _STATUSES.get(deal.stage, "opt_status_open")
    closing = _later(rng, deal.created, days=240).replace(hour=10, minute=0, second=0, microsecond=0)
    amount = rng.choice((rng.randrange(1_000, 400_000), rng.randrange(10, 4_000) * 100, rng.randrange(10**7) / 100))
    return {
        "$name": _field("TEXT", f"{deal.company} - {deal.kind}"),
        "$stage": _field("SINGLE_SELECT", f"opt_stage_{deal.stage.lower()}"),
        "$opportunityStatus": _field("SINGLE_SELECT", status),
        "$amount": _field("CURRENCY", _often(rng, 0.9, amount)),
        "$closeDate": _field("DATETIME", _often(rng, 0.9, iso(closing))),
        "$nextStep": _field("TEXT", _often(rng, 0.8, rng.choice(words.NEXT_STEPS))),
        "$lastInteractionAt": _field("DATETIME", _often(rng, 0.8, iso(_later(rng, deal.created, days=60)))),
        "$opportunitySummary": _field("MARKDOWN", _summary(rng, deal)),  # the API documents no key for it
    }


def _custom_fields(rng: Random, deal: _Deal) -> dict[str, Field]:
    first, last = rng.choice(words.CONTACTS)
    products = [f"opt_product_{name}" for name in rng.sample(words.PRODUCTS, rng.randrange(4))]
    links = [f"https://{deal.domain}/tenders/{rng.randrange(10_000)}" for _ in range(rng.randrange(1, 3))]
    emails = [f"{name}@{deal.domain}" for name in rng.sample(("finance", "legal", "office"), rng.randrange(1, 3))]
    signatory: Value = {"firstName": first, "lastName": _often(rng, 0.8, last)}
    return {
        "priority": _field("NUMBER", _often(rng, 0.9, rng.randrange(1, 6))),
        "win-probability": _field("NUMBER", rng.randrange(10_000) / 100),
        "products": _field("MULTI_SELECT", products),
        "approved": _field("CHECKBOX", rng.choice((True, False, None))),
        "billing-address": _field("ADDRESS", _often(rng, 0.9, _address(rng))),
        "documents": _field("URL", links),
        "billing-contacts": _field("EMAIL", emails),
        "switchboard": _field("TELEPHONE", [f"+1202555{rng.randrange(100, 200):04}"]),  # reserved for fiction
        "signatory": _field("FULL_NAME", _often(rng, 0.8, signatory)),
    }


def _people(rng: Random, deal: _Deal) -> dict[str, Relationship]:
    champion, evaluator = (f"con_{deal.slug}_{first.lower()}" for first, _ in rng.sample(words.CONTACTS, 2))
    return {
        "$account": _relationship("account", [f"acc_{deal.slug}"]),
        "$owner": _relationship("member", [rng.choice(words.MEMBERS)]),
        "$createdBy": _relationship("member", [rng.choice(words.MEMBERS)]),
        "$champion": _relationship("contact", _often(rng, 0.8, [champion]) or []),
        "$evaluator": _relationship("contact", _often(rng, 0.5, [evaluator]) or []),
    }


def _activity(rng: Random, previous: list[str]) -> dict[str, Relationship]:
    source: Direction = {"cardinality": "HAS_ONE", "values": _often(rng, 0.5, previous) or []}
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
    situation = rng.choice(words.SITUATIONS).format(company=deal.company)
    outlook = f"**Outlook:** {rng.choice(words.OUTLOOKS)}"
    return "\n\n".join([f"## {deal.kind} for {deal.company}", situation, rng.choice(words.CONCERNS), outlook])


def _address(rng: Random) -> Value:
    city, state, code, country, latitude, longitude = rng.choice(words.CITIES)
    return {
        "street": rng.choice(words.STREETS),
        "street2": _often(rng, 0.2, "Floor 3"),
        "city": city,
        "state": state,
        "postalCode": code,
        "country": country,
        "latitude": latitude,
        "longitude": longitude,
    }


def _field(kind: str, value: Value) -> Field:
    return {"value": value, "valueType": kind}


def _relationship(to: str, values: list[str], cardinality: str = "HAS_ONE") -> Relationship:
    return {"cardinality": cardinality, "objectType": to, "values": list(values)}


def _often(rng: Random, share: float, value: T) -> T | None:
    return value if _happens(rng, share) else None


def _happens(rng: Random, share: float) -> bool:
    return rng.random() < share


def _later(rng: Random, moment: datetime, days: int) -> datetime:
    return moment + timedelta(seconds=rng.randrange(3_600, days * 86_400))


def _identifiers(rng: Random, prefix: str) -> list[str]:
    return [_identifier(rng, prefix) for _ in range(rng.randrange(4))]


def _identifier(rng: Random, prefix: str) -> str:
    return f"{prefix}_cm{''.join(rng.choices(_ID_CHARACTERS, k=22))}"
