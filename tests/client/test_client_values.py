"""Values of other libraries and other types, written to the sandbox and found there again by a filter."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, StrEnum
from importlib import import_module
from typing import Any, NamedTuple

import pytest

from lightfield import F, Filter, LightfieldTypeError, LightfieldValueError
from lightfield.testing import Sandbox
from tests.client.both import Connect
from tests.faults.server import FaultServer

np: Any = import_module("numpy")
pd: Any = import_module("pandas")


class Name(StrEnum):
    ACME = "Acme 7"


class Amount(Enum):
    LARGE = 900_000.5


class Held(Enum):
    NUMPY = np.int64(900_001)
    TEXT = np.str_("Acme 7")
    MOMENT = pd.Timestamp("2031-05-01T16:00:00.123Z")
    MISSING = pd.NA


class Case(NamedTuple):
    key: str
    value: Any
    stored: Any


INSTANT = "2031-05-01T16:00:00.123Z"
MOMENT = datetime(2031, 5, 1, 16, 0, 0, 123_000, tzinfo=UTC)
CASES = [
    Case("$name", Name.ACME, "Acme 7"),
    Case("$name", np.str_("Acme 7"), "Acme 7"),
    Case("$amount", np.int64(900_001), 900_001),
    Case("$amount", np.float32(900_000.5), 900_000.5),
    Case("$amount", Decimal("900000.50"), 900_000.5),
    Case("$amount", Amount.LARGE, 900_000.5),
    Case("$closeDate", MOMENT, INSTANT),
    Case("$closeDate", MOMENT.astimezone(timezone(timedelta(hours=-7))), INSTANT),
    Case("$closeDate", pd.Timestamp(MOMENT), INSTANT),
    Case("$closeDate", pd.Timestamp(MOMENT).tz_convert("Europe/Berlin"), INSTANT),
    Case("$closeDate", pd.array([MOMENT], dtype="datetime64[ns, UTC]")[0], INSTANT),
    Case("$closeDate", pd.DataFrame({"at": [MOMENT]}).iloc[0]["at"], INSTANT),
    Case("$name", Held.TEXT, "Acme 7"),
    Case("$amount", Held.NUMPY, 900_001),
    Case("$closeDate", Held.MOMENT, INSTANT),
    Case("approved", np.bool_(True), True),
]


def ids(case: Case) -> str:
    return f"{case.key} {type(case.value).__module__}.{type(case.value).__name__}"


@pytest.mark.parametrize("case", CASES, ids=ids)
async def test_what_is_written_is_stored_and_found(connect: Connect, case: Case) -> None:
    with Sandbox(opportunities=3, rate_limit=None) as sandbox:
        for record in sandbox.opportunities.values():
            record["fields"].pop("approved", None)
        async with connect(sandbox.base_url) as client:
            account = sandbox.ids("accounts")[0]
            made = await client.opportunity.create(
                fields={"$name": "Acme", case.key: case.value}, relationships={"$account": account}
            )
            assert sandbox.opportunities[made.id]["fields"][case.key]["value"] == case.stored
            conditions: list[Any] = [F(case.key) == case.value, {f"{case.key}[equal]": case.value}]
            for filters in conditions:
                assert [each.id for each in (await client.opportunity.list(filters=filters)).data] == [made.id]
            if case.key in {"$amount", "$closeDate"}:
                later = [F(case.key) >= case.value, F("$name") == "Acme"]
                assert [each.id async for each in client.opportunity.list_all(filters=later)] == [made.id]
                sooner = await client.opportunity.list(filters=F(case.key) < case.value)
                assert len(sooner.data) == 3


async def test_a_date_in_a_filter_is_sent_as_it_is(connect: Connect) -> None:
    """The sandbox takes it for midnight in UTC."""
    with Sandbox(opportunities=3, rate_limit=None) as sandbox:
        async with connect(sandbox.base_url) as client:
            account = sandbox.ids("accounts")[0]
            made = await client.opportunity.create(
                fields={"$name": "Acme", "$closeDate": MOMENT}, relationships={"$account": account}
            )
            for day, found in ((date(2031, 5, 1), [made.id]), (date(2031, 5, 2), [])):
                page = await client.opportunity.list(filters=F("$closeDate") >= day)
                assert [each.id for each in page.data] == found


@pytest.mark.parametrize("missing", [pd.NaT, pd.NA, np.nan, np.datetime64("NaT", "s"), Held.MISSING], ids=str)
async def test_a_missing_value_is_refused_before_anything_is_sent(connect: Connect, missing: Any) -> None:
    with FaultServer() as server:
        async with connect(server.base_url) as client:
            with pytest.raises(LightfieldValueError):
                await client.opportunity.update("opp_1", fields={"$closeDate": missing})
            with pytest.raises(LightfieldValueError):
                await client.opportunity.list(filters={"$closeDate[lessThan]": missing})
            with pytest.raises((LightfieldValueError, LightfieldTypeError)):
                await client.file.create(filename=missing, mime_type="text/plain", size_bytes=1)
            with pytest.raises(LightfieldValueError):
                await client.note.create(fields={"title": missing}, extra_query={"a": missing})
            assert server.requests == []


def test_a_condition_holds_a_plain_value() -> None:
    condition = F("$amount") >= np.int64(5)
    assert condition == Filter("$amount", "greaterThanOrEqual", 5)
    assert type(condition.value) is int
