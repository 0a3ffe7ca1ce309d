"""Does the sandbox refuse what is not documented, take what is, and ignore the rest on request?"""

from collections.abc import AsyncIterator
from typing import Any, Literal

import msgspec
import pytest

from lightfield.testing._http.body import Body, EmptyBody
from lightfield.testing._http.errors import WireError
from tests.unit.testing.sandbox_calls import Api, calling

ACCOUNT, OTHER = "acc_northwind_traders", "acc_bramblewick_foods"
LOGGED = {"$from": "larkspur@seller.example", "$to": ["a@b.example"], "$sentAt": "2026-01-05T10:00:00Z"}
MESSAGE = {"from": "larkspur@seller.example", "to": ["a@b.example"], "subject": "x", "messageBody": {"content": "x"}}
FILE = {"filename": "a.txt", "mimeType": "text/plain", "sizeBytes": 1}
MERGE = {"primaryId": ACCOUNT, "duplicateId": OTHER}
UNKNOWN: list[tuple[str, dict[str, Any], str]] = [
    ("accounts", {"fields": {"$name": "x"}, "bogus": 1}, "bogus"),
    ("accounts", {"fields": {"$name": "x"}, "skipEnrichmnt": True}, "skipEnrichmnt"),
    (f"accounts/{ACCOUNT}", {"fields": {}, "skipEnrichment": True}, "skipEnrichment"),
    (f"accounts/{ACCOUNT}", {"fields": {"$primaryAddress": {"zip": "1"}}}, "fields.$primaryAddress.zip"),
    ("contacts", {"fields": {"$name": {"middleName": "x"}}}, "fields.$name.middleName"),
    (
        f"accounts/{ACCOUNT}",
        {"relationships": {"$owner": {"replace": None, "clear": True}}},
        "relationships.$owner.clear",
    ),
    ("accounts/merge", {**MERGE, "options": {"union": True}}, "options.union"),
    (
        "accounts/merge",
        {**MERGE, "fieldResolutions": {"tier": {"value": None, "from": "x"}}},
        "fieldResolutions.tier.from",
    ),
    (
        "accounts/merge",
        {**MERGE, "fieldResolutions": {"primaryAddress": {"value": {"zip": "1"}}}},
        "fieldResolutions.primaryAddress.zip",
    ),
    ("emails/log", {"fields": {**LOGGED, "$text": "x"}}, "fields.$text"),
    ("emails/log", {"fields": {**LOGGED, "$body": {"plain": "x"}}}, "fields.$body.plain"),
    ("emails/send", {**MESSAGE, "replyTo": "x"}, "replyTo"),
    ("emails/send", {**MESSAGE, "messageBody": {"content": "x", "type": "x"}}, "messageBody.type"),
    ("emails/draft", {**MESSAGE, "threadId": "x"}, "threadId"),
    ("files", {**FILE, "size": 1}, "size"),
    (f"enrichmentRun/accounts/{ACCOUNT}", {"field": ["website"]}, "field"),
]


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=2) as opened:
        yield opened


@pytest.mark.parametrize(("path", "body", "param"), UNKNOWN)
async def test_unknown_member_is_refused_by_name(api: Api, path: str, body: dict[str, Any], param: str) -> None:
    assert await api.refused(f"/v1/{path}", body) == ("unknown_field", param)


@pytest.mark.parametrize(("path", "body", "param"), UNKNOWN)
async def test_unknown_member_is_ignored_where_the_sandbox_is_not_strict(
    path: str, body: dict[str, Any], param: str
) -> None:
    async with calling(opportunities=2, strict=False) as api:
        made = await api.post(f"/v1/{path}", body)
        assert param.rpartition(".")[2] not in made


async def test_message_says_how_to_allow_it(api: Api) -> None:
    error = (await api.post("/v1/accounts", {"fields": {"$name": "x"}, "bogus": 1}, 400))["error"]
    assert error["message"] == "'bogus' is not documented; Sandbox(strict=False) ignores it."


async def test_what_the_api_refuses_is_refused_in_any_case() -> None:
    async with calling(opportunities=2, strict=False) as api:
        path = f"/v1/accounts/{ACCOUNT}"
        assert await api.refused(path, {"fields": {"bogus": 1}}) == ("unknown_field", "fields.bogus")
        sent: dict[str, Any] = {"relationships": {"$bogus": {"replace": None}}}
        assert await api.refused(path, sent) == ("unknown_relationship", "relationships.$bogus")
        assert await api.refused(path, {"fields": {"$primaryAddress": {"country": "XX"}}}) == (
            "invalid_type",
            "fields.$primaryAddress",
        )
        sent = {"relationships": {"$owner": {"set": "mem_saffron"}}}
        assert await api.refused(path, sent) == ("invalid_type", "relationships.$owner")


@pytest.mark.parametrize(
    "path",
    [
        f"accounts/{ACCOUNT}?expand=all",
        "accounts/definitions?limit=1",
        "accounts?query=x",
        "notes?$title=x",
        "members?status=active",
        "files?status=PENDING",
        f"accounts/{ACCOUNT}/fields/tier/history?offset=1",
        "auth/validate?x=",
    ],
)
async def test_unknown_parameter_is_refused_by_name(api: Api, path: str) -> None:
    error = (await api.get(f"/v1/{path}", 400))["error"]
    name = path.partition("?")[2].partition("=")[0]
    assert (error["code"], error["param"]) == ("unknown_field", name)


async def test_unknown_path_is_not_found_whatever_its_parameters(api: Api) -> None:
    await api.get("/v1/nothing?x=1", 404)


async def test_unknown_parameter_is_ignored_where_the_sandbox_is_not_strict() -> None:
    async with calling(opportunities=2, strict=False) as api:
        await api.get(f"/v1/accounts/{ACCOUNT}?expand=all")
        await api.get("/v1/files?status=PENDING")
        title = str(next(iter(api.sandbox.records("notes").values()))["fields"]["$title"]["value"])
        assert await api.listed("/v1/notes", ("$title", title))
        await api.get("/v1/accounts?query=x", 400)


class _Wait(msgspec.Struct, tag_field="type", tag="WAIT"):
    days: int = 0


class _Message(msgspec.Struct, tag_field="type", tag="MESSAGE"):
    text: str = ""


class _Step(msgspec.Struct):
    tags: list[str] | None = None
    action: _Wait | _Message | None = None
    mode: Literal["AUTO", "REVIEW"] = "AUTO"
    extra: EmptyBody | None = None


class _Steps(msgspec.Struct):
    steps: list[_Step] = []


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b'{"steps": [{"tags": ["x"], "mode": "AUTO", "extra": {"any": 1}}, {"action": {"type": "WAIT"}}]}', None),
        (b'{"steps": [{"action": null}, {"action": {"type": "WAIT", "hours": 1}}]}', "steps[1].action.hours"),
        (b'{"steps": [{}, {"bogus": 1}]}', "steps[1].bogus"),
        (b"", None),
    ],
)
def test_members_are_found_in_lists_and_unions(body: bytes, param: str | None) -> None:
    assert Body(body, "application/json", strict=False).read(_Steps)
    strict = Body(body, "application/json")
    if param is None:
        assert strict.read(_Steps)
        return
    with pytest.raises(WireError) as caught:
        strict.read(_Steps)
    error: Any = caught.value.body["error"]
    assert (error["code"], error["param"]) == ("unknown_field", param)
