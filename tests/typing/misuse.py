"""What a type checker must refuse: each line marked E, and no other. Checked by ``test_typing.py``, never run."""

import lightfield
from lightfield import AsyncLightfield, F, Lightfield, Request
from lightfield.models import Opportunity
from lightfield.testing import Sandbox


async def arguments(client: AsyncLightfield) -> None:
    await client.opportunity.retrieve(5)  # E
    await client.opportunity.retrieve()  # E
    await client.opportunity.retrieve("opp_1", "opp_2")  # E
    await client.opportunity.retrieve("opp_1", timeouts=5)  # E
    await client.opportunity.retrieve_many([1, 2])  # E
    await client.opportunity.retrieve_many(5)  # E
    await client.opportunity.retrieve_many(["opp_1"], concurrency="8")  # E
    await client.opportunity.retrieve_many(["opp_1"], progress=lambda: None)  # E
    await client.request("PATCH", "/v1/opportunities")  # E
    await client.request("GET", "/v1/opportunities", query={"limit": 5})  # E
    await client.request("GET", "/v1/opportunities", category="read")  # E
    await client.send("opp_1")  # E
    await client.opportunity.retrieve_many(["opp_1"], done=5)  # E
    await client.object.retrieve_many(["opp_1"], entity_slug="a", doen={"opp_1"})  # E
    client.opportunity.list_all(fresh="yes")  # E
    client.member.list_all(reprot=None)  # E
    client.member.list_all(status="trashed")  # E
    await client.bulk("opp_1")  # E
    await client.bulk(["opp_1"])  # E
    await client.bulk(client.plan.opportunity.retrieve("opp_1"))  # E
    await client.bulk([(1, client.plan.opportunity.retrieve("opp_1"))])  # E
    await client.bulk([client.plan.opportunity.retrieve("opp_1")], concurency=8)  # E
    client.plan.opportunity.update("opp_1").keyed(5)  # E


def parameters(client: Lightfield) -> None:
    note: lightfield.types.NoteCreateParams = {"relationships": {"$account": "acc_1"}}  # E
    client.note.create(**note)
    client.task.create(**note)  # E
    task: lightfield.types.TaskUpdateParams = {"fields": {"$title": "A"}, "timeout": 5}  # E
    client.task.update(**task)  # E
    listing: lightfield.types.NoteListParams = {"limit": "5"}  # E
    client.note.list(**listing)


async def forgotten_await(client: AsyncLightfield, request: Request[Opportunity]) -> None:
    client.opportunity.retrieve("opp_1")  # E
    _ = client.opportunity.retrieve("opp_1").id  # E
    client.send(request)  # E
    client.bulk([request])  # E
    for outcome in client.iter_bulk([request]):  # E
        del outcome
    client.request("GET", "/v1/opportunities")  # E
    client.close()  # E
    for outcome in client.opportunity.iter_many(["opp_1"]):  # E
        del outcome
    with AsyncLightfield():  # E
        pass


async def needless_await(client: Lightfield) -> None:
    await client.opportunity.retrieve("opp_1")  # E
    async for outcome in client.opportunity.iter_many(["opp_1"]):  # E
        del outcome
    async with Lightfield():  # E
        pass


def names(client: Lightfield, asynchronous: AsyncLightfield, opportunity: Opportunity) -> None:
    _ = lightfield.Lightfeld  # E
    _ = client.opportunities  # E
    client.opportunity.fetch("opp_1")  # E
    client.opportunity.with_raw_response.iter_many(["opp_1"])  # E
    client.opportunity.with_raw_response.retrieve_many(["opp_1"])  # E
    _ = client.opportunity.with_raw_response.with_raw_response  # E
    asynchronous.opportunity.with_raw_response.iter_many(["opp_1"])  # E
    client.opportunity.with_raw_response.retrieve("opp_1").text("$name")  # E
    client.plan.opportunity.retrieve_many(["opp_1"])  # E
    client.opportunity.retrieve("opp_1", extra_header={})  # E
    client.opportunity.retrieve("opp_1", timeout="5")  # E
    client.opportunity.with_streaming_response.retrieve("opp_1").parse()  # E
    _ = client.plan.opportunity.retrieve("opp_1").id  # E
    _ = opportunity.name  # E
    _ = opportunity.fields["$name"].text  # E
    _ = opportunity.number("$amount") + 1  # E
    opportunity.text("$name").upper()  # E
    opportunity.fields["$name"].value.upper()  # E


