"""What do the seeded opportunities point at?

All of it follows from the words that they are made of and, for tasks, notes and meetings, from the first of them: a
sandbox has a few of those whatever the number of its opportunities.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TypeVar

from lightfield.testing._crm.documents import Value
from lightfield.testing._crm.timestamps import iso
from lightfield.testing._crm.workspace import Workspace
from lightfield.testing._data import vocabulary as words

T = TypeVar("T")

_FOUNDED = datetime(2025, 9, 1, 8, tzinfo=UTC)
_FIRST = 6
_ACTIVITIES = ("tasks", "notes", "meetings")


def seed_neighbours(workspace: Workspace) -> None:
    """Make up everything but the opportunities."""
    _members(workspace)
    for number, company in enumerate(words.COMPANIES):
        _account(workspace, number, company)
        _contacts(workspace, number, company)
    opportunities = workspace.collections["opportunities"].records
    accounts = workspace.collections["accounts"].records
    for identifier, record in opportunities.items():
        for account in record["relationships"]["$account"]["values"]:
            accounts[account]["relationships"]["$opportunity"]["values"].append(identifier)
    for record in islice(opportunities.values(), _FIRST):
        for name in _ACTIVITIES:
            for activity in record["relationships"][f"${name[:-1]}"]["values"]:
                _activity(workspace, name, activity, record["relationships"]["$account"]["values"], [record["id"]])
    for name in _ACTIVITIES:
        for account in islice(accounts, 3):
            _activity(workspace, name, f"{workspace.collections[name].kind.prefix}_{account[4:]}", [account], [])
    _projects(workspace)


def _members(workspace: Workspace) -> None:
    for number, identifier in enumerate(words.MEMBERS):
        name = identifier.removeprefix("mem_")
        values: dict[str, Value] = {
            "$email": f"{name}@seller.example",
            "$name": {"firstName": name.capitalize(), "lastName": "Member"},
            "$role": words.ROLES[number],
        }
        related = {"$user": [f"usr_{name}"]}
        workspace.collections["members"].add(identifier, _moment(-1, number), values, related)


def _account(workspace: Workspace, number: int, company: str) -> None:
    domain = _slug(company).replace("_", "-")
    values: dict[str, Value] = {
        "$name": company,
        "$website": [f"https://{domain}.example"],
        "$industry": [f"opt_industry_{_turn(words.INDUSTRIES, number).lower()}"],
        "$headcount": _turn(tuple(words.HEADCOUNTS), number),
        "$linkedIn": f"https://www.linkedin.com/company/{domain}",
        "$primaryAddress": _address(number),
        "$accountStatus": _turn(("opt_account_prospect", "opt_account_customer"), number),
        "icp-score": number * 4,
        "tier": _turn(("opt_tier_gold", "opt_tier_silver", "opt_tier_bronze", None), number),
    }
    related = {
        "$owner": [_turn(words.MEMBERS, number)],
        "$contact": [_contact(company, first) for first, _ in words.CONTACTS],
    }
    workspace.collections["accounts"].add(f"acc_{_slug(company)}", _moment(number, 0), values, related)


def _address(number: int) -> Value:
    city, state, code, country, latitude, longitude = _turn(words.CITIES, number)
    return {
        "street": _turn(words.STREETS, number),
        "street2": None,
        "city": city,
        "state": state,
        "postalCode": code,
        "country": country,
        "latitude": latitude,
        "longitude": longitude,
    }


def _contacts(workspace: Workspace, number: int, company: str) -> None:
    domain = _slug(company).replace("_", "-")
    for position, (first, last) in enumerate(words.CONTACTS):
        values: dict[str, Value] = {
            "$name": {"firstName": first, "lastName": last},
            "$email": [f"{first.lower()}@{domain}.example"],
            "$title": words.TITLES[position],
            "$phone": [f"+1202555{100 + number:04}"],
            "$doNotContact": (number + position) % 5 == 0,
        }
        related = {"$account": [f"acc_{_slug(company)}"]}
        collection = workspace.collections["contacts"]
        collection.add(_contact(company, first), _moment(number, 1 + position), values, related)


def _activity(
    workspace: Workspace, name: str, identifier: str, accounts: Sequence[str], opportunities: Sequence[str]
) -> None:
    collection = workspace.collections[name]
    number = len(collection.records)
    begun = _FOUNDED + timedelta(days=40 + number)
    values: dict[str, dict[str, Value]] = {
        "tasks": {
            "$title": _turn(words.TASKS, number),
            "$status": _turn(("TODO", "IN_PROGRESS", "COMPLETE"), number),
            "$dueAt": iso(begun + timedelta(days=200)),
        },
        "notes": {"$title": _turn(words.NOTES, number), "$content": _turn(words.CONCERNS, number)},
        "meetings": {
            "$title": _turn(words.MEETINGS, number),
            "$startDate": iso(begun),
            "$endDate": iso(begun + timedelta(hours=1)),
        },
    }
    member = [_turn(words.MEMBERS, number)]
    related = {"$account": [*accounts], "$opportunity": [*opportunities]}
    made = collection.add(identifier, iso(begun), values[name], related)
    for key in ("$assignedTo", "$createdBy", "$author"):
        if key in made["relationships"]:
            made["relationships"][key]["values"] = list(member)
    for account in accounts:
        pointed_at = workspace.collections["accounts"].records[account]["relationships"]
        pointed_at[f"${name[:-1]}"]["values"].append(identifier)


def _projects(workspace: Workspace) -> None:
    for number, name in enumerate(words.PROJECTS):
        values: dict[str, Value] = {
            "$name": name,
            "status": _turn(("opt_project_planned", "opt_project_running", "opt_project_done"), number),
            "budget": 5_000 * (number + 1),
            "deadline": iso(_FOUNDED + timedelta(days=300 + 30 * number)),
        }
        related = {"$owner": [words.MEMBERS[number]], "account": [f"acc_{_slug(words.COMPANIES[number])}"]}
        workspace.collections["project"].add(f"prj_{_slug(name)}", _moment(30 + number, 0), values, related)


def _turn(choices: Sequence[T], number: int) -> T:
    return choices[number % len(choices)]


def _slug(name: str) -> str:
    return name.lower().replace(" ", "_").replace("-", "_")


def _contact(company: str, first: str) -> str:
    return f"con_{_slug(company)}_{first.lower()}"


def _moment(days: int, hours: int) -> str:
    return iso(_FOUNDED + timedelta(days=days, hours=hours))
