"""Do the sandbox's lists page as the API's, and are they in its order?"""

from collections.abc import AsyncIterator
from random import Random

import pytest

from lightfield.testing._crm.documents import Record
from lightfield.testing._crm.order import Order
from lightfield.testing._crm.records import Records
from lightfield.testing._data.seed import Opportunities
from tests.unit.testing.sandbox_calls import Api, calling

ACCOUNT = "acc_northwind_traders"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=60) as opened:
        yield opened


def _record(identifier: str, created: str) -> Record:
    return {"id": identifier, "createdAt": created, "httpLink": None, "fields": {}, "relationships": {}}


async def test_pages_make_up_the_whole_list_newest_first(api: Api) -> None:
    pages = [await api.get(f"/v1/opportunities?limit=25&offset={offset}") for offset in (0, 25, 50, 75)]
    assert [len(page["data"]) for page in pages] == [25, 25, 10, 0]
    assert [page["totalCount"] for page in pages] == [60] * 4
    assert [record for page in pages for record in page["data"]] == list(api.sandbox.opportunities.values())[::-1]


async def test_page_holds_25_where_nothing_is_said(api: Api) -> None:
    assert len((await api.get("/v1/opportunities"))["data"]) == 25
    assert len((await api.get("/v1/opportunities?limit=1&offset=59"))["data"]) == 1


@pytest.mark.parametrize("name", ["accounts", "members", "emails", "files", "lists", "objects/project"])
@pytest.mark.parametrize("query", ["limit=0", "limit=26", "limit=x", "limit=", "limit=1.5", "offset=-1", "offset=x"])
async def test_page_out_of_bounds_is_refused(api: Api, name: str, query: str) -> None:
    error = (await api.get(f"/v1/{name}?{query}", 400))["error"]
    assert (error["type"], error["param"]) == ("bad_request", query.split("=", maxsplit=1)[0])


async def test_filtered_list_pages_too(api: Api) -> None:
    wanted = [
        identifier
        for identifier, record in reversed(api.sandbox.opportunities.items())
        if record["fields"]["$stage"]["value"] == "opt_stage_demo"
    ]
    assert len(wanted) > 4
    page = await api.get("/v1/opportunities?%24stage=Demo&limit=3&offset=1")
    assert [record["id"] for record in page["data"]] == wanted[1:4]
    assert page["totalCount"] == len(wanted)


async def test_those_created_at_once_are_listed_with_the_last_one_first(api: Api) -> None:
    made = [(await api.post("/v1/accounts", {"fields": {"$name": f"{each}"}}))["id"] for each in range(6)]
    assert (await api.listed("/v1/accounts"))[:6] == made[::-1]


async def test_new_record_is_never_older_than_one_that_is_there(api: Api) -> None:
    newest = api.sandbox.opportunity_ids[-1]
    api.sandbox.opportunities[newest]["createdAt"] = "2999-01-01T00:00:00.000Z"
    sent = {"fields": {"$name": "New"}, "relationships": {"$account": "acc_northwind_traders"}}
    made = await api.post("/v1/opportunities", sent)
    assert made["createdAt"] == "2999-01-01T00:00:00.000Z"
    assert (await api.listed("/v1/opportunities"))[:2] == [made["id"], newest]


@pytest.mark.parametrize("initial", [0, 40])
def test_order_follows_whatever_a_test_does_to_the_records(initial: int) -> None:
    rng = Random(7)
    records = Records(Opportunities(7, initial))
    moments = [record["createdAt"] for record in records.values()][::2] or [f"{number:02}" for number in range(20)]
    records = Records(Opportunities(7, initial))
    order = Order(records)
    for step in range(120):
        for _ in range(rng.choice((1, 1, 1, 1, 1, 1, 20))):
            records[f"acc_{step}_{rng.random()}"] = _record("", rng.choice(moments))
        while records and rng.random() < 0.4:
            del records[rng.choice(list(records))]
        if records and rng.random() < 0.4:
            records[rng.choice(list(records))]["createdAt"] = rng.choice(moments)
        if records and rng.random() < 0.2:
            identifier = rng.choice(list(records))
            records[identifier] = records.pop(identifier)
        read = [record for identifier in records if (record := records.peek(identifier))]
        expected = sorted(read, key=lambda record: record["createdAt"])[::-1]
        page, total = order.page(2, 5)
        assert page == expected[2:7]
        assert total == len(records) == len(expected)
        assert list(order.newest_first()) == expected
        assert order.newest_created_at() == (expected[0]["createdAt"] if expected else "")


