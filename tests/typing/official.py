"""Code in the official SDK's spelling, as a type checker sees it. Checked by ``test_typing.py``, never run."""

import datetime as dt
from typing import assert_type

import lightfield
from lightfield import NOT_GIVEN, AsyncLightfield, Lightfield, NotGiven, Omit, Request, not_given, omit, types
from lightfield.models import (
    Account,
    Contact,
    CustomRecord,
    Drafted,
    Email,
    FieldHistory,
    FileUpload,
    List,
    Meeting,
    MergeResult,
    Note,
    Opportunity,
    Page,
    Sender,
    Sent,
    SequenceDraft,
    Task,
)
from lightfield.models.write import NewDefinition, NewTask, SenderPacing, Step, TaskFields


def blocking(client: Lightfield) -> None:
    """Write with the blocking client, with every member."""
    assert_type(client.note.create(fields={"title": "A", "content": "B"}, relationships={"$account": "acc_1"}), Note)
    assert_type(client.note.update(id="not_1", fields={"title": None}, relationships={"$account": {"add": "a"}}), Note)
    task: NewTask = {"title": "A", "status": "TODO", "description": None, "due_at": "2026-05-01T16:00:00Z"}
    assert_type(client.task.create(fields=task, relationships={"$assignedTo": "mem_1"}), Task)
    assert_type(client.task.update(id="tsk_1", fields={"due_at": dt.datetime.now(dt.UTC)}), Task)
    meeting = client.meeting.create(
        fields={
            "title": "A",
            "start_date": "2026-05-01T16:00:00Z",
            "end_date": "2026-05-01T17:00:00Z",
            "attendee_emails": ["a@x.com"],
            "description": None,
            "meeting_url": "https://example.com",
            "organizer_email": "b@x.com",
            "privacy_setting": "FULL",
        },
        auto_create_records=True,
        relationships={"transcript": "fil_1"},
    )
    assert_type(meeting, Meeting)
    prepared = client.meeting.update(
        id="mtg_1",
        fields={"meeting_prep": "A", "post_meeting_summary": None, "attendee_emails": [], "privacy_setting": None},
        relationships={"transcript": {"replace": "fil_1"}},
    )
    assert_type(prepared, Meeting)
    new_list = client.list.create(
        fields={"name": "A", "object_type": "$account", "description": None, "kind": "target"},
        relationships={"accounts": ["acc_1"], "contacts": "con_1", "opportunities": []},
    )
    assert_type(new_list, List)
    assert_type(client.list.update(id="lst_1", relationships={"accounts": {"add": "a", "remove": ["b"]}}), List)


def emails(client: Lightfield) -> None:
    """Draft, send and log."""
    draft = client.email.draft(from_="a@x.com", message_body={"content": "A", "content_type": "HTML"}, subject="B")
    assert_type(draft, Drafted)
    sent = client.email.send(from_="a", message_body={"content": "A", "content_type": "TEXT"}, subject="B", to=["b"])
    assert_type(sent, Sent)
    logged = client.email.log(
        fields={
            "from_": "a@x.com",
            "sent_at": "2026-05-01T16:00:00Z",
            "bcc": [],
            "body": {"html": "A", "text": "B"},
            "cc": [],
            "privacy_setting": "METADATA",
            "subject": "C",
            "thread_id": "D",
            "to": ["b@x.com"],
        },
        headers={"Message-ID": "x"},
    )
    assert_type(logged, Email)


def records(client: Lightfield) -> None:
    """Write addresses and names in records and merges."""
    address = {"postal_code": "0150", "city": "Oslo", "latitude": None}
    account = client.account.create(fields={"$name": "A", "$primaryAddress": {"postal_code": "0150"}, "work": address})
    assert_type(account, Account)
    client.contact.create(fields={"$name": {"first_name": "Ada", "last_name": "Lovelace"}, "$email": ["a@x.com"]})
    record = client.object.update("prj_1", entity_slug="project", fields={"home": {"postal_code": "0150"}})
    assert_type(record, CustomRecord)
    merged = client.merge.merge_accounts(
        duplicate_id="acc_1",
        primary_id="acc_2",
        field_resolutions={"name": "primary", "home": {"value": {"postal_code": "0150"}}},
        options={"multi_select_union": True},
    )
    assert_type(merged, MergeResult[Account])


