"""Do lists show writes late where the sandbox is told to, and everything else at once?"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time

from lightfield.testing import Sandbox
from lightfield.testing._crm.definitions import field
from lightfield.testing._store.search_index import SearchIndex
from lightfield.testing._store.tables import Change
from tests.unit.testing.sandbox_calls import Api, calling

ACCOUNT = "acc_northwind_traders"
LONG = 10_000
"""Seconds that no test waits for."""

NEW: dict[str, Any] = {
    "accounts": {"fields": {"$name": "x"}},
    "contacts": {"fields": {}},
    "notes": {"fields": {"$title": "x"}},
    "lists": {"fields": {"$name": "x", "$objectType": "$account"}},
    "objects/project": {"fields": {"$name": "x"}},
}


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(index_lag=LONG) as opened:
        yield opened


async def total(api: Api, path: str) -> int:
    return int((await api.get(path))["totalCount"])


async def statuses(api: Api) -> list[str]:
    return [each["status"] for each in (await api.get("/v1/files?limit=2"))["data"]]


@pytest.mark.parametrize("name", NEW)
async def test_list_shows_a_new_record_late_and_a_retrieve_at_once(api: Api, name: str) -> None:
    path = f"/v1/{name}{'/values' if name.startswith('objects') else ''}"
    before, count = await api.listed(f"/v1/{name}"), await total(api, f"/v1/{name}")
    made = (await api.post(path, NEW[name]))["id"]
    assert (await api.get(f"{path}/{made}"))["id"] == made
    assert (await api.listed(f"/v1/{name}"), await total(api, f"/v1/{name}")) == (before, count)
    api.sandbox.refresh_index()
    assert (await api.listed(f"/v1/{name}"))[0] == made
    assert await total(api, f"/v1/{name}") == count + 1


async def test_initial_records_are_listed_from_the_beginning(api: Api) -> None:
    for name in ("accounts", "contacts", "opportunities", "tasks"):
        assert await total(api, f"/v1/{name}") == len(api.sandbox.records(name))


async def test_list_and_filter_show_an_update_late(api: Api) -> None:
    await api.post(f"/v1/accounts/{ACCOUNT}", {"fields": {"$name": "Changed"}})
    assert (await api.get(f"/v1/accounts/{ACCOUNT}"))["fields"]["$name"]["value"] == "Changed"
    assert await api.listed("/v1/accounts", ("$name", "Changed")) == []
    assert await api.listed("/v1/accounts", ("$name", "Northwind Traders")) == [ACCOUNT]
    api.sandbox.refresh_index()
    assert await api.listed("/v1/accounts", ("$name", "Changed")) == [ACCOUNT]


async def test_list_shows_the_other_end_of_a_relationship_late(api: Api) -> None:
    made = (await api.post("/v1/contacts", {"fields": {}, "relationships": {"$account": ACCOUNT}}))["id"]
    assert made in (await api.get(f"/v1/accounts/{ACCOUNT}"))["relationships"]["$contact"]["values"]
    assert await api.listed("/v1/accounts", ("$contact", made)) == []
    api.sandbox.refresh_index()
    assert await api.listed("/v1/accounts", ("$contact", made)) == [ACCOUNT]


async def test_lists_show_a_deletion_and_a_restoration_late(api: Api) -> None:
    async def shown() -> list[list[str]]:
        queries = ("$name", "Northwind Traders"), ("status", "trashed")
        return [await api.listed("/v1/accounts", query) for query in queries]

    await api.delete(f"/v1/accounts/{ACCOUNT}")
    await api.get(f"/v1/accounts/{ACCOUNT}", 404)
    assert await shown() == [[ACCOUNT], []]
    api.sandbox.refresh_index()
    assert await shown() == [[], [ACCOUNT]]
    await api.post(f"/v1/accounts/{ACCOUNT}/restore")
    await api.get(f"/v1/accounts/{ACCOUNT}")
    assert await shown() == [[], [ACCOUNT]]
    api.sandbox.refresh_index()
    assert await shown() == [[ACCOUNT], []]


async def test_lists_show_a_merge_late(api: Api) -> None:
    first, second = api.sandbox.ids("contacts")[:2]
    count = await total(api, "/v1/contacts")
    await api.post("/v1/contacts/merge", {"primaryId": first, "duplicateId": second})
    await api.get(f"/v1/contacts/{second}", 404)
    assert (await total(api, "/v1/contacts"), await total(api, "/v1/contacts?status=trashed")) == (count, 0)
    api.sandbox.refresh_index()
    assert (await total(api, "/v1/contacts"), await total(api, "/v1/contacts?status=trashed")) == (count - 1, 1)


async def test_members_of_a_list_are_shown_late(api: Api) -> None:
    fields = {"$name": "x", "$objectType": "$account"}
    made = (await api.post("/v1/lists", {"fields": fields, "relationships": {"$accounts": ACCOUNT}}))["id"]
    assert await api.listed(f"/v1/lists/{made}/accounts") == []
    await api.get("/v1/lists/lst_unknown/accounts", 404)
    api.sandbox.refresh_index()
    assert await api.listed(f"/v1/lists/{made}/accounts") == [ACCOUNT]


async def test_end_of_an_upload_is_shown_late_and_none_that_was_completed_in_time(api: Api) -> None:
    with freeze_time("2026-03-01") as time:
        announced = {"filename": "x", "mimeType": "text/plain", "sizeBytes": 1}
        forgotten, completed = [await api.post("/v1/files", announced) for _ in range(2)]
        api.sandbox.refresh_index()
        assert await statuses(api) == ["PENDING", "PENDING"]
        async with api.session.put(completed["uploadUrl"], data=b"x", headers=completed["uploadHeaders"]) as response:
            assert response.status == 200
        await api.post(f"/v1/files/{completed['id']}/complete", {})
        time.tick(4_000)
        assert await statuses(api) == ["PENDING", "PENDING"]
        assert api.sandbox.files[forgotten["id"]]["status"] == "EXPIRED"
        api.sandbox.refresh_index()
        assert await statuses(api) == ["COMPLETED", "EXPIRED"]


async def test_emails_and_files_are_shown_late(api: Api) -> None:
    content = {"to": ["a@b.example"], "subject": "x", "messageBody": {"content": "x"}}
    await api.post("/v1/emails/send", {"from": "larkspur@seller.example", **content})
    file = await api.post("/v1/files", {"filename": "x", "mimeType": "text/plain", "sizeBytes": 1})
    async with api.session.put(file["uploadUrl"], data=b"x", headers=file["uploadHeaders"]) as response:
        assert response.status == 200
    assert (await total(api, "/v1/emails"), await total(api, "/v1/files")) == (0, 0)
    api.sandbox.refresh_index()
    assert (await total(api, "/v1/emails"), await total(api, "/v1/files")) == (1, 1)
    await api.post(f"/v1/files/{file['id']}/complete", {})
    assert [each["status"] for each in (await api.get("/v1/files"))["data"]] == ["PENDING"]
    api.sandbox.refresh_index()
    assert [each["status"] for each in (await api.get("/v1/files"))["data"]] == ["COMPLETED"]


async def test_list_shows_a_write_once_it_is_due_also_while_a_test_freezes_the_time() -> None:
    with freeze_time("2026-03-01"):
        async with calling(index_lag=0.01) as api:
            made = (await api.post("/v1/accounts", NEW["accounts"]))["id"]
            looks = 0
            while made not in await api.listed("/v1/accounts"):
                looks += 1
                assert looks < 5_000


async def test_refreshing_shows_what_was_written_before_it(api: Api) -> None:
    made: list[str] = []
    for refreshed in (True, False):
        made.append((await api.post("/v1/accounts", NEW["accounts"]))["id"])
        if refreshed:
            api.sandbox.refresh_index()
    listed = await api.listed("/v1/accounts")
    assert [each in listed for each in made] == [True, False]


async def test_list_shows_at_once_what_a_test_puts_in_or_takes_out(api: Api) -> None:
    accounts = api.sandbox.records("accounts")
    await api.post(f"/v1/accounts/{ACCOUNT}", {"fields": {"$name": "Written"}})
    accounts[ACCOUNT]["fields"]["$name"]["value"] = "Put back"
    accounts[ACCOUNT] = accounts[ACCOUNT]
    accounts["acc_x"] = {**accounts[ACCOUNT], "id": "acc_x"}
    made = (await api.post("/v1/accounts", NEW["accounts"]))["id"]
    assert set(await api.listed("/v1/accounts", ("$name", "Put back"))) == {ACCOUNT, "acc_x"}
    del accounts["acc_x"]
    assert await api.listed("/v1/accounts", ("$name", "Put back")) == [ACCOUNT]
    assert made not in await api.listed("/v1/accounts")
    api.sandbox.refresh_index()
    assert await api.listed("/v1/accounts", ("$name", "Put back")) == [ACCOUNT]


async def test_list_shows_a_change_in_place_after_a_refresh(api: Api) -> None:
    api.sandbox.records("accounts")[ACCOUNT]["fields"]["$name"]["value"] = "In place"
    assert (await api.get(f"/v1/accounts/{ACCOUNT}"))["fields"]["$name"]["value"] == "In place"
    assert await api.listed("/v1/accounts", ("$name", "In place")) == []
    api.sandbox.refresh_index()
    assert await api.listed("/v1/accounts", ("$name", "In place")) == [ACCOUNT]


async def test_filter_knows_a_field_that_a_test_defines(api: Api) -> None:
    api.sandbox.definitions("accounts")["fieldDefinitions"]["colour"] = field("TEXT")
    api.sandbox.refresh_index()
    await api.post(f"/v1/accounts/{ACCOUNT}", {"fields": {"colour": "red"}})
    api.sandbox.definitions("accounts")["fieldDefinitions"]["shade"] = field("TEXT")
    assert await api.listed("/v1/accounts", ("shade", "dark")) == []
    api.sandbox.refresh_index()
    assert await api.listed("/v1/accounts", ("colour", "red")) == [ACCOUNT]


async def test_records_of_a_store_are_listed_from_the_beginning(tmp_path: Path) -> None:
    path = tmp_path / "crm.sqlite"
    async with calling(store=path, index_lag=LONG) as api:
        made = (await api.post("/v1/accounts", NEW["accounts"]))["id"]
        await api.delete(f"/v1/accounts/{ACCOUNT}")
        assert made not in await api.listed("/v1/accounts")
    async with calling(store=path, index_lag=LONG) as api:
        assert made in await api.listed("/v1/accounts")
        assert await api.listed("/v1/accounts", ("status", "trashed")) == [ACCOUNT]


async def test_without_a_lag_there_is_nothing_to_refresh() -> None:
    async with calling() as api:
        made = (await api.post("/v1/accounts", NEW["accounts"]))["id"]
        api.sandbox.refresh_index()
        assert made in await api.listed("/v1/accounts")


@pytest.mark.parametrize(("lag", "error"), [(-1, ValueError), (2e6, ValueError), ("2", TypeError), (True, TypeError)])
def test_lag_is_a_number_of_seconds(lag: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="index_lag must be"):
        Sandbox(index_lag=lag)


def test_changes_do_not_pile_up_where_nobody_lists() -> None:
    shown: list[Change] = []
    index, first, second = SearchIndex(shown.append, 0), Change("accounts", "a", "{}"), Change("accounts", "b", "{}")
    index.add([first], at_once=False)
    index.add([second], at_once=False)
    assert shown == [first]
