"""A day's work, in calls that the official SDK and both of our clients take alike.

Each chapter gives a transcript of plain results, in which generated ids and the times of events have names; so it is
the same for all of them. As a program it plays the chapters with the client of whichever package is installed, official
or ours, and prints the transcript. It imports nothing else that is installed.
"""

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeAlias
from urllib.request import Request, urlopen

import lightfield

KEY = "sk_lf_sandbox"
READER = "sk_lf_reader"
"""A key that may only read opportunities."""

PATIENCE = 100
"""How many requests a sandbox that takes one a second may take before it refuses one."""

STOPPED = "stopped early:"

_ID = re.compile(r"\b[a-z]+_cm[a-z0-9]{22}\b")
_ORIGIN = re.compile(r"http://127\.0\.0\.1:\d+")

Transcript: TypeAlias = dict[str, list[Any]]


class Cast(NamedTuple):
    """The clients."""

    client: Any
    reader: Any
    """Has the key of the reader."""

    hurried: Any
    """Talks to a sandbox that takes one request a second."""


class Script:
    """Writes results down."""

    def __init__(self) -> None:
        self.lines: list[Any] = []
        self._names: dict[str, str] = {}

    def tell(self, result: Any) -> Any:
        """Write a result down, and give it back."""
        self.lines.append(self._plain(result.to_dict() if hasattr(result, "to_dict") else result))
        return result

    async def refused(self, call: Awaitable[Any]) -> lightfield.APIStatusError:
        """Write down how a call is refused."""
        try:
            result = await call
        except lightfield.APIStatusError as error:
            self.tell([type(error).__name__, error.status_code, error.body])
            return error
        raise AssertionError(f"not refused: {result}")

    def _plain(self, part: Any, key: str = "") -> Any:
        items: Any = part
        if isinstance(part, dict):
            return {name: self._plain(items[name], key if name == "value" else name) for name in sorted(items)}
        if isinstance(part, list | tuple):
            return [self._plain(each) for each in items]
        if not isinstance(part, str):
            return part
        if key.endswith("At"):
            return "a time"
        if key.lower().endswith("version"):
            return self._name(part)
        return _ORIGIN.sub("", _ID.sub(lambda found: self._name(found[0]), part))

    def _name(self, text: str) -> str:
        return self._names.setdefault(text, f"{text.partition('_')[0]} {len(self._names) + 1}" if "_" in text else text)


Chapter: TypeAlias = Callable[[Cast, Script], Awaitable[None]]


async def deals(cast: Cast, script: Script) -> None:
    client, tell = cast.client, script.tell
    tell(await client.auth.validate())
    definitions = await client.opportunity.definitions()
    tell({key: [each.label, each.value_type] for key, each in definitions.field_definitions.items()})
    tell({key: [each.object_type, each.cardinality] for key, each in definitions.relationship_definitions.items()})
    account = tell(await client.account.create(fields={"$name": "Åkesson & Söner"}, skip_enrichment=True))
    deal = tell(
        await client.opportunity.create(
            fields={"$name": "Roll-out", "$amount": 5000, "$closeDate": "2026-12-01T10:00:00+01:00"},
            relationships={"$account": account.id},
        )
    )
    tell(await client.opportunity.retrieve(deal.id))
    tell(await client.opportunity.list(limit=3))
    tell(await client.opportunity.list(extra_query={"$account": account.id, "$amount[greaterThan]": "4999"}))
    tell(await client.opportunity.list(limit=2, offset=1, extra_query={"$account[-equal]": account.id}))
    tell(
        await client.opportunity.update(
            deal.id,
            fields={"$stage": "Proposal", "$amount": None},
            relationships={"$owner": {"replace": "mem_larkspur"}},
        )
    )
    tell(await client.opportunity.field_history("$stage", id=deal.id, limit=1))
    tell(await client.opportunity.field_history("$amount", id=deal.id))
    tell(await client.opportunity.delete(deal.id))
    await script.refused(client.opportunity.retrieve(deal.id))
    tell(await client.opportunity.list(status="trashed"))
    tell(await client.opportunity.restore(deal.id))
    tell(await client.opportunity.retrieve(deal.id))


