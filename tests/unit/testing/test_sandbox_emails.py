"""Are emails logged, drafted and sent in the sandbox as in the API?"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.testing.sandbox_calls import Api, calling

OURS, THEIRS = "larkspur@seller.example", "buyer@northwind-traders.example"
LOGGED = {
    "$from": f"Buyer <{THEIRS}>",
    "$to": [OURS],
    "$sentAt": "2026-01-05T10:00:00+01:00",
    "$subject": "Prices",
    "$body": {"html": "<p>Prices?</p>", "text": "Prices?"},
}
MESSAGE = {"from": OURS.upper(), "to": [THEIRS], "subject": "Prices", "messageBody": {"content": "<p>Here.</p>"}}


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=0) as opened:
        yield opened


def _values(email: Any) -> dict[str, object]:
    return {key: field["value"] for key, field in email["fields"].items()}


async def _attachment(api: Api) -> str:
    announced = {"filename": "a.txt", "mimeType": "text/plain", "sizeBytes": 1}
    file = await api.post("/v1/files", announced)
    async with api.session.put(file["uploadUrl"], data=b"x", headers=file["uploadHeaders"]) as response:
        assert response.status == 200
    await api.post(f"/v1/files/{file['id']}/complete")
    return str(file["id"])


async def test_logged_email_can_be_read_in_full_but_is_listed_without_its_text(api: Api) -> None:
    made = await api.post("/v1/emails/log", {"fields": LOGGED})
    assert (made["objectType"], made["accessLevel"]) == ("email", "FULL")
    assert _values(made) == {
        "$subject": "Prices",
        "$from": f"Buyer <{THEIRS}>",
        "$to": [OURS],
        "$cc": [],
        "$bcc": [],
        "$privacySetting": None,
        "$body": "<p>Prices?</p>",
        "$sentAt": "2026-01-05T09:00:00.000Z",
    }
    assert await api.get(f"/v1/emails/{made['id']}") == made
    listed = (await api.get("/v1/emails"))["data"][0]
    assert made["fields"].pop("$body")
    assert listed == made


@pytest.mark.parametrize(
    ("change", "status", "code", "param"),
    [
        ({"$from": None}, 400, "invalid_type", "fields.$from"),
        ({"$to": []}, 400, "parameter_missing", "fields.$to"),
        ({"$sentAt": "soon"}, 400, "invalid_type", "fields.$sentAt"),
        ({"$sentAt": "2999-01-05T10:00:00Z"}, 422, None, "fields.$sentAt"),
        ({"$to": ["somebody@else.example"]}, 422, None, "fields.$from"),
        ({"$from": "saffron@seller.example"}, 422, None, "fields.$from"),
        ({"$privacySetting": "SOME"}, 400, "invalid_type", "fields.$privacySetting"),
    ],
)
async def test_log_is_checked(api: Api, change: dict[str, object], status: int, code: str | None, param: str) -> None:
    assert await api.refused("/v1/emails/log", {"fields": {**LOGGED, **change}}, status) == (code, param)
    assert api.sandbox.records("emails") == {}


async def test_log_is_complete(api: Api) -> None:
    for name in ("$from", "$sentAt"):
        fields = {key: value for key, value in LOGGED.items() if key != name}
        assert await api.refused("/v1/emails/log", {"fields": fields}) == ("parameter_missing", f"fields.{name}")


async def test_message_id_is_logged_once(api: Api) -> None:
    sent = {"fields": LOGGED, "headers": {"Message-ID": "<1@a.example>"}}
    await api.post("/v1/emails/log", sent)
    error = (await api.post("/v1/emails/log", {**sent, "headers": {"message-id": "<1@a.example>"}}, 409))["error"]
    assert error["type"] == "conflict"
    await api.post("/v1/emails/log", {**sent, "headers": {"Message-ID": "<2@a.example>"}})
    for _ in range(2):
        await api.post("/v1/emails/log", {"fields": LOGGED})
    assert len(api.sandbox.ids("emails")) == 4


async def test_sent_email_is_among_the_emails(api: Api) -> None:
    attached = await _attachment(api)
    answer = await api.post("/v1/emails/send", {**MESSAGE, "attachments": [attached], "cc": ["c@d.example"]})
    assert set(answer) == {"sentAt"}
    (email,) = (await api.get("/v1/emails"))["data"]
    assert _values(email)["$sentAt"] == answer["sentAt"]
    assert _values(email)["$cc"] == ["c@d.example"]
    assert email["relationships"]["$attachment"]["values"] == [attached]
    assert _values(await api.get(f"/v1/emails/{email['id']}"))["$body"] == "<p>Here.</p>"


async def test_draft_is_not_among_the_emails(api: Api) -> None:
    assert set(await api.post("/v1/emails/draft", {"from": OURS, "subject": "Prices"})) == {"draftedAt"}
    assert await api.listed("/v1/emails") == []


@pytest.mark.parametrize("name", ["from", "to", "subject", "messageBody"])
async def test_message_is_complete(api: Api, name: str) -> None:
    sent = {key: value for key, value in MESSAGE.items() if key != name}
    assert await api.refused("/v1/emails/send", sent) == ("parameter_missing", name)


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"from": THEIRS}, None, "from"),
        ({"to": []}, "invalid_type", "to"),
        ({"to": ["a@b.example"] * 501}, "invalid_type", "to"),
        ({"attachments": ["fil_1"]}, "referenced_resource_missing", "attachments"),
        ({"attachments": ["fil_1"] * 6}, "invalid_type", "attachments"),
        ({"messageBody": {}}, "parameter_missing", "messageBody.content"),
        ({"messageBody": {"content": "x", "contentType": "RTF"}}, "invalid_type", "messageBody.contentType"),
    ],
)
async def test_message_is_checked(api: Api, change: dict[str, object], code: str | None, param: str) -> None:
    assert await api.refused("/v1/emails/send", {**MESSAGE, **change}) == (code, param)
    assert api.sandbox.records("emails") == {}


async def test_draft_says_more_than_from_whom(api: Api) -> None:
    assert await api.refused("/v1/emails/draft", {"to": [THEIRS]}) == ("parameter_missing", "from")
    assert (await api.refused("/v1/emails/draft", {"from": OURS}))[0] == "parameter_missing"
    assert await api.refused("/v1/emails/draft", {"from": THEIRS, "to": [OURS]}) == (None, "from")


async def test_attachment_must_be_complete(api: Api) -> None:
    file = await api.post("/v1/files", {"filename": "a.txt", "mimeType": "text/plain", "sizeBytes": 1})
    refused = await api.refused("/v1/emails/send", {**MESSAGE, "attachments": [file["id"]]})
    assert refused == ("referenced_resource_missing", "attachments")


async def test_only_logged_emails_go_to_the_trash_and_come_back(api: Api) -> None:
    made = await api.post("/v1/emails/log", {"fields": LOGGED})
    path = f"/v1/emails/{made['id']}"
    assert await api.delete(path) == made
    assert await api.delete(path) == made
    await api.get(path, 404)
    assert await api.listed("/v1/emails") == []
    assert await api.post(f"{path}/restore") == made
    assert await api.post(f"{path}/restore", {}) == made
    assert await api.get(path) == made
    await api.post("/v1/emails/send", MESSAGE)
    sent = f"/v1/emails/{api.sandbox.ids('emails')[-1]}"
    assert (await api.delete(sent, 403))["error"]["type"] == "forbidden"
    await api.post(f"{sent}/restore", {}, 403)
    await api.delete("/v1/emails/eml_unknown", 404)
