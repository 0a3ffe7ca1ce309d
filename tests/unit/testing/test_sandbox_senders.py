"""Are senders shown, paced and declared healthy in the sandbox as in the API?"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.testing.outreach_calls import documented
from tests.unit.testing.sandbox_calls import Api, calling

EMAIL: dict[str, Any] = {"dailyLimit": 100, "minGapSeconds": 60, "maxGapSeconds": 3600}
LINKEDIN: dict[str, dict[str, Any]] = {
    "LINKEDIN_INVITE": {"dailyLimit": 30, "minGapSeconds": 120, "maxGapSeconds": None},
    "LINKEDIN_MESSAGE": {"dailyLimit": 60, "minGapSeconds": 3600, "maxGapSeconds": 3600},
}


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with calling(opportunities=0) as opened:
        yield opened


async def test_senders_are_of_every_kind(api: Api) -> None:
    page = documented("sender.list", await api.get("/v1/senders"))
    kinds = {each["id"]: (each["channel"], each["transport"], each["health"]) for each in page["data"]}
    assert kinds == {
        "snd_saffron_linkedin": ("LINKEDIN", None, "UNHEALTHY"),
        "snd_larkspur_linkedin": ("LINKEDIN", None, "UNVERIFIED"),
        "snd_former": ("EMAIL", "SMTP", "HEALTHY"),
        "snd_outreach": ("EMAIL", "SMTP", "UNHEALTHY"),
        "snd_tamarisk": ("EMAIL", "SMTP", "HEALTHY"),
        "snd_larkspur": ("EMAIL", "OAUTH", "HEALTHY"),
    }
    for each in page["data"]:
        assert documented("sender.retrieve", await api.get(f"/v1/senders/{each['id']}")) == each
        assert each["owner"] in api.sandbox.ids("members")
        assert (each["emailAddress"] is None) == (each["channel"] == "LINKEDIN")
        assert (each["archivedAt"] is not None) == (each["id"] == "snd_former")


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([("channel[equal]", "LINKEDIN")], ["saffron_linkedin", "larkspur_linkedin"]),
        ([("health[equal]", "UNHEALTHY")], ["saffron_linkedin", "outreach"]),
        ([("owner[equal]", "mem_larkspur")], ["larkspur_linkedin", "larkspur"]),
        ([("archived[equal]", "true")], ["former"]),
        ([("archived", "false"), ("channel", "EMAIL")], ["outreach", "tamarisk", "larkspur"]),
        ([("owner", "mem_unknown")], []),
    ],
)
async def test_senders_are_filtered_as_documented(api: Api, filters: list[tuple[str, str]], found: list[str]) -> None:
    assert await api.listed("/v1/senders", *filters) == [f"snd_{name}" for name in found]


@pytest.mark.parametrize(
    ("query", "code"),
    [("archived=yes", "invalid_type"), ("health=SICK", "invalid_type"), ("emailAddress=x", "unknown_field")],
)
async def test_other_filters_are_refused(api: Api, query: str, code: str) -> None:
    error = (await api.get(f"/v1/senders?{query}", 400))["error"]
    assert (error["code"], error["param"]) == (code, query.partition("=")[0])


@pytest.mark.parametrize(
    ("name", "pacing"),
    [
        ("tamarisk", {"EMAIL": EMAIL}),
        ("larkspur", {"EMAIL": {**EMAIL, "dailyLimit": 100_000}}),
        ("larkspur_linkedin", LINKEDIN),
    ],
)
async def test_pacing_is_replaced(api: Api, name: str, pacing: object) -> None:
    path = f"/v1/senders/snd_{name}"
    before = await api.get(path)
    after = documented("sender.update", await api.post(path, {"pacing": pacing}))
    assert after == {**before, "pacing": pacing}
    assert await api.get(path) == after


@pytest.mark.parametrize(
    ("name", "step_type", "key", "value"),
    [
        ("tamarisk", "EMAIL", "dailyLimit", 101),
        ("tamarisk", "EMAIL", "dailyLimit", 0),
        ("tamarisk", "EMAIL", "minGapSeconds", 59),
        ("tamarisk", "EMAIL", "minGapSeconds", 3601),
        ("tamarisk", "EMAIL", "maxGapSeconds", 3601),
        ("tamarisk", "EMAIL", "maxGapSeconds", 59),
        ("tamarisk", "EMAIL", "dailyLimit", "5"),
        ("larkspur", "EMAIL", "dailyLimit", 0),
        ("larkspur_linkedin", "LINKEDIN_INVITE", "dailyLimit", 31),
        ("larkspur_linkedin", "LINKEDIN_INVITE", "minGapSeconds", 119),
        ("larkspur_linkedin", "LINKEDIN_MESSAGE", "dailyLimit", 61),
        ("larkspur_linkedin", "LINKEDIN_MESSAGE", "maxGapSeconds", 3599),
    ],
)
async def test_pace_out_of_its_bounds_is_named(api: Api, name: str, step_type: str, key: str, value: object) -> None:
    pacing: dict[str, dict[str, Any]] = {"EMAIL": EMAIL} if step_type == "EMAIL" else LINKEDIN
    changed = {**pacing, step_type: {**pacing[step_type], key: value}}
    found = await api.refused(f"/v1/senders/snd_{name}", {"pacing": changed})
    assert found == ("invalid_type", f"pacing.{step_type}.{key}")


@pytest.mark.parametrize(
    ("name", "pacing", "code", "param"),
    [
        ("tamarisk", None, "invalid_type", "pacing"),
        ("tamarisk", {}, "parameter_missing", "pacing.EMAIL"),
        (
            "tamarisk",
            {"EMAIL": {"dailyLimit": 1, "minGapSeconds": 60}},
            "parameter_missing",
            "pacing.EMAIL.maxGapSeconds",
        ),
        ("tamarisk", {"EMAIL": EMAIL, **LINKEDIN}, "invalid_type", "pacing.LINKEDIN_INVITE"),
        ("larkspur_linkedin", {"EMAIL": EMAIL}, "parameter_missing", "pacing.LINKEDIN_INVITE"),
        (
            "larkspur_linkedin",
            {"LINKEDIN_INVITE": LINKEDIN["LINKEDIN_INVITE"]},
            "parameter_missing",
            "pacing.LINKEDIN_MESSAGE",
        ),
    ],
)
async def test_pacing_has_exactly_the_step_types_of_the_sender(
    api: Api, name: str, pacing: object, code: str, param: str
) -> None:
    before = await api.get(f"/v1/senders/snd_{name}")
    assert await api.refused(f"/v1/senders/snd_{name}", {"pacing": pacing}) == (code, param)
    assert await api.get(f"/v1/senders/snd_{name}") == before


async def test_update_needs_a_pacing(api: Api) -> None:
    assert await api.refused("/v1/senders/snd_tamarisk", {}) == ("parameter_missing", "pacing")


async def test_archived_sender_is_read_only(api: Api) -> None:
    for path, body in (("", {"pacing": {"EMAIL": EMAIL}}), ("/mark_healthy", {})):
        assert (await api.post(f"/v1/senders/snd_former{path}", body, 409))["error"]["type"] == "conflict"


async def test_reason_that_sending_recorded_is_cleared(api: Api) -> None:
    path = "/v1/senders/snd_outreach"
    assert (await api.get(path))["healthReason"] == "BOUNCE_THRESHOLD"
    after = documented("sender.mark_healthy", await api.post(f"{path}/mark_healthy"))
    assert (after["health"], after["healthReason"]) == ("HEALTHY", None)
    assert await api.post(f"{path}/mark_healthy", {}) == await api.get(path) == after


async def test_other_reasons_are_not_cleared(api: Api) -> None:
    path = "/v1/senders/snd_saffron_linkedin"
    assert (await api.post(f"{path}/mark_healthy", {}, 409))["error"]["type"] == "conflict"
    assert (await api.get(path))["healthReason"] == "ACCOUNT_DISCONNECTED"


async def test_sender_with_nothing_to_clear_stays_as_it_is(api: Api) -> None:
    before = await api.get("/v1/senders/snd_larkspur_linkedin")
    assert await api.post("/v1/senders/snd_larkspur_linkedin/mark_healthy") == before


async def test_unknown_sender_is_not_found(api: Api) -> None:
    path = "/v1/senders/snd_unknown"
    assert (await api.get(path, 404))["error"]["type"] == "not_found"
    await api.post(path, {"pacing": {"EMAIL": EMAIL}}, 404)
    await api.post(f"{path}/mark_healthy", {}, 404)
