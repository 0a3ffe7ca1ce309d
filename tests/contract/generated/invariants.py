"""What must be true of a sandbox whatever was written to it, seen from outside."""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any
from urllib.request import urlopen

from tests.contract.generated.author import BY_NAME, CUSTOM, FILTERED, filter_text, stored
from tests.contract.generated.known import Document, Request
from tests.contract.generated.play import CONTENT, Player

LISTED = ("account", "contact", "opportunity", "meeting", "note", "task", "member", "object", "email", "list", "file")
TRASHED = ("account", "contact", "opportunity", "meeting", "note", "task")
"""The resources whose trash can be listed."""

WITH_HISTORY = ("account", "contact", "opportunity", "object")
INVERSES = {
    ("opportunity", "$account"): ("account", "$opportunity"),
    ("contact", "$account"): ("account", "$contact"),
    ("task", "$account"): ("account", "$task"),
    ("task", "$opportunity"): ("opportunity", "$task"),
    ("note", "$account"): ("account", "$note"),
    ("note", "$opportunity"): ("opportunity", "$note"),
    ("note", "$meeting"): ("meeting", "$note"),
    ("meeting", "$account"): ("account", "$meeting"),
    ("meeting", "$opportunity"): ("opportunity", "$meeting"),
}
"""The relationships that are seen from both ends."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "NUMBER": (int, float),
    "CURRENCY": (int, float),
    "CHECKBOX": bool,
    "MULTI_SELECT": list,
    "ADDRESS": dict,
    "FULL_NAME": dict,
    **dict.fromkeys(("EMAIL", "TELEPHONE", "URL"), (str, list)),
}
"""The types of values, but for those that are text."""


class World:
    """All that a sandbox lists, by kind and id."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.faults: list[str] = []
        self.active = {kind: self.everything(f"{kind}.list") for kind in LISTED}
        merges = player.known.active["merge"].values()
        self.merged = {merge[key] for merge in merges for key in ("primaryId", "duplicateId")}
        """What was merged: a duplicate keeps its relationships as they were, and may come back and be merged again."""

        self.trash = {kind: self.everything(f"{kind}.list", status="trashed") for kind in TRASHED}

    def get(self, operation: str, ids: dict[str, str] | None = None, **query: object) -> Any:
        """Give the document that an operation answers with; it must succeed."""
        request = Request(BY_NAME[operation], ids or {}, [(name, str(value)) for name, value in query.items()])
        request.expected = {200}
        return self.player.play(request).document

    def everything(self, operation: str, ids: dict[str, str] | None = None, **query: object) -> dict[str, Document]:
        """Page through a list: no record comes twice, and the total is that of the pages."""
        ids = {"entitySlug": CUSTOM} if operation.startswith("object.") else ids
        found: list[Document] = []
        total = 1
        while len(found) < total:
            page = self.get(operation, ids, limit=7 + len(found) % 19, offset=len(found), **query)
            total = page["totalCount"]
            found += page["data"]
            if not page["data"]:
                break
        by_id = {each["id"]: each for each in found}
        times = [each["createdAt"] for each in found]
        self.check(len(by_id) == len(found), f"{operation}: a record comes twice")
        self.check(len(found) == total, f"{operation}: {len(found)} records, but totalCount is {total}")
        self.check(times == sorted(times, reverse=True), f"{operation} is not sorted by createdAt")
        return by_id

    def known(self, kind: str) -> dict[str, Document]:
        """Give the records of a kind, in the trash or not."""
        kind = "object" if kind == CUSTOM else kind
        return {**self.active.get(kind, {}), **self.trash.get(kind, {})}

    def check(self, is_true: bool, what: str) -> None:
        if not is_true:
            self.faults.append(what)


def broken(player: Player) -> list[str]:
    """Say what is not true."""
    world = World(player)
    for check in (_retrieves, _trash, _values, _targets, _inverses, _histories, _lists, _files, _merges, _filters):
        check(world)
    return world.faults


def _retrieves(world: World) -> None:
    """A record is retrieved as it is listed; only the text of an email is not listed."""
    for kind in LISTED:
        for identifier, listed in world.active[kind].items():
            ids = {"id": identifier} | ({"entitySlug": CUSTOM} if kind == "object" else {})
            document = world.get(f"{kind}.retrieve", ids)
            if kind == "email":
                body = document["fields"].pop("$body", None)
                world.check(body is not None and "$body" not in listed["fields"], "the text of an email")
            world.check(document == listed, f"{kind} {identifier} is listed as {listed} and retrieved as {document}")


