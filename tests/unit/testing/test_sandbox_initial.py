"""Are the sandbox's initial records made only when they are needed, and does nobody notice?"""

import copy
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from lightfield.testing import Sandbox
from lightfield.testing._crm.records import Records
from lightfield.testing._data.seed import Opportunities
from tests.unit.testing.sandbox_calls import Api, calling

if TYPE_CHECKING:
    from lightfield.testing._crm.documents import Record

ACCOUNT = "acc_northwind_traders"
FILTERS = (
    ("$stage", "Demo"),
    ("$stage[-equal]", "Demo"),
    ("$name[startsWith]", "Cobalt"),
    ("$amount[greaterThan]", "100000"),
    ("$amount[-greaterThan]", "100000"),
    ("$closeDate[lessThan]", "2026-04-01T00:00:00Z"),
    ("$lastInteractionAt[greaterThanOrEqual]", "2026-02-01T00:00:00Z"),
    ("approved", "true"),
    ("approved", "false"),
    ("billing-address[startsWith]", "7 Placeholder"),
    ("signatory[startsWith]", "Buyer"),
    ("billing-contacts[contains]", "legal@saltmarsh-robotics.example"),
    ("$account", "acc_northwind_traders"),
    ("$account[-equal]", "acc_northwind_traders"),
    ("$champion", "con_northwind_traders_buyer"),
    ("follows:asSource", "opp_cm9uvw890xyz123"),
    ("follows:asDestination", "opp_cm9uvw890xyz123"),
)


def _records(api: Api, name: str = "opportunities") -> Records:
    return api.sandbox.records(name)


async def _found(api: Api, name: str, value: str) -> list[dict[str, Any]]:
    parameters = msgspec.json.encode({name: value})
    query = "&".join(f"{key}={text}" for key, text in msgspec.json.decode(parameters, type=dict[str, str]).items())
    pages = [await api.get(f"/v1/opportunities?{query}&offset={offset}") for offset in (0, 25, 50, 75)]
    found = [record for page in pages for record in page["data"]]
    assert {page["totalCount"] for page in pages} == {len(found)}
    return found


async def test_reading_keeps_nothing() -> None:
    async with calling(opportunities=60) as api:
        for offset in (0, 25, 50):
            for record in (await api.get(f"/v1/opportunities?offset={offset}"))["data"]:
                assert await api.get(f"/v1/opportunities/{record['id']}") == record
        await api.get(f"/v1/opportunities/{api.sandbox.opportunity_ids[3]}/fields/%24name/history")
        await api.get("/v1/accounts")
        for name, value in FILTERS:
            await api.listed("/v1/opportunities", (name, value))
        assert not [name for name in ("opportunities", "accounts") if _records(api, name).in_memory()]


@pytest.mark.parametrize(("name", "value"), FILTERS)
async def test_filter_finds_the_same_whether_records_are_in_memory_or_not(name: str, value: str) -> None:
    async with calling(opportunities=100) as api, calling(opportunities=100) as other:
        found = await _found(api, name, value)
        for identifier in other.sandbox.opportunity_ids[::3]:
            assert other.sandbox.opportunities[identifier]
        assert len(_records(other).in_memory()) == 34
        assert await _found(other, name, value) == found
        assert list(other.sandbox.opportunities.values())
        assert await _found(other, name, value) == found


async def test_filter_sees_what_a_test_and_the_api_change() -> None:
    async with calling(opportunities=40) as api:
        first, second, third, fourth = api.sandbox.opportunity_ids[:4]
        query = ("$nextStep", "Wait")
        assert await api.listed("/v1/opportunities", query) == []
        api.sandbox.opportunities[second]["fields"]["$nextStep"]["value"] = "Wait"
        await api.post(f"/v1/opportunities/{third}", {"fields": {"$nextStep": "Wait"}})
        await api.post(f"/v1/opportunities/{first}", {"fields": {"$nextStep": "Wait"}})
        api.sandbox.opportunities["opp_mine"] = {**api.sandbox.opportunities[third], "id": "opp_mine"}
        assert await api.listed("/v1/opportunities", query) == ["opp_mine", third, second, first]
        await api.delete(f"/v1/opportunities/{third}")
        await api.delete(f"/v1/opportunities/{fourth}")
        assert await api.listed("/v1/opportunities", query) == ["opp_mine", second, first]
        assert await api.listed("/v1/opportunities", query, ("status", "trashed")) == [third]
        await api.post(f"/v1/opportunities/{third}/restore")
        api.sandbox.opportunities[first]["createdAt"] = "2999-01-01T00:00:00.000Z"
        assert await api.listed("/v1/opportunities", query) == [first, "opp_mine", third, second]


