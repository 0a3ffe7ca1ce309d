"""Does the sandbox take and give values as documented? ``test_sandbox_semantics`` explains the numbers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.testing.sandbox_calls import Api, calling

ACCOUNT, BUYER = "acc_northwind_traders", "con_northwind_traders_buyer"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=2) as opened:
        yield opened


async def _written(api: Api, path: str, key: str, value: object) -> Any:
    """Write a value and give what is read back."""
    assert (await api.post(path, {"fields": {key: value}}))["fields"][key] == (await api.get(path))["fields"][key]
    return (await api.get(path))["fields"][key]["value"]


async def _opportunity(api: Api, key: str, value: object) -> Any:
    return await _written(api, f"/v1/opportunities/{api.sandbox.opportunity_ids[0]}", key, value)


async def _refused(api: Api, path: str, key: str, value: object) -> None:
    assert await api.refused(path, {"fields": {key: value}}) == ("invalid_type", f"fields.{key}")


def _account() -> str:
    return f"/v1/accounts/{ACCOUNT}"


def _contact() -> str:
    return f"/v1/contacts/{BUYER}"


async def test_5_number_has_two_decimals_at_most(api: Api) -> None:
    assert await _written(api, _account(), "icp-score", 42.25) == 42.25
    await _refused(api, _account(), "icp-score", 42.255)


async def test_5_number_is_in_the_range_of_safe_integers(api: Api) -> None:
    assert await _written(api, _account(), "icp-score", -(2**53 - 1)) == -(2**53 - 1)
    await _refused(api, _account(), "icp-score", 2**53)


async def test_5_checkbox_is_a_boolean_or_null(api: Api) -> None:
    for value in (True, False, None):
        assert await _opportunity(api, "approved", value) is value


async def test_5_currency_is_a_number_and_its_code_is_in_the_definitions(api: Api) -> None:
    assert await _opportunity(api, "$amount", 75000) == 75000
    defined = (await api.get("/v1/opportunities/definitions"))["fieldDefinitions"]["$amount"]
    assert defined["typeConfiguration"] == {"currency": "USD"}


async def test_5_datetime_needs_a_zone(api: Api) -> None:
    path = f"/v1/opportunities/{api.sandbox.opportunity_ids[0]}"
    await _refused(api, path, "$closeDate", "2026-03-16T12:00:00")


async def test_5_datetime_is_returned_in_utc_with_milliseconds(api: Api) -> None:
    assert await _opportunity(api, "$closeDate", "2026-03-16T12:00:00-05:00") == "2026-03-16T17:00:00.000Z"


async def test_5_email_is_written_as_one_or_several(api: Api) -> None:
    assert await _written(api, _contact(), "$email", "a@x.example") == ["a@x.example"]
    assert await _written(api, _contact(), "$email", ["a@x.example", "b@x.example"]) == ["a@x.example", "b@x.example"]


@pytest.mark.parametrize("text", ["a", "a@b", "@b.example", "a@b.example c", "Buyer <a@b.example>", "a@b..example", ""])
async def test_5_email_is_plausible(api: Api, text: str) -> None:
    await _refused(api, _contact(), "$email", [text])


async def test_5_some_emails_are_single(api: Api) -> None:
    times = {"$startDate": "2026-01-05T09:00:00Z", "$endDate": "2026-01-05T10:00:00Z"}
    sent = {"fields": {"$title": "x", **times, "$organizerEmail": "a@x.example"}}
    assert (await api.post("/v1/meetings", sent))["fields"]["$organizerEmail"]["value"] == "a@x.example"
    assert (await api.get("/v1/members/mem_saffron"))["fields"]["$email"]["value"] == "saffron@seller.example"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("+12025551234", "+12025551234"),
        ("+4930123456", "+4930123456"),
        (" +4930123456 ", "+4930123456"),
        ("2025551234", "+12025551234"),
        ("(202) 555-1234", "+12025551234"),
        ("1-202-555-1234", "+12025551234"),
        ("202.555.1234 x100", "+12025551234;ext=100"),
        ("+12025551234 ext:100", "+12025551234;ext=100"),
        ("+12025551234 Ext. 100", "+12025551234;ext=100"),
        ("202-555-1234#100", "+12025551234;ext=100"),
        ("+12025551234;ext=100", "+12025551234;ext=100"),
        ("030 123 4567", "0301234567"),
        ("555 12 34", "5551234"),
    ],
)
async def test_5_telephone_is_normalised(api: Api, sent: str, read: str) -> None:
    assert await _written(api, _contact(), "$phone", [sent]) == [read]


@pytest.mark.parametrize(
    "text", ["+49 30 123456", "+0301234567", "+123456", "+1234567890123456", "123456", "1234567890123456", "call", ""]
)
async def test_5_telephone_that_is_none_is_refused(api: Api, text: str) -> None:
    await _refused(api, _contact(), "$phone", [text])


async def test_5_telephones_are_written_as_a_list(api: Api) -> None:
    await _refused(api, _contact(), "$phone", "+12025551234")


async def test_5_url_is_written_as_one_or_several(api: Api) -> None:
    assert await _written(api, _account(), "$website", "https://acme.example") == ["https://acme.example"]
    several = ["https://acme.example/a?b=c", "http://localhost:8080", "acme.example", "www.acme.example/a"]
    assert await _written(api, _account(), "$website", several) == several
    photo = "https://acme.example/1.png"
    assert await _written(api, _contact(), "$profilePhotoUrl", photo) == photo


@pytest.mark.parametrize("text", ["", "acme", "https://", "two words.example", "ftp://acme.example"])
async def test_5_url_is_plausible(api: Api, text: str) -> None:
    await _refused(api, _account(), "$website", [text])


async def test_5_address_is_written_in_any_subset(api: Api) -> None:
    parts = ("street", "street2", "city", "state", "postalCode", "country", "latitude", "longitude")
    read = await _written(api, _account(), "$primaryAddress", {"city": "Lyon", "country": "FR"})
    assert read == {**dict.fromkeys(parts), "city": "Lyon", "country": "FR"}
    assert await _written(api, _account(), "$primaryAddress", {}) == dict.fromkeys(parts)


@pytest.mark.parametrize("country", ["USA", "us", "XX", "UK", "", "France"])
async def test_5_country_is_a_code_of_two_letters(api: Api, country: str) -> None:
    await _refused(api, _account(), "$primaryAddress", {"country": country})


@pytest.mark.parametrize("part", [{"latitude": 90.5}, {"latitude": -91}, {"longitude": 180.5}, {"longitude": "1"}])
async def test_5_coordinates_are_numbers_on_the_globe(api: Api, part: dict[str, object]) -> None:
    await _refused(api, _account(), "$primaryAddress", part)


async def test_5_either_part_of_a_full_name_may_be_null(api: Api) -> None:
    for name in ({"firstName": "A", "lastName": None}, {"firstName": None, "lastName": "B"}):
        assert await _written(api, _contact(), "$name", name) == name


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("$twitter", "https://twitter.com/acme"),
        ("$twitter", "https://x.com/acme/"),
        ("$linkedIn", "https://de.linkedin.com/in/acme"),
        ("$linkedIn", "http://www.linkedin.com/company/acme?trk=1"),
        ("$facebook", "https://www.facebook.com/profile.php?id=1"),
        ("$instagram", "https://instagram.com/acme"),
    ],
)
async def test_5_social_handle_is_the_url_of_a_profile(api: Api, key: str, value: str) -> None:
    assert await _written(api, _account(), key, value) == value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("$twitter", "@acme"),
        ("$twitter", "acme"),
        ("$twitter", "https://linkedin.com/in/acme"),
        ("$linkedIn", "https://notlinkedin.com/in/acme"),
        ("$linkedIn", "https://linkedin.com.example/in/acme"),
        ("$linkedIn", "https://linkedin.com/"),
        ("$linkedIn", "linkedin.com/in/acme"),
        ("$linkedIn", "ftp://linkedin.com/in/acme"),
        ("$facebook", "https://"),
        ("$facebook", "https://[::1/acme"),
        ("$instagram", "https://instagram.com/a b"),
        ("$instagram", ""),
        ("$instagram", 5),
    ],
)
async def test_5_social_handle_must_match_its_platform(api: Api, key: str, value: object) -> None:
    await _refused(api, _account(), key, value)


async def test_5_social_handle_of_no_platform_is_any_url(api: Api) -> None:
    api.sandbox.definitions("accounts")["fieldDefinitions"]["$linkedIn"]["typeConfiguration"] = {}
    assert await _written(api, _account(), "$linkedIn", "https://social.example") == "https://social.example"


async def test_5_select_takes_an_id_or_a_label(api: Api) -> None:
    for sent in ("opt_tier_gold", "Gold", "gold", "  GOLD "):
        assert await _written(api, _account(), "tier", sent) == "opt_tier_gold"
    await _refused(api, _account(), "tier", "OPT_TIER_GOLD")


async def test_5_multi_select_takes_a_list(api: Api) -> None:
    assert await _written(api, _account(), "$industry", ["food", "opt_industry_food", "Media"]) == [
        "opt_industry_food",
        "opt_industry_media",
    ]
    await _refused(api, _account(), "$industry", "Food")


async def test_5_status_of_a_task_is_a_literal_code(api: Api) -> None:
    task = f"/v1/tasks/{api.sandbox.ids('tasks')[0]}"
    assert await _written(api, task, "$status", "COMPLETE") == "COMPLETE"
    await _refused(api, task, "$status", "Complete")


async def test_5_privacy_setting_is_full_or_metadata(api: Api) -> None:
    meeting = f"/v1/meetings/{api.sandbox.ids('meetings')[0]}"
    for value in ("FULL", "METADATA", None):
        assert await _written(api, meeting, "$privacySetting", value) == value
    await _refused(api, meeting, "$privacySetting", "Metadata")


async def test_5_null_clears_a_value(api: Api) -> None:
    for key in ("$website", "$industry", "$headcount", "$primaryAddress", "icp-score"):
        assert await _written(api, _account(), key, None) is None


async def test_5_read_only_markdown_cannot_be_written(api: Api) -> None:
    assert await api.refused(_account(), {"fields": {"$howTheyMakeMoney": "x"}}) == (None, "fields.$howTheyMakeMoney")


async def test_5_option_of_a_dependent_select_belongs_to_the_value_of_its_parent(api: Api) -> None:
    fields = api.sandbox.definitions("accounts")["fieldDefinitions"]
    fields["perks"] = {
        "label": "Perks",
        "description": None,
        "valueType": "MULTI_SELECT",
        "typeConfiguration": {
            "parentFieldKey": "tier",
            "options": [
                {"id": "opt_a", "label": "Any", "description": None},
                {"id": "opt_g", "label": "Lounge", "description": None, "parentId": "opt_tier_gold"},
            ],
        },
    }
    single: Any = {**fields["perks"], "label": "Perk", "valueType": "SINGLE_SELECT"}
    fields["perk"] = single
    await api.post(_account(), {"fields": {"tier": "Silver", "perks": ["Any"]}})
    for key, value in {"perks": ["Lounge"], "perk": "Lounge"}.items():
        assert await api.refused(_account(), {"fields": {key: value}}, 422) == (None, f"fields.{key}")
        await api.post(_account(), {"fields": {"tier": "Gold", key: value}})
        await api.post(_account(), {"fields": {"tier": "Silver"}})


async def test_5_unique_value_is_held_once(api: Api) -> None:
    fields = api.sandbox.definitions("contacts")["fieldDefinitions"]
    fields["$email"]["typeConfiguration"]["unique"] = True
    fields["$profilePhotoUrl"]["typeConfiguration"]["unique"] = True
    url = "https://a.example/1.png"
    mine = {"$email": ["new@x.example"], "$profilePhotoUrl": url}
    made = (await api.post("/v1/contacts", {"fields": mine}))["id"]
    await api.post(f"/v1/contacts/{made}", {"fields": mine})
    for sent in ({"$email": ["a@x.example", "new@x.example"]}, {"$profilePhotoUrl": url}):
        assert (await api.post("/v1/contacts", {"fields": sent}, 409))["error"]["type"] == "conflict"
    await api.post("/v1/contacts", {"fields": {"$email": []}})
    del api.sandbox.records("contacts")[made]["fields"]["$profilePhotoUrl"]
    await api.post("/v1/contacts", {"fields": {"$profilePhotoUrl": url}})


@pytest.mark.parametrize("path", ["accounts", "contacts", "opportunities", "tasks", "notes", "meetings"])
async def test_5_1_definitions_have_an_object_type_fields_and_relationships(api: Api, path: str) -> None:
    defined = await api.get(f"/v1/{path}/definitions")
    assert defined.keys() == {"objectType", "fieldDefinitions", "relationshipDefinitions"}
    for definition in defined["fieldDefinitions"].values():
        assert {"label", "description", "valueType", "typeConfiguration"} <= definition.keys()
    for definition in defined["relationshipDefinitions"].values():
        assert {"label", "description", "cardinality", "objectType"} <= definition.keys()


@pytest.mark.parametrize("path", ["lists", "members", "emails", "files"])
async def test_5_1_some_objects_have_no_definitions(api: Api, path: str) -> None:
    await api.get(f"/v1/{path}/definitions", 404)


async def test_5_1_options_have_an_id_a_label_and_a_description(api: Api) -> None:
    defined = (await api.get("/v1/accounts/definitions"))["fieldDefinitions"]["tier"]["typeConfiguration"]
    assert defined["options"][0] == {"id": "opt_tier_gold", "label": "Gold", "description": None}


async def test_5_1_relationship_with_its_own_type_has_two_directions(api: Api) -> None:
    defined = (await api.get("/v1/opportunities/definitions"))["relationshipDefinitions"]["follows"]
    assert {key: each["cardinality"] for key, each in defined["directions"].items()} == {
        "asSource": "HAS_ONE",
        "asDestination": "HAS_MANY",
    }


async def _history(api: Api, key: str, query: str = "") -> list[Any]:
    data: list[Any] = (await api.get(f"{_account()}/fields/{key}/history{query}"))["data"]
    return data


async def test_5_2_history_is_newest_first_without_equal_neighbours(api: Api) -> None:
    for score in (1, 2, 2, 1):
        await _written(api, _account(), "icp-score", score)
    assert [each["value"] for each in await _history(api, "icp-score")][:3] == [1, 2, 1]


async def test_5_2_creation_is_marked_only_if_the_whole_history_fits(api: Api) -> None:
    await _written(api, _account(), "tier", "Bronze")
    assert [each["isCreate"] for each in await _history(api, "tier")] == [False, True]
    assert [each["isCreate"] for each in await _history(api, "tier", "?limit=1")] == [False]
    page = await api.get(f"{_account()}/fields/tier/history?limit=1")
    rest = await _history(api, "tier", f"?limit=1&after={page['nextCursor']}")
    assert [each["isCreate"] for each in rest] == [False]


async def test_5_2_history_says_how_a_value_is_displayed(api: Api) -> None:
    await _written(api, _account(), "tier", "Silver")
    newest = (await _history(api, "tier"))[0]
    assert newest.keys() == {"value", "valueType", "displayValue", "recordedAt", "isCreate"}
    assert (newest["value"], newest["displayValue"]) == ("opt_tier_silver", "Silver")


async def test_5_2_stage_has_a_history_and_its_dollar_may_be_encoded(api: Api) -> None:
    path = f"/v1/opportunities/{api.sandbox.opportunity_ids[0]}/fields"
    assert await api.get(f"{path}/%24stage/history") == await api.get(f"{path}/$stage/history")


@pytest.mark.parametrize("key", ["$owner", "$accountStatus", "$nothing"])
async def test_5_2_relationships_and_derived_fields_have_no_history(api: Api, key: str) -> None:
    assert (await api.get(f"{_account()}/fields/{key}/history", 400))["error"]["param"] == "fieldKey"


async def test_5_3_ids_have_the_prefix_of_their_type(api: Api) -> None:
    made = await api.post("/v1/accounts", {"fields": {"$name": "Acme"}})
    assert made["id"].startswith("acc_")
    for name, prefix in {"contacts": "con_", "opportunities": "opp_", "members": "mem_"}.items():
        assert all(identifier.startswith(prefix) for identifier in api.sandbox.ids(name))
