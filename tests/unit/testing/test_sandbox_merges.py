"""Do two records become one in the sandbox, with all that pointed at them?"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.testing.sandbox_calls import Api, calling

ACCOUNT, OTHER = "acc_northwind_traders", "acc_bramblewick_foods"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=60) as opened:
        yield opened


async def _account(api: Api, **fields: object) -> str:
    made = await api.post("/v1/accounts", {"fields": {"$name": "x", **fields}})
    return str(made["id"])


async def _merged(api: Api, primary: str, duplicate: str, **more: object) -> Any:
    return await api.post("/v1/accounts/merge", {"primaryId": primary, "duplicateId": duplicate, **more})


async def test_primary_stays_and_the_duplicate_is_trashed(api: Api) -> None:
    merged = await _merged(api, ACCOUNT, OTHER)
    assert merged["primary"] == await api.get(f"/v1/accounts/{ACCOUNT}")
    assert merged["primary"]["fields"]["$name"]["value"] == "Northwind Traders"
    assert merged["merge"]["status"] == "cleanup_pending"
    assert merged["summary"]["warnings"] == []
    await api.get(f"/v1/accounts/{OTHER}", 404)
    assert await api.listed("/v1/accounts", ("status", "trashed")) == [OTHER]


async def test_clean_up_is_done_at_the_second_look(api: Api) -> None:
    path = f"/v1/merges/{(await _merged(api, ACCOUNT, OTHER))['merge']['id']}"
    first = await api.get(path)
    assert {key: first[key] for key in ("entityType", "primaryId", "duplicateId", "status")} == {
        "entityType": "account",
        "primaryId": ACCOUNT,
        "duplicateId": OTHER,
        "status": "cleanup_pending",
    }
    second, third = await api.get(path), await api.get(path)
    assert second["status"] == "done"
    assert third == second
    await api.get("/v1/merges/mrg_unknown", 404)


async def test_primary_takes_what_it_lacks_and_what_the_resolutions_say(api: Api) -> None:
    primary = await _account(api, tier="Gold", **{"icp-score": 1, "$linkedIn": "https://linkedin.com/company/a"})
    duplicate = await _account(
        api,
        tier="Silver",
        **{"icp-score": 2, "$website": ["https://b.example"], "$linkedIn": "https://linkedin.com/company/b"},
    )
    resolutions = {"tier": "duplicate", "name": {"value": "Both"}, "$linkedIn": "primary"}
    merged = await _merged(api, primary, duplicate, fieldResolutions=resolutions)
    fields = {key: field["value"] for key, field in merged["primary"]["fields"].items()}
    assert fields["tier"] == "opt_tier_silver"
    assert fields["$name"] == "Both"
    assert fields["icp-score"] == 1
    assert fields["$website"] == ["https://b.example"]
    assert fields["$linkedIn"] == "https://linkedin.com/company/a"
    assert merged["summary"]["fieldWriteCount"] == 3
    history = await api.get(f"/v1/accounts/{primary}/fields/tier/history")
    assert [entry["displayValue"] for entry in history["data"]] == ["Silver", "Gold"]


@pytest.mark.parametrize(("union", "expected"), [(True, ["retail", "food", "media"]), (False, ["retail", "food"])])
async def test_choices_are_united_on_request(api: Api, union: bool, expected: list[str]) -> None:
    primary = await _account(api, **{"$industry": ["Retail", "Food"]})
    duplicate = await _account(api, **{"$industry": ["Food", "Media"]})
    merged = await _merged(api, primary, duplicate, options={"multiSelectUnion": union})
    assert merged["primary"]["fields"]["$industry"]["value"] == [f"opt_industry_{name}" for name in expected]


async def test_whatever_pointed_at_the_duplicate_points_at_the_primary(api: Api) -> None:
    moved = [
        key
        for key, record in api.sandbox.opportunities.items()
        if record["relationships"]["$account"]["values"] == [OTHER]
    ]
    assert moved
    fields = {"$name": "Best", "$objectType": "$account"}
    made = await api.post("/v1/lists", {"fields": fields, "relationships": {"$accounts": [OTHER, ACCOUNT]}})
    contacts = [key for key in api.sandbox.ids("contacts") if key.startswith("con_bramblewick")]
    merged = await _merged(api, ACCOUNT, OTHER)
    related = merged["primary"]["relationships"]
    assert set(moved) <= set(related["$opportunity"]["values"])
    assert set(contacts) <= set(related["$contact"]["values"])
    assert merged["summary"]["syncRepointedCount"] >= len(moved) + len(contacts)
    for key in moved:
        assert (await api.get(f"/v1/opportunities/{key}"))["relationships"]["$account"]["values"] == [ACCOUNT]
    assert (await api.get(f"/v1/contacts/{contacts[0]}"))["relationships"]["$account"]["values"] == [ACCOUNT]
    assert await api.listed(f"/v1/lists/{made['id']}/accounts") == [ACCOUNT]


async def test_primary_that_was_put_in_by_hand_gets_no_relationship_that_it_lacks(api: Api) -> None:
    note = {"fields": {"$title": "x"}, "relationships": {"$account": OTHER}}
    noted = (await api.post("/v1/notes", note))["id"]
    del api.sandbox.records("accounts")[ACCOUNT]["relationships"]["$note"]
    assert "$note" not in (await _merged(api, ACCOUNT, OTHER))["primary"]["relationships"]
    assert (await api.get(f"/v1/notes/{noted}"))["relationships"]["$account"]["values"] == [ACCOUNT]


async def test_contacts_and_custom_records_merge_too(api: Api) -> None:
    champion, opportunity = next(
        (related["$champion"]["values"][0], key)
        for key, related in ((key, each["relationships"]) for key, each in api.sandbox.opportunities.items())
        if related["$champion"]["values"]
    )
    primary = (await api.post("/v1/contacts", {"fields": {}}))["id"]
    merged = await api.post("/v1/contacts/merge", {"primaryId": primary, "duplicateId": champion})
    assert merged["primary"]["fields"]["$email"]["value"]
    related = (await api.get(f"/v1/opportunities/{opportunity}"))["relationships"]
    assert related["$champion"]["values"] == [primary]
    first, second = api.sandbox.ids("project")[:2]
    merged = await api.post("/v1/objects/project/merge", {"primaryId": first, "duplicateId": second})
    assert (await api.get(f"/v1/merges/{merged['merge']['id']}"))["entityType"] == "project"
    await api.get(f"/v1/objects/project/values/{second}", 404)


async def test_opportunities_must_share_their_account(api: Api) -> None:
    made: list[str] = []
    for account in (ACCOUNT, ACCOUNT, OTHER):
        new = {"fields": {"$name": "x", "$stage": "Won"}, "relationships": {"$account": account}}
        made.append((await api.post("/v1/opportunities", new))["id"])
    sent: dict[str, object] = {"primaryId": made[0], "duplicateId": made[2]}
    assert await api.refused("/v1/opportunities/merge", sent, 422) == (None, "duplicateId")
    sent = {"primaryId": made[0], "duplicateId": made[1], "fieldResolutions": {"$stage": {"value": "Lost"}}}
    merged = await api.post("/v1/opportunities/merge", sent)
    assert merged["primary"]["fields"]["$opportunityStatus"]["value"] == "opt_status_lost"


async def test_merge_that_makes_no_sense_changes_nothing(api: Api) -> None:
    before = await api.get("/v1/accounts")
    path, both = "/v1/accounts/merge", {"primaryId": ACCOUNT, "duplicateId": OTHER}
    assert await api.refused(path, {"primaryId": ACCOUNT}) == ("parameter_missing", "duplicateId")
    assert await api.refused(path, {"primaryId": ACCOUNT, "duplicateId": ACCOUNT}) == (None, "duplicateId")
    await api.post(path, {"primaryId": ACCOUNT, "duplicateId": "acc_unknown"}, 404)
    sent = {**both, "fieldResolutions": {"bogus": "primary"}}
    assert await api.refused(path, sent) == ("unknown_field", "fieldResolutions.bogus")
    sent = {**both, "fieldResolutions": {"tier": "neither"}}
    assert await api.refused(path, sent) == ("invalid_type", "fieldResolutions.tier")
    sent = {**both, "fieldResolutions": {"icp-score": {"value": "much"}}}
    assert await api.refused(path, sent) == ("invalid_type", "fieldResolutions.icp-score")
    assert await api.get("/v1/accounts") == before


async def test_whatever_followed_the_duplicate_is_seen_to_follow_the_primary(api: Api) -> None:
    ids: list[str] = []
    for others in ((), (), (1,)):
        related = {"$account": ACCOUNT, "follows": [ids[other] for other in others]}
        made = await api.post("/v1/opportunities", {"fields": {"$name": "x"}, "relationships": related})
        ids.append(made["id"])
    primary, duplicate, follower = ids
    await api.post("/v1/opportunities/merge", {"primaryId": primary, "duplicateId": duplicate})
    seen = (await api.get(f"/v1/opportunities/{primary}"))["relationships"]["follows"]
    assert seen["directions"]["asDestination"]["values"] == seen["values"] == [follower]
    following = (await api.get(f"/v1/opportunities/{follower}"))["relationships"]["follows"]
    assert following["directions"]["asSource"]["values"] == [primary]