async def test_fields_that_a_test_defines_can_be_read_and_filtered_by() -> None:
    async with calling(opportunities=40) as api:
        fields = api.sandbox.definitions("opportunities")["fieldDefinitions"]
        fields["region"] = {"label": "Region", "description": None, "valueType": "TEXT", "typeConfiguration": {}}
        first, second = api.sandbox.opportunity_ids[:2]
        assert await api.listed("/v1/opportunities", ("region", "North")) == []
        assert len(await api.listed("/v1/opportunities", ("region[-equal]", "North"))) == 25
        await api.post(f"/v1/opportunities/{first}", {"fields": {"region": "North"}})
        api.sandbox.opportunities[second]["fields"]["region"] = {"value": "North", "valueType": "TEXT"}
        assert await api.listed("/v1/opportunities", ("region", "North")) == [second, first]


async def test_merge_repoints_records_that_were_not_in_memory() -> None:
    async with calling(opportunities=60) as api:
        primary, duplicate = "acc_northwind_traders", "acc_bramblewick_foods"
        moved = await _found(api, "$account", duplicate)
        assert moved
        await api.post("/v1/accounts/merge", {"primaryId": primary, "duplicateId": duplicate})
        assert await _found(api, "$account", duplicate) == []
        assert {record["id"] for record in moved} < {record["id"] for record in await _found(api, "$account", primary)}
        in_memory = [identifier for identifier, _ in _records(api).in_memory()]
        assert sorted(in_memory) == sorted(record["id"] for record in moved)
        assert sorted(_records(api).take_changes()) == sorted(in_memory)


async def test_changes_are_known_until_they_are_taken() -> None:
    async with calling(opportunities=10) as api:
        first, second, third = api.sandbox.opportunity_ids[:3]
        records, accounts = _records(api), _records(api, "accounts")
        await api.get(f"/v1/opportunities/{first}")
        assert api.sandbox.opportunities[first]
        assert records.take_changes() == []
        await api.post(f"/v1/opportunities/{second}", {"fields": {"$nextStep": "Wait"}})
        await api.delete(f"/v1/opportunities/{third}")
        made = await api.post("/v1/opportunities", {"fields": {"$name": "x"}, "relationships": {"$account": ACCOUNT}})
        assert records.take_changes() == [second, third, made["id"]]
        assert records.take_changes() == []
        assert accounts.take_changes() == [ACCOUNT]
        assert list(api.sandbox.trash("opportunities")) == [third]


