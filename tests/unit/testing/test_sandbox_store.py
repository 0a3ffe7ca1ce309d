"""Does a sandbox with a store go on where the one before it stopped?"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from freezegun import freeze_time

from lightfield.testing import Sandbox
from tests.unit.testing.sandbox_calls import Api, calling

ACCOUNT = "acc_northwind_traders"
CONTENT = b"hello \x00\xff"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "crm.sqlite"


def rows(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT kind, id FROM documents").fetchall()


async def created(api: Api, path: str, fields: dict[str, Any], **related: Any) -> str:
    sent = {"fields": fields, "relationships": {f"${key}": value for key, value in related.items()}}
    return str((await api.post(path, sent))["id"])


async def upload(api: Api) -> str:
    announced = {"filename": "a.txt", "mimeType": "text/plain", "sizeBytes": len(CONTENT)}
    file = await api.post("/v1/files", announced)
    async with api.session.put(file["uploadUrl"], data=CONTENT, headers=file["uploadHeaders"]) as response:
        assert response.status == 200
    return str(file["id"])


async def test_records_are_kept(path: Path) -> None:
    async with calling(store=path) as api:
        account = await created(api, "/v1/accounts", {"$name": "Zephyr"})
        contact = await created(api, "/v1/contacts", {"$email": ["a@b.example"]}, account=ACCOUNT)
        project = await created(api, "/v1/objects/project/values", {"$name": "Move"})
        await api.post(f"/v1/accounts/{ACCOUNT}", {"fields": {"icp-score": 77}})
        before = {name: dict(api.sandbox.records(name).items()) for name in ("accounts", "contacts", "opportunities")}
        history = await api.get(f"/v1/accounts/{ACCOUNT}/fields/icp-score/history")
    async with calling(store=path) as api:
        assert {name: dict(api.sandbox.records(name).items()) for name in before} == before
        assert api.sandbox.ids("accounts")[-1] == account
        assert (await api.get(f"/v1/accounts/{account}"))["fields"]["$name"]["value"] == "Zephyr"
        assert (await api.get(f"/v1/objects/project/values/{project}"))["id"] == project
        assert contact in (await api.get(f"/v1/accounts/{ACCOUNT}"))["relationships"]["$contact"]["values"]
        assert await api.get(f"/v1/accounts/{ACCOUNT}/fields/icp-score/history") == history
        assert [each["value"] for each in history["data"]] == [77, 0]
        assert account in await api.listed("/v1/accounts")


async def test_trash_is_kept(path: Path) -> None:
    async with calling(store=path) as api:
        deleted, restored, other = api.sandbox.ids("contacts")[:3]
        made = await created(api, "/v1/contacts", {})
        for identifier in (deleted, restored, made):
            await api.delete(f"/v1/contacts/{identifier}")
        await api.post(f"/v1/contacts/{restored}/restore")
        del api.sandbox.records("contacts")[other]
    async with calling(store=path) as api:
        assert set(api.sandbox.trash("contacts")) == {deleted, made}
        assert api.sandbox.records("contacts").keys().isdisjoint({deleted, made, other})
        await api.get(f"/v1/contacts/{restored}")
        await api.post(f"/v1/contacts/{made}/restore")
    async with calling(store=path) as api:
        assert made in api.sandbox.records("contacts")
        assert list(api.sandbox.trash("contacts")) == [deleted]


async def test_order_is_kept_also_of_records_that_were_restored(path: Path) -> None:
    with freeze_time("2020-01-01"):  # before the initial records: all new ones are created at the same time
        async with calling(store=path) as api:
            seeded = api.sandbox.ids("accounts")[3]
            made = [await created(api, "/v1/accounts", {"$name": f"x{number}"}) for number in range(3)]
            for identifier in (seeded, made[0]):
                await api.delete(f"/v1/accounts/{identifier}")
                await api.post(f"/v1/accounts/{identifier}/restore")
            identifiers, listed = api.sandbox.ids("accounts"), await api.listed("/v1/accounts")
        assert [identifiers[3], *identifiers[-3:]] == [seeded, made[1], made[2], made[0]]
        async with calling(store=path) as api:
            assert (api.sandbox.ids("accounts"), await api.listed("/v1/accounts")) == (identifiers, listed)


async def test_files_are_kept(path: Path) -> None:
    async with calling(store=path) as api:
        complete, pending, cancelled = [await upload(api) for _ in range(3)]
        await api.post(f"/v1/files/{complete}/complete", {})
        await api.post(f"/v1/files/{cancelled}/cancel", {})
        before = api.sandbox.files
        address = (await api.get(f"/v1/files/{complete}/url"))["url"]
        port = api.sandbox.base_url.rsplit(":", 1)[1]
    async with calling(store=path, port=int(port)) as api:
        assert api.sandbox.files == before
        assert [api.sandbox.content(each) for each in (complete, pending, cancelled)] == [CONTENT, CONTENT, None]
        async with api.session.get(address) as response:
            assert await response.read() == CONTENT
        assert (await api.post(f"/v1/files/{pending}/complete", {}))["status"] == "COMPLETED"


async def test_merges_and_runs_go_on(path: Path) -> None:
    async with calling(store=path) as api:
        first, second = api.sandbox.ids("contacts")[:2]
        sent = {"primaryId": first, "duplicateId": second}
        merge = (await api.post("/v1/contacts/merge", sent))["merge"]["id"]
        run = (await api.post(f"/v1/enrichmentRun/contacts/{first}", {}))["enrichmentRun"]["id"]
        assert (await api.get(f"/v1/merges/{merge}"))["status"] == "cleanup_pending"
        assert (await api.get(f"/v1/enrichmentRun/{run}"))["status"] == "queued"
        assert [(await api.get("/v1/workflowRun/x/status"))["status"] for _ in range(2)] == ["running"] * 2
    async with calling(store=path) as api:
        assert (await api.get(f"/v1/merges/{merge}"))["status"] == "done"
        assert (await api.get(f"/v1/enrichmentRun/{run}"))["status"] == "running"
        assert (await api.get("/v1/workflowRun/x/status"))["status"] == "completed"
        assert second in api.sandbox.trash("contacts")
    async with calling(store=path) as api:
        assert (await api.get(f"/v1/merges/{merge}"))["status"] == "done"
        assert (await api.get(f"/v1/enrichmentRun/{run}"))["status"] == "completed"


async def test_logged_and_sent_emails_are_kept(path: Path) -> None:
    fields = {"$from": "larkspur@seller.example", "$to": ["a@b.example"], "$sentAt": "2026-01-05T09:00:00Z"}
    logged = {"fields": fields, "headers": {"Message-ID": "<1@b.example>"}}
    async with calling(store=path) as api:
        file = await upload(api)
        await api.post(f"/v1/files/{file}/complete", {})
        content = {"subject": "x", "messageBody": {"content": "x"}, "attachments": [file]}
        await api.post("/v1/emails/send", {"from": "larkspur@seller.example", "to": ["a@b.example"], **content})
        await api.post("/v1/emails/log", logged)
    async with calling(store=path) as api:
        await api.post("/v1/emails/log", logged, 409)
        newest = [await api.get(f"/v1/emails/{each}") for each in await api.listed("/v1/emails")]
        assert [each["relationships"]["$attachment"]["values"] for each in newest] == [[], [file]]


async def test_key_of_a_write_is_kept_for_24_hours(path: Path) -> None:
    sent = {"fields": {"$name": "Zephyr"}}
    async with calling(store=path) as api:
        made = await api.post("/v1/accounts", sent, key="key")
    async with calling(store=path) as api:
        assert await api.post("/v1/accounts", sent, key="key") == made
    with closing(sqlite3.connect(path)) as connection, connection:
        (answer,) = connection.execute("SELECT document FROM documents WHERE kind = 'answers'").fetchone()
        old = json.dumps({**json.loads(answer), "storedAt": "2026-01-01T00:00:00.000Z"})
        connection.execute("UPDATE documents SET document = ? WHERE kind = 'answers'", (old,))
    async with calling(store=path) as api:
        again = await api.post("/v1/accounts", sent, key="key")
        assert again["id"] != made["id"]
        assert await api.post("/v1/accounts", sent, key="key") == again


async def test_no_id_is_given_twice(path: Path) -> None:
    made: list[str] = []
    for _ in range(3):
        async with calling(store=path) as api:
            made += [await created(api, "/v1/accounts", {"$name": "Zephyr"}) for _ in range(3)]
    assert len(set(made)) == 9
    async with calling() as api:
        assert await created(api, "/v1/accounts", {"$name": "Zephyr"}) == made[0]  # as without a store


async def test_what_a_test_changes_itself_is_kept(path: Path) -> None:
    with Sandbox(store=path) as sandbox:
        accounts = sandbox.records("accounts")
        changed, removed, copied = sandbox.ids("accounts")[:3]
        accounts[changed]["fields"]["$name"]["value"] = "Changed in place"
        sandbox.trash("accounts")[removed] = accounts.pop(removed)
        accounts.update({f"acc_{number}": {**accounts[copied], "id": f"acc_{number}"} for number in range(20)})
        sandbox.definitions("accounts")["fieldDefinitions"].pop("tier")
    with Sandbox(store=path) as sandbox:
        accounts = sandbox.records("accounts")
        assert accounts[changed]["fields"]["$name"]["value"] == "Changed in place"
        assert (removed in accounts, removed in sandbox.trash("accounts")) == (False, True)
        assert sandbox.ids("accounts")[-20:] == [f"acc_{number}" for number in range(20)]
        assert "tier" not in sandbox.definitions("accounts")["fieldDefinitions"]
        accounts[changed]["fields"]["$name"]["value"] = "Changed again"
    with Sandbox(store=path) as sandbox:
        assert sandbox.records("accounts")[changed]["fields"]["$name"]["value"] == "Changed again"


async def test_what_a_test_changes_before_it_starts_or_between_two_starts_is_kept(path: Path) -> None:
    sandbox = Sandbox(store=path)
    first, second = sandbox.ids("accounts")[:2]
    del sandbox.records("accounts")[first]
    with sandbox:
        pass
    del sandbox.records("accounts")[second]
    async with sandbox:
        pass
    assert {first, second}.isdisjoint(Sandbox(store=path).ids("accounts"))


async def test_refreshing_an_index_without_lag_keeps_what_a_test_has_changed(path: Path) -> None:
    async with calling(store=path) as api:
        api.sandbox.records("accounts")[ACCOUNT]["fields"]["$name"]["value"] = "In place"
        api.sandbox.refresh_index()
        assert await api.listed("/v1/accounts", ("$name", "In place")) == [ACCOUNT]
    assert Sandbox(store=path).records("accounts")[ACCOUNT]["fields"]["$name"]["value"] == "In place"


def test_one_file_is_left_that_holds_only_what_differs_from_the_beginning(path: Path) -> None:
    with Sandbox(store=path, opportunities=50) as sandbox:
        removed = sandbox.opportunity_ids[7]
        del sandbox.opportunities[removed]
    assert [each.name for each in path.parent.iterdir()] == ["crm.sqlite"]
    assert rows(path) == [("opportunities", removed)]


def test_beginning_is_that_of_the_file(path: Path) -> None:
    with Sandbox(store=path, opportunities=3, seed=5) as sandbox:
        identifiers = sandbox.opportunity_ids
    with Sandbox(store=str(path)) as sandbox:
        assert sandbox.opportunity_ids == identifiers
    with Sandbox(store=path, opportunities=3, seed=5) as sandbox:
        assert sandbox.opportunity_ids == identifiers
    with pytest.raises(ValueError, match=r"crm.sqlite was begun with opportunities=3, seed=5: leave this out"):
        Sandbox(store=path, opportunities=4, seed=0)
    assert Sandbox(store=path).opportunity_ids == identifiers


def test_beginning_has_the_pipelines_in_their_order(path: Path) -> None:
    stages = {"Sales": ("New", "Won"), "Renewal": ("Open", "Closed")}
    first = Sandbox(store=path, pipelines=MappingProxyType(stages)).definitions("opportunities")
    again = Sandbox(store=path, pipelines={name: list(each) for name, each in stages.items()})
    assert again.definitions("opportunities") == first
    with pytest.raises(ValueError, match="was begun with pipelines="):
        Sandbox(store=path, pipelines=dict(reversed(stages.items())))


async def test_document_that_is_not_json_is_named(path: Path) -> None:
    wrong: Any = {"id": "acc_x", "fields": object()}
    async with calling(store=path) as api:
        accounts = api.sandbox.records("accounts")
        accounts["acc_x"] = wrong
        error = (await api.get(f"/v1/accounts/{ACCOUNT}", 503))["error"]
        assert error["type"] == "service_unavailable"
        assert "'acc_x' of accounts is not JSON, and cannot be kept" in error["message"]
        del accounts["acc_x"]
        await api.get(f"/v1/accounts/{ACCOUNT}")
        accounts[ACCOUNT]["fields"] = wrong
        accounts["acc_y"] = {**accounts[api.sandbox.ids("accounts")[-1]], "id": "acc_y"}
        accounts[ACCOUNT]["fields"]["$name"] = wrong["fields"]
        with pytest.raises(ValueError, match=f"'{ACCOUNT}' of accounts is not JSON"):
            api.sandbox.stop()
    assert "acc_y" in Sandbox(store=path).ids("accounts")


@pytest.mark.parametrize(("store", "error"), [(7, TypeError), (b"crm", TypeError), ("", ValueError)])
def test_store_is_a_path(store: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="store must be the path of a file"):
        Sandbox(store=store)