async def merging(cast: Cast, script: Script) -> None:
    client, tell = cast.client, script.tell
    made = [
        tell(await client.opportunity.create(fields=fields, relationships={"$account": "acc_northwind_traders"}))
        for fields in ({"$name": "First"}, {"$name": "Second", "$nextStep": "Call", "$amount": 12.5})
    ]
    merged = await client.merge.merge_opportunities(
        primary_id=made[0].id, duplicate_id=made[1].id, field_resolutions={"name": "duplicate"}
    )
    tell(merged)
    tell(await client.merge.get_merge(merged.merge.id))
    tell(await client.merge.get_merge(merged.merge.id))
    await script.refused(client.opportunity.retrieve(made[1].id))
    await script.refused(
        client.merge.merge_accounts(primary_id="acc_northwind_traders", duplicate_id="acc_northwind_traders")
    )


async def uploads(cast: Cast, script: Script) -> None:
    client, tell = cast.client, script.tell
    file = tell(await client.file.create(filename="notes.txt", mime_type="text/plain", size_bytes=5))
    await script.refused(client.file.url(file.id))
    tell(await asyncio.to_thread(_fetch, Request(file.upload_url, b"hello", dict(file.upload_headers), method="PUT")))
    await script.refused(client.file.complete(file.id, md5="0" * 32))
    tell(await client.file.complete(file.id, md5="5d41402abc4b2a76b9719d911017c592"))
    tell(await asyncio.to_thread(_fetch, Request(tell(await client.file.url(file.id)).url)))
    other = await client.file.create(
        filename="call.txt", mime_type="text/plain", size_bytes=9, purpose="meeting_transcript"
    )
    tell(await client.file.cancel(other.id))
    tell(await client.file.list(limit=5))


def _fetch(request: Request) -> list[Any]:
    with urlopen(request, timeout=30) as response:
        return [response.status, response.read().decode()]


async def the_rest(cast: Cast, script: Script) -> None:
    client, tell = cast.client, script.tell
    tell(await client.member.list(limit=2))
    task = tell(
        await client.task.create(
            fields={"$title": "Call", "$status": "TODO"}, relationships={"$assignedTo": "mem_larkspur"}
        )
    )
    tell(await client.task.update(task.id, fields={"$status": "COMPLETE"}))
    note = await client.note.create(
        fields={"$title": "Prices"}, relationships={"$account": ["acc_northwind_traders", "acc_fennimoor_labs"]}
    )
    changes = {"add": "acc_bramblewick_foods", "remove": ["acc_northwind_traders"]}
    tell(await client.note.update(note.id, relationships={"$account": changes}))
    group = await client.list.create(
        fields={"$name": "Targets", "$objectType": "$account"},
        relationships={"$accounts": ["acc_northwind_traders", "acc_fennimoor_labs"]},
    )
    tell(await client.list.list_accounts(group.id))
    tell(await client.object.list_definitions())
    project = await client.object.create("project", fields={"$name": "Pilot", "budget": 100})
    tell(await client.object.retrieve(project.id, entity_slug="project"))
    started = await client.enrichment_run.enrich("con_northwind_traders_buyer", entity_slug="contacts")
    tell(await client.enrichment_run.get_enrichment_run(started.enrichment_run.id))
    message = {"from_": "larkspur@seller.example", "to": ["buyer@northwind-traders.example"], "subject": "Prices"}
    tell(await client.email.send(**message, message_body={"content": "<p>Here.</p>", "content_type": "HTML"}))
    tell(await client.email.list())


async def sequences(cast: Cast, script: Script) -> None:
    client, tell = cast.client, script.tell
    usable = {"channel[equal]": "EMAIL", "health[equal]": "HEALTHY", "archived[equal]": "false"}
    senders = tell(await client.sender.list(extra_query=usable))
    email = {"type": "EMAIL", "name": "First", "delivery_mode": "AUTO", "mode": "TEMPLATE"}
    draft = tell(
        await client.sequence.create(
            name="Welcome",
            definition={
                "description": "For new contacts",
                "steps": [
                    {**email, "template": {"subject": "Hello", "body": "Good to meet you."}},
                    {"type": "WAIT", "duration": 3, "unit": "DAY"},
                    {"type": "EMAIL", "name": "Second", "delivery_mode": "AUTO", "mode": "AGENT", "prompt": "Ask."},
                ],
            },
            senders=[senders.data[0].id],
        )
    )
    sequence = draft.sequence_id
    draft = tell(await client.sequence.update_draft(sequence, name="Hello", expected_version=draft.version))
    assert (await script.refused(client.sequence.publish_draft(sequence, expected_version="0"))).status_code == 409
    tell(await client.sequence.publish_draft(sequence, expected_version=draft.version))
    assert (await script.refused(client.sequence.retrieve_draft(sequence))).status_code == 404
    assert tell(await client.sequence.activate(sequence)).status == "ACTIVE"
    changed = tell(await client.sequence.update_enrollments(sequence, add=["con_northwind_traders_buyer"]))
    tell(await client.sequence.retrieve_enrollment(changed.results[0].enrollment_id, id=sequence))
    tell(await client.sequence.list_enrollments(sequence))
    tell(await client.sequence.list_messages(sequence))
    tell(await client.sequence.retrieve_performance(sequence))
    assert tell(await client.sequence.deactivate(sequence)).status == "DEACTIVATED"
    tell(await client.sequence.retrieve(sequence))
    tell(await client.sequence.list(extra_query={"status[equal]": "DEACTIVATED"}))


