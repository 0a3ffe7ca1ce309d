"""Are the sandbox's opportunities the same for the same seed, and do they look like the API's?"""

import hashlib
import re
import subprocess
import sys
from datetime import datetime
from random import Random

import msgspec
import pytest

from lightfield.testing._crm.documents import Record
from lightfield.testing._data.seed import seed_opportunities

VALUE_TYPES = {
    "ADDRESS",
    "CHECKBOX",
    "CURRENCY",
    "DATETIME",
    "EMAIL",
    "FULL_NAME",
    "MARKDOWN",
    "MULTI_SELECT",
    "NUMBER",
    "SINGLE_SELECT",
    "TELEPHONE",
    "TEXT",
    "URL",
}
STAGES = {f"opt_stage_{stage}" for stage in ("lead", "qualification", "demo", "proposal", "won", "lost")}
DIGEST = """
import hashlib, msgspec
from random import Random
from lightfield.testing._data.seed import seed_opportunities
print(hashlib.sha256(msgspec.json.encode(seed_opportunities(Random(7), 40))).hexdigest())
"""


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return list(seed_opportunities(Random(7), 400).values())


def _values(records: list[Record], key: str) -> list[object]:
    return [record["fields"][key]["value"] for record in records]


def test_same_seed_gives_the_same_documents_and_another_seed_others() -> None:
    assert seed_opportunities(Random(7), 50) == seed_opportunities(Random(7), 50)
    assert not seed_opportunities(Random(7), 50).keys() & seed_opportunities(Random(8), 50).keys()


def test_another_process_with_other_hashes_gives_the_same_bytes() -> None:
    mine = hashlib.sha256(msgspec.json.encode(seed_opportunities(Random(7), 40))).hexdigest()
    command = [sys.executable, "-R", "-c", DIGEST]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() == mine


def test_first_ones_do_not_depend_on_how_many_follow() -> None:
    assert list(seed_opportunities(Random(7), 60).values())[:10] == list(seed_opportunities(Random(7), 10).values())


def test_there_may_be_none_but_not_fewer() -> None:
    assert seed_opportunities(Random(7), 0) == {}
    with pytest.raises(ValueError, match="opportunities must be at least 0"):
        seed_opportunities(Random(7), -1)


def test_ids_are_unique_and_look_like_the_apis() -> None:
    records = seed_opportunities(Random(7), 400)
    assert len(records) == 400
    assert all(re.fullmatch(r"opp_[a-z0-9]{24}", identifier) for identifier in records)
    assert all(record["id"] == identifier for identifier, record in records.items())


def test_documents_are_json_of_about_three_kilobytes(records: list[Record]) -> None:
    sizes = [len(msgspec.json.encode(record)) for record in records]
    assert msgspec.json.decode(msgspec.json.encode(records)) == records
    assert min(sizes) >= 2500
    assert max(sizes) <= 3500


def test_creation_dates_ascend_and_dates_are_utc_with_milliseconds(records: list[Record]) -> None:
    created = [record["createdAt"] for record in records]
    dates = created + [date for date in _values(records, "$closeDate") if date is not None]
    assert created == sorted(set(created))
    for date in dates:
        assert isinstance(date, str)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", date)
        assert datetime.fromisoformat(date).tzinfo is not None


def test_optional_keys_are_absent_null_or_set(records: list[Record]) -> None:
    updated = [record.get("updatedAt", "absent") for record in records]
    external = [record.get("externalId", "absent") for record in records]
    for seen in (updated, external):
        assert "absent" in seen
        assert None in seen
        assert len(set(seen)) > 50
    assert None in {record["httpLink"] for record in records}
    assert all((record.get("updatedAt") or "9999") > record["createdAt"] for record in records)


def test_fields_cover_the_documented_types_and_stay_the_same_set(records: list[Record]) -> None:
    fields = [record["fields"] for record in records]
    assert {field["valueType"] for each in fields for field in each.values()} == VALUE_TYPES
    assert len({tuple(each) for each in fields}) == 1


def test_amounts_are_whole_or_have_cents_or_are_null(records: list[Record]) -> None:
    amounts = _values(records, "$amount")
    assert {type(amount) for amount in amounts} == {int, float, type(None)}
    assert all(round(amount, 2) == amount for amount in amounts if isinstance(amount, float))


def test_stages_and_statuses_belong_together(records: list[Record]) -> None:
    pairs = set(zip(_values(records, "$stage"), _values(records, "$opportunityStatus"), strict=True))
    ended = {"opt_stage_won": "opt_status_won", "opt_stage_lost": "opt_status_lost"}
    assert pairs == {(stage, ended.get(stage, "opt_status_open")) for stage in STAGES}


def test_account_is_the_company_of_the_name(records: list[Record]) -> None:
    accounts = {record["relationships"]["$account"]["values"][0] for record in records}
    assert "acc_northwind_traders" in accounts
    for record in records:
        company = str(record["fields"]["$name"]["value"]).split(" - ")[0]
        assert record["relationships"]["$account"]["values"] == [f"acc_{company.lower().replace(' ', '_')}"]


def test_relationships_hold_what_their_cardinality_allows(records: list[Record]) -> None:
    seen = {record["id"] for record in records}
    lengths: set[int] = set()
    for record in records:
        for relationship in record["relationships"].values():
            assert relationship["cardinality"] in {"HAS_ONE", "HAS_MANY"}
            assert relationship["cardinality"] == "HAS_MANY" or len(relationship["values"]) <= 1
            lengths.add(len(relationship["values"]))
        follows = record["relationships"]["follows"]
        source = follows.get("directions", {})["asSource"]["values"]
        assert follows["values"] == source
        assert follows["values"] is not source
        assert len(source) <= 1
        assert seen.issuperset(source)
    assert lengths == {0, 1, 2, 3}


def test_documents_share_nothing_that_a_test_might_change() -> None:
    records = seed_opportunities(Random(7), 400)
    before = msgspec.json.encode(list(records.values())[1:])
    first = next(iter(records.values()))
    for relationship in first["relationships"].values():
        relationship["values"].append("changed")
    for field in first["fields"].values():
        field["value"] = "changed"
    assert msgspec.json.encode(list(records.values())[1:]) == before
