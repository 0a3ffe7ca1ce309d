"""Does the sandbox do what is documented of the API? One statement, one test: transport, errors and lists.

The tests are numbered after the chapters of the description of the API that the sandbox was built from:

1. Transport, authentication, versioning
2. Rate limits: 2.2 headers, 2.5 other limits
3. Errors: 3.1 envelope, 3.2 status codes, 3.3 codes, 3.4 examples
4. Lists: 4.1 pages, 4.2 order, 4.3 trash, 4.4 filters, 4.5 operators by value type, 4.6 relationships, 4.7 pipelines
5. Values: 5.1 definitions, 5.2 field history, 5.3 ids (``test_sandbox_semantics_values.py``)
6. Relationships
7. Idempotency
8. Files
9. Objects: 9.1 any record, 9.2 opportunities, 9.3 accounts, 9.4 contacts, 9.5 tasks, notes, meetings, lists, members,
   9.6 emails, 9.8 custom objects, 9.9 enrichment (``test_sandbox_semantics_records.py``)

Pipelines, 4.7 and 9.2, are in ``test_sandbox_semantics_pipelines.py``.
"""

from collections.abc import AsyncIterator

import pytest

from tests.unit.testing.sandbox_calls import HEADERS, Api, calling

ACCOUNT = "acc_northwind_traders"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=6) as opened:
        yield opened