async def errors(cast: Cast, script: Script) -> None:
    client, refused = cast.client, script.refused
    account = "acc_northwind_traders"
    outcomes = [
        (404, client.contact.retrieve("con_none")),
        (400, client.account.update(account, fields={"bogus": 1})),
        (400, client.account.update(account, relationships={"$bogus": {"add": "con_1"}})),
        (400, client.opportunity.list(extra_query={"$name[like]": "x"})),
        (400, client.opportunity.create(fields={"$name": "x"}, relationships={})),
        (422, client.account.update(account, relationships={"$contact": {"add": await _contacts(client)}})),
    ]
    for status, call in outcomes:
        assert (await refused(call)).status_code == status
    fields = {
        "$from": "larkspur@seller.example",
        "$to": ["buyer@northwind-traders.example"],
        "$sentAt": (datetime.now(UTC) - timedelta(days=1)).isoformat(),
    }
    headers = {"Message-ID": "<1@seller.example>"}
    await client.email.log(fields=fields, headers=headers)
    assert (await refused(client.email.log(fields=fields, headers=headers))).status_code == 409


async def _contacts(client: Any) -> list[str]:
    pages = [await client.contact.list(limit=25), await client.contact.list(limit=25, offset=25)]
    return [contact.id for page in pages for contact in page.data][:26]


async def scopes(cast: Cast, script: Script) -> None:
    reader, refused = cast.reader, script.refused
    script.tell(await reader.auth.validate())
    script.tell(await reader.opportunity.list(limit=1))
    for call in (
        reader.opportunity.create(fields={"$name": "x"}, relationships={"$account": "acc_northwind_traders"}),
        reader.opportunity.list(status="trashed"),
        reader.contact.list(),
    ):
        assert (await refused(call)).status_code == 403


async def limits(cast: Cast, script: Script) -> None:
    for _ in range(PATIENCE):
        try:
            await cast.hurried.member.retrieve("mem_larkspur")
        except lightfield.RateLimitError as error:
            script.tell([error.status_code, error.body, error.response.headers["Retry-After"]])
            return
    raise AssertionError("no request was refused")


CHAPTERS: Mapping[str, Chapter] = {
    "deals": deals,
    "merging": merging,
    "uploads": uploads,
    "the rest": the_rest,
    "sequences": sequences,
    "errors": errors,
    "scopes": scopes,
    "limits": limits,
}


async def play(cast: Cast) -> Transcript:
    """Play the chapters; one that stops early ends with the reason."""
    transcript: Transcript = {}
    for name, chapter in CHAPTERS.items():
        script = Script()
        try:
            await chapter(cast, script)
        except Exception as error:  # noqa: BLE001 # whatever it is, it is told
            script.lines.append(f"{STOPPED} {type(error).__name__}: {error}")
        transcript[name] = script.lines
    return transcript


def stopped(transcript: Transcript) -> set[str]:
    """Give the chapters that stopped early."""
    return {name for name, lines in transcript.items() if str(*lines[-1:]).startswith(STOPPED)}


async def main(url: str, hurried_url: str) -> Transcript:
    """Play with the awaited client of the package that is installed."""
    ours = {"rate_limits": None} if hasattr(lightfield, "RateLimits") else {}
    roles = ((url, KEY), (url, READER), (hurried_url, KEY))
    async with AsyncExitStack() as stack:
        cast: list[Any] = []
        for base_url, key in roles:
            options: dict[str, Any] = {"base_url": base_url, "api_key": key, "max_retries": 0, **ours}
            cast.append(await stack.enter_async_context(lightfield.AsyncLightfield(**options)))
        return await play(Cast(*cast))


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(*sys.argv[1:]))))  # noqa: T201 # its result
