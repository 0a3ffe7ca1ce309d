"""Does the sandbox take files as the API does, and its storage as a storage does?"""

import hashlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from tests.unit.testing.sandbox_calls import HEADERS, Api, calling

CONTENT = bytes(range(256)) * 300
ANNOUNCED = {"filename": "call.txt", "mimeType": "text/plain", "sizeBytes": len(CONTENT)}
KNOWLEDGE = {**ANNOUNCED, "filename": "play.book.md", "purpose": "knowledge_workspace"}


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=0) as opened:
        yield opened


async def _put(
    api: Api, announced: Mapping[str, Any], content: bytes = CONTENT, headers: Mapping[str, str] | None = None
) -> int:
    signed = announced["uploadHeaders"] if headers is None else headers
    skipped = ["Content-Type"]
    async with api.session.put(
        announced["uploadUrl"], data=content, headers=signed, skip_auto_headers=skipped
    ) as response:
        return response.status


async def _completed(api: Api, announced: Mapping[str, Any] = ANNOUNCED) -> Any:
    file = await api.post("/v1/files", announced)
    assert await _put(api, file) == 200
    return await api.post(f"/v1/files/{file['id']}/complete", {})


async def test_file_goes_up_and_comes_down_again(api: Api) -> None:
    announced = await api.post("/v1/files", ANNOUNCED)
    assert announced["status"] == "PENDING"
    assert announced["completedAt"] is None
    assert announced["expiresAt"] > announced["createdAt"]
    assert announced["uploadHeaders"] == {"content-type": "text/plain"}
    assert announced["uploadUrl"].startswith(f"{api.sandbox.base_url}/storage/")
    assert await _put(api, announced) == 200
    path = f"/v1/files/{announced['id']}"
    assert (await api.get(path))["status"] == "PENDING"
    completed = await api.post(f"{path}/complete", {"md5": hashlib.md5(CONTENT).hexdigest()})
    assert (completed["status"], completed["expiresAt"]) == ("COMPLETED", None)
    assert completed["completedAt"] >= completed["createdAt"]
    assert completed == await api.get(path) == await api.post(f"{path}/complete")
    assert {"uploadUrl", "uploadHeaders"} & set(completed) == set()
    url = await api.get(f"{path}/url")
    async with api.session.get(url["url"]) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/plain"
        assert await response.read() == CONTENT
    assert api.sandbox.content(announced["id"]) == CONTENT
    assert api.sandbox.files == {announced["id"]: completed}


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"sizeBytes": 0}, "invalid_type", "sizeBytes"),
        ({"sizeBytes": 536870913}, "invalid_type", "sizeBytes"),
        ({"sizeBytes": "5"}, "invalid_type", "sizeBytes"),
        ({"filename": ""}, "invalid_type", "filename"),
        ({"filename": "x" * 256}, "invalid_type", "filename"),
        ({"mimeType": ""}, "invalid_type", "mimeType"),
        ({"purpose": "fun"}, "invalid_type", "purpose"),
        ({"purpose": "email_attachment", "sizeBytes": 20 * 1024 * 1024 + 1}, None, "sizeBytes"),
    ],
)
async def test_announcement_is_checked(api: Api, change: dict[str, object], code: str | None, param: str) -> None:
    assert await api.refused("/v1/files", {**ANNOUNCED, **change}) == (code, param)


@pytest.mark.parametrize("name", ["filename", "mimeType", "sizeBytes"])
async def test_announcement_is_complete(api: Api, name: str) -> None:
    sent = {key: value for key, value in ANNOUNCED.items() if key != name}
    assert await api.refused("/v1/files", sent) == ("parameter_missing", name)


async def test_largest_file_may_be_announced(api: Api) -> None:
    await api.post("/v1/files", {**ANNOUNCED, "sizeBytes": 536870912, "filename": "x" * 255})


@pytest.mark.parametrize("name", ["Authorization", "Lightfield-Version", "Idempotency-Key"])
async def test_storage_takes_no_header_of_the_api(api: Api, name: str) -> None:
    announced = await api.post("/v1/files", ANNOUNCED)
    headers = {**announced["uploadHeaders"], name: HEADERS.get(name, "key")}
    assert await _put(api, announced, headers=headers) == 403
    url = (await api.get(f"/v1/files/{(await _completed(api))['id']}/url"))["url"]
    async with api.session.get(url, headers={name: "x"}) as response:
        assert response.status == 403


@pytest.mark.parametrize("headers", [{}, {"content-type": "text/html"}])
async def test_storage_wants_the_signed_headers(api: Api, headers: dict[str, str]) -> None:
    announced = await api.post("/v1/files", ANNOUNCED)
    assert await _put(api, announced, headers=headers) == 403
    assert await _put(api, announced) == 200


