"""Initial records other than opportunities.

They derive from the vocabulary. Tasks, notes and meetings belong to the first opportunities only, so their number stays
small for any number of opportunities.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from lightfield.testing._crm.timestamps import format_timestamp
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._data import vocabulary
from lightfield.testing._data.seed import address, contact_id, domain, slug

if TYPE_CHECKING:
    from lightfield.testing._crm.documents import Value

T = TypeVar("T")

_EPOCH = datetime(2025, 9, 1, 8, tzinfo=UTC)
_OPPORTUNITIES_WITH_ACTIVITIES = 6
_ACTIVITIES = ("tasks", "notes", "meetings")


def seed_related(workspace: Workspace) -> None:
    """Create the initial records other than opportunities."""
    _members(workspace)
    for index, company in enumerate(vocabulary.COMPANIES):
        _account(workspace, index, company)
        _contacts(workspace, index, company)
    opportunities = workspace.collections["opportunities"].records
    accounts = workspace.collections["accounts"].records
    for identifier, record in opportunities.items():
        for account in record["relationships"]["$account"]["values"]:
            accounts[account]["relationships"]["$opportunity"]["values"].append(identifier)
    for record in islice(opportunities.values(), _OPPORTUNITIES_WITH_ACTIVITIES):
        for name in _ACTIVITIES:
            for activity in record["relationships"][f"${name[:-1]}"]["values"]:
                _activity(workspace, name, activity, record["relationships"]["$account"]["values"], [record["id"]])
    for name in _ACTIVITIES:
        for account in islice(accounts, 3):
            _activity(workspace, name, f"{workspace.collections[name].record_type.prefix}_{account[4:]}", [account], [])
    _projects(workspace)


def _members(workspace: Workspace) -> None:
    for index, identifier in enumerate(vocabulary.MEMBERS):
        name = identifier.removeprefix("mem_")
        values: dict[str, Value] = {
            "$email": f"{name}@seller.example",
            "$name": {"firstName": name.capitalize(), "lastName": "Member"},
            "$role": vocabulary.ROLES[index],
        }
        related = {"$user": [f"usr_{name}"]}
        workspace.collections["members"].add(identifier, _timestamp(-1, index), values, related)


def _account(workspace: Workspace, index: int, company: str) -> None:
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
    workspace.collections["accounts"].add(f"acc_{slug(company)}", _timestamp(index, 0), values, related)


def _contacts(workspace: Workspace, index: int, company: str) -> None:
    for position, (first, last) in enumerate(vocabulary.CONTACTS):
        values: dict[str, Value] = {
            "$name": {"firstName": first, "lastName": last},
            "$email": [f"{first.lower()}@{domain(company)}"],
            "$title": vocabulary.TITLES[position],
            "$phone": [f"+1202555{100 + index:04}"],
            "$doNotContact": (index + position) % 5 == 0,
        }
        related = {"$account": [f"acc_{slug(company)}"]}
        collection = workspace.collections["contacts"]
        collection.add(contact_id(company, first), _timestamp(index, 1 + position), values, related)


def _activity(
    workspace: Workspace, name: str, identifier: str, accounts: Sequence[str], opportunities: Sequence[str]
) -> None:
    collection = workspace.collections[name]
    index = len(collection.records)
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
    record = collection.add(identifier, format_timestamp(start), values[name], related)
    for key in ("$assignedTo", "$createdBy", "$author"):
        if key in record["relationships"]:
            record["relationships"][key]["values"] = list(member)
    for account in accounts:
        relationships = workspace.collections["accounts"].records[account]["relationships"]
        relationships[f"${name[:-1]}"]["values"].append(identifier)


def _projects(workspace: Workspace) -> None:
    for index, name in enumerate(vocabulary.PROJECTS):
        values: dict[str, Value] = {
            "$name": name,
            "status": _cycle(("opt_project_planned", "opt_project_running", "opt_project_done"), index),
            "budget": 5_000 * (index + 1),
            "deadline": format_timestamp(_EPOCH + timedelta(days=300 + 30 * index)),
        }
        related = {"$owner": [vocabulary.MEMBERS[index]], "account": [f"acc_{slug(vocabulary.COMPANIES[index])}"]}
        workspace.collections["project"].add(f"prj_{slug(name)}", _timestamp(30 + index, 0), values, related)


def _cycle(choices: Sequence[T], index: int) -> T:
    return choices[index % len(choices)]


def _timestamp(days: int, hours: int) -> str:
    return format_timestamp(_EPOCH + timedelta(days=days, hours=hours))