def test_records_behave_like_a_dict() -> None:
    ours = Sandbox(seed=7, opportunities=5).opportunities
    plain = dict(Sandbox(seed=7, opportunities=5).opportunities)
    mine: Record = {**plain["opp_cm9uvw890xyz123"], "id": "opp_mine"}
    second = list(plain)[1]

    def step(act: Callable[[Any], object]) -> None:
        assert act(ours) == act(plain)
        assert ours == plain
        assert plain == ours
        assert len(ours) == len(plain)
        assert list(ours) == list(ours.keys()) == list(plain)
        assert list(reversed(ours)) == list(reversed(ours.keys())) == list(reversed(plain))
        assert list(reversed(ours.values())) == list(reversed(plain.values()))
        assert list(reversed(ours.items())) == list(reversed(plain.items()))

    step(lambda records: records.get("opp_cm9uvw890xyz123"))
    step(lambda records: ("opp_nothing" in records, second in records, 5 in records, records.get("opp_nothing")))
    step(lambda records: records.update({"opp_mine": mine}))
    step(lambda records: records["opp_mine"])
    step(lambda records: records.setdefault(second, mine))
    step(lambda records: records.__setitem__(second, mine))
    step(lambda records: records.update({"opp_other": mine}))
    step(lambda records: records.pop("opp_mine"))
    step(lambda records: records.__setitem__("opp_mine", mine))
    step(lambda records: records | {"opp_more": mine, second: mine})
    step(lambda records: {"opp_more": mine, second: mine} | records)
    step(lambda records: records.__ior__({"opp_more": mine}))
    step(lambda records: records.pop(second))
    step(lambda records: records.popitem())
    step(lambda records: records.popitem())
    step(lambda records: records.popitem())
    step(lambda records: records.popitem())
    step(lambda records: records.pop("opp_nothing", None))
    for missing in ("opp_nothing", second):
        with pytest.raises(KeyError, match=missing):
            del ours[missing]
        with pytest.raises(KeyError, match=missing):
            _ = ours[missing]
    assert repr(ours) == "<3 records>"
    step(lambda records: records.clear())
    with pytest.raises(KeyError):
        ours.popitem()


def test_record_that_is_put_back_has_its_place_again() -> None:
    records = Sandbox(opportunities=5).opportunities
    before = list(records)
    records[before[1]] = records.pop(before[1])
    assert list(records) == before


def test_copies_of_records_are_dicts_that_do_not_change() -> None:
    records = Sandbox(opportunities=3).opportunities
    identifier = next(iter(records))
    shallow, other, deep = records.copy(), copy.copy(records), copy.deepcopy(records)
    assert shallow == other == deep == records
    assert shallow[identifier] is records[identifier]
    records[identifier]["fields"]["$name"]["value"] = "changed"
    del records[list(records)[1]]
    assert [type(each) for each in (shallow, other, deep)] == [dict, dict, dict]
    assert len(shallow) == len(other) == len(deep) == 3
    assert deep[identifier]["fields"]["$name"]["value"] != "changed"


def test_record_is_made_anew_for_whoever_may_change_it() -> None:
    source = Opportunities(7, 5)
    first, second = Records(source), Records(source)
    identifier = source.identifier(3)
    seen = first.peek(identifier)
    first[identifier]["fields"]["$name"]["value"] = "changed"
    assert first.peek(identifier) is first[identifier]
    assert second.peek(identifier) == seen
    assert seen != first[identifier]
    assert first.peek("opp_nothing") is None


def test_records_of_others_than_opportunities_are_made_anew_too() -> None:
    sandbox = Sandbox(opportunities=3)
    accounts = sandbox.records("accounts")
    seen = accounts.peek("acc_northwind_traders")
    accounts["acc_northwind_traders"]["fields"]["$name"]["value"] = "changed"
    assert seen == Sandbox(opportunities=3).records("accounts")["acc_northwind_traders"]


async def test_test_may_do_anything_from_its_thread_while_the_sandbox_answers() -> None:
    done = threading.Event()

    def meddle(opportunities: Records) -> int:
        number = 0
        while not done.is_set():
            number += 1
            opportunities[f"opp_{number}"] = {**opportunities["opp_cm9uvw890xyz123"], "id": f"opp_{number}"}
            for identifier, record in reversed(opportunities.items()):
                record["createdAt"] = f"2026-01-{number % 28 + 1:02}T00:00:00.000Z"
                if identifier == f"opp_{number - 5}":
                    del opportunities[identifier]
            assert len([*opportunities.values()]) > 3
        return number

    async with calling(opportunities=60) as api:
        with ThreadPoolExecutor(1) as pool:
            meddling = pool.submit(meddle, api.sandbox.opportunities)
            try:
                for offset in range(60):
                    await api.get(f"/v1/opportunities?offset={offset}")
                    await api.post(f"/v1/opportunities/{api.sandbox.opportunity_ids[3]}", {"fields": {"priority": 3}})
                    await api.listed("/v1/opportunities", ("priority", "3"))
            finally:
                done.set()
            assert meddling.result() > 3
