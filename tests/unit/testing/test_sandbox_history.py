"""Does the sandbox remember what the fields of a record have held?"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.testing.sandbox_calls import Api, calling

ACCOUNT = "/v1/accounts/acc_northwind_traders"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=2) as opened:
        yield opened


def _values(page: Any) -> list[object]:
    return [entry["value"] for entry in page["data"]]


async def test_seeded_field_has_always_had_its_value(api: Api) -> None:
    account = await api.get(ACCOUNT)
    assert await api.get(f"{ACCOUNT}/fields/%24name/history") == {
        "data": [
            {
                "value": "Northwind Traders",
                "valueType": "TEXT",
                "displayValue": "Northwind Traders",
                "recordedAt": account["createdAt"],
                "isCreate": True,
            }
        ],
        "hasMore": False,
        "nextCursor": None,
    }


async def test_newest_value_comes_first_and_equal_ones_once(api: Api) -> None:
    made = await api.post("/v1/accounts", {"fields": {"$name": "Acme", "tier": "Gold"}})
    path = f"/v1/accounts/{made['id']}"
    for tier in ("Silver", "opt_tier_silver", None, "Gold"):
        await api.post(path, {"fields": {"tier": tier}})
    page = await api.get(f"{path}/fields/tier/history")
    assert _values(page) == ["opt_tier_gold", None, "opt_tier_silver", "opt_tier_gold"]
    assert [entry["displayValue"] for entry in page["data"]] == ["Gold", "", "Silver", "Gold"]
    assert [entry["isCreate"] for entry in page["data"]] == [False, False, False, True]
    recorded = [entry["recordedAt"] for entry in page["data"]]
    assert recorded == sorted(recorded, reverse=True)
    assert _values(await api.get(f"{path}/fields/$name/history")) == ["Acme"]


async def test_pages_follow_the_cursor_also_when_values_are_added(api: Api) -> None:
    made = await api.post("/v1/accounts", {"fields": {"$name": "Acme", "icp-score": 0}})
    path = f"/v1/accounts/{made['id']}"
    for score in range(1, 25):
        await api.post(path, {"fields": {"icp-score": score}})
    history = f"{path}/fields/icp-score/history"
    first = await api.get(history)
    assert _values(first) == list(range(24, 4, -1))
    assert first["hasMore"] is True
    await api.post(path, {"fields": {"icp-score": 100}})
    second = await api.get(f"{history}?after={first['nextCursor']}")
    assert _values(second) == [4, 3, 2, 1, 0]
    assert (second["hasMore"], second["nextCursor"]) == (False, None)
    assert {entry["isCreate"] for page in (first, second) for entry in page["data"]} == {False}
    everything = await api.get(f"{history}?limit=100")
    assert _values(everything) == [100, *range(24, -1, -1)]
    assert everything["data"][-1]["isCreate"] is True
    assert len((await api.get(f"{history}?limit=3"))["data"]) == 3
    almost = await api.get(f"{history}?limit=25")
    assert almost["hasMore"] is True
    assert _values(await api.get(f"{history}?after={almost['nextCursor']}")) == [0]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "after=x", "after=hst_0", "after=hst_9", "after="]
)
async def test_limit_and_cursor_are_checked(api: Api, query: str) -> None:
    error = (await api.get(f"{ACCOUNT}/fields/$name/history?{query}", 400))["error"]
    assert error["param"] == query.split("=", maxsplit=1)[0]


async def test_only_known_fields_of_known_records_have_a_history(api: Api) -> None:
    error = (await api.get(f"{ACCOUNT}/fields/nothing/history", 400))["error"]
    assert (error["code"], error["param"]) == ("unknown_field", "fieldKey")
    await api.get(f"{ACCOUNT}/fields/$owner/history", 400)
    await api.get("/v1/accounts/acc_unknown/fields/$name/history", 404)
    await api.get(f"/v1/tasks/{api.sandbox.ids('tasks')[0]}/fields/$title/history", 404)


async def test_values_are_written_for_people(api: Api) -> None:
    opportunity = f"/v1/opportunities/{api.sandbox.opportunity_ids[0]}"
    sent = {
        "products": ["core", "mobile"],
        "approved": True,
        "$amount": 12.5,
        "signatory": {"firstName": "Buyer", "lastName": "Example"},
        "billing-address": {"city": "Town", "country": "DE", "latitude": 1},
    }
    await api.post(opportunity, {"fields": sent})
    shown = {key: (await api.get(f"{opportunity}/fields/{key}/history"))["data"][0]["displayValue"] for key in sent}
    assert shown == {
        "products": "core, mobile",
        "approved": "true",
        "$amount": "12.5",
        "signatory": "Buyer Example",
        "billing-address": "Town, DE",
    }


async def test_custom_records_have_a_history(api: Api) -> None:
    path = f"/v1/objects/project/values/{api.sandbox.ids('project')[0]}"
    await api.post(path, {"fields": {"budget": 1}})
    assert _values(await api.get(f"{path}/fields/budget/history")) == [1, 5000]
