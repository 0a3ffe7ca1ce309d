"""Is every write that was answered in the store after the process was killed, and none of them by half?"""

import asyncio
import os
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import pytest

from lightfield.testing import Sandbox
from tests.unit.testing.sandbox_calls import HEADERS, Api, calling

SERVER = """
import sys
from lightfield.testing import Sandbox
with Sandbox(store=sys.argv[1], rate_limit=None) as sandbox:
    print(sandbox.base_url, flush=True)
    sys.stdin.read()
"""
FORKING = """
import os, sys
from lightfield.testing import Sandbox
stopped = Sandbox(store=sys.argv[1] + ".stopped")
with Sandbox(store=sys.argv[1], rate_limit=None) as sandbox:
    print(sandbox.base_url, flush=True)
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            sys.exit(0)
        print(os.waitpid(child, 0)[1], flush=True)
"""
ACCOUNT = "acc_northwind_traders"
ROUNDS = 5
MOST_WRITES = 120


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "crm.sqlite"


class Writer:
    """Writes through HTTP and notes what was answered, until the server is gone."""

    def __init__(self, session: aiohttp.ClientSession, number: int, enough: Callable[[], None]) -> None:
        self.session = session
        self.number = number
        self.enough = enough
        self.named: dict[str, set[str]] = {}
        """The names that an account may have: the last one that was answered, and the one that was sent after it."""

        self.places: dict[str, set[str]] = {}
        """Where a contact may be, in the same way: active or trashed."""

        self.keyed: dict[str, str | None] = {}
        """The id of the account that was made with a key, or None if there was no answer."""

        self.completed: dict[str, bytes] = {}
        self.merging: list[tuple[str, str]] = []
        self.merged: list[tuple[str, str, str]] = []
        self.members: dict[str, set[str]] = {}

    async def send(self, method: str, path: str, body: object = None, key: str = "") -> Any:
        headers = {**HEADERS, "Idempotency-Key": key} if key else HEADERS
        async with self.session.request(method, path, json=body, headers=headers) as response:
            assert response.status == 200, await response.text()
            document = await response.json()
        self.enough()
        return document

    async def write(self) -> None:
        step = 0
        with suppress(aiohttp.ClientError):
            while True:
                step += 1
                account = await self.account(f"{self.number} {step}")
                contact = await self.contact(account)
                await self.trash_and_restore(contact)
                await self.merge(await self.contact(account), await self.contact(ACCOUNT))
                await self.list_membership(account)
                await self.upload(f"content {self.number} {step}".encode())

    async def account(self, name: str) -> str:
        self.keyed[name] = None
        account = (await self.send("POST", "/v1/accounts", {"fields": {"$name": name}}, key=name))["id"]
        self.keyed[name] = account
        self.named[account] = {name, f"{name} changed"}
        await self.send("POST", f"/v1/accounts/{account}", {"fields": {"$name": f"{name} changed"}})
        self.named[account] = {f"{name} changed"}
        return str(account)

    async def contact(self, account: str) -> str:
        made = await self.send("POST", "/v1/contacts", {"fields": {}, "relationships": {"$account": account}})
        self.places[made["id"]] = {"active"}
        return str(made["id"])

    async def trash_and_restore(self, contact: str) -> None:
        self.places[contact] = {"active", "trashed"}
        await self.send("DELETE", f"/v1/contacts/{contact}")
        self.places[contact] = {"trashed"}
        if self.number % 2:
            self.places[contact] = {"active", "trashed"}
            await self.send("POST", f"/v1/contacts/{contact}/restore")
            self.places[contact] = {"active"}

    async def merge(self, primary: str, duplicate: str) -> None:
        self.places[duplicate] = {"active", "trashed"}
        self.merging.append((primary, duplicate))
        sent = {"primaryId": primary, "duplicateId": duplicate}
        merge = (await self.send("POST", "/v1/contacts/merge", sent))["merge"]["id"]
        self.places[duplicate] = {"trashed"}
        self.merged.append((merge, primary, duplicate))

    async def list_membership(self, account: str) -> None:
        made = await self.send("POST", "/v1/lists", {"fields": {"$name": "x", "$objectType": "$account"}})
        await self.send("POST", f"/v1/lists/{made['id']}", {"relationships": {"$accounts": {"add": account}}})
        self.members[made["id"]] = {account}

    async def upload(self, content: bytes) -> None:
        announced = {"filename": "x", "mimeType": "text/plain", "sizeBytes": len(content)}
        file = await self.send("POST", "/v1/files", announced)
        async with self.session.put(file["uploadUrl"], data=content, headers=file["uploadHeaders"]) as response:
            assert response.status == 200
        await self.send("POST", f"/v1/files/{file['id']}/complete", {})
        self.completed[file["id"]] = content


