"""A day's work against the sandbox, through both clients: what one call writes, another reads."""

from datetime import UTC, datetime

import pytest

from lightfield import BadRequestError, F, NotFoundError
from lightfield.models import Address
from lightfield.testing import Sandbox
from tests.client.both import Connect


async def test_a_deal_from_its_making_to_its_merging(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url, rate_limits=None) as client:
        stage = (await client.opportunity.definitions()).field_definitions["$stage"]
        account = await client.account.create(
            fields={"$name": "Acme", "$primaryAddress": Address(city="Oslo", country="NO")}, skip_enrichment=True
        )
        deal = await client.opportunity.create(
            fields={"$name": "Roll-out", "$stage": stage.by_label("lead").id, "$amount": 5000},
            relationships={"$account": account.id},
        )
        deal = await client.opportunity.update(
            deal.id,
            fields={"$stage": stage.by_label("Won").id, "$closeDate": datetime(2026, 12, 1, 9, tzinfo=UTC)},
            relationships={"$owner": {"replace": sandbox.ids("members")[0]}},
        )
        assert deal.datetime("$closeDate") == datetime(2026, 12, 1, 9, tzinfo=UTC)
        assert deal.related_one("$owner") == sandbox.ids("members")[0]
        labels = [change.display_value async for change in client.opportunity.field_history_all("$stage", id=deal.id)]
        assert labels == ["Won", "Lead"]
        found = await client.opportunity.list(filters=[F("$account") == account.id, F("$amount") >= 5000])
        assert [each.id for each in found.data] == [deal.id]
        double = await client.opportunity.create(
            fields={"$name": "Roll-out, again"}, relationships={"$account": account.id}
        )
        result = await client.merge.merge_opportunities(primary_id=deal.id, duplicate_id=double.id)
        assert (await client.merge.wait(result.merge.id)).status == "done"
        with pytest.raises(NotFoundError):
            await client.opportunity.retrieve(double.id)


async def test_the_trash_and_back(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url, rate_limits=None) as client:
        id = sandbox.opportunity_ids[-1]
        await client.opportunity.delete(id)
        await client.opportunity.delete(id)
        assert [each.id async for each in client.opportunity.list_all(status="trashed")] == [id]
        assert id not in [each.id async for each in client.opportunity.list_all()]
        await client.opportunity.restore(id)
        everything = [each.id async for each in client.opportunity.list_all()]
        assert sorted(everything) == sorted(sandbox.opportunity_ids)
        result = await client.opportunity.retrieve_many(everything)
        assert [each.id for each in result.values] == everything


async def test_a_list_a_task_and_a_custom_record(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url, rate_limits=None) as client:
        accounts = sandbox.ids("accounts")[:2]
        made = await client.list.create(
            fields={"$name": "Targets", "$objectType": "$account"}, relationships={"$accounts": accounts[0]}
        )
        await client.list.update(made.id, relationships={"$accounts": {"add": [accounts[1]], "remove": [accounts[0]]}})
        assert [each.id for each in (await client.list.list_accounts(made.id)).data] == [accounts[1]]
        task = await client.task.create(
            fields={"$title": "Call", "$status": "TODO"}, relationships={"$assignedTo": sandbox.ids("members")[0]}
        )
        assert [each.id async for each in client.task.list_all(filters={"$title": "Call"})] == [task.id]
        project = await client.object.of("project").create(fields={"$name": "Roll-out"})
        assert await client.object.retrieve(project.id, entity_slug="project") == project
        with pytest.raises(BadRequestError, match="Unrecognized field 'bogus'") as caught:
            await client.account.update(accounts[0], fields={"bogus": 1})
        assert (caught.value.code, caught.value.param) == ("unknown_field", "fields.bogus")


async def test_a_transcript_and_its_meeting(connect: Connect, sandbox: Sandbox) -> None:
    async with connect(sandbox.base_url, rate_limits=None) as client:
        file = await client.file.upload(b"Ada: hello" * 100_000, filename="call.txt", purpose="meeting_transcript")
        day = datetime(2026, 5, 1, 9, tzinfo=UTC)
        meeting = await client.meeting.create(
            fields={"$title": "Kick-off", "$startDate": day, "$endDate": day.replace(hour=10)},
            relationships={"$transcript": file.id},
        )
        assert meeting.related_one("$transcript") == file.id
        assert await client.file.download(file.id) == sandbox.content(file.id)
        run = (await client.enrichment_run.enrich(sandbox.ids("accounts")[0], entity_slug="accounts")).enrichment_run
        assert run is not None
        assert (await client.enrichment_run.wait(run.id)).status == "completed"