def test_unchanged_records_are_not_sorted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    records = Records()
    records.update({f"acc_{number}": _record(f"acc_{number}", f"{number:06}") for number in range(1_000)})
    order = Order(records)
    order.page(0, 25)

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("sorted again")

    monkeypatch.setattr(Order, "_rebuild", refuse)
    assert order.page(500, 1)[0] == [records.peek("acc_499")]
    records["acc_new"] = _record("acc_new", "9")
    assert order.page(0, 2)[0] == [records.peek("acc_new"), records.peek("acc_999")]
    del records["acc_5"]
    with pytest.raises(pytest.fail.Exception, match="sorted again"):
        order.page(0, 1)


@pytest.mark.parametrize("lag", [0, 1_000])
async def test_lists_need_not_look_again_at_what_the_api_has_written(lag: int) -> None:
    async with calling(index_lag=lag) as api:
        for number in range(3):
            made = await api.post("/v1/accounts", {"fields": {"$name": f"x{number}"}})
            await api.post(f"/v1/accounts/{made['id']}", {"fields": {"$name": "x"}})
            await api.post(f"/v1/accounts/{api.sandbox.ids('accounts')[number]}", {"fields": {"$name": "y"}})
            assert (await api.listed("/v1/accounts"))[0] == made["id"] or lag
        accounts = api.sandbox.records("accounts")
        assert (accounts.watched(), accounts.moves) == ([], 0)
        assert accounts[ACCOUNT]["createdAt"] == accounts.watched()[0][1]


async def test_list_keeps_its_members_to_itself_and_shows_them_on_a_page(api: Api) -> None:
    first, second, third = api.sandbox.ids("accounts")[:3]
    sent = {"fields": {"$name": "Best", "$objectType": "account"}, "relationships": {"$accounts": [first, third]}}
    made = await api.post("/v1/lists", sent)
    path = f"/v1/lists/{made['id']}"
    assert set(made) == {"id", "createdAt", "httpLink", "fields"}
    assert made["fields"]["$objectType"]["value"] == "$account"
    assert (await api.get("/v1/lists"))["data"] == [made]
    assert await api.listed(f"{path}/accounts") == [third, first]
    await api.post(path, {"relationships": {"$accounts": {"add": second, "remove": [first]}}})
    page = await api.get(f"{path}/accounts?limit=1&offset=1")
    assert page == {"data": [await api.get(f"/v1/accounts/{second}")], "object": "list", "totalCount": 2}
    assert await api.listed(f"{path}/contacts") == []
    await api.delete(f"/v1/accounts/{second}")
    assert await api.listed(f"{path}/accounts") == [third]
    await api.delete(path)
    await api.get(f"{path}/accounts", 404)


async def test_list_holds_records_of_its_type_only(api: Api) -> None:
    made = await api.post("/v1/lists", {"fields": {"$name": "Best", "$objectType": "$opportunity"}})
    path, contact = f"/v1/lists/{made['id']}", api.sandbox.ids("contacts")[0]
    refused = await api.refused(path, {"relationships": {"$contacts": {"add": contact}}})
    assert refused == ("unknown_relationship", "relationships.$contacts")
    refused = await api.refused(path, {"relationships": {"$opportunities": {"replace": None}}})
    assert refused == ("invalid_type", "relationships.$opportunities")
    assert await api.refused(path, {"fields": {"$objectType": "$contact"}}) == (None, "fields.$objectType")
    await api.post(path, {"relationships": {"$opportunities": {"add": api.sandbox.opportunity_ids[:2]}}})
    assert len(await api.listed(f"{path}/opportunities")) == 2


async def test_custom_types_are_named(api: Api) -> None:
    assert await api.get("/v1/objects") == {"data": [{"label": "Project", "objectType": "project"}]}
    assert sorted(await api.listed("/v1/objects/project")) == sorted(api.sandbox.ids("project"))
