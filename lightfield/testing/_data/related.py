"""Initial records of all types.

They derive from the vocabulary. Tasks, notes and meetings belong to the first opportunities only, so their number stays
small for any number of opportunities. They are made when one of them is asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from lightfield.testing._crm.collections import new_record
from lightfield.testing._crm.definitions import Option
from lightfield.testing._crm.documents import Record
from lightfield.testing._crm.sources import Documents, Source
from lightfield.testing._crm.timestamps import format_timestamp
from lightfield.testing._data import vocabulary
from lightfield.testing._data.names import account_id, address, contact_id, domain, slug
from lightfield.testing._data.record_types import RECORD_TYPES
from lightfield.testing._data.seed import STAGES, WITH_ACTIVITIES, Opportunities

if TYPE_CHECKING:
    from lightfield.testing._crm.documents import Value

T = TypeVar("T")
_Made: TypeAlias = dict[str, dict[str, Record]]
"""Records by id, by the name of their collection."""

_EPOCH = datetime(2025, 9, 1, 8, tzinfo=UTC)
_ACTIVITIES = ("tasks", "notes", "meetings")
_TYPES = {each.name: each for each in RECORD_TYPES}


def initial_records(seed: int, opportunities: int, stages: Sequence[Option] = STAGES) -> dict[str, Source]:
    """Return what each collection starts with; the opportunities are in some of the stages."""
    source = Opportunities(seed, opportunities, stages)
    made = cache(lambda: _make(source))
    return {
        "opportunities": source,
        "accounts": Documents(lambda: _with_opportunities(made()["accounts"], source)),
        **{name: Documents(partial(_taken, made, name)) for name in ("members", "contacts", *_ACTIVITIES, "project")},
    }


def _taken(made: Callable[[], _Made], name: str) -> Mapping[str, Record]:
    return made()[name]


def _make(opportunities: Opportunities) -> _Made:
    made: _Made = {name: {} for name in _TYPES}
    _members(made)
    for index, company in enumerate(vocabulary.COMPANIES):
        _account(made, index, company)
        _contacts(made, index, company)
    for record in map(opportunities.peek, range(min(len(opportunities), WITH_ACTIVITIES))):
        for name in _ACTIVITIES:
            for activity in record["relationships"][f"${name[:-1]}"]["values"]:
                _activity(made, name, activity, record["relationships"]["$account"]["values"], [record["id"]])
    for name in _ACTIVITIES:
        for account in islice(made["accounts"], 3):
            _activity(made, name, f"{_TYPES[name].prefix}_{account[4:]}", [account], [])
    _projects(made)
    return made


def _with_opportunities(accounts: Mapping[str, Record], opportunities: Opportunities) -> Mapping[str, Record]:
    for position, related in enumerate(opportunities.relationship_column("$account", "")):
        for account in related:
            values = accounts[account]["relationships"]["$opportunity"]["values"]
            values.append(opportunities.identifier(position))
    return accounts


def _add(
    made: _Made,
    name: str,
    identifier: str,
    created: str,
    values: Mapping[str, "Value"],
    related: Mapping[str, list[str]],
) -> Record:
    record_type = _TYPES[name]
    record = new_record(record_type, record_type.definitions, (identifier, created), values, related)
    made[name][identifier] = record
    return record


def _members(made: _Made) -> None:
    for index, (identifier, name) in enumerate(zip(vocabulary.MEMBERS, vocabulary.MEMBER_NAMES, strict=True)):
        values: dict[str, Value] = {
            "$email": f"{name}@seller.example",
            "$name": {"firstName": name.capitalize(), "lastName": "Member"},
            "$role": vocabulary.ROLES[index],
        }
        related = {"$user": [f"usr_{name}"]}
        _add(made, "members", identifier, _timestamp(-1, index), values, related)


def _account(made: _Made, index: int, company: str) -> None:
    values: dict[str, Value] = {
        "$name": company,
        "$website": [f"https://{domain(company)}"],
        "$industry": [f"opt_industry_{_cycle(vocabulary.INDUSTRIES, index).lower()}"],
        "$headcount": _cycle(tuple(vocabulary.HEADCOUNTS), index),
        "$linkedIn": f"https://www.linkedin.com/company/{domain(company).removesuffix('.example')}",
        "$primaryAddress": address(_cycle(vocabulary.CITIES, index), _cycle(vocabulary.STREETS, index), None),
        "$accountStatus": _cycle(("opt_account_prospect", "opt_account_customer"), index),
        "icp-score": index * 4,
        "tier": _cycle(("opt_tier_gold", "opt_tier_silver", "opt_tier_bronze", None), index),
    }
    related = {
        "$owner": [_cycle(vocabulary.MEMBERS, index)],
        "$contact": [contact_id(company, first) for first, _ in vocabulary.CONTACTS],
    }
    _add(made, "accounts", account_id(company), _timestamp(index, 0), values, related)


def _contacts(made: _Made, index: int, company: str) -> None:
    for position, (first, last) in enumerate(vocabulary.CONTACTS):
        values: dict[str, Value] = {
            "$name": {"firstName": first, "lastName": last},
            "$email": [f"{first.lower()}@{domain(company)}"],
            "$title": vocabulary.TITLES[position],
            "$phone": [f"+1202555{100 + index:04}"],
            "$doNotContact": (index + position) % 5 == 0,
            "$linkedIn": f"https://www.linkedin.com/in/{slug(company)}_{first.lower()}" if index < 2 else None,
        }
        related = {"$account": [account_id(company)]}
        _add(made, "contacts", contact_id(company, first), _timestamp(index, 1 + position), values, related)


def _activity(made: _Made, name: str, identifier: str, accounts: Sequence[str], opportunities: Sequence[str]) -> None:
    index = len(made[name])
    start = _EPOCH + timedelta(days=40 + index)
    values: dict[str, dict[str, Value]] = {
        "tasks": {
            "$title": _cycle(vocabulary.TASKS, index),
            "$status": _cycle(("TODO", "IN_PROGRESS", "COMPLETE"), index),
            "$dueAt": format_timestamp(start + timedelta(days=200)),
        },
        "notes": {"$title": _cycle(vocabulary.NOTES, index), "$content": _cycle(vocabulary.CONCERNS, index)},
        "meetings": {
            "$title": _cycle(vocabulary.MEETINGS, index),
            "$startDate": format_timestamp(start),
            "$endDate": format_timestamp(start + timedelta(hours=1)),
        },
    }
    member = [_cycle(vocabulary.MEMBERS, index)]
    related = {"$account": [*accounts], "$opportunity": [*opportunities]}
    record = _add(made, name, identifier, format_timestamp(start), values[name], related)
    for key in ("$assignedTo", "$createdBy", "$author"):
        if key in record["relationships"]:
            record["relationships"][key]["values"] = list(member)
    for account in accounts:
        relationships = made["accounts"][account]["relationships"]
        relationships[f"${name[:-1]}"]["values"].append(identifier)


def _projects(made: _Made) -> None:
    for index, name in enumerate(vocabulary.PROJECTS):
        values: dict[str, Value] = {
            "$name": name,
            "status": _cycle(("opt_project_planned", "opt_project_running", "opt_project_done"), index),
            "budget": 5_000 * (index + 1),
            "deadline": format_timestamp(_EPOCH + timedelta(days=300 + 30 * index)),
        }
        related = {"$owner": [vocabulary.MEMBERS[index]], "account": [account_id(vocabulary.COMPANIES[index])]}
        _add(made, "project", f"prj_{slug(name)}", _timestamp(30 + index, 0), values, related)


def _cycle(choices: Sequence[T], index: int) -> T:
    return choices[index % len(choices)]


def _timestamp(days: int, hours: int) -> str:
    return format_timestamp(_EPOCH + timedelta(days=days, hours=hours))