def _trash(world: World) -> None:
    for kind in TRASHED:
        world.check(not world.active[kind].keys() & world.trash[kind].keys(), f"{kind}: active and in the trash")
        for identifier in world.trash[kind]:
            request = Request(BY_NAME[f"{kind}.retrieve"], {"id": identifier}, expected={404})
            world.player.play(request)


def _values(world: World) -> None:
    """Records have the fields and relationships that are defined, and values of their types."""
    for kind, definitions in world.player.known.definitions.items():
        fields, relationships = definitions["fieldDefinitions"], definitions["relationshipDefinitions"]
        for identifier, record in world.known(kind).items():
            world.check(record["fields"].keys() == fields.keys(), f"{kind} {identifier}: fields")
            world.check(record["relationships"].keys() == relationships.keys(), f"{kind} {identifier}: relationships")
            for key, each in record["fields"].items():
                world.check(each["valueType"] == fields[key]["valueType"], f"{kind} {identifier}: type of {key}")
                world.check(_is_value(each["value"], fields[key]), f"{kind} {identifier}: {key} is {each['value']}")
            for key, each in record["relationships"].items():
                same = (each["cardinality"], each["objectType"]) == (
                    relationships[key]["cardinality"],
                    relationships[key]["objectType"],
                )
                world.check(same, f"{kind} {identifier}: {key} is not as defined")
                is_single = each["cardinality"] == "HAS_ONE"
                world.check(not is_single or len(each["values"]) < 2, f"{kind} {identifier}: {key} has several")
                world.check(len({*each["values"]}) == len(each["values"]), f"{kind} {identifier}: {key} has one twice")


def _is_value(value: Any, definition: Document) -> bool:
    if value is None:
        return True
    kind = definition["valueType"]
    options: set[str] = {option["id"] for option in definition["typeConfiguration"].get("options", ())}
    if kind in {"SINGLE_SELECT", "MULTI_SELECT"}:
        return {*value} <= options if isinstance(value, list) else value in options
    if kind == "DATETIME":
        return _TIME.fullmatch(value) is not None
    several = definition["typeConfiguration"].get("multipleValues")
    return isinstance(value, _TYPES.get(kind, str)) and (several is None or isinstance(value, list) == several)


def _links(world: World, kind: str) -> Iterator[tuple[str, str, Document]]:
    for identifier, record in world.known(kind).items():
        for key, each in record.get("relationships", {}).items():
            yield identifier, key, each


def _targets(world: World) -> None:
    """What a record points to exists."""
    for kind in LISTED:
        for identifier, key, each in _links(world, kind):
            if each["objectType"] != "user":
                missing = {*each["values"]} - world.known(each["objectType"]).keys()
                world.check(not missing, f"{kind} {identifier}: {key} points to {sorted(missing)}, which do not exist")


def _inverses(world: World) -> None:
    """Both ends of a relationship agree."""
    for (kind, key), (other, inverse) in INVERSES.items():
        _agree(world, (kind, key), (other, inverse))
        _agree(world, (other, inverse), (kind, key))
    for kind in LISTED:
        for identifier, key, each in _links(world, kind):
            if identifier in world.merged:
                continue
            for target in {*each.get("directions", {}).get("asSource", {"values": []})["values"]} - world.merged:
                found = world.known(kind).get(target, {"relationships": {key: each}})["relationships"][key]
                agrees = identifier in found["directions"]["asDestination"]["values"]
                world.check(agrees, f"{kind} {identifier}: {key} is not seen by {target}")


def _agree(world: World, here: tuple[str, str], there: tuple[str, str]) -> None:
    for identifier in world.known(here[0]).keys() - world.merged:
        record = world.known(here[0])[identifier]
        for target in record["relationships"].get(here[1], {"values": []})["values"]:
            found = world.known(there[0]).get(target)
            back = found["relationships"].get(there[1], {"values": []})["values"] if found else [identifier]
            world.check(identifier in back, f"{here[0]} {identifier}: {here[1]} is not seen by {target}")


def _histories(world: World) -> None:
    """A history is complete over its pages, newest first, without repetition, and ends in the present."""
    random = world.player.author.random
    for kind in WITH_HISTORY:
        for record in random.sample([*world.active[kind].values()], min(12, len(world.active[kind]))):
            for key in random.sample(stored(world.player.known.definitions[kind]["fieldDefinitions"]), 3):
                _check_history(world, kind, key, record)


