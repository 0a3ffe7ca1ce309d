"""Are the sandbox's opportunities the same for the same seed, and do they look like the API's?"""

import hashlib
import os
import re
import subprocess
import sys
from datetime import datetime

import msgspec
import pytest

from lightfield.testing import Sandbox
from lightfield.testing._crm.documents import Record
from lightfield.testing._data import documented
from lightfield.testing._data.identifiers import Identifiers
from lightfield.testing._data.seed import Opportunities

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
STAGES = {f"opt_stage_{stage}" for stage in ("lead", "qualification", "demo", "won", "lost")} | {documented.STAGE}
DIGEST = """
import hashlib, msgspec
from lightfield.testing import Sandbox
names = ("opportunities", "accounts", "contacts", "members", "tasks", "notes", "meetings", "project")
sandbox = Sandbox(seed=7, opportunities=40)
print(hashlib.sha256(msgspec.json.encode([list(sandbox.records(name).values()) for name in names])).hexdigest())
"""


def _made(seed: int, count: int) -> list[Record]:
    return list(Sandbox(seed=seed, opportunities=count).opportunities.values())


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return _made(7, 400)


def _values(records: list[Record], key: str) -> list[object]:
    return [record["fields"][key]["value"] for record in records]


def test_same_seed_gives_the_same_documents_and_another_seed_others() -> None:
    assert _made(7, 50) == _made(7, 50)
    ours, theirs = ({record["id"] for record in _made(seed, 50)} for seed in (7, 8))
    assert ours & theirs == {documented.OPPORTUNITY}


def test_another_process_with_other_hashes_gives_the_same_bytes() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-R", "-c", DIGEST], check=True, capture_output=True, text=True, env={**os.environ, **seed}
        ).stdout
        for seed in ({}, {"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2"})
    }
    assert len(digests) == 1


def test_bytes_are_those_of_any_version_of_python() -> None:
    source = Opportunities(7, 1_000)
    record = msgspec.json.encode([source.record(position) for position in (1, 500, 999)])
    assert hashlib.sha256(record).hexdigest() == "4d0d546217d287af57e8fe74ecab45cda7214da50caa079b4525cb954d403068"


def test_first_ones_do_not_depend_on_how_many_follow() -> None:
    assert _made(7, 60)[:10] == _made(7, 11)[:10]  # what follows the last one is not there


def test_there_may_be_none_but_not_fewer() -> None:
    assert _made(7, 0) == []
    with pytest.raises(ValueError, match="opportunities must be at least 0"):
        Sandbox(opportunities=-1)


def test_ids_are_unique_and_look_like_the_apis() -> None:
    sandbox = Sandbox(seed=7, opportunities=400)
    assert len(set(sandbox.opportunity_ids)) == len(sandbox.opportunity_ids) == 400
    assert all(re.fullmatch(r"opp_[a-z0-9]{24}", identifier) for identifier in sandbox.opportunity_ids[1:])
    assert all(record["id"] == identifier for identifier, record in sandbox.opportunities.items())


def test_position_follows_from_the_id_and_from_no_other_text() -> None:
    source = Opportunities(7, 400)
    assert [source.position(source.identifier(position)) for position in range(400)] == list(range(400))
    assert source.position(Opportunities(7, 401).identifier(400)) is None
    some, first = source.identifier(7), Identifiers("opp", 7).encode(0)
    others = (
        first,
        "",
        "opp_cm",
        "opp_1",
        some.upper(),
        some[4:],
        f"{some}0",
        f"{some[:-1]}_{some[-1]}",
        f" {some}",
        f"0{some}",
    )
    assert [source.position(other) for other in others] == [None] * len(others)