def shapes(client: Lightfield) -> None:
    client.opportunity.create(fields={"$name": "A"})  # E
    client.opportunity.create({"$name": "A"}, {})  # E
    client.opportunity.list(limit="5")  # E
    client.opportunity.list(status="gone")  # E
    client.opportunity.list(filters="$name")  # E
    client.opportunity.update("opp_1", fields={"$name": object()})  # E
    client.opportunity.update("opp_1", relationships={"$owner": "mem_1"})  # E
    client.task.create(fields={"$title": "A"}, relationships={})  # E
    client.task.update("tsk_1", fields={"$titel": "A"})  # E
    client.task.update("tsk_1", fields={"titel": "A"})  # E
    client.task.update("tsk_1", fields={"due_at": 5})  # E
    client.task.create(fields={"title": "A"}, relationships={})  # E
    client.note.create(fields={"content": "A"})  # E
    client.email.send(from_="a", to=["b"], subject="c", message_body={"content": "d", "contentTyp": "HTML"})  # E
    client.email.log(fields={"from": "a", "sent_at": "2026"})  # E
    client.list.create(fields={"name": "A", "object_type": "$account"}, relationships={"account": "acc_1"})  # E
    client.sender.update("snd_1", pacing={"email": {"daily_limit": 5}})  # E
    client.sequence.create(name="A", definition={"description": "B"})  # E
    client.sequence.create(name="A", definition={"description": "B", "steps": [{"type": "EMAIL", "nam": "C"}]})  # E
    client.sequence.update_draft("seq_1", definition={"send_window": {"end": 5}})  # E
    client.merge.merge_accounts(primary_id="a", duplicate_id="b", options={"multi_union": True})  # E
    client.meeting.update("mtg_1", relationships={"$account": {"add": "acc_1"}})  # E
    client.member.list(status="active")  # E
    _ = client.member.create  # E
    _ = client.list.restore  # E
    client.object.retrieve("prj_1")  # E
    client.email.send(from_="a", to=["b"], subject="c")  # E
    client.file.upload(5)  # E
    client.plan.file.upload(b"a")  # E
    _ = client.opportunity.list().data[0].name  # E
    _ = client.list.retrieve("lst_1").relationships  # E
    _ = F("$a").startswith(5)  # E
    _ = F("$a") >= None  # E


def changes(opportunity: Opportunity, client: Lightfield) -> None:
    opportunity.id = "opp_2"  # E
    opportunity.fields["$name"].value = "Acme"  # E
    client.rate_limits["Read"] = None  # E
    client.plan.opportunity.retrieve("opp_1").path = "/v1"  # E


def options(client: Lightfield) -> None:
    Lightfield("sk_lf_key")  # E
    Lightfield(api_key=5)  # E
    Lightfield(timeout="5")  # E
    Lightfield(verify=False)  # E
    Lightfield(idempotency_key="key")  # E
    Lightfield(rate_limits=25)  # E
    client.with_options(api_key=5)  # E
    client.with_options(max_retries="3")  # E


def sandboxes(sandbox: Sandbox) -> None:
    Sandbox(opportunites=3)  # E
    Sandbox(rate_limit="none")  # E
    Sandbox(log=lambda: None)  # E
    sandbox.client(timeuot=5)  # E
    sandbox.async_client(api_key=5)  # E
