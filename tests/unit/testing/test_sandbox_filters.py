"""Does a filter of the sandbox find what the API's would?"""

import operator
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import pytest

from tests.unit.testing.sandbox_calls import Api, calling

Filter = tuple[str, str]


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=20) as opened:
        yield opened


async def _accounts(api: Api, *fields: dict[str, Any]) -> list[str]:
    """Leave these accounts only, named A, B, C..."""
    api.sandbox.records("accounts").clear()
    for name, values in zip("ABCDEF", fields, strict=False):
        await api.post("/v1/accounts", {"fields": {"$name": name, **values}})
    return list(api.sandbox.records("accounts"))


async def _names(api: Api, *filters: Filter) -> str:
    found = await api.listed("/v1/accounts", *filters)
    return "".join(sorted(str(api.sandbox.records("accounts")[each]["fields"]["$name"]["value"]) for each in found))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("icp-score[equal]", "10", "B"),
        ("icp-score", "10.0", "B"),
        ("icp-score[greaterThan]", "9", "BC"),
        ("icp-score[greaterThan]", "10", "C"),
        ("icp-score[greaterThanOrEqual]", "10", "BC"),
        ("icp-score[lessThan]", "9.5", "A"),
        ("icp-score[lessThanOrEqual]", "9", "A"),
        ("icp-score[-lessThan]", "9.5", "BCD"),
        ("icp-score[-equal]", "9", "BCD"),
    ],
)
async def test_numbers_are_compared_as_numbers(api: Api, name: str, value: str, expected: str) -> None:
    await _accounts(api, {"icp-score": 9}, {"icp-score": 10}, {"icp-score": 100.5}, {})
    assert await _names(api, (name, value)) == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("$website", "https://a.example", "AB"),
        ("$website[contains]", "https://b.example", "B"),
        ("$website[-contains]", "https://b.example", "ACD"),
        ("$website[contains]", "a.example", ""),
        ("tier[equal]", "Gold", "A"),
        ("tier", "opt_tier_gold", "A"),
        ("tier", "gold", "A"),
        ("tier", "  GOLD ", "A"),
        ("tier[-equal]", "Gold", "BCD"),
        ("$linkedIn[startsWith]", "https://li", "C"),
        ("$linkedIn[startsWith]", "", "C"),
        ("$linkedIn[startsWith]", "linkedin", ""),
        ("$linkedIn[-startsWith]", "", "ABD"),
        ("$name[startsWith]", "", "ABCD"),
        ("$name[equal]", "a", ""),
        ("$name[-equal]", "A", "BCD"),
        ("$primaryAddress[startsWith]", "1 Lane", "D"),
        ("$primaryAddress[equal]", "1 Lane, Town", "D"),
    ],
)
async def test_texts_and_choices_are_compared_exactly(api: Api, name: str, value: str, expected: str) -> None:
    made = await _accounts(
        api,
        {"$website": ["https://a.example"], "tier": "Gold"},
        {"$website": ["https://a.example", "https://b.example"], "tier": "Silver"},
        {"$linkedIn": "https://linkedin.com/company/c"},
        {"$primaryAddress": {"street": "1 Lane", "city": "Town", "latitude": 5}},
    )
    api.sandbox.records("accounts")[made[1]]["fields"]["$linkedIn"]["value"] = ""
    assert await _names(api, (name, value)) == expected


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("equal", operator.eq),
        ("greaterThan", operator.gt),
        ("greaterThanOrEqual", operator.ge),
        ("lessThan", operator.lt),
        ("lessThanOrEqual", operator.le),
    ],
)
async def test_moments_are_compared_as_moments(
    api: Api, name: str, holds: Callable[[datetime, datetime], bool]
) -> None:
    dates = {key: record["fields"]["$closeDate"]["value"] for key, record in api.sandbox.opportunities.items()}
    set_ones = sorted(str(date) for date in dates.values() if date is not None)
    bound = datetime.fromisoformat(set_ones[len(set_ones) // 2])
    expected = {key for key, date in dates.items() if date and holds(datetime.fromisoformat(str(date)), bound)}
    found = await api.listed("/v1/opportunities", (f"$closeDate[{name}]", bound.isoformat()))
    assert set(found) == expected
    assert 0 < len(expected) < len(dates)


async def test_zone_of_a_moment_does_not_matter(api: Api) -> None:
    api.sandbox.opportunities[api.sandbox.opportunity_ids[3]]["fields"]["$closeDate"]["value"] = (
        "2020-03-01T10:00:00.000Z"
    )
    for written in (
        "2020-03-01T12:00:00+02:00",
        "2020-03-01T10:00:00Z",
        "2020-03-01T10:00:00",
        "2020-03-01T05:00-05:00",
    ):
        assert await api.listed("/v1/opportunities", ("$closeDate", written)) == [api.sandbox.opportunity_ids[3]]


async def test_what_was_put_in_by_hand_and_is_no_moment_is_no_match(api: Api) -> None:
    first = api.sandbox.opportunity_ids[0]
    api.sandbox.opportunities[first]["fields"]["$closeDate"]["value"] = "next week"
    assert first not in await api.listed("/v1/opportunities", ("$closeDate[lessThan]", "2999-01-01T00:00:00Z"))
    assert first in await api.listed("/v1/opportunities", ("$closeDate[-lessThan]", "2999-01-01T00:00:00Z"))


async def test_names_and_flags_of_contacts(api: Api) -> None:
    contacts = api.sandbox.records("contacts")
    buyers = await api.listed("/v1/contacts", ("$name[equal]", "Buyer Example"))
    assert buyers == [key for key in reversed(contacts) if key.endswith("_buyer")]
    assert await api.listed("/v1/contacts", ("$name[startsWith]", "Buyer Ex")) == buyers
    unwanted = await api.listed("/v1/contacts", ("$doNotContact", "true"))
    assert unwanted == [key for key in reversed(contacts) if contacts[key]["fields"]["$doNotContact"]["value"] is True]
    assert await api.listed("/v1/contacts", ("$email", "buyer@northwind-traders.example")) == [
        "con_northwind_traders_buyer"
    ]


async def test_several_filters_must_all_hold(api: Api) -> None:
    await _accounts(api, {"tier": "Gold", "icp-score": 1}, {"tier": "Gold", "icp-score": 5}, {"icp-score": 5})
    assert await _names(api, ("tier", "Gold"), ("icp-score", "5")) == "B"
    assert await _names(api, ("icp-score[greaterThan]", "0"), ("icp-score[lessThan]", "5")) == "A"
    assert await _names(api, ("icp-score[-equal]", "1"), ("icp-score[-equal]", "5")) == ""


async def test_relationships_are_found_by_key_and_by_slug(api: Api) -> None:
    account = api.sandbox.opportunities[api.sandbox.opportunity_ids[0]]["relationships"]["$account"]["values"][0]
    expected = [
        key
        for key, record in reversed(api.sandbox.opportunities.items())
        if record["relationships"]["$account"]["values"] == [account]
    ]
    for name in ("$account", "$account[equal]", "$account[contains]", "$opportunity-account"):
        assert await api.listed("/v1/opportunities", (name, account)) == expected
    rest = await api.listed("/v1/opportunities", ("$account[-equal]", account))
    assert rest == [key for key in reversed(api.sandbox.opportunity_ids) if key not in expected]
    tasks = api.sandbox.records("tasks")
    some = tasks["tsk_northwind_traders"]
    todo = [key for key, task in reversed(tasks.items()) if task["fields"]["$status"] == some["fields"]["$status"]]
    account = "acc_northwind_traders"
    expected = [key for key in todo if tasks[key]["relationships"]["$account"]["values"] == [account]]
    status = str(some["fields"]["$status"]["value"])
    assert await api.listed("/v1/tasks", ("$task-account[contains]", account), ("$status", status)) == expected
    assert "tsk_northwind_traders" in expected


async def test_a_record_put_in_by_hand_without_a_relationship_points_nowhere(api: Api) -> None:
    first = api.sandbox.opportunity_ids[0]
    account = api.sandbox.opportunities[first]["relationships"].pop("$account")["values"][0]
    assert first not in await api.listed("/v1/opportunities", ("$account", account))
    assert first in await api.listed("/v1/opportunities", ("$account[-equal]", account))


async def test_ends_of_a_relationship_with_the_own_type_are_told_apart(api: Api) -> None:
    first, second = api.sandbox.opportunity_ids[-2:]
    await api.post(f"/v1/opportunities/{second}", {"relationships": {"follows": {"replace": first}}})
    assert second in await api.listed("/v1/opportunities", ("follows:asSource[contains]", first))
    assert first not in await api.listed("/v1/opportunities", ("follows:asSource", second))
    assert await api.listed("/v1/opportunities", ("follows:asDestination[contains]", second)) == [first]
    assert first in await api.listed("/v1/opportunities", ("follows", second))


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("$nothing", "x", "unknown_field"),
        ("nothing[equal]", "x", "unknown_field"),
        ("follows:asNothing", "x", "unknown_field"),
        ("$account:asSource", "x", "unknown_field"),
        ("$name[contains]", "x", None),
        ("$name[nothing]", "x", None),
        ("$name[greaterThan]", "x", None),
        ("$amount[startsWith]", "1", None),
        ("$stage[startsWith]", "x", None),
        ("approved[contains]", "true", None),
        ("documents[equal]", "x", None),
        ("products", "core", None),
        ("$opportunitySummary[equal]", "x", None),
        ("$account[startsWith]", "acc", None),
        ("$amount", "much", "invalid_type"),
        ("$amount[lessThan]", "nan", "invalid_type"),
        ("$closeDate", "soon", "invalid_type"),
        ("approved", "yes", "invalid_type"),
    ],
)
async def test_filter_that_the_type_does_not_allow_is_refused(
    api: Api, name: str, value: str, code: str | None
) -> None:
    error = (await api.get(f"/v1/opportunities?{name}={value}", 400))["error"]
    assert (error["type"], error.get("code"), error["param"]) == ("bad_request", code, name.split("[", maxsplit=1)[0])


async def test_filter_must_be_well_formed(api: Api) -> None:
    for name in ("$name[equal", "$name[]", "$name[equal]x", "[equal]"):
        assert (await api.get(f"/v1/opportunities?{name}=x", 400))["error"]["param"] == name