async def test_1_version_header_is_mandatory(api: Api) -> None:
    headers = {"Authorization": HEADERS["Authorization"]}
    async with api.session.get("/v1/accounts", headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["error"]["code"] == "version_header"


async def test_1_there_is_no_put_and_no_patch(api: Api) -> None:
    for method in ("PUT", "PATCH"):
        await api.send(method, f"/v1/accounts/{ACCOUNT}", {"fields": {}}, status=405)


async def test_1_create_returns_the_whole_record_with_200(api: Api) -> None:
    made = await api.post("/v1/accounts", {"fields": {"$name": "Acme"}}, status=200)
    assert made == await api.get(f"/v1/accounts/{made['id']}")


async def test_1_body_of_a_delete_is_optional_and_may_hold_anything(api: Api) -> None:
    await api.send("DELETE", f"/v1/accounts/{ACCOUNT}", {"reason": "duplicate", "more": [1]})
    await api.post(f"/v1/accounts/{ACCOUNT}/restore", {"reason": "mistake"})


async def test_1_unset_value_is_null(api: Api) -> None:
    made = await api.post("/v1/accounts", {"fields": {"$name": "Acme"}})
    assert made["fields"]["$headcount"] == {"value": None, "valueType": "SINGLE_SELECT"}


async def test_2_5_write_changes_25_links_at_most(api: Api) -> None:
    contacts = api.sandbox.ids("contacts")
    path = f"/v1/accounts/{ACCOUNT}"
    for start in (4, 24):
        await api.post(path, {"relationships": {"$contact": {"add": contacts[start : start + 20]}}})
    replaced = await api.refused(path, {"relationships": {"$contact": {"replace": None}}}, 422)
    assert replaced == ("relationship_write_limit_exceeded", "relationships")


async def test_2_5_headers_of_a_logged_email_have_64_kb_at_most(api: Api) -> None:
    fields = {"$from": "larkspur@seller.example", "$to": ["a@b.example"], "$sentAt": "2026-01-05T10:00:00Z"}
    headers = {"X-Note": "x" * 65_000}
    await api.post("/v1/emails/log", {"fields": fields, "headers": headers})
    headers["X-Note"] += "x" * 600
    assert await api.refused("/v1/emails/log", {"fields": fields, "headers": headers}) == (None, "headers")


async def test_3_1_error_is_nested_and_has_a_type_and_a_message(api: Api) -> None:
    document = await api.get("/v1/accounts/acc_unknown", 404)
    assert document.keys() == {"error"}
    assert document["error"].keys() == {"type", "message"}
    assert document["error"]["type"] == "not_found"


async def test_3_2_record_in_the_trash_is_not_found(api: Api) -> None:
    await api.delete(f"/v1/accounts/{ACCOUNT}")
    await api.post(f"/v1/accounts/{ACCOUNT}", {"fields": {}}, 404)


async def test_3_3_id_with_another_prefix_is_a_missing_resource(api: Api) -> None:
    sent = {"fields": {"$name": "x"}, "relationships": {"$account": "con_northwind_traders_buyer"}}
    refused = await api.refused("/v1/opportunities", sent)
    assert refused == ("referenced_resource_missing", "relationships.$account")


async def test_3_3_wrong_type_is_named(api: Api) -> None:
    assert await api.refused("/v1/accounts", {"fields": {"$name": 5}}) == ("invalid_type", "fields.$name")


@pytest.mark.parametrize(
    ("path", "key"),
    [("accounts", "$name"), ("opportunities", "$name"), ("tasks", "$title"), ("tasks", "$status"), ("notes", "$title")],
)
async def test_3_4_record_requires_its_name(api: Api, path: str, key: str) -> None:
    identifier = api.sandbox.ids(path)[0]
    refused = await api.refused(f"/v1/{path}/{identifier}", {"fields": {key: None}}, 422)
    assert refused == (None, f"fields.{key}")


async def test_4_1_list_is_an_envelope_of_three_members(api: Api) -> None:
    page = await api.get("/v1/opportunities?limit=2")
    assert page.keys() == {"data", "object", "totalCount"}
    assert (len(page["data"]), page["object"], page["totalCount"]) == (2, "list", 6)


async def test_4_1_limit_is_25_at_most(api: Api) -> None:
    await api.get("/v1/opportunities?limit=25")
    assert (await api.get("/v1/opportunities?limit=26", 400))["error"]["param"] == "limit"


async def test_4_1_list_holds_whole_records(api: Api) -> None:
    listed = (await api.get("/v1/opportunities?limit=1"))["data"][0]
    assert listed == await api.get(f"/v1/opportunities/{listed['id']}")


async def test_4_1_lists_have_four_members(api: Api) -> None:
    made = await api.post("/v1/lists", {"fields": {"$name": "Best", "$objectType": "$account"}})
    assert made.keys() == {"id", "createdAt", "fields", "httpLink"}


async def test_4_1_object_types_are_not_paged(api: Api) -> None:
    assert await api.get("/v1/objects") == {"data": [{"label": "Project", "objectType": "project"}]}
    assert (await api.get("/v1/objects?limit=1", 400))["error"]["param"] == "limit"


async def test_4_2_meetings_are_listed_by_their_creation(api: Api) -> None:
    made: list[str] = []
    for start in ("2026-03-01T10:00:00Z", "2026-01-01T10:00:00Z"):
        fields = {"$title": "x", "$startDate": start, "$endDate": "2026-03-01T11:00:00Z"}
        made.append((await api.post("/v1/meetings", {"fields": fields}))["id"])
    assert (await api.listed("/v1/meetings"))[:2] == made[::-1]


async def test_4_3_trash_is_listed_with_a_status(api: Api) -> None:
    await api.delete(f"/v1/accounts/{ACCOUNT}")
    assert await api.listed("/v1/accounts", ("status", "trashed")) == [ACCOUNT]
    assert ACCOUNT not in await api.listed("/v1/accounts", ("status", "active"))


@pytest.mark.parametrize("path", ["emails", "lists", "members", "files"])
async def test_4_3_some_lists_take_no_status(api: Api, path: str) -> None:
    assert (await api.get(f"/v1/{path}?status=active", 400))["error"]["param"] == "status"


async def test_4_4_operator_that_is_left_out_is_equal_or_else_contains(api: Api) -> None:
    buyer = "con_northwind_traders_buyer"
    assert await api.listed("/v1/contacts", ("$email", "buyer@northwind-traders.example")) == [buyer]
    assert await api.listed("/v1/accounts", ("$name", "Northwind Traders")) == [ACCOUNT]


async def test_4_4_dash_negates(api: Api) -> None:
    equal = await api.listed("/v1/accounts", ("tier[equal]", "Gold"))
    others = await api.listed("/v1/accounts", ("tier[-equal]", "Gold"))
    assert not {*equal} & {*others}
    assert {*equal, *others} == {*api.sandbox.ids("accounts")}


async def test_4_4_status_of_a_task_is_no_trash(api: Api) -> None:
    tasks = await api.listed("/v1/tasks", ("$status", "TODO"), ("status", "active"))
    assert {str(api.sandbox.records("tasks")[each]["fields"]["$status"]["value"]) for each in tasks} == {"TODO"}


@pytest.mark.parametrize("path", ["notes", "meetings", "members", "emails", "files", "lists", "lists/lst_1/accounts"])
async def test_4_4_other_lists_document_no_filter(api: Api, path: str) -> None:
    error = (await api.get(f"/v1/{path}?$name[equal]=x", 400))["error"]
    assert (error["code"], error["param"]) == ("unknown_field", "$name[equal]")


@pytest.mark.parametrize("name", ["greaterThan", "greaterThanOrEqual", "lessThan", "lessThanOrEqual"])
async def test_4_5_numbers_amounts_and_datetimes_are_compared(api: Api, name: str) -> None:
    for key, value in {"priority": "3", "$amount": "5000.5", "$closeDate": "2026-06-01T00:00:00Z"}.items():
        await api.listed("/v1/opportunities", (f"{key}[{name}]", value))
        await api.listed("/v1/opportunities", (f"{key}[-{name}]", value))


async def test_4_5_texts_and_names_and_addresses_start_with(api: Api) -> None:
    assert await api.listed("/v1/accounts", ("$name[startsWith]", "Northwind")) == [ACCOUNT]
    assert "con_northwind_traders_buyer" in await api.listed("/v1/contacts", ("$name[startsWith]", "Buyer E"))
    assert ACCOUNT in await api.listed("/v1/accounts", ("$primaryAddress[startsWith]", "1 Invented"))
    assert await api.listed("/v1/accounts", ("$linkedIn[startsWith]", "https://www.linkedin.com/company/northwind"))


@pytest.mark.parametrize("name", ["contains", "startsWith", "greaterThan"])
async def test_4_5_checkbox_filter_takes_equal_only(api: Api, name: str) -> None:
    await api.get("/v1/opportunities?approved[equal]=true")
    assert (await api.get(f"/v1/opportunities?approved[{name}]=true", 400))["error"]["param"] == "approved"


@pytest.mark.parametrize("name", ["contains", "startsWith", "greaterThan"])
async def test_4_5_single_select_filter_takes_equal_only(api: Api, name: str) -> None:
    await api.get("/v1/opportunities?$stage[equal]=Demo")
    assert (await api.get(f"/v1/opportunities?$stage[{name}]=Demo", 400))["error"]["param"] == "$stage"


@pytest.mark.parametrize("key", ["billing-contacts", "switchboard", "documents"])
async def test_4_5_emails_telephones_and_urls_take_contains_only(api: Api, key: str) -> None:
    await api.get(f"/v1/opportunities?{key}[contains]=x")
    await api.get(f"/v1/opportunities?{key}[equal]=x", 400)
    await api.get(f"/v1/opportunities?{key}[startsWith]=x", 400)


@pytest.mark.parametrize("key", ["products", "$opportunitySummary"])
async def test_4_5_multi_selects_and_markdown_cannot_be_filtered(api: Api, key: str) -> None:
    for name in ("", "[equal]", "[contains]", "[startsWith]"):
        await api.get(f"/v1/opportunities?{key}{name}=x", 400)


async def test_4_5_starts_with_nothing_means_that_it_is_set(api: Api) -> None:
    set_ones = await api.listed("/v1/opportunities", ("$nextStep[startsWith]", ""))
    steps = {key: record["fields"]["$nextStep"]["value"] for key, record in api.sandbox.opportunities.items()}
    assert {*set_ones} == {key for key, step in steps.items() if step}
    unset = await api.listed("/v1/opportunities", ("$nextStep[-startsWith]", ""))
    assert {*set_ones, *unset} == steps.keys()


async def test_4_5_labels_of_options_are_taken_as_well_as_ids(api: Api) -> None:
    by_label = await api.listed("/v1/accounts", ("$headcount[equal]", "10001+"))
    assert by_label == await api.listed("/v1/accounts", ("$headcount[equal]", "opt_headcount_10001"))
    assert by_label


async def test_4_5_full_name_is_matched_by_its_parts_in_a_row(api: Api) -> None:
    found = await api.listed("/v1/contacts", ("$name[equal]", "Buyer Example"))
    assert "con_northwind_traders_buyer" in found
    assert "con_northwind_traders_engineer" not in found


async def test_4_6_relationship_is_filtered_by_its_slug(api: Api) -> None:
    contact = "con_northwind_traders_buyer"
    assert await api.listed("/v1/accounts", ("$account-contact[contains]", contact)) == [ACCOUNT]


async def test_4_6_contains_and_equal_are_the_same_for_relationships(api: Api) -> None:
    contact = "con_northwind_traders_buyer"
    for name in ("", "[equal]", "[contains]"):
        assert await api.listed("/v1/accounts", (f"$contact{name}", contact)) == [ACCOUNT]
