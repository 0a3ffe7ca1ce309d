"""Does a caller of the sandbox see as much of the chats as one of the API?"""

from collections.abc import AsyncIterator

import pytest

from tests.unit.testing.outreach_calls import documented
from tests.unit.testing.sandbox_calls import Api, calling


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=0) as opened:
        yield opened


async def test_channels_that_the_caller_sees_are_listed(api: Api) -> None:
    page = documented("channel.list", await api.get("/v1/channels"))
    assert [(each["id"], each["fields"]["$provider"]["value"]) for each in page["data"]] == [
        ("chn_linkedin_director", "LINKEDIN"),
        ("chn_linkedin_engineer", "LINKEDIN"),
        ("chn_onboarding", "TEAMS"),
        ("chn_deal_desk", "SLACK"),
        ("chn_sales", "SLACK"),
    ]
    assert page["totalCount"] == 5
    for each in page["data"]:
        assert documented("channel.retrieve", await api.get(f"/v1/channels/{each['id']}")) == each
        assert (each["objectType"], "accessLevel" in each) == ("channel", False)


async def test_messages_that_the_caller_sees_are_listed(api: Api) -> None:
    page = documented("message.list", await api.get("/v1/messages"))
    assert [(each["id"], each["accessLevel"]) for each in page["data"]] == [
        ("msg_linkedin_question", "METADATA"),
        ("msg_linkedin_reply", "FULL"),
        ("msg_kick_off", "FULL"),
        ("msg_price_list", "FULL"),
        ("msg_order_form", "FULL"),
    ]
    for each in page["data"]:
        assert documented("message.retrieve", await api.get(f"/v1/messages/{each['id']}")) == each
        assert each["objectType"] == "message"
        assert (each["fields"]["$text"]["value"] is None) == (each["accessLevel"] == "METADATA")
        assert ("$attachment" in each["relationships"]) == (each["accessLevel"] == "FULL")


async def test_private_channel_of_others_does_not_exist_for_the_caller(api: Api) -> None:
    for path in ("channels/chn_leadership", "messages/msg_hiring", "channels/chn_unknown", "messages/msg_unknown"):
        error = (await api.get(f"/v1/{path}", 404))["error"]
        assert (error["type"], path.partition("/")[0] in error["message"]) == ("not_found", True)
    api.sandbox.records("channels")["chn_leadership"]["relationships"]["$member"]["values"].append("mem_larkspur")
    assert (await api.get("/v1/messages/msg_hiring"))["fields"]["$text"]["value"]
    assert "chn_leadership" in await api.listed("/v1/channels")


async def test_redacted_message_is_kept_in_full(api: Api) -> None:
    await api.get("/v1/messages/msg_linkedin_question")
    kept = api.sandbox.records("messages")["msg_linkedin_question"]
    assert (kept["fields"]["$text"]["value"], kept.get("accessLevel")) == ("Who owns the migration?", "FULL")


async def test_attachment_can_be_downloaded_but_is_not_listed(api: Api) -> None:
    message = await api.get("/v1/messages/msg_price_list")
    [file] = message["relationships"]["$attachment"]["values"]
    assert (await api.get(f"/v1/files/{file}"))["filename"] == "price-list.csv"
    url = (await api.get(f"/v1/files/{file}/url"))["url"]
    async with api.session.get(url) as response:
        assert (await response.text()).startswith("seats,price")
    assert await api.listed("/v1/files") == []
    assert api.sandbox.files == {}
    async with api.session.put(url.partition("?")[0], params={"signature": ""}, data=b"x") as response:
        assert response.status == 403


async def test_pages_count_only_what_is_seen_and_take_no_filters(api: Api) -> None:
    page = documented("channel.list", await api.get("/v1/channels?limit=2&offset=3"))
    assert ([each["id"] for each in page["data"]], page["totalCount"]) == (["chn_deal_desk", "chn_sales"], 5)
    for path in ("/v1/channels?status=trashed", "/v1/channels?$provider=SLACK", "/v1/messages?$text[startsWith]=Who"):
        error = (await api.get(path, 400))["error"]
        assert error["code"] == "unknown_field"


async def test_channels_and_messages_are_read_only(api: Api) -> None:
    for path in ("/v1/channels", "/v1/channels/chn_sales", "/v1/messages", "/v1/messages/msg_kick_off"):
        await api.post(path, {}, 405)
        await api.delete(path, 405)


async def test_bare_records_of_a_test_are_shown(api: Api) -> None:
    for name, identifier in (("channels", "chn_mine"), ("messages", "msg_mine")):
        api.sandbox.records(name)[identifier] = {
            "id": identifier,
            "createdAt": "2026-05-01T16:00:00.000Z",
            "httpLink": None,
            "fields": {},
            "relationships": {},
        }
        assert (await api.get(f"/v1/{name}/{identifier}"))["id"] == identifier
        assert (await api.listed(f"/v1/{name}"))[0] == identifier
