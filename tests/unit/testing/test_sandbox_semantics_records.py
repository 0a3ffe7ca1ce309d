"""Do the sandbox's records behave as documented? ``test_sandbox_semantics`` explains the numbers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.testing.sandbox_calls import Api, calling

ACCOUNT, OTHER = "acc_northwind_traders", "acc_bramblewick_foods"
OURS, COLLEAGUE, THEIRS = "larkspur@seller.example", "saffron@seller.example", "a@b.example"
PAST = {"$startDate": "2026-01-05T09:00:00Z", "$endDate": "2026-01-05T10:00:00Z"}
FILE: dict[str, Any] = {"filename": "a.txt", "mimeType": "text/plain", "sizeBytes": 1}


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=6) as opened:
        yield opened


async def _opportunity(api: Api, **relationships: object) -> dict[str, Any]:
    sent = {"fields": {"$name": "x"}, "relationships": {"$account": ACCOUNT, **relationships}}
    made: dict[str, Any] = await api.post("/v1/opportunities", sent)
    return made


async def _task(api: Api, **relationships: object) -> dict[str, Any]:
    fields = {"$title": "x", "$status": "TODO"}
    sent = {"fields": fields, "relationships": {"$assignedTo": "mem_saffron", **relationships}}
    made: dict[str, Any] = await api.post("/v1/tasks", sent)
    return made


async def test_6_values_are_a_list_also_of_a_single_relationship(api: Api) -> None:
    made = await _opportunity(api)
    assert made["relationships"]["$account"]["values"] == [ACCOUNT]
    assert made["relationships"]["$champion"] == {"cardinality": "HAS_ONE", "objectType": "contact", "values": []}


async def test_6_relationship_is_created_with_one_id_or_a_list(api: Api) -> None:
    for sent in ("con_northwind_traders_buyer", ["con_northwind_traders_buyer"]):
        made = await _opportunity(api, **{"$champion": sent})
        assert made["relationships"]["$champion"]["values"] == ["con_northwind_traders_buyer"]


async def test_6_replace_takes_one_id_or_null(api: Api) -> None:
    path = f"/v1/opportunities/{(await _opportunity(api))['id']}"
    sent: dict[str, Any] = {"relationships": {"$owner": {"replace": ["mem_saffron"]}}}
    assert await api.refused(path, sent) == ("invalid_type", "relationships.$owner")
    for replaced, expected in (("mem_saffron", ["mem_saffron"]), (None, [])):
        updated = await api.post(path, {"relationships": {"$owner": {"replace": replaced}}})
        assert updated["relationships"]["$owner"]["values"] == expected


@pytest.mark.parametrize("operation", [{"replace": None}, {"remove": ACCOUNT}])
async def test_6_required_relationship_cannot_be_cleared(api: Api, operation: object) -> None:
    path = f"/v1/opportunities/{(await _opportunity(api))['id']}"
    refused = await api.refused(path, {"relationships": {"$account": operation}}, 422)
    assert refused == (None, "relationships.$account")


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("accounts", ["$opportunity", "$task", "$note", "$meeting", "$files"]),
        ("opportunities", ["$task", "$note", "$meeting", "$files"]),
        ("tasks", ["$note"]),
        ("meetings", ["$note", "$contact", "$account", "$opportunity", "$transcripts"]),
    ],
)
async def test_6_some_relationships_are_read_only(api: Api, name: str, keys: list[str]) -> None:
    path = f"/v1/{name}/{api.sandbox.ids(name)[0]}"
    for key in keys:
        assert await api.refused(path, {"relationships": {key: {"replace": "x"}}}) == (None, f"relationships.{key}")


async def test_6_notes_add_and_remove_together(api: Api) -> None:
    made = await api.post("/v1/notes", {"fields": {"$title": "x"}, "relationships": {"$account": ACCOUNT}})
    sent = {"relationships": {"$account": {"add": OTHER, "remove": [ACCOUNT]}}}
    updated = await api.post(f"/v1/notes/{made['id']}", sent)
    assert updated["relationships"]["$account"]["values"] == [OTHER]


async def test_7_key_is_scoped_to_an_entity_and_an_operation(api: Api) -> None:
    account = await api.post("/v1/accounts", {"fields": {"$name": "Acme"}}, key="k")
    assert await api.post("/v1/accounts", {"fields": {"$name": "Other"}}, key="k") == account
    contact = await api.post("/v1/contacts", {"fields": {}}, key="k")
    assert contact["id"].startswith("con_")
    updated = await api.post(f"/v1/accounts/{account['id']}", {"fields": {"$name": "New"}}, key="k")
    assert updated["fields"]["$name"]["value"] == "New"


async def test_8_file_is_pending_until_it_is_completed(api: Api) -> None:
    made = await api.post("/v1/files", FILE)
    assert (made["status"], made["completedAt"]) == ("PENDING", None)
    async with api.session.put(made["uploadUrl"], data=b"x", headers=made["uploadHeaders"]) as response:
        assert response.status == 200
    completed = await api.post(f"/v1/files/{made['id']}/complete", {})
    assert (completed["status"], completed["expiresAt"]) == ("COMPLETED", None)
    assert completed["completedAt"]


async def test_8_upload_expires(api: Api) -> None:
    made = await api.post("/v1/files", FILE)
    path = f"/v1/files/{made['id']}"
    api.sandbox.files[made["id"]]["expiresAt"] = "2026-01-01T00:00:00.000Z"
    async with api.session.put(made["uploadUrl"], data=b"x", headers=made["uploadHeaders"]) as response:
        assert response.status == 403
    expired = await api.get(path)
    assert (expired["status"], expired["expiresAt"]) == ("EXPIRED", None)
    for action in ("complete", "cancel"):
        await api.post(f"{path}/{action}", {}, 409)


async def test_8_expired_upload_is_listed_as_such(api: Api) -> None:
    made = await api.post("/v1/files", FILE)
    api.sandbox.files[made["id"]]["expiresAt"] = "2026-01-01T00:00:00.000Z"
    assert [each["status"] for each in (await api.get("/v1/files"))["data"]] == ["EXPIRED"]


async def test_8_only_a_completed_file_has_a_url(api: Api) -> None:
    made = await api.post("/v1/files", FILE)
    await api.post(f"/v1/files/{made['id']}/cancel", {})
    await api.get(f"/v1/files/{made['id']}/url", 409)


async def test_9_1_meetings_and_emails_say_what_the_caller_may_see(api: Api) -> None:
    meeting = await api.get(f"/v1/meetings/{api.sandbox.ids('meetings')[0]}")
    assert (meeting["objectType"], meeting["accessLevel"]) == ("meeting", "FULL")
    assert "accessLevel" not in await api.get(f"/v1/accounts/{ACCOUNT}")


async def test_9_2_stage_is_optional(api: Api) -> None:
    assert (await _opportunity(api))["fields"]["$stage"]["value"] == "opt_stage_lead"


async def test_9_2_status_is_read_only(api: Api) -> None:
    made = await _opportunity(api)
    sent = {"fields": {"$opportunityStatus": "opt_status_won"}}
    assert await api.refused(f"/v1/opportunities/{made['id']}", sent) == (None, "fields.$opportunityStatus")


async def test_9_2_opportunities_do_not_know_skip_enrichment(api: Api) -> None:
    sent = {"fields": {"$name": "x"}, "relationships": {"$account": ACCOUNT}, "skipEnrichment": True}
    assert await api.refused("/v1/opportunities", sent) == ("unknown_field", "skipEnrichment")


async def test_9_2_delete_leaves_tasks_alone_and_can_be_repeated(api: Api) -> None:
    made = await _opportunity(api)
    task = await _task(api, **{"$opportunity": made["id"]})
    for _ in range(2):
        assert (await api.delete(f"/v1/opportunities/{made['id']}"))["id"] == made["id"]
    assert (await api.get(f"/v1/tasks/{task['id']}"))["relationships"]["$opportunity"]["values"] == [made["id"]]


async def test_9_2_restore_can_be_repeated(api: Api) -> None:
    path = f"/v1/opportunities/{(await _opportunity(api))['id']}"
    await api.delete(path)
    assert await api.post(f"{path}/restore") == await api.post(f"{path}/restore") == await api.get(path)


async def test_9_2_merged_opportunities_share_their_account(api: Api) -> None:
    first, second = [await _opportunity(api) for _ in range(2)]
    await api.post(f"/v1/opportunities/{second['id']}", {"relationships": {"$account": {"replace": OTHER}}})
    both = {"primaryId": first["id"], "duplicateId": second["id"]}
    assert await api.refused("/v1/opportunities/merge", both, 422) == (None, "duplicateId")


@pytest.mark.parametrize("path", ["accounts", "contacts"])
async def test_9_3_accounts_and_contacts_take_skip_enrichment(api: Api, path: str) -> None:
    sent: dict[str, Any] = {"fields": {"$name": "Acme" if path == "accounts" else None}, "skipEnrichment": True}
    await api.post(f"/v1/{path}", sent)
    sent["skipEnrichment"] = "yes"
    assert await api.refused(f"/v1/{path}", sent) == ("invalid_type", "skipEnrichment")


async def test_9_4_contact_requires_nothing_and_may_have_several_accounts(api: Api) -> None:
    made = await api.post("/v1/contacts", {"fields": {}, "relationships": {"$account": [ACCOUNT, OTHER]}})
    assert made["relationships"]["$account"]["values"] == [ACCOUNT, OTHER]


async def test_9_5_tasks_have_system_fields_only(api: Api) -> None:
    sent = {
        "fields": {"$title": "x", "$status": "TODO", "priority": 1},
        "relationships": {"$assignedTo": "mem_saffron"},
    }
    assert await api.refused("/v1/tasks", sent) == ("unknown_field", "fields.priority")


async def test_9_5_creator_of_a_task_is_the_owner_of_the_key(api: Api) -> None:
    related = (await _task(api))["relationships"]
    assert related["$createdBy"]["values"] == ["mem_larkspur"]
    assert related["$assignedTo"]["values"] == ["mem_saffron"]


async def test_9_5_author_of_a_note_is_the_owner_of_the_key(api: Api) -> None:
    made = await api.post("/v1/notes", {"fields": {"$title": "x"}})
    assert made["relationships"]["$author"]["values"] == ["mem_larkspur"]


async def test_9_5_meeting_is_in_the_past(api: Api) -> None:
    fields = {"$title": "x", **PAST, "$endDate": "2999-01-05T10:00:00Z"}
    assert await api.refused("/v1/meetings", {"fields": fields}, 422) == (None, "fields.$endDate")


async def test_9_5_only_ended_meetings_are_updated(api: Api) -> None:
    meeting = api.sandbox.ids("meetings")[0]
    api.sandbox.records("meetings")[meeting]["fields"]["$endDate"]["value"] = "2999-01-05T10:00:00.000Z"
    refused = await api.refused(f"/v1/meetings/{meeting}", {"fields": {"$meetingPrep": "x"}}, 422)
    assert refused == (None, "fields.$endDate")


async def test_9_5_attendees_of_a_meeting_are_replaced(api: Api) -> None:
    meeting = f"/v1/meetings/{api.sandbox.ids('meetings')[0]}"
    for attendees in ([THEIRS, "c@b.example"], ["d@b.example"]):
        updated = await api.post(meeting, {"fields": {"$attendeeEmails": attendees}})
        assert updated["fields"]["$attendeeEmails"]["value"] == attendees


async def test_9_5_meeting_takes_auto_create_records(api: Api) -> None:
    sent: dict[str, Any] = {"fields": {"$title": "x", **PAST}, "autoCreateRecords": True}
    await api.post("/v1/meetings", sent)
    assert await api.refused("/v1/accounts", {**sent, "fields": {"$name": "x"}}) == (
        "unknown_field",
        "autoCreateRecords",
    )


@pytest.mark.parametrize("key", ["$manuallyAddedAttendeeEmails", "$manuallyRemovedAttendeeEmails"])
async def test_9_5_lists_of_attendees_changed_by_hand_are_read_only(api: Api, key: str) -> None:
    meeting = f"/v1/meetings/{api.sandbox.ids('meetings')[0]}"
    assert await api.refused(meeting, {"fields": {key: [THEIRS]}}) == (None, f"fields.{key}")


async def test_9_5_deleted_meeting_is_not_found(api: Api) -> None:
    meeting = f"/v1/meetings/{api.sandbox.ids('meetings')[0]}"
    await api.delete(meeting)
    await api.delete(meeting, 404)


async def test_9_5_organization_has_one_target_list(api: Api) -> None:
    target = {"$name": "Best", "$objectType": "$account", "$kind": "target"}
    made = await api.post("/v1/lists", {"fields": target})
    assert (await api.post("/v1/lists", {"fields": target}, 409))["error"]["type"] == "conflict"
    other = await api.post("/v1/lists", {"fields": {**target, "$kind": None}})
    await api.post(f"/v1/lists/{other['id']}", {"fields": {"$kind": "target"}}, 409)
    await api.post(f"/v1/lists/{made['id']}", {"fields": {"$kind": "target"}})
    await api.delete(f"/v1/lists/{made['id']}")
    await api.post(f"/v1/lists/{other['id']}", {"fields": {"$kind": "target"}})


async def test_9_5_object_type_of_a_list_may_lack_its_dollar(api: Api) -> None:
    made = await api.post("/v1/lists", {"fields": {"$name": "Best", "$objectType": "contact"}})
    assert made["fields"]["$objectType"]["value"] == "$contact"


async def test_9_5_members_of_a_list_are_added_and_removed(api: Api) -> None:
    fields = {"$name": "Best", "$objectType": "$account"}
    path = f"/v1/lists/{(await api.post('/v1/lists', {'fields': fields}))['id']}"
    await api.post(path, {"relationships": {"$accounts": {"add": [ACCOUNT, OTHER], "remove": []}}})
    await api.post(path, {"relationships": {"$accounts": {"remove": ACCOUNT}}})
    assert await api.listed(f"{path}/accounts") == [OTHER]
    replaced = await api.refused(path, {"relationships": {"$accounts": {"replace": ACCOUNT}}})
    assert replaced == ("invalid_type", "relationships.$accounts")


async def test_9_5_member_has_one_user(api: Api) -> None:
    member = await api.get("/v1/members/mem_saffron")
    assert member["relationships"]["$user"]["objectType"] == "user"
    assert member["fields"]["$profileImage"] == {"value": None, "valueType": "URL"}


def _logged(sender: str, to: str, **fields: object) -> dict[str, Any]:
    named = {f"${key}": value for key, value in fields.items()}
    sent = {"$from": sender, "$to": [to], "$sentAt": "2026-01-05T10:00:00Z", "$subject": "Prices"}
    return {"fields": {**sent, "$body": {"text": "Prices?"}, **named}}


async def test_9_6_email_of_others_shows_only_its_metadata(api: Api) -> None:
    path = "/v1/emails/log"
    made = await api.post(path, _logged(f"Saffron <{COLLEAGUE}>", THEIRS, privacySetting="METADATA"))
    assert made["accessLevel"] == "METADATA"
    assert (made["fields"]["$subject"]["value"], made["fields"]["$body"]["value"]) == (None, None)
    assert made["fields"]["$to"]["value"] == [THEIRS]
    assert "$attachment" not in made["relationships"]
    listed = (await api.get("/v1/emails"))["data"][0]
    assert (listed["accessLevel"], listed["fields"]["$subject"]["value"]) == ("METADATA", None)
    email = f"/v1/emails/{made['id']}"
    assert await api.get(email) == await api.delete(email) == await api.post(f"{email}/restore") == made


async def test_9_6_participant_sees_the_whole_email(api: Api) -> None:
    for ours in (OURS, f"Larkspur <{OURS.title()}>"):
        made = await api.post("/v1/emails/log", _logged(THEIRS, ours, privacySetting="METADATA"))
        assert (made["accessLevel"], made["fields"]["$subject"]["value"]) == ("FULL", "Prices")
    full = await api.post("/v1/emails/log", _logged(COLLEAGUE, THEIRS, privacySetting="FULL"))
    assert (full["accessLevel"], full["fields"]["$subject"]["value"]) == ("FULL", "Prices")


async def test_9_6_logged_email_takes_a_thread_and_auto_create_records(api: Api) -> None:
    sent = _logged(OURS, THEIRS, threadId="thread-1")
    await api.post("/v1/emails/log", {**sent, "autoCreateRecords": True})


async def test_9_6_sender_is_a_mailbox_of_the_owner_of_the_key(api: Api) -> None:
    sent = {"from": OURS.title(), "to": [THEIRS], "subject": "x", "messageBody": {"content": "x"}}
    assert (await api.post("/v1/emails/send", sent)).keys() == {"sentAt"}
    for sender in (COLLEAGUE, THEIRS):
        assert await api.refused("/v1/emails/send", {**sent, "from": sender}) == (None, "from")


async def test_9_6_attachments_have_20_mib_in_total(api: Api) -> None:
    attachments: list[str] = []
    for _ in range(2):
        made = await api.post("/v1/files", FILE)
        async with api.session.put(made["uploadUrl"], data=b"x", headers=made["uploadHeaders"]) as response:
            assert response.status == 200
        await api.post(f"/v1/files/{made['id']}/complete", {})
        api.sandbox.files[made["id"]]["sizeBytes"] = 10 * 2**20
        attachments.append(made["id"])
    sent = {"from": OURS, "subject": "x", "attachments": attachments}
    await api.post("/v1/emails/draft", sent)
    api.sandbox.files[attachments[0]]["sizeBytes"] += 1
    assert await api.refused("/v1/emails/draft", sent) == (None, "attachments")


async def test_9_8_custom_records_are_listed_and_made_at_different_paths(api: Api) -> None:
    made = await api.post("/v1/objects/project/values", {"fields": {"$name": "Move"}})
    assert (await api.listed("/v1/objects/project"))[0] == made["id"]
    assert await api.get(f"/v1/objects/project/values/{made['id']}") == made
    await api.post("/v1/objects/project", {"fields": {"$name": "Move"}}, 405)


async def test_9_8_record_of_another_type_is_not_found(api: Api) -> None:
    await api.post(f"/v1/objects/project/values/{ACCOUNT}/restore", status=404)
    await api.get("/v1/objects/account/definitions", 404)


async def test_9_9_telephone_alone_cannot_be_enriched(api: Api) -> None:
    path = "/v1/enrichmentRun/contacts/con_northwind_traders_buyer"
    refused = await api.refused(path, {"fields": ["phone"]})
    assert refused == ("enrichment_fields_not_enrichable", "fields")