@pytest.mark.parametrize("seed", [0, 7, -3])
def test_ids_of_the_documentation_exist_whatever_the_seed(seed: int) -> None:
    sandbox = Sandbox(seed=seed)
    assert sandbox.opportunity_ids[0] == documented.OPPORTUNITY
    deal = sandbox.opportunities[documented.OPPORTUNITY]
    assert deal["fields"]["$stage"]["value"] == documented.STAGE
    assert deal["fields"]["$name"]["value"] == "Enterprise Platform Deal"
    assert deal["relationships"]["$account"]["values"] == [documented.ACCOUNT]
    assert (
        documented.OPPORTUNITY
        in sandbox.records("accounts")[documented.ACCOUNT]["relationships"]["$opportunity"]["values"]
    )
    assert documented.MEMBER in sandbox.records("members")
    assert {"tsk_1", "tsk_2"} <= sandbox.records("tasks").keys()
    assert [len(sandbox.ids(name)) for name in ("opportunities", "accounts", "members")] == [200, 24, 5]
    assert documented.OPPORTUNITY not in Sandbox(seed=seed, opportunities=0).opportunities


def test_columns_are_the_values_of_the_records(records: list[Record]) -> None:
    source = Opportunities(7, 400)
    for key in (*source.record(1)["fields"], "nothing"):
        fields = [record["fields"].get(key, {"value": None})["value"] for record in records]
        assert list(source.values(key)) == fields
    for key in (*records[0]["relationships"], "nothing"):
        related = [each["values"] if (each := record["relationships"].get(key)) else [] for record in records]
        assert [list(ids) for ids in source.related(key, "")] == related
    following = [record["relationships"]["follows"].get("directions", {}) for record in records]
    for direction in ("asSource", "asDestination"):
        expected = [ends[direction]["values"] for ends in following]
        assert [list(ids) for ids in source.related("follows", direction)] == expected
    assert [source.created_at(position) for position in range(400)] == [record["createdAt"] for record in records]


def test_columns_of_no_records_are_empty() -> None:
    assert (list(Opportunities(7, 0).values("$name")), list(Opportunities(7, 0).related("$account", ""))) == ([], [])


def test_documents_are_json_of_about_three_kilobytes(records: list[Record]) -> None:
    sizes = [len(msgspec.json.encode(record)) for record in records]
    assert msgspec.json.decode(msgspec.json.encode(records)) == records
    assert min(sizes) >= 2500
    assert max(sizes) <= 3600


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
    assert None in {record.get("httpLink") for record in records}
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
    for record in records[1:]:
        company = str(record["fields"]["$name"]["value"]).split(" - ")[0]
        account = f"acc_{company.lower().replace(' ', '_')}".replace("acc_yarrowfield_clinics", documented.ACCOUNT)
        assert record["relationships"]["$account"]["values"] == [account]


def test_relationships_hold_what_their_cardinality_allows(records: list[Record]) -> None:
    seen = {record["id"] for record in records}
    lengths: set[int] = set()
    for record in records:
        for relationship in record["relationships"].values():
            assert relationship["cardinality"] in {"HAS_ONE", "HAS_MANY"}
            assert relationship["cardinality"] == "HAS_MANY" or len(relationship["values"]) <= 1
            lengths.add(len(relationship["values"]))
        follows = record["relationships"]["follows"]
        source, destination = (follows.get("directions", {})[end]["values"] for end in ("asSource", "asDestination"))
        assert follows["values"] == [*source, *destination]
        assert len(source) <= 1
        assert seen.issuperset(follows["values"])
    assert lengths == {0, 1, 2, 3}


def test_documents_share_nothing_that_a_test_might_change() -> None:
    sandbox = Sandbox(seed=7, opportunities=400)
    before = msgspec.json.encode(list(sandbox.opportunities.values())[1:])
    first = sandbox.opportunities[documented.OPPORTUNITY]
    for relationship in first["relationships"].values():
        relationship["values"].append("changed")
    for field in first["fields"].values():
        field["value"] = "changed"
    assert msgspec.json.encode(list(sandbox.opportunities.values())[1:]) == before
    assert _made(7, 1)[0]["fields"]["$name"]["value"] == "Enterprise Platform Deal"