async def test_storage_wants_the_signature(api: Api) -> None:
    announced = await api.post("/v1/files", ANNOUNCED)
    forged = {**announced, "uploadUrl": announced["uploadUrl"] + "x"}
    assert await _put(api, forged) == 403
    unsigned = {**announced, "uploadUrl": announced["uploadUrl"].split("?")[0]}
    assert await _put(api, unsigned) == 403
    nowhere = {**announced, "uploadUrl": announced["uploadUrl"].replace("fil_", "fil_x")}
    assert await _put(api, nowhere) == 404
    async with api.session.get(announced["uploadUrl"]) as response:
        assert response.status == 403
    async with api.session.post(announced["uploadUrl"]) as response:
        assert response.status == 405


async def test_storage_wants_as_many_bytes_as_were_announced(api: Api) -> None:
    announced = await api.post("/v1/files", ANNOUNCED)
    for content in (CONTENT[:-1], CONTENT + b"x", b""):
        assert await _put(api, announced, content) == 400

    async def chunks() -> AsyncIterator[bytes]:
        yield CONTENT
        yield b"x"

    async with api.session.put(announced["uploadUrl"], data=chunks(), headers=announced["uploadHeaders"]) as response:
        assert response.status == 400
    assert api.sandbox.content(announced["id"]) is None
    assert await _put(api, announced) == 200


async def test_knowledge_is_never_overwritten(api: Api) -> None:
    announced = await api.post("/v1/files", KNOWLEDGE)
    assert announced["filename"].startswith("play.book_1")
    assert announced["filename"].endswith(".md")
    assert announced["uploadHeaders"] == {"content-type": "text/plain", "if-none-match": "*"}
    assert await _put(api, announced, headers={"content-type": "text/plain"}) == 403
    assert await _put(api, announced) == 200
    assert await _put(api, announced, CONTENT[::-1]) == 412
    assert api.sandbox.content(announced["id"]) == CONTENT


async def test_other_files_may_be_overwritten_while_they_are_pending(api: Api) -> None:
    announced = await api.post("/v1/files", ANNOUNCED)
    assert [await _put(api, announced), await _put(api, announced, CONTENT[::-1])] == [200, 200]
    await api.post(f"/v1/files/{announced['id']}/complete")
    assert await _put(api, announced) == 403
    assert api.sandbox.content(announced["id"]) == CONTENT[::-1]


async def test_completion_checks_the_bytes(api: Api) -> None:
    announced = await api.post("/v1/files", ANNOUNCED)
    path = f"/v1/files/{announced['id']}"
    await api.post(f"{path}/complete", {}, 400)
    await _put(api, announced)
    assert await api.refused(f"{path}/complete", {"md5": "0" * 32}, 422) == (None, "md5")
    assert (await api.get(path))["status"] == "PENDING"
    assert (await api.post(f"{path}/complete", {"md5": hashlib.md5(CONTENT).hexdigest().upper()}))["completedAt"]


async def test_only_a_pending_file_can_be_cancelled(api: Api) -> None:
    announced = await api.post("/v1/files", ANNOUNCED)
    path = f"/v1/files/{announced['id']}"
    cancelled = await api.post(f"{path}/cancel")
    assert (cancelled["status"], cancelled["expiresAt"], cancelled["completedAt"]) == ("CANCELLED", None, None)
    assert await _put(api, announced) == 403
    for act in ("cancel", "complete"):
        await api.post(f"{path}/{act}", {}, 409)
    await api.post(f"/v1/files/{(await _completed(api))['id']}/cancel", {}, 409)


async def test_only_a_completed_file_has_an_address(api: Api) -> None:
    announced = await api.post("/v1/files", ANNOUNCED)
    assert (await api.get(f"/v1/files/{announced['id']}/url", 409))["error"]["type"] == "conflict"


async def test_files_are_listed_newest_first(api: Api) -> None:
    made = [(await api.post("/v1/files", ANNOUNCED))["id"] for _ in range(27)]
    assert await api.listed("/v1/files") == made[::-1][:25]
    page = await api.get("/v1/files?limit=3&offset=25")
    assert [file["id"] for file in page["data"]] == made[1::-1]
    assert page["totalCount"] == 27


async def test_unknown_file_is_not_found(api: Api) -> None:
    await api.get("/v1/files/fil_unknown", 404)
    await api.get("/v1/files/fil_unknown/url", 404)
    for act in ("complete", "cancel"):
        await api.post(f"/v1/files/fil_unknown/{act}", {}, 404)


async def test_storage_has_no_rate_limit() -> None:
    async with calling(opportunities=0, rate_limit=1) as api:
        announced = await api.post("/v1/files", ANNOUNCED)
        for _ in range(5):
            assert await _put(api, announced) == 200
        assert api.sandbox.throttled == 0
        async with api.session.put(announced["uploadUrl"], data=b"") as response:
            assert not [name for name in response.headers if name.lower().startswith("x-ratelimit")]
