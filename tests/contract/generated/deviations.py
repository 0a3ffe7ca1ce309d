"""What can be wrong with a request, each with the statuses that must come of it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from tests.contract.facts import SHAPES
from tests.contract.generated.author import FILTERED, NONE, Author
from tests.contract.generated.known import Request

Spoil: TypeAlias = Callable[[Author, Request], set[int] | None]
"""Spoil a request; give the statuses it may have, or None if it cannot be spoilt in this way."""

ANY = {200, 400, 401, 403, 404, 409, 415, 422}
REFUSED = {400, 422}
_ODD: tuple[Any, ...] = (None, True, 0, -1.5, 1e300, "", "\u0000", "x" * 5000, [], [[]], [None], {}, {"value": {}})
"""JSON that is seldom what is wanted."""


def spoil(author: Author, request: Request) -> None:
    """Make something about a request wrong."""
    request.headers.pop("Idempotency-Key", None)  # which would bring back the answer to another request
    names = author.random.sample([*DEVIATIONS], len(DEVIATIONS))
    for name in sorted(names, key=lambda name: name in GENERAL and author.maybe(0.8)):
        expected = DEVIATIONS[name](author, request)
        if expected is not None:
            request.deviation, request.expected = name, expected
            return


def _key(_: Author, request: Request) -> set[int] | None:
    request.headers["Authorization"] = "Bearer sk_lf_another"
    return {401}


def _version(_: Author, request: Request) -> set[int] | None:
    request.headers["Lightfield-Version"] = "2020-01-01"
    return {400}


def _long_key(_: Author, request: Request) -> set[int] | None:
    request.headers["Idempotency-Key"] = "k" * 256
    return {400} if request.fact.idempotency else ANY


def _media_type(author: Author, request: Request) -> set[int] | None:
    if not request.body:
        return None
    request.headers["Content-Type"] = author.random.choice(("text/plain", "application/x-www-form-urlencoded"))
    return {415}


def _missing(author: Author, request: Request) -> set[int] | None:
    if not request.ids or request.fact.resource == "workflow_run":
        return None
    name = author.random.choice([*request.ids])
    request.ids[name] = author.random.choice((NONE, "acc_ä/../x?y", "%2e%2e", "null", "0", "x" * 3000))
    return (
        {400, 404}
        if name in {"fieldKey", "entitySlug"}
        else {404, 409}
        if request.fact.resource == "sequence"
        else {404}
    )


def _of_another_type(author: Author, request: Request) -> set[int] | None:
    if "id" not in request.ids:
        return None
    others = [kind for kind in ("account", "contact", "opportunity", "member") if kind != request.fact.resource]
    request.ids["id"] = author.pick(author.random.choice(others))
    return {404}


def _in_the_trash(author: Author, request: Request) -> set[int] | None:
    resource, _, name = request.fact.operation.partition(".")
    names = {"retrieve", "update", "field_history", *(["delete"] if resource == "meeting" else [])}
    if not author.known.trashed[resource] or name not in names:
        return None
    request.ids["id"] = author.random.choice([*author.known.trashed[resource]])
    return {404}


def _paging(author: Author, request: Request) -> set[int] | None:
    wrong = {
        "limit": ("0", "-1", "101", "x", "", "1.5", "٣"),
        "offset": ("-1", "x", "", "1e3", "9" * 30),
        "status": ("gone", "", "ACTIVE"),
        "after": ("x", "", "hst_0", "hst_99999", "hst_-1"),
    }
    names = [name for name in request.fact.query if name in wrong]
    if not names:
        return None
    name = author.random.choice(names)
    request.query = [*((key, value) for key, value in request.query if key != name)]
    request.query.append((name, author.random.choice(wrong[name])))
    return {400}


def _filter(author: Author, request: Request) -> set[int] | None:
    if request.fact.resource not in FILTERED or request.fact.operation != f"{request.fact.resource}.list":
        return None
    defined = author.known.definitions[request.fact.resource]["fieldDefinitions"]
    types = {each["valueType"]: key for key, each in defined.items()}
    wrong = [("bogus", "1"), ("$bogus[equal]", "1"), ("$name[like]", "1"), ("$name[equal", "1"), ("[equal]", "1")]
    wrong += [("$name[--equal]", "x"), ("cursor", "x"), ("createdAt[lessThan]", "2026-01-01T00:00:00Z")]
    for value_type, text in (("NUMBER", "many"), ("CURRENCY", "NaN"), ("DATETIME", "yesterday"), ("CHECKBOX", "yes")):
        if value_type in types:
            wrong.append((f"{types[value_type]}[equal]", text))
    for value_type in {"MULTI_SELECT", "MARKDOWN"} & types.keys():
        wrong.append((f"{types[value_type]}[equal]", "x"))
    request.query.append(author.random.choice(sorted(wrong)))
    return {400}


def _not_json(author: Author, request: Request) -> set[int] | None:
    if request.fact.body is None or request.fact.method == "GET":
        return None
    wrong = (
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe",
        b'{"fields": {"$name": "\xc3"}}',
        b"{} {}",
        b"[" * 5000,
        b"1e999",
        b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"a": NaN}',
        b'{"a": "\\ud800"}',
    )
    request.raw = author.random.choice(wrong)
    return {400}


def _member(author: Author, request: Request) -> set[int] | None:
    """Replace one member of the body, however deep, with something odd, or leave it out."""
    if not request.body:
        return None
    parent, key = author.random.choice(list(_places(request.body)))
    if author.maybe(0.2):
        del parent[key]
    else:
        parent[key] = author.random.choice(_ODD)
    return ANY


def _places(part: Any) -> Iterator[tuple[Any, Any]]:
    items: Any = part
    keys: Any = items if isinstance(part, dict) else range(len(items)) if isinstance(part, list) else ()
    for key in keys:
        yield part, key
        yield from _places(part[key])


def _required(author: Author, request: Request) -> set[int] | None:
    names = SHAPES[request.fact.body or "Texts"].get("required", [])
    present = [name for name in names if request.body and name in request.body]
    if not present:
        return None
    del request.body[author.random.choice(present)]
    return REFUSED


def _unknown_field(_: Author, request: Request) -> set[int] | None:
    if not _has(request, "fields"):
        return None
    request.body["fields"]["bogus"] = "x"
    return REFUSED


def _unknown_relationship(_: Author, request: Request) -> set[int] | None:
    if not _has(request, "relationships"):
        return None
    request.body["relationships"]["$bogus"] = "acc_1" if request.fact.operation.endswith("create") else {"add": "acc_1"}
    return REFUSED


def _field_of_another_type(author: Author, request: Request) -> set[int] | None:
    if not _has(request, "fields") or request.fact.resource not in author.known.definitions:
        return None
    defined = author.known.definitions[request.fact.resource]["fieldDefinitions"]
    key = author.random.choice([*request.body["fields"]])
    wrong: dict[str, tuple[Any, ...]] = {
        "NUMBER": ("many", True, [1], 1.005, 2**60),
        "CURRENCY": ("5", False, {}),
        "CHECKBOX": ("true", 1, []),
        "DATETIME": ("yesterday", "2026-01-01T00:00:00", 5, "2026-13-01T00:00:00Z"),
        "SINGLE_SELECT": ("opt_none", 5, ["opt_none"]),
        "MULTI_SELECT": ("opt_none", ["opt_none"], [5]),
        "FULL_NAME": ("A B", 5, []),
        "ADDRESS": ("1 Lane", [], {"latitude": "north"}),
    }
    request.body["fields"][key] = author.random.choice(wrong.get(defined[key]["valueType"], (5, {"a": {}}, [[]])))
    return REFUSED


def _relationship_to_nothing(author: Author, request: Request) -> set[int] | None:
    keys = _related(request)
    if not keys:
        return None
    key = author.random.choice(keys)
    wrong = author.random.choice((NONE, author.pick("member" if key != "$owner" else "contact"), ""))
    if key in {"$assignedTo", "$createdBy", "team"}:
        wrong = NONE
    single = {"replace": wrong} if "replace" in (request.body["relationships"][key] or {}) else {"add": [wrong]}
    request.body["relationships"][key] = wrong if request.fact.operation.endswith("create") else single
    return REFUSED


def _too_many(author: Author, request: Request) -> set[int] | None:
    key = {"account": "$contact", "contact": "$account", "note": "$contact"}.get(request.fact.resource, "")
    found = author.targets(key.removeprefix("$"))[:26]
    if request.body is None or "fields" not in request.body or not key or len(found) < 26:
        return None
    request.body["relationships"] = {key: found if request.fact.operation.endswith("create") else {"add": found}}
    return {422}


def _relationship_into_the_trash(author: Author, request: Request) -> set[int] | None:
    key, kind = {"note": ("$opportunity", "opportunity"), "task": ("$account", "account")}.get(
        request.fact.resource, ("$account", "account")
    )
    trashed = [*author.known.trashed[kind]]
    if not trashed or not _has(request, "relationships") or request.fact.resource not in {"note", "task", "contact"}:
        return None
    wrong = author.random.choice(trashed)
    change = {"replace": wrong} if request.fact.resource == "task" else {"add": wrong}
    request.body["relationships"][key] = wrong if request.fact.operation.endswith("create") else change
    return REFUSED


def _other_account(author: Author, request: Request) -> set[int] | None:
    if request.fact.operation != "merge.merge_opportunities":
        return None
    known = author.known.active["opportunity"]
    account = known[request.body["primaryId"]]["relationships"]["$account"]["values"]
    others = [key for key, each in known.items() if each["relationships"]["$account"]["values"] != account]
    request.body["duplicateId"] = author.random.choice(others or [NONE])
    return {422} if others else {404}


def _itself(_: Author, request: Request) -> set[int] | None:
    if request.fact.resource != "merge" or not request.body:
        return None
    request.body["duplicateId"] = request.body["primaryId"]
    return REFUSED


def _file_in_another_state(author: Author, request: Request) -> set[int] | None:
    wrong = {"file.complete": "CANCELLED", "file.cancel": "COMPLETED", "file.url": "PENDING"}
    files = author.known.active["file"].values()
    found = [file["id"] for file in files if file["status"] == wrong.get(request.fact.operation)]
    if not found:
        return None
    request.ids["id"] = author.random.choice(found)
    return {400, 409, 422}


def _email_logged_before(author: Author, request: Request) -> set[int] | None:
    if request.fact.operation != "email.log" or not author.known.message_ids:
        return None
    request.body["headers"] = {"message-id": author.random.choice(author.known.message_ids)}
    return {409}


def _has(request: Request, part: str) -> bool:
    found: Any = request.body.get(part) if request.body and request.fact.resource != "email" else None
    return isinstance(found, dict) and found != {}


def _related(request: Request) -> list[str]:
    return [*request.body["relationships"]] if _has(request, "relationships") else []


GENERAL = {"another API key", "another version", "a long idempotency key"}
"""What can be wrong with any request, and is chosen seldom."""

DEVIATIONS: Mapping[str, Spoil] = {
    "another API key": _key,
    "another version": _version,
    "a long idempotency key": _long_key,
    "another media type": _media_type,
    "a missing id": _missing,
    "an id of another type": _of_another_type,
    "an id in the trash": _in_the_trash,
    "paging out of bounds": _paging,
    "a filter that is none": _filter,
    "no JSON object": _not_json,
    "an odd member": _member,
    "another odd member": _member,
    "a required member missing": _required,
    "an unknown field": _unknown_field,
    "an unknown relationship": _unknown_relationship,
    "a field of another type": _field_of_another_type,
    "a relationship to nothing": _relationship_to_nothing,
    "a relationship into the trash": _relationship_into_the_trash,
    "too many related records": _too_many,
    "opportunities of two accounts": _other_account,
    "a record merged with itself": _itself,
    "a file in another state": _file_in_another_state,
    "an email that was logged before": _email_logged_before,
}