async def sequences(client: AsyncLightfield) -> None:
    """Write with the awaited client: sequences and senders."""
    draft = await client.sequence.create(
        definition={
            "description": "A",
            "steps": [
                {"delivery_mode": "AUTO", "name": "B", "prompt": "C", "type": "EMAIL", "mode": "AGENT"},
                {
                    "delivery_mode": "FOR_REVIEW",
                    "name": "B",
                    "template": {"body": "C", "subject": "D"},
                    "type": "EMAIL",
                },
                {"delivery_mode": "AUTO", "include_note": True, "name": "B", "prompt": "C", "type": "LINKEDIN_INVITE"},
                {"duration": 1, "type": "WAIT", "unit": "DAY"},
            ],
            "messaging": {"call_to_action": "E", "persona": None, "trigger": "F", "value_prop": "G"},
            "pacing": {
                "email": {"daily_limit": 5},
                "linkedin_invite": {"daily_limit": None},
                "linkedin_message": {"daily_limit": 1},
            },
            "priority": "HIGH",
            "send_window": {"days_of_week": [1, 2], "end_hour": 17, "start_hour": 9, "timezone": "Europe/Oslo"},
        },
        name="A",
        reviewers=["mem_1"],
        senders=["snd_1"],
    )
    assert_type(draft, SequenceDraft)
    await client.sequence.update_draft(
        id="seq_1",
        definition={"steps": [{"id": "stp_1", "delivery_mode": "AUTO", "type": "EMAIL"}], "send_window": {}},
        reviewers={"add": ["mem_1"]},
        senders={"remove": []},
    )
    await client.sequence.update_draft("seq_1", definition=draft.definition)
    await client.sequence.update_draft("seq_1", definition={"steps": draft.definition.steps})
    sender = await client.sender.update(
        id="snd_1",
        pacing={
            "email": {"daily_limit": 1, "max_gap_seconds": None, "min_gap_seconds": 1},
            "linkedin_invite": {"daily_limit": 1, "max_gap_seconds": 5, "min_gap_seconds": 1},
        },
    )
    assert_type(sender, Sender)
    await client.sender.update("snd_1", pacing=sender.pacing)


def variables() -> tuple[NewDefinition, SenderPacing, Step, Step, TaskFields]:
    """Give the types of shapes to variables, in either spelling."""
    step: Step = {"type": "EMAIL", "delivery_mode": "AUTO"}
    other: Step = {"type": "EMAIL", "deliveryMode": "AUTO"}
    definition: NewDefinition = {"description": "A", "steps": [{"type": "EMAIL", "delivery_mode": "AUTO"}]}
    return (
        definition,
        {"EMAIL": {"dailyLimit": 1, "minGapSeconds": 1, "maxGapSeconds": 1}},
        step,
        other,
        {"$title": "A"},
    )