def _check_history(world: World, kind: str, key: str, record: Document) -> None:
    ids = {"id": record["id"], "fieldKey": key} | ({"entitySlug": CUSTOM} if kind == "object" else {})
    operation, where = f"{kind}.field_history", f"{kind} {record['id']}: history of {key}"
    whole = world.get(operation, ids, limit=100)
    entries: list[Document] = []
    query: dict[str, object] = {"limit": 2}
    while len(entries) < 1000:
        page = world.get(operation, ids, **query)
        if "data" not in page:
            return  # which is told already
        entries += page["data"]
        if not page["hasMore"]:
            break
        query["after"] = page["nextCursor"]
    bare = [{**entry, "isCreate": None} for entry in entries]
    world.check(bare == [{**entry, "isCreate": None} for entry in whole["data"]], f"{where}: pages differ")
    world.check(entries[0]["value"] == record["fields"][key]["value"], f"{where} does not end in the present")
    world.check(all(a["value"] != b["value"] for a, b in pairwise(entries)), f"{where} repeats a value")
    world.check(all(a["recordedAt"] >= b["recordedAt"] for a, b in pairwise(entries)), f"{where} is not sorted")


def _lists(world: World) -> None:
    """The members of a list are of its type; nothing of another type is a member."""
    for identifier, record in world.active["list"].items():
        kind = record["fields"]["$objectType"]["value"].removeprefix("$")
        for name, of in (("accounts", "account"), ("contacts", "contact"), ("opportunities", "opportunity")):
            members = world.everything(f"list.list_{name}", {"listId": identifier})
            world.check(members.keys() <= world.active[of].keys(), f"list {identifier} has members that are not active")
            world.check(of == kind or not members, f"list {identifier} of {kind} has {name}")


def _files(world: World) -> None:
    for identifier, file in world.active["file"].items():
        if file["status"] == "COMPLETED":
            with urlopen(world.get("file.url", {"id": identifier})["url"]) as content:
                world.check(content.read() == CONTENT, f"file {identifier} has another content")


def _merges(world: World) -> None:
    """The duplicate is in the trash, unless it was restored since, and nothing points to it from then on."""
    for identifier, merge in world.player.known.active["merge"].items():
        document = world.get("merge.get_merge", {"id": identifier})
        kept = (document["primaryId"], document["duplicateId"])
        world.check(kept == (merge["primaryId"], merge["duplicateId"]), f"merge {identifier} is of others")


def _filters(world: World) -> None:
    """A filter gives the records that match it, all of them and no others."""
    for kind in sorted(FILTERED):
        fields = world.player.known.definitions[kind]["fieldDefinitions"]
        for _ in range(12):
            name, text = world.player.author.filter(kind)
            found = world.everything(f"{kind}.list", None, **{name: text})
            expected = {key for key, record in world.active[kind].items() if _matches(record, name, text, fields)}
            world.check(
                found.keys() == expected, f"{kind}.list {name}={text}: {sorted(found.keys() ^ expected)} differ"
            )


def _matches(record: Document, name: str, text: str, fields: Document) -> bool:
    key, _, rest = name.removesuffix("]").partition("[")
    comparison = rest.removeprefix("-")
    negated = comparison != rest
    if key not in fields:
        return (text in record["relationships"][key]["values"]) != negated
    value = record["fields"][key]["value"]
    return (value is not None and _compares(value, comparison, text, fields[key])) != negated


def _compares(value: Any, comparison: str, text: str, definition: Document) -> bool:
    kind = definition["valueType"]
    if kind == "SINGLE_SELECT":
        options = definition["typeConfiguration"]["options"]
        return value in {option["id"] for option in options if text in {option["id"], option["label"]}}
    if kind in {"NUMBER", "CURRENCY"}:
        return _ORDERS[comparison](value, float(text))
    if kind == "DATETIME":
        return _ORDERS[comparison](datetime.fromisoformat(value), datetime.fromisoformat(text))
    if comparison == "contains":
        return text in value if isinstance(value, list) else text == value
    return filter_text(value).startswith(text) if comparison == "startsWith" else filter_text(value) == text


_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equal": operator.eq,
    "greaterThan": operator.gt,
    "greaterThanOrEqual": operator.ge,
    "lessThan": operator.lt,
    "lessThanOrEqual": operator.le,
}