async def check(api: Api, writer: Writer) -> None:
    """See that what was answered is there."""
    sandbox = api.sandbox
    accounts, contacts, trash = sandbox.records("accounts"), sandbox.records("contacts"), sandbox.trash("contacts")
    for account, names in writer.named.items():
        assert accounts[account]["fields"]["$name"]["value"] in names
    for contact, places in writer.places.items():
        assert ("active" if contact in contacts else "trashed") in places
        assert (contact in contacts) != (contact in trash)
    pointed_at = {each for record in accounts.values() for each in record["relationships"]["$contact"]["values"]}
    for primary, duplicate in writer.merging:
        assert primary in pointed_at
        assert (duplicate in pointed_at) == (duplicate in contacts)
    for merge, primary, duplicate in writer.merged:
        document = await api.get(f"/v1/merges/{merge}")
        assert (document["primaryId"], document["duplicateId"]) == (primary, duplicate)
    for identifier, members in writer.members.items():
        assert set(await api.listed(f"/v1/lists/{identifier}/accounts")) == members
    for identifier, content in writer.completed.items():
        assert (sandbox.files[identifier]["status"], sandbox.content(identifier)) == ("COMPLETED", content)
    for name, made in writer.keyed.items():
        again = await api.post("/v1/accounts", {"fields": {"$name": name}}, key=name)
        assert made in {None, again["id"]}


def check_both_ends(api: Api) -> None:
    """See that no write was applied by half: whatever points to a record is pointed back at."""
    accounts, contacts = (api.sandbox.records(name) for name in ("accounts", "contacts"))
    for contact, record in contacts.items():
        for account in record["relationships"]["$account"]["values"]:
            assert contact in accounts[account]["relationships"]["$contact"]["values"]
    known = {**contacts, **api.sandbox.trash("contacts")}
    for account, record in accounts.items():
        for contact in record["relationships"]["$contact"]["values"]:
            assert account in known[contact]["relationships"]["$account"]["values"]
    names = [record["fields"]["$name"]["value"] for record in accounts.values()]
    assert len(names) == len({str(name).removesuffix(" changed") for name in names})


@asynccontextmanager
async def served(path: Path, script: str = SERVER) -> AsyncGenerator[tuple[Process, aiohttp.ClientSession]]:
    """Run a sandbox in a process of its own, and kill it in the end."""
    command = [sys.executable, "-c", script, str(path)]
    process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    address = (await process.stdout.readline()).decode().strip()
    async with aiohttp.ClientSession(address) as session:
        yield process, session
        process.kill()
        await process.communicate()


async def write_until_killed(path: Path, number: int) -> list[Writer]:
    """Have three clients write at once, and kill the server after a random number of answers."""
    writes, enough = Random(number).randint(1, MOST_WRITES), asyncio.Event()
    answers = iter(range(writes))

    def count() -> None:
        if next(answers, None) is None:
            enough.set()

    async with served(path) as (_, session):
        writers = [Writer(session, 10 * number + each, count) for each in range(3)]
        tasks = [asyncio.create_task(writer.write()) for writer in writers]
        await asyncio.wait([asyncio.create_task(enough.wait()), *tasks], return_when=asyncio.FIRST_COMPLETED)
    await asyncio.gather(*tasks)
    return writers


async def test_killed_process_has_kept_every_write_that_was_answered(path: Path) -> None:
    writers: list[Writer] = []
    for number in range(ROUNDS):
        writers += await write_until_killed(path, number)
        async with calling(store=path, opportunities=200, seed=0) as api:
            check_both_ends(api)
            for writer in writers:
                await check(api, writer)
            check_both_ends(api)
    assert [merged for writer in writers for merged in writer.merged] != []


async def test_killed_process_has_kept_what_was_changed_within_documents(path: Path) -> None:
    opportunity, record = next(
        (key, each)
        for key, each in Sandbox().opportunities.items()
        if each["relationships"]["$champion"]["values"] and not each["relationships"]["$evaluator"]["values"]
    )
    (duplicate,) = record["relationships"]["$champion"]["values"]
    content = {"subject": "x", "messageBody": {"content": "x"}}
    async with served(path) as (_, session):
        writer = Writer(session, 0, lambda: None)
        primary = await writer.contact(ACCOUNT)
        await writer.merge(primary, duplicate)
        ((merge, _, _),) = writer.merged
        run = (await writer.send("POST", f"/v1/enrichmentRun/contacts/{primary}", {}))["enrichmentRun"]["id"]
        _, done = [await writer.send("GET", f"/v1/merges/{merge}") for _ in range(2)]
        _, running = [await writer.send("GET", f"/v1/enrichmentRun/{run}") for _ in range(2)]
        await writer.upload(b"attached")
        sent = {"from": "larkspur@seller.example", "to": ["a@b.example"], "attachments": [*writer.completed], **content}
        await writer.send("POST", "/v1/emails/send", sent)
    async with calling(store=path, opportunities=200, seed=0) as api:
        await check(api, writer)
        assert api.sandbox.opportunities[opportunity]["relationships"]["$champion"]["values"] == [primary]
        assert await api.get(f"/v1/merges/{merge}") == done
        completed = await api.get(f"/v1/enrichmentRun/{run}")
        assert (running["status"], completed["status"]) == ("running", "completed")
        assert completed["startedAt"] == running["startedAt"]
        (email,) = api.sandbox.records("emails").values()
        assert email["relationships"]["$attachment"]["values"] == [*writer.completed]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
async def test_fork_that_ends_takes_nothing_away(path: Path) -> None:
    async with served(path, FORKING) as (process, session):
        assert process.stdin is not None
        assert process.stdout is not None
        writer = Writer(session, 0, lambda: None)
        await writer.account("before")
        process.stdin.write(b"fork\n")
        assert (await process.stdout.readline()).strip() == b"0"
        await writer.account("after")
    async with calling(store=path, opportunities=200, seed=0) as api:
        await check(api, writer)