def parameters(client: Lightfield) -> None:
    """Give the parameters of the blocking client's operations as typed dicts, which can be built step by step."""
    note: types.NoteCreateParams = {"fields": {"title": "A"}, "relationships": {"$account": "acc_1"}}
    assert_type(client.note.create(**note), Note)
    note["fields"]["content"] = None
    assert_type(client.note.create(**note, timeout=5), Note)
    listing: types.NoteListParams = {"limit": 5, "status": "trashed"}
    assert_type(client.note.list(**listing), Page[Note])
    task: types.TaskCreateParams = {
        "fields": {"title": "A", "status": "TODO", "due_at": dt.datetime.now(dt.UTC)},
        "relationships": {"$assignedTo": "mem_1"},
    }
    assert_type(client.task.create(**task), Task)
    changes: types.TaskUpdateParams = {"fields": {"due_at": None}, "relationships": {"$account": {"remove": "acc_1"}}}
    assert_type(client.task.update("tsk_1", **changes), Task)
    meeting: types.MeetingCreateParams = {
        "fields": {"title": "A", "start_date": "2026-05-01T16:00:00Z", "end_date": "2026-05-01T17:00:00Z"},
        "relationships": {"transcript": "fil_1"},
    }
    assert_type(client.meeting.create(**meeting), Meeting)
    account: types.AccountCreateParams = {"fields": {"$name": "A"}}
    account["fields"]["$website"] = ["https://a.com"]
    account["relationships"] = {"$owner": "mem_1"}
    account["relationships"]["$contact"] = ["con_1"]
    assert_type(client.account.create(**account), Account)
    member = client.member.retrieve("mem_1")
    assert_type((member.fields.email.value, member.fields.profile_image.value), tuple[str, str | None])
    assert_type(member.fields.name.value.first_name, str | None)
    members: types.ListUpdateParams = {
        "relationships": {"accounts": {"add": "acc_1"}, "contacts": {"remove": ["con_1"]}}
    }
    assert_type(client.list.update("lst_1", **members), List)
    email: types.EmailSendParams = {
        "from_": "a@x.com",
        "message_body": {"content": "A", "content_type": "TEXT"},
        "subject": "B",
        "to": ["b@x.com"],
    }
    assert_type(client.email.send(**email), Sent)
    file: types.FileCreateParams = {"filename": "a", "mime_type": "b", "size_bytes": 1, "purpose": "meeting_transcript"}
    assert_type(client.file.create(**file), FileUpload)
    merge: types.MergeMergeAccountsParams = {
        "duplicate_id": "acc_1",
        "primary_id": "acc_2",
        "field_resolutions": {"name": "primary", "home": {"value": None}},
        "options": {"multi_select_union": True},
    }
    assert_type(client.merge.merge_accounts(**merge), MergeResult[Account])
    assert_type(client.plan.merge.merge_accounts(**merge), Request[MergeResult[Account]])


async def awaited_parameters(client: AsyncLightfield) -> None:
    """Do the same with the awaited client."""
    account: lightfield.types.AccountCreateParams = {"fields": {"$name": "A"}, "skip_enrichment": True}
    assert_type(await client.account.create(**account), Account)
    same: types.AccountCreateParams = account
    assert_type(await client.contact.create(**same), Contact)
    links: types.ContactUpdateParams = {"relationships": {"$account": {"replace": None}}}
    assert_type(await client.contact.update("con_1", **links), Contact)
    opportunity: types.OpportunityCreateParams = {"fields": {"$name": "A"}, "relationships": {"$account": "acc_1"}}
    assert_type(await client.opportunity.create(**opportunity), Opportunity)
    change: types.ObjectUpdateParams = {"entity_slug": "project", "fields": {"home": {"postal_code": "0150"}}}
    assert_type(await client.object.update("prj_1", **change), CustomRecord)
    deletion: types.ObjectDeleteParams = {"entity_slug": "project", "body": {}}
    assert_type(await client.object.delete("prj_1", **deletion), CustomRecord)
    history: types.ObjectFieldHistoryParams = {"entity_slug": "project", "id": "prj_1", "limit": 5}
    assert_type(await client.object.field_history("$name", **history), FieldHistory)
    pace: types.SenderUpdateParams = {
        "pacing": {"email": {"daily_limit": 1, "max_gap_seconds": None, "min_gap_seconds": 1}}
    }
    assert_type(await client.sender.update("snd_1", **pace), Sender)
    sequence: types.SequenceCreateParams = {
        "name": "A",
        "definition": {"description": "B", "steps": [{"type": "EMAIL", "delivery_mode": "AUTO", "prompt": "C"}]},
        "reviewers": ["mem_1"],
    }
    assert_type(await client.sequence.create(**sequence), SequenceDraft)
    draft: types.SequenceUpdateDraftParams = {"definition": {"steps": [{"type": "EMAIL", "delivery_mode": "AUTO"}]}}
    assert_type(await client.sequence.update_draft("seq_1", **draft, timeout=5), SequenceDraft)


def omitted(client: Lightfield, limit: int | Omit = omit, offset: int | NotGiven = NOT_GIVEN) -> None:
    """Leave out arguments and members."""
    client.account.list(limit=limit, offset=offset, status=not_given)
    client.note.create(fields={"title": "A", "content": omit}, relationships=NOT_GIVEN)
    if isinstance(limit, Omit):
        assert_type(limit, None)
    else:
        assert_type(limit, int)
